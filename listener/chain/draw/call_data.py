"""What the call data and logs of a draw's transactions hold beside the contract's own events: Chainlink's request
and proof, drand's signature. Each is found wherever another contract wrapped it, because it is valid by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.draw import ecvrf
from listener.chain.draw.hashing import keccak, word

SIGNATURE_BYTES = 96
_FINALISE = keccak(b"finalise(uint256,bytes)")[:4]
_REQUESTED = keccak(
    b"RandomWordsRequested(bytes32,uint256,uint256,uint256,uint16,uint32,uint32,bytes,address)"
)
_PROOF_BYTES = 32 * ecvrf.PROOF_WORDS
_SEED_AT = 32 * ecvrf.SEED_WORD


@dataclass(frozen=True, slots=True)
class VrfRequest:
    """A VRF request as the coordinator logged it, with the hash of its block."""

    coordinator: str
    key_hash: bytes
    request_id: int
    pre_seed: int
    sender: str
    block_hash: bytes


def find_request(logs: Iterable[Mapping[str, Any]], request_id: int) -> VrfRequest | None:
    """The coordinator's log of a request among the logs of its transaction (as eth_getTransactionReceipt has them)."""
    for entry in logs:
        topics = entry["topics"]
        data = _bytes(entry["data"])
        if len(topics) != 4 or _bytes(topics[0]) != _REQUESTED or len(data) < 64:
            continue
        if int.from_bytes(data[:32]) == request_id:
            return VrfRequest(
                coordinator=to_checksum_address(entry["address"]),
                key_hash=_bytes(topics[1]),
                request_id=request_id,
                pre_seed=int.from_bytes(data[32:64]),
                sender=to_checksum_address("0x" + topics[3][-40:]),
                block_hash=_bytes(entry["blockHash"]),
            )
    return None


def find_proof(data: bytes, request: VrfRequest) -> bytes | None:
    """The 13 words of the proof in a call's data: in a straight `fulfillRandomWords`, in a batch, or passed on."""
    seed = word(request.pre_seed)
    at = data.find(seed, _SEED_AT)
    while at >= 0:
        words = data[at - _SEED_AT : at - _SEED_AT + _PROOF_BYTES]
        if len(words) == _PROOF_BYTES and keccak(words[:64]) == request.key_hash:
            return words
        at = data.find(seed, at + 1)
    return None


def find_signature(data: bytes, draw_id: int) -> bytes | None:
    """The 96 bytes that were handed to `finalise(drawId, signature)`."""
    call = _FINALISE + word(draw_id) + word(64) + word(SIGNATURE_BYTES)
    at = data.find(call)
    if at < 0:
        return None
    found = data[at + len(call) : at + len(call) + SIGNATURE_BYTES]
    return found if len(found) == SIGNATURE_BYTES else None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
