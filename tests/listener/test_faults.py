"""What providers and chains do to a listener: forks, lies, limits, outages, crashes. Rows must be exact all
the same.
"""

import itertools
import json
import random
import signal
from functools import partial
from typing import Any

import psycopg
import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, RAFFLE, TRANSFER, log
from tests.listener.fake_chain import Call, FakeChain, Refusal, Reply
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token, traffic


def test_reorg__at_the_head__rows_of_the_new_branch_only(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=4))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        for depth, seed in ((1, 5), (9, 6), (4, 7)):
            chain.fork(depth, traffic(depth + seed % 2, seed=seed))
            tip = bytes.fromhex(chain.blocks[-1].hash[2:])
            process.wait_until(partial(rig.stands_at, tip))
            assert_exact(rig, chain)


def test_reorg__while_the_listener_is_down__rolls_back_at_start(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=8))
    rig.mirror_until(chain.head, chain.url)
    chain.fork(8, traffic(12, seed=9))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_reorg__drops_a_created_contract__its_events_go_too(chain: FakeChain, rig: Rig) -> None:
    child = token(7)
    with rig.listener(chain.url) as process:
        chain.mine([log(FACTORY, CREATED, child, "T")], [log(child, TRANSFER, token(1), token(2), 5)])
        process.wait_until(lambda: rig.cursor() == chain.head)
        assert len(rig.rows()["token_transfer"]) == 1
        chain.fork(2, [[], [log(child, TRANSFER, token(1), token(2), 6)], []])
        process.wait_until(lambda: rig.cursor() == chain.head)
        assert rig.rows()["token_transfer"] == []
        chain.mine([log(child, TRANSFER, token(1), token(2), 7), log(FACTORY, CREATED, child, "T")])
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)
    assert len(rig.rows()["token_transfer"]) == 1


def test_reorg__before_anything_is_final__starts_afresh(rig: Rig) -> None:
    with FakeChain(final_depth=1000) as chain:
        chain.mine(*traffic(10, seed=10))
        rig.mirror_until(chain.head, chain.url)
        chain.fork(chain.head, traffic(14, seed=11))
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)


def test_reorg__deeper_than_final__stops_and_touches_nothing(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=12))
    rig.mirror_until(chain.head, chain.url)
    before = rig.rows()
    chain.fork(25, traffic(30, seed=13))
    process = rig.listener(chain.url)
    assert process.wait(10) == 1
    assert "was final when it was mirrored" in process.text
    assert "rebuild" in process.text
    assert rig.rows() == before


def test_reorg__another_chain_that_is_shorter__is_noticed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=14))
    rig.mirror_until(chain.head, chain.url)
    with FakeChain() as other:
        other.mine(*traffic(20, seed=15))
        process = rig.listener(other.url)
        assert process.wait(10) == 1
        assert "rebuild" in process.text


