"""One leader per chain: others stand by, take over soon, and who lost the lead cannot write."""

import signal

import psycopg
import pytest

from tests.listener.abis import REGISTRY
from tests.listener.fake_chain import FakeChain, Reply
from tests.listener.rig import Rig
from tests.listener.stalls import is_stalled, sessions, stalled_writes
from tests.listener.test_run import assert_exact, traffic
from tests.support.postgres import PostgresForTests
from tests.support.processes import Process
from tests.support.waiting import wait_until
from tools.run.postgres import DatabaseUris


def leading(*processes: Process) -> list[Process]:
    """Those that have led, by their own words."""
    return [process for process in processes if "event=leading" in process.text]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_leader_ends__another_takes_over(chain: FakeChain, rig: Rig, end: signal.Signals) -> None:
    """Three listeners; the first leads, exactly one of the others follows it."""
    with rig.listener(chain.url) as first:
        first.wait_for_output("mirror opened")
        with rig.listener(chain.url) as second, rig.listener(chain.url) as third:
            second.wait_for_output("standing by")
            third.wait_for_output("standing by")
            chain.mine(*traffic(5, seed=40))
            first.wait_until(lambda: rig.cursor() == chain.head)
            assert leading(first, second, third) == [first]
            first.signal(end)
            chain.mine(*traffic(5, seed=41))
            second.wait_until(lambda: rig.cursor() == chain.head, timeout=5)
            assert len(leading(second, third)) == 1
    assert_exact(rig, chain)


def test_leaders_connection_is_cut__another_takes_over(chain: FakeChain, rig: Rig) -> None:
    """The cut one connects again and stands by."""
    with rig.listener(chain.url) as first:
        first.wait_for_output("mirror opened")
        with rig.listener(chain.url) as second:
            second.wait_for_output("standing by")
            with psycopg.connect(rig.database_url, autocommit=True) as db:
                db.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            chain.mine(*traffic(5, seed=42))
            second.wait_until(lambda: rig.cursor() == chain.head, timeout=5)
            first.wait_for_output("connecting again")
    assert_exact(rig, chain)


def test_leader_is_frozen__another_takes_over__and_it_cannot_write_when_it_goes_on(
    chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP: its session lives on in Postgres. Who stands by ends it (here after one second, else 15)."""
    monkeypatch.setattr("listener.mirror.store._SILENT", 1.0)
    with rig.listener(chain.url) as first:
        first.wait_for_output("mirror opened")
        first.signal(signal.SIGSTOP)
        chain.mine(*traffic(10, seed=43))
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)
        first.signal(signal.SIGCONT)
        first.wait_for_output("connecting again")
        chain.mine(*traffic(5, seed=44))
        first.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_leader_is_frozen__in_the_middle_of_a_commit__its_span_is_not_half_there(
    chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listener.mirror.store._SILENT", 1.0)
    with rig.listener(chain.url) as first:
        first.wait_for_output("mirror opened")
        with stalled_writes(rig, "block"):
            chain.mine(*traffic(10, seed=45))
            first.wait_until(lambda: is_stalled(rig))
            first.signal(signal.SIGSTOP)
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)
        first.signal(signal.SIGCONT)
        first.wait_for_output("connecting again")
        chain.fork(3, traffic(4, seed=46))
        first.wait_until(lambda: rig.stands_at(bytes.fromhex(chain.blocks[-1].hash[2:])))
    assert_exact(rig, chain)


def test_leader_has_nothing_to_write__shows_that_it_lives(chain: FakeChain, rig: Rig) -> None:
    """No provider answers, so that nothing can be written: its session says something all the same."""
    with rig.listener(chain.url) as first:
        first.wait_for_output("mirror opened")
        chain.on_request = lambda calls: Reply(502, "")
        asked = chain.requests
        first.wait_until(lambda: chain.requests > asked + 3)
        change = "SELECT state_change FROM pg_stat_activity WHERE pid = %s"
        pid = sessions(rig)[0][0]
        before = rig.query(change, pid)
        wait_until(lambda: rig.query(change, pid) != before, timeout=6)


def test_two_chains_in_two_databases__do_not_disturb_each_other(
    chain: FakeChain, rig: Rig, postgres: PostgresForTests, template: str, database: DatabaseUris
) -> None:
    """One server, the same chain id even: each database has a leader of its own."""
    other = postgres.clone_database(template)
    folder = rig.registry.parent / "other"
    folder.mkdir()
    second_rig = Rig(folder, other.listener, REGISTRY)
    with FakeChain() as second_chain:
        with rig.listener(chain.url) as first, second_rig.listener(second_chain.url) as second:
            chain.mine(*traffic(10, seed=47))
            second_chain.mine(*traffic(12, seed=48))
            first.wait_until(lambda: rig.cursor() == chain.head)
            second.wait_until(lambda: second_rig.cursor() == second_chain.head)
        assert_exact(rig, chain)
        assert_exact(second_rig, second_chain)
    postgres.drop_database(other.name)
