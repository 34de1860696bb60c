"""What sources added late still miss, and writing it beside the live blocks. Call from the writer thread."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from listener.chain.faults import TransientError
from listener.mirror.batch import BlockMark, Facts
from listener.mirror.store import Store, copy_rows


@dataclass(frozen=True)
class Gap:
    """Blocks `first` to `last` are missing for the sources `keys`, which all miss the same ones.

    `left`: blocks from `first` to the cursor. `final`: the last final block; the gap does not cross it.
    `keys` is empty when nothing is missing up to the cursor.
    """

    first: int
    last: int
    left: int
    final: int
    keys: tuple[tuple[str, bytes], ...]


def misses_something(store: Store) -> bool:
    """Whether a source is recorded as missing blocks, be they mirrored by now or not."""
    return any(s.missing_from is not None and s.stopped_at is None for s in store.sources())


def next_gap(store: Store) -> Gap:
    """The oldest blocks that are missing; sources that left the registry do not count."""
    cursor, final = store.cursor().number, store.finalized()
    wanting = [
        (source.missing_from, source.key)
        for source in store.sources()
        if source.missing_from is not None and source.missing_from <= cursor and source.stopped_at is None
    ]
    if not wanting:
        return Gap(cursor + 1, cursor, 0, final, ())
    first = min(start for start, _ in wanting)
    last = min([cursor, *(start - 1 for start, _ in wanting if start > first)])
    if first <= final:
        last = min(last, final)
    return Gap(first, last, cursor - first + 1, final, tuple(key for start, key in wanting if start == first))


def commit_missing(store: Store, facts: Facts, gap: Gap) -> None:
    """Write a span of a gap; rows that are there already stay.

    Raises TransientError where the blocks are not those the mirror has: a fork on the way.
    """
    with store.connection.transaction(), store.connection.cursor() as db:
        if store.cursor().number < facts.last:
            raise TransientError("a fork took back blocks that were being filled")
        _check_branch(store, [mark for mark in facts.marks if mark.number > gap.final])
        for table, rows in facts.rows.items():
            _copy_new(store, db, table, rows)
        store.write_problems(db, facts)
        _move(store, gap.keys, facts.last + 1)
        store.notify(db, facts.first, facts.last, rolled_back=False)


def _copy_new(store: Store, db: psycopg.Cursor[tuple[Any, ...]], table: str, rows: list[bytes]) -> None:
    """Copy the rows that are not there yet; as a rule none is, and they can go straight into the table."""
    try:
        with store.connection.transaction():
            copy_rows(db, sql.Identifier("mirror", table), rows)
    except psycopg.errors.UniqueViolation:
        incoming, target = sql.Identifier("pg_temp", table), sql.Identifier("mirror", table)
        db.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {})").format(sql.Identifier(table), target))
        copy_rows(db, incoming, rows)
        db.execute(sql.SQL("INSERT INTO {} SELECT * FROM {} ON CONFLICT DO NOTHING").format(target, incoming))
        db.execute(sql.SQL("DROP TABLE {}").format(incoming))


def _check_branch(store: Store, marks: list[BlockMark]) -> None:
    """Blocks that a fork can replace must be the very ones the mirror stands on."""
    if not marks:
        return
    found = store.connection.execute(
        "SELECT number, hash FROM mirror.block WHERE number = ANY(%s)", ([mark.number for mark in marks],)
    ).fetchall()
    ours = dict(found)
    for mark in marks:
        if ours.get(mark.number) != mark.hash:
            raise TransientError(
                f"block {mark.number} became final or was replaced while it was being filled"
            )


def complete_missing(store: Store) -> int:
    """Every source has all up to the cursor now; returns how many had missed something."""
    return store.connection.execute(
        "UPDATE mirror.source SET missing_from = NULL WHERE missing_from IS NOT NULL AND stopped_at IS NULL"
    ).rowcount


def _move(store: Store, keys: tuple[tuple[str, bytes], ...], block: int) -> None:
    tables, addresses = [table for table, _ in keys], [address for _, address in keys]
    store.connection.execute(
        "UPDATE mirror.source SET missing_from = %s FROM unnest(%s::text[], %s::bytea[]) AS k (t, a)"
        " WHERE table_name = t AND address = a",
        (block, tables, addresses),
    )
