"""The chain forks between one answer and the next: what belongs to a branch that is gone is not believed."""

import itertools
from typing import Any

import pytest

from tests.listener.fake_chain import Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, traffic


def settle(rig: Rig, chain: FakeChain) -> None:
    """One honest block more, and everything must be exact."""
    chain.on_call = None
    chain.mine([])
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_again_and_again__between_any_two_answers(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(30, seed=16))
    seeds = itertools.count(100)

    def fork_now(call: Call) -> Any:
        if call.method in ("eth_getLogs", "eth_getBlockByNumber") and chain.calls[call.method] % 7 == 3:
            answer = chain.answer(call)
            if chain.calls[call.method] < 80:
                chain.fork(5, traffic(5, seed=next(seeds)))
            return answer
        return None

    chain.on_call = fork_now
    rig.mirror_until(chain.head, chain.url)
    settle(rig, chain)


def is_by_hash(call: Call) -> bool:
    return call.method == "eth_getLogs" and "blockHash" in call.params[0]


def is_by_range(call: Call) -> bool:
    return call.method == "eth_getLogs" and "fromBlock" in call.params[0]


def is_header(call: Call) -> bool:
    return call.method == "eth_getBlockByNumber" and call.params[0].startswith("0x")


def is_latest(call: Call) -> bool:
    return call.method == "eth_getBlockByNumber" and call.params[0] == "latest"


@pytest.mark.parametrize("before", [True, False], ids=["before the answer", "after the answer"])
@pytest.mark.parametrize("moment", [is_by_hash, is_by_range, is_header, is_latest])
@pytest.mark.parametrize("length", [3, 6, 9])
def test_once__around_one_answer(chain: FakeChain, rig: Rig, moment: Any, before: bool, length: int) -> None:
    """Six blocks give way to three, six or nine around an answer of one kind: the second, if there is one."""
    chain.mine(*traffic(30, seed=17))
    seen, which = itertools.count(), 0 if moment is is_latest else 1

    def fork_now(call: Call) -> Any:
        if not moment(call) or next(seen) != which:
            return None
        answer = chain.answer(call)
        chain.fork(6, traffic(length, seed=18))
        return None if before else answer

    chain.on_call = fork_now
    rig.mirror_until(min(chain.head, 25), chain.url, arguments=("--max-span", "8"))
    settle(rig, chain)
    assert next(seen) > which


def test_shorter_branch__after_the_head_was_told__asks_for_the_head_again(chain: FakeChain, rig: Rig) -> None:
    """The blocks up to the head told before do not exist any more, and no new one comes."""
    chain.mine(*traffic(30, seed=19))
    rig.mirror_until(chain.head, chain.url)
    chain.mine(*traffic(5, seed=20))

    def shorten(call: Call) -> Any:
        if is_latest(call):
            answer = chain.answer(call)
            chain.on_call = None
            chain.fork(5, traffic(2, seed=21))
            return answer
        return None

    chain.on_call = shorten
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.stands_at(bytes.fromhex(chain.blocks[-1].hash[2:])))
    assert chain.head == 32
    assert_exact(rig, chain)
