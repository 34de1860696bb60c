"""Exactly once: the listener is ended at chosen moments and started again; rows and cursor stay whole."""

import random
import signal
from functools import partial

import psycopg
import pytest

from tests.listener.abis import NAMED, RAFFLE, REGISTRY, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig, actual_keys, expected_keys
from tests.listener.stalls import (
    AT_COMMIT,
    hold_commits,
    is_stalled,
    kill_while_stalled,
    sessions,
    stalled_writes,
)
from tests.listener.test_run import assert_exact, traffic
from tests.support.waiting import wait_until


def assert_whole(rig: Rig, chain: FakeChain) -> None:
    """Everything up to the cursor is there, and nothing above it."""
    cursor = rig.cursor()
    expected = {
        table: [key for key in keys if key[0] <= cursor] for table, keys in expected_keys(chain).items()
    }
    assert actual_keys(rig) == expected


def everything(rig: Rig) -> tuple[object, ...]:
    """All rows, problems and remembered blocks, and the cursor."""
    problems = rig.query("SELECT * FROM mirror.problem ORDER BY block_number, log_index")
    return rig.rows(), problems, rig.query("SELECT * FROM mirror.block ORDER BY number"), rig.cursor()


def assert_as_undisturbed(rig: Rig, chain: FakeChain) -> None:
    """Finish, then mirror again from nothing: both are the same."""
    rig.mirror_until(chain.head, chain.url)
    found = everything(rig)
    rig.drop_tables()
    rig.mirror_until(chain.head, chain.url)
    assert found == everything(rig)


@pytest.mark.parametrize("table", ["raffle_named", "token_transfer", "problem", "block", "cursor", AT_COMMIT])
def test_killed__while_a_statement_of_a_commit_waits(chain: FakeChain, rig: Rig, table: str) -> None:
    """Held at each table in turn, killed there; the next start finds whole blocks and goes on."""
    chain.mine(*traffic(20, seed=1))
    rig.mirror_until(chain.head, chain.url)
    hold_commits(rig)
    undecodable = {**log(RAFFLE, NAMED, 3, "x"), "data": "0x" + "ff" * 40}
    process = rig.listener(chain.url)
    process.wait_for_output("mirror opened")
    with stalled_writes(rig, table):
        chain.mine([undecodable], *traffic(20, seed=3))
        process.wait_until(lambda: is_stalled(rig))
        before = everything(rig)[:2]
        process.kill()
        assert everything(rig)[:2] == before
    wait_until(lambda: not sessions(rig))
    assert table == AT_COMMIT or everything(rig)[:2] == before
    assert_as_undisturbed(rig, chain)


@pytest.mark.parametrize("table", ["raffle_named", "block", "source", "cursor", AT_COMMIT])
def test_killed__while_rolling_back(chain: FakeChain, rig: Rig, table: str) -> None:
    chain.mine(*traffic(40, seed=4))
    rig.mirror_until(chain.head, chain.url)
    before = rig.rows()
    hold_commits(rig)
    process = rig.listener(chain.url)
    process.wait_for_output("mirror opened")
    with stalled_writes(rig, table):
        chain.fork(9, traffic(9, seed=5))
        kill_while_stalled(rig, process)
        assert rig.rows() == before
    wait_until(lambda: not sessions(rig))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("table", ["raffle_picked", "token_transfer", "source"])
def test_killed__while_a_late_source_is_filled(chain: FakeChain, rig: Rig, table: str) -> None:
    chain.mine(*traffic(60, seed=6))
    raffle = REGISTRY["contracts"]["Raffle"]  # type: ignore[index]
    early = {"chain_id": 31337, "contracts": {"Raffle": {**raffle, "abi": raffle["abi"][:1]}}}
    rig.write(early)
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)
    held: list[bool] = []  # no logs are told before the table is held
    chain.hold = lambda calls: calls[0].method == "eth_getLogs" and not held
    process = rig.listener(chain.url, arguments=("--max-span", "7"))
    process.wait_for_output("filling new sources")
    with stalled_writes(rig, table):
        held.append(True)
        kill_while_stalled(rig, process)
    wait_until(lambda: not sessions(rig))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_killed__while_tables_are_created(chain: FakeChain, rig: Rig) -> None:
    """The first start makes all tables in one transaction: killed on the way, there is none."""
    chain.mine(*traffic(20, seed=7))
    with psycopg.connect(rig.database_url) as db:
        db.execute("CREATE TABLE mirror.token_transfer (n int)")
        kill_while_stalled(rig, rig.listener(chain.url))
        db.rollback()
    wait_until(lambda: not sessions(rig))
    assert rig.query("SELECT 1 FROM pg_tables WHERE schemaname = 'mirror'") == []
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end__in_a_backfill__ends_soon_and_goes_on(
    chain: FakeChain, rig: Rig, number: signal.Signals
) -> None:
    chain.mine(*traffic(600, seed=43))
    process = rig.listener(chain.url, arguments=("--max-span", "3"))
    process.wait_until(lambda: rig.cursor() > 20)
    process.signal(number)
    assert process.wait() == 0
    assert_whole(rig, chain)
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_asked_to_end__while_a_statement_waits__ends_soon(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(30, seed=8))
    rig.mirror_until(chain.head, chain.url)
    process = rig.listener(chain.url)
    process.wait_for_output("mirror opened")
    with stalled_writes(rig, "cursor"):
        chain.mine(*traffic(5, seed=9))
        process.wait_until(lambda: is_stalled(rig))
        process.signal(signal.SIGTERM)
        assert process.wait() == 0
    assert_whole(rig, chain)
