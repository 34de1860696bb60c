"""Against anvil: its reorgs while the listener is killed, restarts with the same and with a fresh chain."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.listener.abis import RAFFLE
from tests.listener.fake_chain import NULL, Call, FakeChain, Refusal
from tests.listener.rig import Rig
from tests.listener.test_anvil import EMITTER, labels, note, own_anvil, rig_of_anvil
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until
from tools.rpc import RpcError

__all__ = ["own_anvil", "rig_of_anvil"]


def head(anvil: Anvil) -> int:
    return int(anvil.call("eth_blockNumber"), 16)


def noted(anvil: Anvil, number: int, label: str) -> None:
    """Emit an event and wait for its block."""
    before = head(anvil)
    note(anvil, number, label)
    wait_until(lambda: head(anvil) > before)


def canonical(anvil: Anvil) -> list[tuple[int, bytes, int]]:
    """(block, hash, log index) of every log of the contract, from the receipts of every block."""
    found = []
    for number in range(head(anvil) + 1):
        for receipt in anvil.call("eth_getBlockReceipts", hex(number)) or []:
            for entry in receipt["logs"]:
                assert entry["address"] == RAFFLE
                found.append((number, bytes.fromhex(entry["blockHash"][2:]), int(entry["logIndex"], 16)))
    return found


def mirrored(rig: Rig) -> list[tuple[Any, ...]]:
    return rig.query(
        "SELECT block_number, block_hash, log_index FROM mirror.raffle_noted ORDER BY block_number, log_index"
    )


def test_anvil_reorg__of_every_depth__and_sigkill_between(own_anvil: Anvil, rig_of_anvil: Rig) -> None:
    rig = rig_of_anvil
    for number in range(8):
        noted(own_anvil, number, f"n{number}")
    for depth in (1, 3, 6, 2):
        process = rig.listener(own_anvil.url)
        process.wait_until(lambda: rig.cursor() == head(own_anvil))
        process.kill()
        own_anvil.call("anvil_reorg", depth, [])
        noted(own_anvil, 100 + depth, f"after {depth}")
    rig.mirror_until(head(own_anvil), own_anvil.url)
    assert mirrored(rig) == canonical(own_anvil)
    assert labels(rig)[-1] == "after 2"


def test_anvil_restarts__with_its_state__goes_on(rig_of_anvil: Rig, tmp_path: Path) -> None:
    rig, state = rig_of_anvil, tmp_path / "state.json"
    with Anvil(state=state, slots_in_an_epoch=32) as chain:
        chain.call("anvil_setCode", RAFFLE, EMITTER)
        for number in range(4):
            noted(chain, number, f"n{number}")
        process = rig.listener(chain.url)
        process.wait_until(lambda: rig.cursor() == 4)
        port = chain.port
    with process, Anvil(state=state, port=port, slots_in_an_epoch=32) as chain:
        noted(chain, 9, "after")
        process.wait_until(lambda: rig.cursor() == head(chain))
        assert labels(rig) == ["n0", "n1", "n2", "n3", "after"]


def test_anvil_restarts__as_a_fresh_chain__stops_with_a_sentence(rig_of_anvil: Rig) -> None:
    """Blocks were final (two below the head here): the mirror keeps what it has, and says what to do."""
    rig = rig_of_anvil
    with Anvil(slots_in_an_epoch=1) as chain:
        chain.call("anvil_setCode", RAFFLE, EMITTER)
        for number in range(6):
            noted(chain, number, f"n{number}")
        process = rig.listener(chain.url)
        process.wait_until(lambda: rig.cursor() == 6)
        port = chain.port
    before = mirrored(rig)
    with process, Anvil(port=port, slots_in_an_epoch=1) as chain:
        chain.mine(3)
        assert process.wait() == 1
    assert "python -m listener rebuild" in process.text
    assert "Traceback" not in process.text
    assert mirrored(rig) == before


@contextlib.contextmanager
def front_of(anvil: Anvil) -> Iterator[FakeChain]:
    """A server that passes every call on to anvil, and whose `finalized` tag is unknown."""

    def forward(call: Call) -> Any:
        if call.params[:1] == ["finalized"]:
            raise Refusal("finalized block not found", -39001)
        try:
            answer = anvil.call(call.method, *call.params)
        except RpcError as error:
            raise Refusal(str(error)) from None
        return NULL if answer is None else answer

    with FakeChain() as front:
        front.on_call = forward
        yield front


@pytest.mark.parametrize("depth", [3, 5])
def test_anvil_without_finality__depth_counts(own_anvil: Anvil, rig_of_anvil: Rig, depth: int) -> None:
    """Five blocks deep at most: a reorg of three is followed, and of five, and one of six is refused."""
    rig = rig_of_anvil
    arguments = ("--finality-depth", "5")
    with front_of(own_anvil) as front:
        for number in range(9):
            noted(own_anvil, number, f"n{number}")
        rig.mirror_until(9, front.url, arguments=arguments)
        own_anvil.call("anvil_reorg", depth, [])
        noted(own_anvil, 50, "after")
        rig.mirror_until(head(own_anvil), front.url, arguments=arguments)
        assert mirrored(rig) == canonical(own_anvil)
        before = mirrored(rig)
        own_anvil.call("anvil_reorg", 7, [])
        noted(own_anvil, 51, "too deep")
        process = rig.listener(front.url, arguments=arguments)
        assert process.wait() == 1
        assert "was final when it was mirrored" in process.text
        assert mirrored(rig) == before
