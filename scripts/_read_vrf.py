"""Chain → evidence of a draw's VRF word: the coordinator's log of the request, and the proof that answered it."""

from typing import Any

from eth_abi.abi import decode
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from listener.chain.draw import ecvrf
from listener.chain.encode import UnknownFunctionError
from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError, Log, VrfEvidence, VrfRequest
from scripts._networks import LOCAL_CHAIN_ID, network_of

REQUESTED = (
    "0x"
    + keccak(
        b"RandomWordsRequested(bytes32,uint256,uint256,uint256,uint16,uint32,uint32,bytes,address)"
    ).hex()
)
PROOF_BYTES = 32 * ecvrf.PROOF_WORDS
SEED_AT = 32 * ecvrf.SEED_WORD


def read_vrf(chain: ChainReader, registry: Registry, asked: Log, word: Log) -> VrfEvidence:
    """Everything about the word that a draw accepted."""
    coordinator, known_from, known_key = _known(chain, registry)
    request = _request(chain, asked)
    sent_to, data = chain.call_of(word.transaction)
    return VrfEvidence(
        request=request,
        proof=None if request is None else find_proof(data, request),
        sent_to=sent_to,
        is_direct=sent_to == asked.args["coordinator"],
        known_coordinator=coordinator,
        known_from=known_from,
        known_key_hash=known_key,
        key_is_registered=request is not None and _is_registered(chain, registry, request),
    )


def find_proof(data: bytes, request: VrfRequest) -> bytes | None:
    """The 13 words of the proof in a call's data: in a straight `fulfillRandomWords`, in a batch, or passed on.

    A proof is valid by itself, so it does not matter in what it is wrapped."""
    seed = request.pre_seed.to_bytes(32)
    at = data.find(seed, SEED_AT)
    while at >= 0:
        words = data[at - SEED_AT : at - SEED_AT + PROOF_BYTES]
        if len(words) == PROOF_BYTES and keccak(words[:64]) == request.key_hash:
            return words
        at = data.find(seed, at + 1)
    return None


def _request(chain: ChainReader, asked: Log) -> VrfRequest | None:
    """The coordinator's log of the draw's request: it stands in the same transaction."""
    for entry in chain.receipt_logs(asked.transaction):
        topics = entry["topics"]
        if len(topics) == 4 and topics[0] == REQUESTED:
            data = bytes.fromhex(entry["data"].removeprefix("0x"))
            request_id, pre_seed = decode(["uint256", "uint256"], data, strict=False)
            if request_id == asked.args["vrfRequestId"]:
                return _request_of(entry, request_id, pre_seed)
    return None


def _request_of(entry: dict[str, Any], request_id: int, pre_seed: int) -> VrfRequest:
    return VrfRequest(
        coordinator=to_checksum_address(entry["address"]),
        key_hash=bytes.fromhex(entry["topics"][1].removeprefix("0x")),
        request_id=request_id,
        pre_seed=pre_seed,
        sender=to_checksum_address("0x" + entry["topics"][3][-40:]),
        block_hash=bytes.fromhex(entry["blockHash"].removeprefix("0x")),
    )


def _known(chain: ChainReader, registry: Registry) -> tuple[str | None, str, bytes]:
    """The coordinator that draws of this chain should ask, and the key they should name."""
    vrf = registry.extra.get("vrf") or {}
    key = bytes.fromhex(str(vrf.get("key_hash", "")).removeprefix("0x"))
    if chain.chain_id == LOCAL_CHAIN_ID:
        own = registry.contracts.get("VRFCoordinator")
        return (own.address if own else None), "the coordinator in the registry", key
    try:
        network = network_of(chain.chain_id)
    except LookupError:
        return None, "", key
    return network.coordinator, f"Chainlink's coordinator on {network.name}", key


def _is_registered(chain: ChainReader, registry: Registry, request: VrfRequest) -> bool:
    """Whether the coordinator takes proofs of this key."""
    contract = registry.contracts.get("VRFCoordinator")
    if contract is None:
        return False
    try:
        exists, _ = chain.view(contract, "s_provingKeys", request.key_hash, at=request.coordinator)
    except (CannotTellError, UnknownFunctionError):
        return False
    return bool(exists)
