"""A provider leaves logs out, and what depends on them is read at the same time."""

from typing import Any

import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, TRANSFER, log
from tests.listener.fake_chain import Call, FakeChain, Reply
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token
from tests.listener.test_two_roles import REGISTRY, SPLIT, places


def is_of(call: Call, address: str) -> bool:
    return call.method == "eth_getLogs" and address in call.params[0]["address"]


@pytest.fixture
def left_out(chain: FakeChain) -> list[str]:
    """The first answer with a factory's log is empty; says of which block or range."""
    seen: list[str] = []

    def leave_out(call: Call) -> Any:
        if not seen and is_of(call, FACTORY) and chain.answer(call):
            seen.append(str(call.params[0].get("fromBlock")))
            return []
        return None

    chain.on_call = leave_out
    return seen


def test_creation__blocks_behind_it_are_read_again(chain: FakeChain, rig: Rig, left_out: list[str]) -> None:
    """Spans ahead were read without the contract that the second reading found."""
    transfer = log(token(1), TRANSFER, token(1), token(2), 1)
    chain.mine([log(FACTORY, CREATED, token(1), "T")], *[[transfer]] * 30)
    rig.mirror_until(chain.head, chain.url, arguments=("--max-span", "1"))
    assert left_out == ["0x1"]
    assert_exact(rig, chain)


def test_nobody_can_be_asked__not_believed(chain: FakeChain, rig: Rig, left_out: list[str]) -> None:
    """An outage after an empty answer is no proof that the block is empty."""
    chain.mine([log(FACTORY, CREATED, token(1), "T")], [log(token(1), TRANSFER, token(1), token(2), 1)])
    failing = iter(range(8))

    def fail(calls: list[Call]) -> Reply | None:
        asks_again = any(call.method == "eth_getLogs" for call in calls) or not is_usual(calls)
        return Reply(500, "gone") if left_out and asks_again and next(failing, None) is not None else None

    chain.on_request = fail
    rig.mirror_until(chain.head, chain.url)
    assert next(failing, None) is None
    assert_exact(rig, chain)


def is_usual(calls: list[Call]) -> bool:
    return all(call.method in ("eth_chainId", "eth_blockNumber", "eth_getBlockByNumber") for call in calls)


@pytest.mark.parametrize("turn", [1, 2])
def test_address_on_two_levels__answers_must_agree(chain: FakeChain, rig: Rig, turn: int) -> None:
    """Asked about it twice, a provider leaves out once what the other answer has: the first time, or the second."""
    rig.write(REGISTRY)
    one = token(1)
    chain.mine([log(FACTORY, CREATED, one, "T"), log(one, SPLIT, one)], *[[]] * 20)
    chain.mine([log(one, TRANSFER, one, one, 5), log(one, NAMED, 2, "later")])
    asked: list[str] = []

    def leave_out_once(call: Call) -> Any:
        wanted = call.params[0] if call.method == "eth_getLogs" else {}
        if wanted.get("blockHash") == chain.blocks[-1].hash and one in wanted["address"]:
            asked.append(one)
            return [] if len(asked) == turn else None
        return None

    chain.on_call = leave_out_once
    rig.mirror_until(chain.head, chain.url)
    assert len(asked) > 2
    assert places(rig, "token_transfer") == [(22, 0)]
    assert places(rig, "part_named") == [(22, 1)]
