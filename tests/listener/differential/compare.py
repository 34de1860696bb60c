"""The database of a lane, and the comparison of the mirror in it with a fresh one and with the oracle."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest

import psycopg
from psycopg import sql

from tests.listener.differential.chain import Chain
from tests.listener.differential.oracle import Row, expected_rows, expected_sources
from tests.listener.differential.world import Contract, tables_of
from tools.run.postgres import DatabaseUris

_LONGEST_STALL = 0.06  # seconds
_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = %s AND application_name = 'tombola listener'"
)


class Database:
    """One database; the mirror under test is put aside as schema `disturbed` when its script is over."""

    def __init__(self, uris: DatabaseUris, admin_url: str) -> None:
        self.name, self.url = uris.name, uris.listener
        self._db = psycopg.connect(uris.superuser, autocommit=True)
        self._locker = psycopg.connect(uris.superuser, autocommit=True)
        self._admin = psycopg.connect(admin_url, autocommit=True)
        self._db.execute("SET timezone = 'UTC'")
        self._db.execute("SET client_min_messages = error")
        self._locker.execute("SET lock_timeout = '300ms'")

    def close(self) -> None:
        for connection in (self._db, self._locker, self._admin):
            connection.close()

    def clear(self) -> None:
        """An empty schema `mirror`."""
        self._db.execute("DROP SCHEMA IF EXISTS disturbed CASCADE; DROP SCHEMA IF EXISTS mirror CASCADE")
        self._db.execute("CREATE SCHEMA mirror AUTHORIZATION listener")

    def put_aside(self) -> None:
        """Keep the mirror as `disturbed`, and make room for another."""
        self._db.execute("ALTER SCHEMA mirror RENAME TO disturbed")
        self._db.execute("CREATE SCHEMA mirror AUTHORIZATION listener")

    def cut(self) -> None:
        """End the listeners' connections."""
        self._admin.execute(_CUT, (self.name,))

    async def shut(self, seconds: float) -> None:
        """End the listeners' connections and let nobody in for so long."""
        change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        if seconds:
            self._admin.execute(change.format(sql.Identifier(self.name), sql.SQL("false")))
        self.cut()
        if seconds:
            await asyncio.sleep(seconds)
            self._admin.execute(change.format(sql.Identifier(self.name), sql.SQL("true")))

    @asynccontextmanager
    async def stalled(self, choice: float) -> AsyncIterator[None]:
        """Lock a table, and wait a little until a listener waits for it."""
        names = self._db.execute(
            "SELECT c.oid, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE nspname = 'mirror' AND relkind = 'r' ORDER BY relname"
        ).fetchall()
        if not names:
            yield
            return
        names += [pair for pair in names if pair[1] == "cursor"] * len(
            names
        )  # the last statement: every other time
        oid, name = names[int(choice * len(names))]
        with self._locker.transaction():
            try:
                with self._locker.transaction():
                    lock = sql.SQL("LOCK TABLE mirror.{} IN EXCLUSIVE MODE").format(sql.Identifier(name))
                    self._locker.execute(lock)
            except psycopg.errors.Error:
                pass
            until = asyncio.get_running_loop().time() + _LONGEST_STALL
            while asyncio.get_running_loop().time() < until:
                query = "SELECT 1 FROM pg_locks WHERE relation = %s AND NOT granted"
                if self._db.execute(query, (oid,)).fetchone():
                    break
                await asyncio.sleep(0.004)
            yield

    def has_head(self, chain: Chain) -> bool:
        """Whether the mirror has the chain's newest block, which may be below the cursor when the chain got shorter."""
        head = chain.blocks[-1]
        digest = bytes.fromhex(head.hash[2:])
        query = "SELECT hash FROM mirror.block WHERE number = %s UNION SELECT block_hash FROM mirror.cursor"
        try:
            found = self._db.execute(query, (head.number,)).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return False
        return (digest,) in found or head.number < chain.first

    def is_at(self, chain: Chain, contracts: Sequence[Contract]) -> bool:
        """Whether the mirror has the chain's head, is one of these contracts, and misses nothing."""
        try:
            row = self._db.execute(
                "SELECT block_hash, head_number, finalized_number FROM mirror.cursor"
            ).fetchone()
            sources = self.rows(_sorted_rows("source", "mirror"))
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return False
        head = bytes.fromhex(chain.blocks[-1].hash[2:])
        final = chain.highest - chain.depth
        is_there = row is not None and row[0] == head and row[1] == chain.head and row[2] >= final
        return is_there and sources == sorted(expected_sources(contracts))

    def rows(self, query: str) -> list[Row]:
        return self._db.execute(query.encode()).fetchall()


