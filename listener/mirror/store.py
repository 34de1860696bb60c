"""Writes the mirror: facts and cursor of a span in one transaction, rollbacks, the leader lock.

Synchronous; the listener calls it from one writer thread. The session that writes holds the leader lock, so a
listener that lost its lock has lost its connection too and cannot write. Errors: psycopg.OperationalError
(connection; may be retried), MirrorError (permanent, with what to do).
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import structlog
from psycopg import sql
from psycopg.rows import dict_row

from listener.mirror.batch import BlockMark, Facts, Problem, Tip
from listener.mirror.ddl import CHANNEL, READER_ROLE, SYSTEM_TABLES
from listener.mirror.rows import COPY_HEADER, COPY_TRAILER
from listener.mirror.schema import EventTable
from listener.mirror.sources import Source, source_changes
from listener.mirror.upkeep import Upkeep

log = structlog.get_logger("store")
_LOCK_SPACE = 0x746F6D62  # "tomb": keeps our advisory locks apart from other programs'
# libpq's: a network that carries nothing any more ends a connection within 15 s, whatever is waited for.
NOTICED: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 5,
    "tcp_user_timeout": 15_000,
}
BEAT = 3.0  # seconds between two statements of a leader, at most
_SILENT = 15.0  # seconds that Postgres waits for a leader's next byte before who stands by ends its session
_LEADER = """pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s AND l.objsubid = 2
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_END_SILENT_LEADER = (
    f"SELECT pg_terminate_backend(a.pid) FROM {_LEADER}"  # noqa: S608
    " AND a.wait_event_type = 'Client' AND a.state_change < clock_timestamp() - make_interval(secs => %s)"
)
# Who resumes after such a block learns from it where the branches parted.
_KEEP_REPLACED = (
    "INSERT INTO mirror.replaced (number, hash, shared)"
    " SELECT number, hash, %s FROM mirror.block WHERE number > %s ORDER BY number"
)


class MirrorError(Exception):
    """The mirror in this database cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Cursor:
    """Where the mirror stands. `hash` is None before the first block."""

    number: int
    hash: bytes | None


def read_cursor(connection: psycopg.Connection[Any], columns: str) -> tuple[Any, ...]:
    """These columns of mirror.cursor. Raises MirrorError where there is no mirror."""
    rows: list[tuple[Any, ...]] = []
    with suppress(psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        rows = connection.execute(f"SELECT {columns} FROM mirror.cursor".encode()).fetchall()  # noqa: S608
    if not rows:
        raise MirrorError("The database has no mirror yet: start one with `python -m listener run`.")
    return rows[0]


def has_leader(connection: psycopg.Connection[Any], chain_id: int) -> bool:
    """Whether some listener holds the lock of this chain's mirror."""
    query = f"SELECT 1 FROM {_LEADER}".encode()  # noqa: S608
    return connection.execute(query, Store.lock_of(chain_id)).fetchone() is not None


