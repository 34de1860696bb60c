"""Postgres stalls, restarts, refuses or was changed by somebody: never half a span, and a sentence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from listener.mirror.store import MirrorError
from tests.listener.abis import NAMED, RAFFLE, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig
from tests.listener.stalls import is_stalled, stalled_writes
from tests.listener.test_run import assert_exact, traffic
from tests.support.postgres import FAST, PostgresForTests, temporary_postgres
from tests.support.waiting import wait_until
from tools.run.postgres import DatabaseUris

MINE = "application_name = 'tombola listener' AND datname = current_database()"


def run_statement(uri: str, statement: str, *values: Any) -> None:
    with psycopg.connect(uri, autocommit=True) as db:
        db.execute(statement.encode(), values)


def test_stalls__fetching_stops_after_some_spans__and_goes_on(chain: FakeChain, rig: Rig) -> None:
    """A lock on one event table: a bounded number of requests, then none, then everything."""
    chain.mine(*traffic(20, seed=1))
    rig.mirror_until(chain.head, chain.url)
    chain.mine(*traffic(600, seed=2))
    with rig.listener(chain.url, arguments=("--max-span", "10")) as process:
        with stalled_writes(rig, "raffle_named"):
            process.wait_until(lambda: is_stalled(rig))
            wait_until(lambda: chain.calls["eth_getLogs"] >= 6)
            asked = chain.calls["eth_getLogs"]
            process.wait_until(lambda: is_stalled(rig))
            assert chain.calls["eth_getLogs"] <= asked + 12 < 60  # six spans, two levels of contracts
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_backends_are_terminated__again_and_again__connects_again(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(300, seed=3))
    with rig.listener(chain.url, arguments=("--max-span", "5")) as process:
        for goal in (20, 80):
            process.wait_until(lambda goal=goal: rig.cursor() >= goal)
            rig.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {MINE}")
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert "connecting again" in process.text
    assert_exact(rig, chain)


@pytest.fixture
def own_postgres() -> Iterator[PostgresForTests]:
    with temporary_postgres() as server:
        yield server


def test_restarts__waits_for_it_and_goes_on(
    chain: FakeChain, tmp_path: Path, own_postgres: PostgresForTests
) -> None:
    """A fast shutdown in the middle of a backfill, a pause without a server, a start."""
    rig = Rig(tmp_path, own_postgres.create_database("restarted").listener)
    chain.mine(*traffic(300, seed=4))
    with rig.listener(chain.url, arguments=("--max-span", "5")) as process:
        process.wait_until(lambda: rig.cursor() >= 20)
        own_postgres.stop()
        process.wait_for_output("connecting again")
        own_postgres.start(FAST)
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


PASSING = {
    "disk full": "53100",
    "deadlock": "40P01",
    "serialization failure": "40001",
    "statement timeout": "57014",
    "read-only transaction": "25006",
}


def test_passing_faults__of_a_statement__tried_again(chain: FakeChain, rig: Rig) -> None:
    """A trigger raises the error while a span is written; taken away, the span is written once."""
    chain.mine(*traffic(10, seed=5))
    with rig.listener(chain.url) as process:
        for number, (words, state) in enumerate(PASSING.items()):
            process.wait_until(lambda: rig.cursor() == chain.head)
            run_statement(
                rig.database_url,
                "CREATE OR REPLACE FUNCTION mirror.fail() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION 'simulated {words}' USING ERRCODE = '{state}'; END $$;"
                "CREATE TRIGGER fail BEFORE INSERT ON mirror.block FOR EACH ROW EXECUTE FUNCTION mirror.fail()",
            )
            before = rig.rows()
            chain.mine(*traffic(6, seed=10 + number))
            process.wait_for_output(f"simulated {words}")
            assert rig.rows() == before
            run_statement(rig.database_url, "DROP TRIGGER fail ON mirror.block")
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


CHANGED = {
    "the cursor's row is gone": "DELETE FROM mirror.cursor",
    "the cursor was moved on": "UPDATE mirror.cursor SET block_number = block_number + 5",
    "the cursor was moved back": "UPDATE mirror.cursor SET block_number = block_number - 5",
    "the cursor's hash was changed": "UPDATE mirror.cursor SET block_hash = '\\x00'",
    "the blocks are gone": "DELETE FROM mirror.block",
    "a table is gone": "DROP TABLE mirror.raffle_named",
    "a column is gone": "ALTER TABLE mirror.raffle_named DROP COLUMN label",
    "a column has another type": "ALTER TABLE mirror.raffle_named ALTER label TYPE bytea USING label::bytea",
    "a row is there already": "INSERT INTO mirror.raffle_named SELECT 21, '\\x00', now(), 0, '\\x00', '\\x00', 1, 'x'",
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_changed_by_somebody__before_the_start__says_so(chain: FakeChain, rig: Rig, change: str) -> None:
    chain.mine(*traffic(20, seed=7))
    rig.mirror_until(chain.head, chain.url)
    run_statement(rig.database_url, change)
    chain.mine([log(RAFFLE, NAMED, 1, "x")])
    with pytest.raises(MirrorError, match="python -m listener rebuild"):
        rig.mirror_until(chain.head, chain.url)


@pytest.mark.parametrize(
    "what",
    ["the cursor's row is gone", "the cursor was moved on", "a table is gone", "a row is there already"],
)
def test_changed_by_somebody__while_running__stops_with_a_sentence(
    chain: FakeChain, rig: Rig, what: str
) -> None:
    chain.mine(*traffic(20, seed=7))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        run_statement(rig.database_url, CHANGED[what])
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        assert process.wait() == 1
    assert "Traceback" not in process.text
    assert "python -m listener rebuild" in process.text.strip().splitlines()[-1]


def test_role_lost_its_rights__says_so(chain: FakeChain, rig: Rig, database: DatabaseUris) -> None:
    chain.mine(*traffic(5, seed=8))
    rig.mirror_until(chain.head, chain.url)
    run_statement(database.superuser, "ALTER TABLE mirror.raffle_named OWNER TO postgres")
    chain.mine([log(RAFFLE, NAMED, 1, "x")])
    process = rig.listener(chain.url)
    assert process.wait() == 1
    assert "permission denied" in process.text
    assert "Traceback" not in process.text


def test_ends__nobody_takes_the_cancellation__ends_as_usual(
    chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server may not take the connection in time that would cancel a statement; there is none at the end."""

    def cancel(self: psycopg.Connection[Any], *, timeout: float) -> None:
        raise psycopg.errors.CancellationTimeout(f"cancellation timeout expired after {timeout:g} s")

    monkeypatch.setattr(psycopg.Connection, "cancel_safe", cancel)
    chain.mine(*traffic(20, seed=1))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
