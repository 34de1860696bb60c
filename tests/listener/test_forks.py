"""Reorganisations: after each, the rows are exactly those of the branch that is left."""

from functools import partial

import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, RAFFLE, REGISTRY, TRANSFER, log
from tests.listener.fake_chain import NULL, Block, Call, FakeChain, Refusal
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token, traffic
from tests.support.processes import Process


def follow(process: Process, rig: Rig, chain: FakeChain) -> None:
    """Wait until the mirror stands at the chain's newest block, and compare."""
    tip = bytes.fromhex(chain.blocks[-1].hash[2:])
    process.wait_until(partial(rig.stands_at, tip))
    assert_exact(rig, chain)


def test_at_the_head__several_in_a_row_of_every_depth_and_length(chain: FakeChain, rig: Rig) -> None:
    """Depth 1 to the last final block; the new branch longer, as long, or one block shorter."""
    chain.mine(*traffic(40, seed=4))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        for seed, (depth, length) in enumerate([(1, 1), (9, 10), (4, 4), (3, 2), (10, 10), (2, 5), (1, 2)]):
            if depth == 10:
                chain.mine([])  # the final block moves up, so that ten blocks stand above it
                follow(process, rig, chain)
            chain.fork(depth, traffic(length, seed=100 + seed))
            follow(process, rig, chain)


def test_at_the_head__back_to_the_former_branch(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=5))
    with rig.listener(chain.url) as process:
        for _ in range(2):
            follow(process, rig, chain)
            former: list[Block] = chain.blocks[-6:]
            chain.fork(6, traffic(6, seed=6))
            follow(process, rig, chain)
            chain.replace(6, former)
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)


def test_at_the_head__same_log_at_the_same_place__new_block_hash(chain: FakeChain, rig: Rig) -> None:
    """Only the block differs: the row must name the new one."""
    entry = log(RAFFLE, NAMED, 1, "same")
    chain.mine([], [entry])
    rig.mirror_until(chain.head, chain.url)
    chain.fork(1, [[entry]])
    rig.mirror_until(chain.head, chain.url)
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)


def test_while_down__rolled_back_at_start(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=8))
    rig.mirror_until(chain.head, chain.url)
    chain.fork(8, traffic(12, seed=9))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_while_down__as_long_as_before__run_until_the_same_block_looks_again(
    chain: FakeChain, rig: Rig
) -> None:
    """The block asked for is mirrored already, but not that of the branch there is now."""
    chain.mine(*traffic(40, seed=50))
    rig.mirror_until(chain.head, chain.url)
    until = chain.head
    chain.fork(8, traffic(8, seed=51))
    rig.mirror_until(until, chain.url)
    assert_exact(rig, chain)
    chain.fork(8, traffic(12, seed=52))
    rig.mirror_until(until, chain.url)
    assert rig.stands_at(bytes.fromhex(chain.blocks[until].hash[2:]))


def test_drops_a_created_contract__its_events_go_too(chain: FakeChain, rig: Rig) -> None:
    child = token(7)
    with rig.listener(chain.url) as process:
        chain.mine([log(FACTORY, CREATED, child, "T")], [log(child, TRANSFER, token(1), token(2), 5)])
        follow(process, rig, chain)
        assert len(rig.rows()["token_transfer"]) == 1
        chain.fork(2, [[], [log(child, TRANSFER, token(1), token(2), 6)], []])
        follow(process, rig, chain)
        assert rig.rows()["token_transfer"] == []
        chain.mine([log(child, TRANSFER, token(1), token(2), 7), log(FACTORY, CREATED, child, "T")])
        follow(process, rig, chain)
    assert len(rig.rows()["token_transfer"]) == 1


def test_moves_a_creation_up__events_before_it_are_nobodys(chain: FakeChain, rig: Rig) -> None:
    """The contract is created later on the new branch; a transfer before that is not one of a token."""
    child, transfer = token(7), log(token(7), TRANSFER, token(1), token(2), 5)
    chain.mine([log(FACTORY, CREATED, child, "T")], [transfer], [transfer])
    rig.mirror_until(chain.head, chain.url)
    chain.fork(3, [[], [transfer], [log(FACTORY, CREATED, child, "T"), transfer], [transfer]])
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert len(rig.rows()["token_transfer"]) == 2


def test_before_anything_is_final__starts_afresh(rig: Rig) -> None:
    with FakeChain(final_depth=1000) as chain:
        chain.mine(*traffic(10, seed=10))
        rig.mirror_until(chain.head, chain.url)
        chain.fork(chain.head, traffic(14, seed=11))
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)


def test_while_a_late_source_is_filled__both_are_exact(chain: FakeChain, rig: Rig) -> None:
    """The blocks being filled above the final one are replaced while their logs are read."""
    chain.mine(*traffic(30, seed=18))
    only_raffle = {"Raffle": REGISTRY["contracts"]["Raffle"]}  # type: ignore[index]
    rig.write({"chain_id": 31337, "contracts": only_raffle})
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)
    forks = iter(range(3))

    def fork_now(call: Call) -> None:
        if call.method == "eth_getLogs" and "blockHash" in call.params[0]:
            number = next(forks, None)
            if number is not None:
                chain.fork(7, traffic(7 + number, seed=70 + number))

    chain.on_call = fork_now
    with rig.listener(chain.url) as process:
        process.wait_for_output("new sources are complete")
        follow(process, rig, chain)
    assert next(forks, None) is None


