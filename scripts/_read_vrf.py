"""Chain → evidence of a draw's VRF word: the coordinator's log of the request, and the proof that answered it."""

from listener.chain.draw.call_data import VrfRequest, find_proof, find_request
from listener.chain.encode import UnknownFunctionError
from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError, Log, VrfEvidence
from scripts._networks import LOCAL_CHAIN_ID, network_of


def read_vrf(chain: ChainReader, registry: Registry, asked: Log, word: Log) -> VrfEvidence:
    """Everything about the word that a draw accepted."""
    coordinator, known_from, known_key = _known(chain, registry)
    request = find_request(chain.receipt_logs(asked.transaction), asked.args["vrfRequestId"])
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