def differences(
    database: Database, chain: Chain, contracts: Sequence[Contract], first: int, schema: str
) -> str:
    """The first rows of the mirror in `schema`, which began with block `first`, that are not what the chain says."""
    found = []
    for table, expected in expected_rows(chain, contracts, first).items():
        rows = database.rows(_sorted_rows(table, schema))
        for ours, row in zip_longest(expected, rows):
            if ours != row:
                found.append(f"{table}: the chain says {ours!r:.600}, the mirror {row!r:.600}")
                break
    return "\n".join(found[:8])


def _sorted_rows(table: str, schema: str) -> str:
    """A table as the oracle has it: without times of writing, prose, and rows that mean nothing any more."""
    match table:
        case "cursor":
            # The last answer of a node that was behind may still be on its way when the mirror is there.
            head = "greatest(head_number, block_number), greatest(head_time, block_time)"
            columns = f"chain_id, block_number, block_hash, block_time, {head}, finalized_number"
            return f"SELECT {columns} FROM {schema}.cursor"
        case "block":
            final = f"(SELECT finalized_number FROM {schema}.cursor)"
            return f"SELECT number, hash, parent_hash, time FROM {schema}.block WHERE number >= {final} ORDER BY 1"
        case "source":
            columns = "table_name, address, contract, missing_from"
            return f"SELECT {columns} FROM {schema}.source WHERE stopped_at IS NULL ORDER BY 1, 2"
        case "problem":
            columns = (
                "block_number, block_hash, block_time, log_index, transaction_hash, address, table_name, kind"
            )
            order = "block_number, log_index, table_name"
            return f"SELECT {columns}, topics, data FROM {schema}.problem WHERE {_lasting(schema)} ORDER BY {order}"
    return f"SELECT * FROM {schema}.{table} ORDER BY block_number, log_index"


def fresh_differences(database: Database, contracts: Sequence[Contract], first: int) -> str:
    """The first rows that only one of `disturbed` and the fresh mirror has, in every column that lasts."""
    found = []
    for table in [*(name for name, _, _ in tables_of(contracts)), "problem", "cursor", "block", "source"]:
        for whose, one, other in (("disturbed", "disturbed", "mirror"), ("fresh", "mirror", "disturbed")):
            query = f"{_whole(table, one, first)} EXCEPT ALL {_whole(table, other, first)} LIMIT 3"
            found += [f"{table}: the {whose} mirror alone has {row!r:.600}" for row in database.rows(query)]
    return "\n".join(found[:8])


def _whole(table: str, schema: str, first: int) -> str:
    if table == "cursor":
        return _sorted_rows(table, schema)
    if table == "block":
        final = f"(SELECT finalized_number FROM {schema}.cursor)"
        return f"SELECT * FROM {schema}.block WHERE number >= greatest({first}, {final})"
    condition = {"source": " WHERE stopped_at IS NULL", "problem": f" WHERE {_lasting(schema)}"}.get(
        table, ""
    )
    return f"SELECT * FROM {schema}.{table}{condition}"


def _lasting(schema: str) -> str:
    """Problems of tables the registry still wants: an event that loses its overload changes its table."""
    return f"table_name IN (SELECT table_name FROM {schema}.source WHERE stopped_at IS NULL)"
