"""Which VRF requests the oracle answers, when, and with which proof: on a chain that is told what to say."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from eth_hash.auto import keccak
from hexbytes import HexBytes

from listener.chain.draw import ecvrf
from listener.chain.faults import PermanentError, UnavailableError
from listener.chain.registry import RegisteredContract, Registry
from tools.chainlink import coordinator
from tools.oracle import vrf
from tools.oracle.prover import ProvingKey
from tools.oracle.requests import FULFILLED, REQUESTED
from tools.oracle.vrf import WINDOW_BLOCKS, VrfAnswerer

KEY = ProvingKey(12345)
ADDRESS = "0x" + "10" * 20
CONSUMER = "0x" + "ab" * 20
FIRST = 10
PROOF = "(uint256[2],uint256[2],uint256,uint256,uint256,address,uint256[2],uint256[2],uint256)"
COMMITMENT = "(uint64,uint256,uint32,uint32,address,bytes)"


class FakeChain:
    """A pool whose chain is a head, logs and the oracle's clock; it keeps what was sent."""

    def __init__(self) -> None:
        self.head = 20
        self.time = 1000.0
        self.logs: list[dict[str, Any]] = []
        self.sent: list[tuple[Any, ...]] = []
        self.nonces: list[int] = []
        self.refusal: Exception | None = None

    def request(
        self, seed: int, block: int, *, key: bytes = KEY.hash, confirmations: int = 1, fork: int = 0
    ) -> None:
        number = ecvrf.request_id(key, seed)
        kinds = ["uint256", "uint256", "uint16", "uint32", "uint32", "bytes"]
        data = encode(kinds, [number, seed, confirmations, 100_000, 1, b"extra"])
        topics = [REQUESTED, "0x" + key.hex(), f"0x{7:064x}", "0x" + CONSUMER[2:].rjust(64, "0")]
        self.logs.append(_log(block, fork, topics, data))

    def fulfil(self, seed: int, block: int) -> None:
        topics = [FULFILLED, f"0x{ecvrf.request_id(KEY.hash, seed):064x}", f"0x{7:064x}"]
        self.logs.append(_log(block, 0, topics, b""))

    async def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        if method == "eth_blockNumber":
            return hex(self.head)
        if method == "eth_getLogs":
            first, last = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
            return [log for log in self.logs if first <= int(log["blockNumber"], 16) <= last]
        if self.refusal is not None:
            raise self.refusal
        if method == "eth_call":
            return "0x"
        assert method == "eth_sendRawTransaction"
        transaction = TypedTransaction.from_bytes(HexBytes(params[0])).as_dict()
        self.sent.append(_call_of(transaction))
        self.nonces.append(int(transaction["nonce"]))
        return "0x" + "00" * 32

    async def batch(self, calls: Sequence[Any]) -> list[Any]:
        return [hex(len(self.sent)), {"baseFeePerGas": "0x7"}]

    @property
    def proofs(self) -> list[ecvrf.Proof]:
        return [ecvrf.Proof.from_words(proof) for proof, _ in self.sent]


def _block_hash(block: int, fork: int) -> bytes:
    return bytes([fork]) + block.to_bytes(31)


def _log(block: int, fork: int, topics: list[str], data: bytes) -> dict[str, Any]:
    return {
        "blockNumber": hex(block),
        "blockHash": "0x" + _block_hash(block, fork).hex(),
        "topics": topics,
        "data": "0x" + data.hex(),
    }


def _call_of(transaction: Mapping[str, Any]) -> tuple[bytes, tuple[Any, ...]]:
    """The proof's words and the commitment of a transaction."""
    data = bytes(transaction["data"])[4:]
    _, commitment, _ = decode([PROOF, COMMITMENT, "bool"], data)
    return data[: 32 * ecvrf.PROOF_WORDS], commitment


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


def answerer_of(chain: FakeChain) -> VrfAnswerer:
    contract = RegisteredContract("VRFCoordinator", coordinator().abi, (ADDRESS,), FIRST)
    registry = Registry(31337, {"VRFCoordinator": contract})
    account = Account.from_key(b"\1" * 32)
    return VrfAnswerer(chain, registry, account, KEY, lambda: chain.time)  # type: ignore[arg-type]


async def test_step__confirmed_request__answered_with_a_proof_for_its_block(chain: FakeChain) -> None:
    chain.request(5, block=19)
    await answerer_of(chain).step()
    (proof,) = chain.proofs
    assert proof.seed == 5
    assert ecvrf.verify(proof, _block_hash(19, 0)) == ecvrf.output_of(proof.gamma)
    assert chain.sent[0][1] == (19, 7, 100_000, 1, CONSUMER, b"extra")


async def test_step__confirmations_missing__waits_for_them(chain: FakeChain) -> None:
    chain.request(5, block=20, confirmations=3)
    answerer = answerer_of(chain)
    for chain.head in (20, 21, 22):
        await answerer.step()
        assert chain.sent == []
    chain.head = 23
    await answerer.step()
    assert len(chain.sent) == 1


async def test_step__answered_by_anybody__says_nothing(chain: FakeChain) -> None:
    chain.request(5, block=18)
    chain.fulfil(5, block=19)
    await answerer_of(chain).step()
    assert chain.sent == []


