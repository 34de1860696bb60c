"""VRF requests as Chainlink's coordinator logs them, and the call that answers one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_hash.auto import keccak

from listener.chain.encode import encode_call
from tools.oracle.prover import ProvingKey

REQUESTED = (
    "0x"
    + keccak(
        b"RandomWordsRequested(bytes32,uint256,uint256,uint256,uint16,uint32,uint32,bytes,address)"
    ).hex()
)
FULFILLED = "0x" + keccak(b"RandomWordsFulfilled(uint256,uint256,uint256,uint96,bool,bool,bool)").hex()
_REQUESTED_DATA = ("uint256", "uint256", "uint16", "uint32", "uint32", "bytes")

Abi = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request in the block where it stands now: a reorg may move it, and its proof with it."""

    key_hash: bytes
    request_id: int
    pre_seed: int
    subscription: int
    confirmations: int
    callback_gas: int
    words: int
    extra_args: bytes
    consumer: str
    block: int
    block_hash: bytes

    @classmethod
    def from_log(cls, entry: Mapping[str, Any]) -> "Request":
        """The request of a RandomWordsRequested log."""
        request_id, pre_seed, confirmations, callback_gas, words, extra_args = decode(
            _REQUESTED_DATA, bytes.fromhex(entry["data"].removeprefix("0x"))
        )
        topics = entry["topics"]
        return cls(
            key_hash=bytes.fromhex(topics[1].removeprefix("0x")),
            request_id=request_id,
            pre_seed=pre_seed,
            subscription=int(topics[2], 16),
            confirmations=confirmations,
            callback_gas=callback_gas,
            words=words,
            extra_args=extra_args,
            consumer="0x" + topics[3][-40:],
            block=int(entry["blockNumber"], 16),
            block_hash=bytes.fromhex(entry["blockHash"].removeprefix("0x")),
        )

    def answer(self, abi: Abi, key: ProvingKey) -> bytes:
        """Call data of `fulfillRandomWords` with the proof for this request."""
        proof = key.prove(self.pre_seed, self.block_hash)
        limits = (self.callback_gas, self.words, self.consumer, self.extra_args)
        commitment = (self.block, self.subscription, *limits)
        return encode_call(abi, "fulfillRandomWords", [proof.arguments, commitment, False])


def unanswered(logs: Iterable[Mapping[str, Any]]) -> list[Request]:
    """The requests among a coordinator's logs (in the chain's order) that no answer follows."""
    found: dict[int, Request] = {}
    for entry in logs:
        if entry["topics"][0] == FULFILLED:
            found.pop(int(entry["topics"][1], 16), None)
        else:
            request = Request.from_log(entry)
            found[request.request_id] = request
    return list(found.values())