def test_reorg__between_logs_and_headers__is_caught(chain: FakeChain, rig: Rig) -> None:
    """The chain forks between one answer and the next, again and again."""
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
    chain.on_call = None
    chain.mine([])
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("query returned more than 10000 results", -32005),
        ("exceed maximum block range: 7", -32000),
        ("Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range", -32602),
        ("requested too many blocks from 1 to 90, maximum is set to 7", -32600),
    ],
)
def test_limits__range_refused__span_shrinks(chain: FakeChain, rig: Rig, message: str, code: int) -> None:
    chain.mine(*traffic(120, seed=17))

    def limited(call: Call) -> Any:
        if call.method != "eth_getLogs" or "fromBlock" not in call.params[0]:
            return None
        if int(call.params[0]["toBlock"], 16) - int(call.params[0]["fromBlock"], 16) >= 7:
            raise Refusal(message, code)
        return None

    chain.on_call = limited
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_limits__too_many_requests__obeys_retry_after(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(80, seed=18))
    counter = itertools.count()

    def refuse_some(calls: list[Call]) -> Reply | None:
        if next(counter) % 4 == 1:
            return Reply(429, "slow down", {"Retry-After": "0.1"})
        return None

    chain.on_request = refuse_some
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_faults__broken_answers__are_asked_again(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(80, seed=19))
    rng = random.Random(20)
    broken = [Reply(502, "bad gateway"), Reply(200, '[{"id":0,"resu'), Reply(200, "null"), Reply(200, "[]")]

    def break_some(calls: list[Call]) -> Reply | None:
        return rng.choice(broken) if rng.random() < 0.2 else None

    def null_some(call: Call) -> Any:
        if call.method == "eth_getBlockByNumber" and rng.random() < 0.02:
            raise Refusal("header not found")
        return None

    chain.on_request, chain.on_call = break_some, null_some
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_faults__logs_left_out__bloom_filter_tells(chain: FakeChain, rig: Rig) -> None:
    """By range the provider drops all logs of every third block; by hash it is complete."""
    chain.mine(*traffic(60, seed=21))

    def forget_some(call: Call) -> Any:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return [entry for entry in chain.answer(call) if int(entry["blockNumber"], 16) % 3]
        return None

    chain.on_call = forget_some
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_faults__one_provider_lies__the_other_is_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=22))
    with FakeChain() as liar:
        liar.blocks = chain.blocks
        liar.on_call = lambda call: [] if call.method == "eth_getLogs" else None
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)


def test_faults__a_node_behind_the_others__is_not_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(90, seed=23))
    with FakeChain() as behind:
        behind.blocks = chain.blocks[:40]
        rig.mirror_until(chain.head, behind.url, chain.url)
    assert_exact(rig, chain)


def _final_above_head(chain: FakeChain, call: Call) -> Any:
    """The answer of a provider whose finalized block is far above its head."""
    if call.method == "eth_getBlockByNumber" and call.params[0] == "finalized":
        return {**chain.answer(call), "number": hex(chain.head + 1000)}
    return None


def test_faults__final_above_the_head__another_provider_is_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=31))
    with FakeChain() as liar:
        liar.blocks = chain.blocks
        liar.on_call = partial(_final_above_head, liar)
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)
    assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.final,)]


def test_faults__final_above_the_head_once__asked_again_and_a_fork_is_still_followed(
    chain: FakeChain, rig: Rig
) -> None:
    """One wrong answer of the only provider must not make every block final."""
    chain.mine(*traffic(40, seed=32))

    def lie_once(call: Call) -> Any:
        answer = _final_above_head(chain, call)
        if answer is not None:
            chain.on_call = None
        return answer

    chain.on_call = lie_once
    rig.mirror_until(chain.head, chain.url)
    assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.final,)]
    chain.fork(8, traffic(12, seed=33))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_faults__provider_dies__fails_over(chain: FakeChain, rig: Rig) -> None:
    with FakeChain() as first, rig.listener(first.url, chain.url) as process:
        first.blocks = chain.blocks
        process.wait_until(lambda: rig.cursor() == chain.head)
        first.on_request = lambda calls: Reply(500, "gone")
        chain.mine(*traffic(5, seed=24))
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_faults__one_provider_of_another_chain__is_refused(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=25))
    with FakeChain(chain_id=5) as wrong:
        wrong.mine(*traffic(50, seed=26))
        with rig.listener(wrong.url, chain.url) as process:
            process.wait_until(lambda: rig.cursor() == chain.head)
        assert wrong.calls["eth_getLogs"] == 0
    assert "provider refused" in process.text
    assert_exact(rig, chain)


def test_no_finalized_tag__uses_the_depth(rig: Rig) -> None:
    with FakeChain(final_depth=None) as chain:
        chain.mine(*traffic(60, seed=27))
        rig.mirror_until(chain.head, chain.url, arguments=("--finality-depth", "12"))
        assert_exact(rig, chain)
        assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.head - 12,)]