async def test_step__key_of_another_oracle__says_nothing(chain: FakeChain) -> None:
    chain.request(5, block=18, key=ProvingKey(6).hash)
    await answerer_of(chain).step()
    assert chain.sent == []


async def test_step__not_mined_yet__sent_again_only_after_a_while(chain: FakeChain) -> None:
    chain.request(5, block=18)
    answerer = answerer_of(chain)
    await answerer.step()
    chain.time += vrf.RESEND_SECONDS - 1
    await answerer.step()
    assert len(chain.sent) == 1
    chain.time += 1
    await answerer.step()
    assert chain.proofs[0] == chain.proofs[1]


async def test_step__restarted__answers_what_is_open_and_nothing_else(chain: FakeChain) -> None:
    chain.request(5, block=17)
    chain.request(6, block=18)
    chain.fulfil(5, block=19)
    await answerer_of(chain).step()
    await answerer_of(chain).step()
    assert [proof.seed for proof in chain.proofs] == [6, 6]


async def test_step__moved_by_a_reorg__proved_anew_for_its_new_block(chain: FakeChain) -> None:
    chain.request(5, block=18)
    answerer = answerer_of(chain)
    await answerer.step()
    chain.logs.clear()
    chain.request(5, block=18, fork=1)
    await answerer.step()
    first, second = chain.proofs
    assert ecvrf.verify(second, _block_hash(18, 1)) != ecvrf.verify(first, _block_hash(18, 0))
    with pytest.raises(ecvrf.ProofError):
        ecvrf.verify(first, _block_hash(18, 1))


async def test_step__answer_undone_by_a_reorg__sent_again(chain: FakeChain) -> None:
    chain.request(5, block=18)
    answerer = answerer_of(chain)
    await answerer.step()
    chain.fulfil(5, block=20)
    await answerer.step()
    chain.logs.pop()
    await answerer.step()
    assert len(chain.sent) == 2


async def test_step__older_than_the_coordinator_remembers__given_up_and_told(
    chain: FakeChain, caplog: pytest.LogCaptureFixture
) -> None:
    chain.request(5, block=19)
    answerer = answerer_of(chain)
    await answerer.step()
    chain.head = 20 + WINDOW_BLOCKS
    with caplog.at_level(logging.ERROR):
        await answerer.step()
    assert "too old to be answered" in caplog.text
    assert len(chain.sent) == 1


async def test_step__several_in_one_block__each_answered_with_a_nonce_of_its_own(chain: FakeChain) -> None:
    for seed in (5, 6, 7):
        chain.request(seed, block=18)
    await answerer_of(chain).step()
    assert [proof.seed for proof in chain.proofs] == [5, 6, 7]
    assert chain.nonces == [0, 1, 2]


async def test_step__missed_while_nobody_was_here__told_once_and_left(
    chain: FakeChain, caplog: pytest.LogCaptureFixture
) -> None:
    chain.head = 400
    oldest = chain.head - WINDOW_BLOCKS
    chain.request(5, block=FIRST)
    chain.request(6, block=oldest - 1)
    chain.fulfil(6, block=oldest + 1)
    chain.request(7, block=oldest)
    answerer = answerer_of(chain)
    with caplog.at_level(logging.ERROR):
        await answerer.step()
        await answerer.step()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert f"{ecvrf.request_id(KEY.hash, 5)} of block {FIRST} is too old" in told[0]
    assert [proof.seed for proof in chain.proofs] == [7]


REFUSALS = [
    ("InsufficientBalance()", "subscription 7 cannot pay for it; fund it"),
    ("NoCorrespondingRequest()", "answered in the meantime"),
    ("IncorrectCommitment()", "execution reverted: IncorrectCommitment"),
    ("SomethingElse()", "VRF request [0-9]+: execution reverted$"),
]


@pytest.mark.parametrize(("error", "says"), REFUSALS, ids=[error for error, _ in REFUSALS])
async def test_step__coordinator_refuses__told_why_not_sent_and_tried_later(
    chain: FakeChain, caplog: pytest.LogCaptureFixture, error: str, says: str
) -> None:
    chain.request(5, block=18)
    chain.request(6, block=19)
    chain.refusal = PermanentError("execution reverted", 3, "0x" + keccak(error.encode())[:4].hex())
    answerer = answerer_of(chain)
    with caplog.at_level(logging.ERROR):
        await answerer.step()
    assert [bool(re.search(says, record.getMessage())) for record in caplog.records] == [True, True]
    assert chain.sent == []
    chain.refusal = None
    chain.time += vrf.RESEND_SECONDS
    await answerer.step()
    assert [proof.seed for proof in chain.proofs] == [5, 6]


async def test_step__node_gone_between_proof_and_sending__answered_when_it_is_back(chain: FakeChain) -> None:
    chain.request(5, block=18)
    answerer = answerer_of(chain)
    chain.refusal = UnavailableError("nobody answers")
    with pytest.raises(UnavailableError):
        await answerer.step()
    chain.refusal = None
    await answerer.step()
    assert [proof.seed for proof in chain.proofs] == [5]


async def test_step__chain_shorter_than_the_deployment__waits(chain: FakeChain) -> None:
    chain.head = FIRST - 1
    await answerer_of(chain).step()
    assert chain.sent == []