def test_deeper_than_final__stops_and_touches_nothing(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=12))
    rig.mirror_until(chain.head, chain.url)
    before = rig.rows()
    chain.fork(25, traffic(30, seed=13))
    process = rig.listener(chain.url)
    assert process.wait() == 1
    assert "was final when it was mirrored" in process.text
    assert "rebuild" in process.text
    assert rig.rows() == before


def test_deeper_than_final__while_running__stops_and_touches_nothing(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=12))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        before = rig.rows()
        chain.fork(25, traffic(30, seed=13))
        assert process.wait() == 1
    assert "was final when it was mirrored" in process.text
    assert "Traceback" not in process.text
    assert rig.rows() == before


def test_fresh_chain_that_is_shorter__is_noticed(chain: FakeChain, rig: Rig) -> None:
    """A development chain that began again at block 0."""
    chain.mine(*traffic(60, seed=14))
    rig.mirror_until(chain.head, chain.url)
    with FakeChain() as other:
        other.mine(*traffic(20, seed=15))
        process = rig.listener(other.url)
        assert process.wait() == 1
        assert "rebuild" in process.text


def test_head_goes_back__on_the_same_branch__nothing_is_touched(chain: FakeChain, rig: Rig) -> None:
    """A node that lost its last blocks, or another one behind the same address: no fork."""
    chain.mine(*traffic(40, seed=16))
    whole = list(chain.blocks)
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        before = rig.rows()
        for kept in (37, 20, 1):
            chain.replace(chain.head + 1, whole[:kept])
            asked = chain.requests
            process.wait_until(lambda asked=asked: chain.requests > asked + 5)
            assert rig.rows() == before
        chain.replace(chain.head + 1, whole)
        chain.mine(*traffic(3, seed=17))
        follow(process, rig, chain)


def test_one_of_three_on_a_branch_of_its_own__is_left_out(chain: FakeChain, rig: Rig) -> None:
    """It is far ahead and listed first; two others agree with what is mirrored."""
    chain.mine(*traffic(40, seed=20))
    with FakeChain() as second, FakeChain() as astray:
        second.blocks, astray.blocks = chain.blocks, list(chain.blocks)
        rig.mirror_until(chain.head, chain.url)
        astray.fork(6, traffic(60, seed=21))
        with rig.listener(astray.url, chain.url, second.url) as process:
            process.wait_for_output("provider on another branch")
            chain.mine(*traffic(5, seed=22))
            follow(process, rig, chain)
            assert "dropped_blocks" not in process.text


def test_two_disagree_about_a_final_block__nothing_is_taken_back(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=23))
    rig.mirror_until(chain.head, chain.url)
    with FakeChain() as astray:
        astray.blocks = list(chain.blocks)
        astray.fork(30, traffic(50, seed=24))
        with rig.listener(astray.url, chain.url) as process:
            process.wait_for_output("provider on another branch")
            chain.mine(*traffic(5, seed=25))
            follow(process, rig, chain)


def test_another_chain_behind_the_url__without_an_outage__is_refused(chain: FakeChain, rig: Rig) -> None:
    """Nothing is final yet, so that a fork would start the mirror afresh: the chain id is asked first."""
    with FakeChain(final_depth=1000) as chain:
        chain.mine(*traffic(10, seed=26))
        with rig.listener(chain.url) as process:
            follow(process, rig, chain)
            before = rig.rows()
            chain.chain_id = 5
            chain.fork(chain.head + 1, [[], *traffic(20, seed=27)])
            assert process.wait() == 1
    assert "serves chain 5, not chain 31337" in process.text
    assert rig.rows() == before


@pytest.mark.parametrize("depth", [1, 5])
def test_finality_depth_0__every_fork_is_too_deep(rig: Rig, depth: int) -> None:
    with FakeChain(final_depth=None) as chain:
        chain.mine(*traffic(20, seed=28))
        rig.mirror_until(chain.head, chain.url, arguments=("--finality-depth", "0"))
        assert_exact(rig, chain)
        before = rig.rows()
        chain.fork(depth, traffic(depth + 1, seed=29))
        process = rig.listener(chain.url, arguments=("--finality-depth", "0"))
        assert process.wait() == 1
    assert "was final when it was mirrored" in process.text
    assert rig.rows() == before


@pytest.mark.parametrize("finalized", ["null", "refused", "gone back"])
def test_finalized__is_not_told__forks_are_followed(chain: FakeChain, rig: Rig, finalized: str) -> None:
    """Once told, what was final stays final; never told, the depth counts. Forks above it are followed."""
    chain.mine(*traffic(40, seed=30))
    rig.mirror_until(chain.head, chain.url)

    def lie(call: Call) -> object:
        if call.params[:1] != ["finalized"]:
            return None
        if finalized == "refused":
            raise Refusal("finalized block not found", -39001)
        return chain.blocks[3].header if finalized == "gone back" else NULL

    chain.on_call = lie
    chain.fork(8, traffic(12, seed=31))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(30,)]
    assert rig.query("SELECT min(number) FROM mirror.block") == [(30,)]


def test_between_latest_and_finalized__of_one_look__followed(chain: FakeChain, rig: Rig) -> None:
    """A node answers the calls of a batch one after the other: its final block need not be of our branch."""
    chain.mine(*traffic(40, seed=32))
    forks = iter([traffic(12, seed=33)])

    def fork_meanwhile(call: Call) -> object:
        if call.params[:1] == ["finalized"]:
            for blocks in forks:
                chain.fork(3, blocks)
        return None

    with rig.listener(chain.url) as process:
        process.wait_for_output("at the head")
        chain.on_call = fork_meanwhile
        process.wait_for_output("event=fork")
        follow(process, rig, chain)
