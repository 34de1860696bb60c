"""Holding a statement of the listener still in Postgres, so that a test can do something at that very moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.listener.rig import Rig
from tests.support.processes import Process

AT_COMMIT = "commit"
_COMMIT_LOCK = 4242

_SESSIONS = (
    "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'tombola listener'"
    " AND datname = current_database()"
)


def sessions(rig: Rig) -> list[tuple[Any, ...]]:
    """The listeners' sessions in this database, (pid, state)."""
    return rig.query(_SESSIONS)


def is_stalled(rig: Rig) -> bool:
    """Whether a statement of a listener waits for a lock."""
    return bool(rig.query(_SESSIONS + " AND wait_event_type = 'Lock'"))


@contextmanager
def stalled_writes(rig: Rig, table: str) -> Iterator[None]:
    """Writing to `mirror.<table>` waits; AT_COMMIT lets every statement through and holds the commit."""
    with psycopg.connect(rig.database_url) as db:
        db.execute("SET lock_timeout = '10s'")
        if table == AT_COMMIT:
            db.execute(f"SELECT pg_advisory_xact_lock({_COMMIT_LOCK})".encode())
        else:
            db.execute(f"LOCK TABLE mirror.{table} IN SHARE MODE".encode())
        yield
        db.rollback()


def hold_commits(rig: Rig) -> None:
    """Prepare AT_COMMIT: a deferred trigger on the cursor takes a lock that a test can hold."""
    with psycopg.connect(rig.database_url) as db:
        db.execute(
            "CREATE FUNCTION mirror.hold() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM pg_advisory_xact_lock({_COMMIT_LOCK}); RETURN NULL; END $$".encode()
        )
        db.execute(
            "CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON mirror.cursor DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION mirror.hold()"
        )


def kill_while_stalled(rig: Rig, process: Process) -> None:
    """SIGKILL the listener as soon as one of its statements waits."""
    process.wait_until(lambda: is_stalled(rig))
    process.kill()
