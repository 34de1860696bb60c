"""Compares facts read again from the chain with the rows of the mirror, in one snapshot of the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from listener.mirror.batch import Facts
from listener.mirror.schema import EventTable
from listener.mirror.sources import CREATED, Source
from listener.mirror.store import Store, copy_rows

_SHOWN = 80  # characters of a value
_FIXED = ("block_hash", "block_time", "transaction_hash", "address")


@dataclass(frozen=True)
class Difference:
    """One row, block or problem that is not as on the chain; `text` says what is different, for people."""

    block: int
    text: str


class Comparer:
    """Compares spans. `wanted`: the sources of the registry."""

    def __init__(self, store: Store, tables: Sequence[EventTable], wanted: Sequence[Source]) -> None:
        self._store, self._tables = store, tables
        self._first = {source.key: source.first_block or 0 for source in wanted}
        self._sources: dict[tuple[str, bytes], Source] = {}
        self._prepared: set[str] = set()  # tables that have a temporary twin for what the chain says

    def not_mirrored(self) -> Iterator[Difference]:
        """Sources of the registry that the listener has not taken over."""
        active = {source.key for source in self._store.sources() if source.stopped_at is None}
        for table, address in self._first.keys() - active:
            whose = f"events of 0x{address.hex()}" if address else "events of created contracts"
            yield Difference(
                0, f"mirror.{table} does not hold {whose}: no listener has taken this registry over"
            )

    def compare(self, facts: Facts) -> list[Difference]:
        """What differs in the blocks of `facts` up to the cursor, without what is still being filled."""
        database = self._store.connection
        with database.transaction(), database.cursor() as db:
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            last = min(facts.last, self._store.cursor().number)
            self._sources = {source.key: source for source in self._store.sources()}
            mirrored = {table for table, _ in self._sources}
            found = [
                difference
                for table in self._tables
                if table.name in mirrored
                for difference in self._rows(db, table, facts, last)
            ]
            return [*found, *self._problems(db, facts, last), *self._blocks(db, facts, last)]

    def _rows(
        self, db: psycopg.Cursor[Any], table: EventTable, facts: Facts, last: int
    ) -> Iterator[Difference]:
        if table.name not in self._prepared:
            db.execute(
                sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DELETE ROWS").format(
                    sql.Identifier(table.name), sql.Identifier("mirror", table.name)
                )
            )
            self._prepared.add(table.name)
        rows = facts.rows.get(table.name, [])
        if rows:
            copy_rows(db, sql.Identifier("pg_temp", table.name), rows)
        db.execute(_difference_query(table), {"first": facts.first, "last": last})
        for block, index, address, kind, columns, ours, theirs in db.fetchall():
            if self._is_expected(table.name, bytes(address), block, kind):
                continue
            where = f"mirror.{table.name}, block {block}, log {index}"
            if kind == "different":
                pairs = zip(columns, ours, theirs, strict=True)
                what = "; ".join(f"{name} is {mine}, the chain has {its}" for name, mine, its in pairs)
            else:
                what = "the row is missing" if kind == "missing" else "the chain has no such event"
            yield Difference(block, f"{where}: {what}")

    def _is_expected(self, table: str, address: bytes, block: int, kind: str) -> bool:
        """Whether a row may be missing because it is still to be filled, or stays from an earlier registry."""
        key = (table, address) if (table, address) in self._sources else (table, CREATED)
        source = self._sources.get(key)
        if source is None:
            return kind == "missing"  # said once by `not_mirrored`
        if kind == "missing":
            is_filled = source.missing_from is None or block < source.missing_from
            return not is_filled or source.stopped_at is not None
        if kind == "extra":
            first = self._first.get(key)
            return source.stopped_at is not None or (
                first is not None and (source.first_block or 0) <= block < first
            )
        return False

    def _problems(self, db: psycopg.Cursor[Any], facts: Facts, last: int) -> Iterator[Difference]:
        wanted = {
            (p.mark.number, p.log_index, p.table_name): (p.kind, p.mark.hash, p.topics, p.data, p.address)
            for p in facts.problems
            if p.mark.number <= last
        }
        db.execute(
            "SELECT block_number, log_index, table_name, kind, block_hash, topics, data, address"
            " FROM mirror.problem WHERE block_number BETWEEN %s AND %s AND table_name = ANY(%s)",
            (facts.first, last, [table.name for table in self._tables]),
        )
        found = {row[:3]: row[3:] for row in db.fetchall()}
        for key in sorted(wanted.keys() | found.keys()):
            ours, theirs = found.get(key), wanted.get(key)
            if ours == theirs:
                continue
            block, index, table = key
            kind = "missing" if ours is None else "extra" if theirs is None else "different"
            address = (ours or theirs or (b"",))[-1]
            if not self._is_expected(table, address, block, kind):
                text = f"mirror.problem, block {block}, log {index}, of mirror.{table}: the row is {kind}"
                yield Difference(block, text)

    def _blocks(self, db: psycopg.Cursor[Any], facts: Facts, last: int) -> Iterator[Difference]:
        """Blocks the mirror remembers must have the chain's hash."""
        theirs = {mark.number: mark.hash for mark in facts.marks if mark.number <= last}
        db.execute("SELECT number, hash FROM mirror.block WHERE number = ANY(%s) ORDER BY 1", (list(theirs),))
        for number, ours in db.fetchall():
            if ours != theirs[number]:
                yield Difference(
                    number,
                    f"block {number}: the mirror has hash 0x{ours.hex()}, the chain 0x{theirs[number].hex()}",
                )


def _difference_query(table: EventTable) -> sql.Composed:
    """Keys of the rows that differ; names, our and the chain's value of their columns that do."""
    columns = [*_FIXED, *(column.name for column in table.columns)]

    def listed(value: str) -> sql.Composed:
        parts = [
            sql.SQL("CASE WHEN ours.{c} IS DISTINCT FROM theirs.{c} THEN " + value + " END").format(
                c=sql.Identifier(name), name=sql.Literal(name), shown=sql.Literal(_SHOWN)
            )
            for name in columns
        ]
        return sql.SQL("array_remove(ARRAY[{}], NULL)").format(sql.SQL(", ").join(parts))

    return sql.SQL(
        "SELECT block_number, log_index, coalesce(ours.address, theirs.address),"
        " CASE WHEN ours.address IS NULL THEN 'missing' WHEN theirs.address IS NULL THEN 'extra'"
        " ELSE 'different' END, {}, {}, {}"
        " FROM (SELECT * FROM {} WHERE block_number BETWEEN %(first)s AND %(last)s) AS ours"
        " FULL JOIN (SELECT * FROM {} WHERE block_number BETWEEN %(first)s AND %(last)s) AS theirs"
        " USING (block_number, log_index) WHERE {} ORDER BY 1, 2"
    ).format(
        listed("{name}::text"),
        listed("left(ours.{c}::text, {shown})"),
        listed("left(theirs.{c}::text, {shown})"),
        sql.Identifier("mirror", table.name),
        sql.Identifier("pg_temp", table.name),
        sql.SQL(" OR ").join(
            sql.SQL("ours.{c} IS DISTINCT FROM theirs.{c}").format(c=sql.Identifier(name)) for name in columns
        ),
    )
