"""What providers and chains do to a listener: forks, lies, limits, outages, crashes. Rows must be exact all
the same.
"""

import json
import random
import signal
from functools import partial
from typing import Any

import psycopg

from tests.listener.abis import NAMED, RAFFLE, log
from tests.listener.fake_chain import Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, traffic


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