def test_no_logs_by_hash__asks_by_number(chain: FakeChain, rig: Rig) -> None:
    def refuse(call: Call) -> Any:
        if call.method == "eth_getLogs" and "blockHash" in call.params[0]:
            raise Refusal("blockHash is not supported", -32602)
        return None

    chain.on_call = refuse
    chain.mine(*traffic(30, seed=28))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_killed__anywhere__same_rows_as_undisturbed(chain: FakeChain, rig: Rig) -> None:
    """SIGKILL at random moments of a backfill with small spans, forks in between; then a run to the end."""
    chain.mine(*traffic(250, seed=29))
    rng = random.Random(30)
    for attempt in range(4):
        process = rig.listener(chain.url, arguments=("--max-span", "5"))
        goal = rig.cursor() + rng.randrange(5, 60)
        process.wait_until(partial(rig.is_past, min(goal, chain.head)))
        process.kill()
        if attempt % 2:
            chain.fork(6, traffic(7, seed=31 + attempt))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_two_listeners__one_leads__the_other_takes_over(chain: FakeChain, rig: Rig) -> None:
    with rig.listener(chain.url) as first:
        first.wait_for_output("at the head")
        with rig.listener(chain.url) as second:
            second.wait_for_output("standing by")
            chain.mine(*traffic(5, seed=40))
            first.wait_until(lambda: rig.cursor() == chain.head)
            assert "leading" not in second.text
            first.kill()
            chain.mine(*traffic(5, seed=41))
            second.wait_until(lambda: rig.cursor() == chain.head, timeout=5)
    assert_exact(rig, chain)


def test_postgres__cuts_the_connection__connects_again(chain: FakeChain, rig: Rig) -> None:
    with rig.listener(chain.url) as process:
        process.wait_for_output("at the head")
        rig.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'tombola listener' AND datname = current_database()"
        )
        chain.mine(*traffic(5, seed=42))
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert "connecting again" in process.text
    assert_exact(rig, chain)


def test_hostile_data__is_kept_and_recorded(chain: FakeChain, rig: Rig) -> None:
    """NUL, broken UTF-8 and data that does not decode: the mirror goes on and keeps the original bytes."""
    nul = log(RAFFLE, NAMED, 1, "a\0b")
    broken = log(RAFFLE, NAMED, 2, "abc")
    broken["data"] = broken["data"].replace("616263", "61ff63")
    undecodable = log(RAFFLE, NAMED, 3, "x")
    undecodable["data"] = "0x" + "ff" * 40
    huge = log(RAFFLE, NAMED, 4, "😀" * 200_000)
    chain.mine([nul, broken, undecodable, huge, log(RAFFLE, NAMED, 5, "fine")])
    rig.mirror_until(chain.head, chain.url)
    rows = {row[6]: row[7] for row in rig.rows()["raffle_named"]}
    assert rows == {1: "a\ufffdb", 2: "a\ufffdc", 4: "😀" * 200_000, 5: "fine"}
    problems = rig.query("SELECT log_index, kind, table_name, data FROM mirror.problem ORDER BY 1")
    assert [(index, kind) for index, kind, _, _ in problems] == [
        (0, "altered"),
        (1, "altered"),
        (2, "undecodable"),
    ]
    assert problems[2][3] == b"\xff" * 40
    assert problems[0][3] == bytes.fromhex(nul["data"][2:])


def test_notify__names_the_blocks_after_the_commit(chain: FakeChain, rig: Rig) -> None:
    rig.mirror_until(chain.head, chain.url)
    with psycopg.connect(rig.database_url, autocommit=True) as db, rig.listener(chain.url) as process:
        db.execute("LISTEN mirror")
        process.wait_for_output("mirror opened")
        chain.mine([log(RAFFLE, NAMED, 1, "now")])
        notice = json.loads(next(db.notifies(timeout=10)).payload)
        assert rig.cursor() == chain.head
    assert notice == {"chain_id": 31337, "first_block": 1, "last_block": 1, "rolled_back": False}


def test_sigterm__in_a_backfill__ends_soon_and_goes_on(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(600, seed=43))
    process = rig.listener(chain.url, arguments=("--max-span", "3"))
    process.wait_until(lambda: rig.cursor() > 20)
    process.signal(signal.SIGTERM)
    assert process.wait(1.5) == 0
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