class Store:
    """The mirror of one chain in one database."""

    def __init__(self, database_url: str, chain_id: int) -> None:
        self.chain_id = chain_id
        self._url = database_url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._upkeep = Upkeep()

    @property
    def connection(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The writing connection, which also holds the leader lock."""
        if self._connection is None:
            raise psycopg.OperationalError("not connected")
        return self._connection

    def connect(self) -> None:
        """Open the connection. Both sides notice within seconds when the other one goes away."""
        self.close()
        self._connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, application_name="tombola listener", **NOTICED
        )
        for setting in ("tcp_keepalives_idle = 3", "tcp_keepalives_interval = 1", "tcp_keepalives_count = 3"):
            self._connection.execute(f"SET {setting}".encode())
        self._connection.execute("SET idle_in_transaction_session_timeout = '30s'")
        self._connection.execute("SET timezone = 'UTC'")

    def close(self) -> None:
        """Close the connection and give up the lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def interrupt(self) -> None:
        """Cancel a running statement, from another thread; where the server cannot be told, it ends by itself."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=0.3)

    @staticmethod
    def lock_of(chain_id: int) -> tuple[int, int]:
        """Key of the leader lock of a chain's mirror."""
        return _LOCK_SPACE, chain_id % 2**31

    def try_lead(self) -> bool:
        """Become the one writer of this chain's mirror if nobody else is.

        A leader that was stopped or cut off keeps its session, and the lock, for as long as Postgres does not
        notice. One that says nothing for a while loses both; when it goes on, it cannot write any more.
        """
        lock = self.lock_of(self.chain_id)
        row = self.connection.execute("SELECT pg_try_advisory_lock(%s, %s)", lock).fetchone()
        if row and row[0]:
            return True
        if self.connection.execute(_END_SILENT_LEADER, (*lock, _SILENT)).fetchall():
            log.warning("ended the session of a leader that had gone silent", chain_id=self.chain_id)
        return False

    def beat(self) -> None:
        """Show that this session is alive."""
        self.connection.execute("SELECT 1")

    def prepare(
        self,
        tables: Sequence[EventTable],
        sources: Sequence[Source],
        first_block: int,
    ) -> None:
        """Create what is missing, in one transaction. Raises MirrorError where the database holds something
        else.
        """
        with self.connection.transaction():
            self._create_schema()
            for statement in SYSTEM_TABLES:
                self.connection.execute(statement.encode())
            self._check_chain()
            self._check_cursor()
            self.connection.execute(
                "INSERT INTO mirror.cursor (chain_id, block_number) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (self.chain_id, first_block - 1),
            )
            self._create_tables(tables)
            self._save_sources(sources)
            self._upkeep.prepare(self.connection, tables)
            self._grant()

    def _create_schema(self) -> None:
        if self.connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'mirror'").fetchone() is None:
            try:
                self.connection.execute("CREATE SCHEMA mirror")
            except psycopg.errors.InsufficientPrivilege:
                raise MirrorError(
                    "DATABASE_URL's role may not create schema mirror: let the database's owner run"
                    " `CREATE SCHEMA mirror AUTHORIZATION <that role>`."
                ) from None

    def _check_chain(self) -> None:
        row = self.connection.execute("SELECT chain_id FROM mirror.cursor").fetchone()
        if row is not None and row[0] != self.chain_id:
            raise MirrorError(
                f"The database mirrors chain {row[0]}, the registry is of chain {self.chain_id}: use another"
                " DATABASE_URL, or drop the old mirror with `python -m listener rebuild`."
            )

    def _check_cursor(self) -> None:
        """A mirror that has tables has a cursor, and remembers the cursor's block."""
        standing = self.connection.execute("SELECT block_number, block_hash FROM mirror.cursor").fetchone()
        if standing is None:
            known = self.connection.execute("SELECT 1 FROM mirror.source LIMIT 1").fetchone() is not None
        else:
            last = "SELECT number, hash FROM mirror.block ORDER BY number DESC LIMIT 1"
            remembered = self.connection.execute(last).fetchone()
            known = standing != remembered if standing[1] is not None else remembered is not None
        if known:
            raise MirrorError(
                "mirror.cursor does not fit the rest of the mirror: another program changed it. Only the listener"
                " may write schema mirror; mirror again with `python -m listener rebuild`."
            )

    def _create_tables(self, tables: Sequence[EventTable]) -> None:
        rows = self.connection.execute("SELECT table_name, signature, shape FROM mirror.source").fetchall()
        existing = {name: (signature, shape) for name, signature, shape in rows}
        shapes = self._shapes()
        for table in tables:
            signature, shape = existing.get(table.name, ("", ""))
            if not signature:
                self.connection.execute(table.ddl.encode())
            # Mirrors of older versions have the signature without `indexed`.
            elif shape != table.shape or signature not in (table.event.declaration, table.event.signature):
                raise MirrorError(
                    f"Table mirror.{table.name} holds {signature} as ({shape}), the registry's ABI now has"
                    f" {table.event.declaration} as ({table.shape}): give the contract another name there, or"
                    " mirror everything again with `python -m listener rebuild`."
                )
            elif shapes.get(table.name) != shape:
                raise MirrorError(
                    f"Table mirror.{table.name} was altered or dropped by another program: only the listener may"
                    " write schema mirror. Mirror again with `python -m listener rebuild`."
                )

    def _shapes(self) -> dict[str, str]:
        """The columns that the tables of the schema really have behind the fixed ones, as `EventTable.shape`."""
        query = (
            "SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '"
            " ORDER BY a.attnum) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 6 AND NOT a.attisdropped"
            " WHERE n.nspname = 'mirror' AND c.relkind = 'r' GROUP BY 1"
        )
        return {name: shape or "" for name, shape in self.connection.execute(query).fetchall()}

    def _save_sources(self, sources: Sequence[Source]) -> None:
        """Record new sources with the blocks they miss, and until when those that left were mirrored."""
        with self.connection.cursor() as db:
            for source in source_changes(self.sources(), sources, self.cursor().number):
                db.execute(
                    "INSERT INTO mirror.source VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
                    " ON CONFLICT (table_name, address) DO UPDATE SET (contract, signature, shape,"
                    " missing_from, stopped_at, first_block, created_by) = (EXCLUDED.contract,"
                    " EXCLUDED.signature, EXCLUDED.shape, EXCLUDED.missing_from, EXCLUDED.stopped_at,"
                    " EXCLUDED.first_block, EXCLUDED.created_by)",
                    source.row,
                )

    def _grant(self) -> None:
        if self.connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER_ROLE,)).fetchone():
            role = sql.Identifier(READER_ROLE)
            self.connection.execute(sql.SQL("GRANT USAGE ON SCHEMA mirror TO {}").format(role))
            self.connection.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA mirror TO {}").format(role))
            self.connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA mirror GRANT SELECT ON TABLES TO {}").format(role)
            )

    def cursor(self) -> Cursor:
        """The last block mirrored."""
        row = self.connection.execute("SELECT block_number, block_hash FROM mirror.cursor").fetchone()
        if row is None:
            raise MirrorError("mirror.cursor is empty: mirror again with `python -m listener rebuild`.")
        return Cursor(row[0], row[1])

    def sources(self) -> list[Source]:
        """What the tables are filled from."""
        return read_sources(self.connection)

    def marks(self) -> list[BlockMark]:
        """The remembered blocks, oldest first: the last final one and those a fork could replace."""
        rows = self.connection.execute(
            "SELECT number, hash, parent_hash, extract(epoch FROM time)::bigint"
            " FROM mirror.block ORDER BY number"
        ).fetchall()
        return [BlockMark(*row) for row in rows]

    def finalized(self) -> int:
        """The highest block known to be final; -1 before any is."""
        row = self.connection.execute("SELECT coalesce(finalized_number, -1) FROM mirror.cursor").fetchone()
        return row[0] if row else -1

    def some_block_up_to(self, tables: Iterable[str], number: int) -> tuple[int, bytes] | None:
        """Number and hash of a mirrored block with events, not above `number`."""
        for table in tables:
            row = self.connection.execute(
                sql.SQL(
                    "SELECT block_number, block_hash FROM mirror.{} WHERE block_number <= %s"
                    " ORDER BY block_number DESC LIMIT 1"
                ).format(sql.Identifier(table)),
                (number,),
            ).fetchone()
            if row is not None:
                return row[0], row[1]
        return None

    def created(self, table: str, column: str) -> list[tuple[bytes, int]]:
        """Addresses in a creating event's column, each with the first block that created it."""
        query = sql.SQL("SELECT {column}, min(block_number) FROM mirror.{table} GROUP BY 1").format(
            column=sql.Identifier(column), table=sql.Identifier(table)
        )
        return [(row[0], row[1]) for row in self.connection.execute(query).fetchall()]

    def commit(self, facts: Facts, tip: Tip) -> None:
        """Write a span that follows the cursor: rows, problems, blocks, cursor and notice land together."""
        if facts.end is None:
            raise ValueError("a span without its last block cannot move the cursor")
        with self.connection.transaction(), self.connection.cursor() as db:
            self._write_rows(db, facts)
            for mark in facts.marks:
                db.execute(
                    "INSERT INTO mirror.block VALUES (%s, %s, %s, %s)",
                    (mark.number, mark.hash, mark.parent_hash, _time(mark.time)),
                )
            db.execute("DELETE FROM mirror.block WHERE number < %s", (min(tip.final, facts.last),))
            db.execute(
                "UPDATE mirror.cursor SET block_number = %s, block_hash = %s, block_time = %s,"
                " updated_at = now() WHERE chain_id = %s AND block_number = %s",
                (facts.last, facts.end.hash, _time(facts.end.time), self.chain_id, facts.first - 1),
            )
            if db.rowcount != 1:
                raise MirrorError(
                    "Another program moved mirror.cursor: only the listener may write schema mirror. Mirror again"
                    " with `python -m listener rebuild`."
                )
            self._save_tip(db, tip)
            self.notify(db, facts.first, facts.last, rolled_back=False)

    def _write_rows(self, db: psycopg.Cursor[tuple[Any, ...]], facts: Facts) -> None:
        for table, rows in facts.rows.items():
            copy_rows(db, sql.Identifier("mirror", table), rows)
        self.write_problems(db, facts)

    def write_problems(self, db: psycopg.Cursor[tuple[Any, ...]], facts: Facts) -> None:
        """Record what the event tables could not hold, inside the caller's transaction."""
        for problem in facts.problems:
            db.execute(
                "INSERT INTO mirror.problem VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                _row(problem),
            )

    def save_tip(self, tip: Tip) -> None:
        """Record where the chain is when there is no span to commit."""
        with self.connection.transaction(), self.connection.cursor() as db:
            self._save_tip(db, tip)

    def _save_tip(self, db: psycopg.Cursor[tuple[Any, ...]], tip: Tip) -> None:
        db.execute(
            "UPDATE mirror.cursor SET head_number = %s, head_time = %s, updated_at = now(),"
            " finalized_number = greatest(finalized_number, %s) WHERE chain_id = %s",
            (tip.head.number, _time(tip.head.time), tip.final, self.chain_id),
        )

    def roll_back(self, fork: BlockMark, tables: Iterable[str]) -> None:
        """Delete everything above block `fork`, which both branches share (without hash: everything there
        is).
        """
        with self.connection.transaction(), self.connection.cursor() as db:
            for table in dict.fromkeys([*tables, "problem"]):
                db.execute(
                    sql.SQL("DELETE FROM mirror.{} WHERE block_number > %s").format(sql.Identifier(table)),
                    (fork.number,),
                )
            self._upkeep.roll_back(self.connection, fork.number)
            db.execute(_KEEP_REPLACED, (fork.number, fork.number))
            db.execute("DELETE FROM mirror.replaced WHERE at < now() - interval '14 days'")
            db.execute("DELETE FROM mirror.block WHERE number > %s", (fork.number,))
            # Only where there is a number: LEAST ignores NULL, and would stop every source.
            for column, block in (("missing_from", fork.number + 1), ("stopped_at", fork.number)):
                name = sql.Identifier(column)
                db.execute(
                    sql.SQL("UPDATE mirror.source SET {} = %s WHERE {} > %s").format(name, name),
                    (block, block),
                )
            row = db.execute("SELECT block_number FROM mirror.cursor").fetchone()
            db.execute(
                "UPDATE mirror.cursor SET block_number = %s, block_hash = %s, block_time = %s,"
                " updated_at = now() WHERE chain_id = %s",
                (fork.number, fork.hash or None, _time(fork.time) if fork.hash else None, self.chain_id),
            )
            self.notify(db, fork.number + 1, row[0] if row else fork.number, rolled_back=True)

    def tend(self) -> bool:
        """Do a piece of what readers need, while nothing waits to be written; whether there may be more."""
        return self._upkeep.step(self.connection)

    def notify(
        self, db: psycopg.Cursor[tuple[Any, ...]], first: int, last: int, *, rolled_back: bool
    ) -> None:
        """Tell listeners of channel `mirror`, when the caller's transaction commits, which blocks changed."""
        payload = {
            "chain_id": self.chain_id,
            "first_block": first,
            "last_block": last,
            "rolled_back": rolled_back,
        }
        db.execute("SELECT pg_notify(%s, %s)", (CHANNEL, msgspec.json.encode(payload).decode()))

    def drop(self) -> None:
        """Drop every table of the mirror, and views over them, but not the schema, which may belong to
        someone else.
        """
        with self.connection.transaction():
            names = self.connection.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'mirror' AND c.relkind = 'r'"
            ).fetchall()
            for (name,) in names:
                self.connection.execute(sql.SQL("DROP TABLE mirror.{} CASCADE").format(sql.Identifier(name)))


def read_sources(connection: psycopg.Connection[tuple[Any, ...]]) -> list[Source]:
    """What the tables are filled from; for mirrors of older versions too."""
    with connection.cursor(row_factory=dict_row) as db:
        return [Source(**row) for row in db.execute("SELECT * FROM mirror.source").fetchall()]


def copy_rows(db: psycopg.Cursor[tuple[Any, ...]], table: sql.Identifier, rows: Sequence[bytes]) -> None:
    """Copy packed rows (see `listener.mirror.rows`) into a table."""
    with db.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table)) as copy:
        copy.write(b"".join((COPY_HEADER, *rows, COPY_TRAILER)))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _row(problem: Problem) -> tuple[Any, ...]:
    mark = problem.mark
    fixed = (
        mark.number,
        mark.hash,
        _time(mark.time),
        problem.log_index,
        problem.transaction_hash,
        problem.address,
    )
    return (*fixed, problem.table_name, problem.kind, problem.reason, problem.topics, problem.data)
