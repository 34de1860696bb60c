"""`listener check`: read blocks again from the chain and compare them, row by row, with the mirror."""

import random
from typing import Any

import psycopg
from psycopg import sql

from listener.chain.registry import load_registry
from listener.chain.rpc import RpcPool
from listener.mirror.batch import BlockMark, Facts
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.store import MirrorError, Store, copy_rows
from listener.options import Options
from listener.service import check_providers, open_pool
from listener.sync.fetch import Fetcher
from listener.sync.pace import Pace
from listener.sync.pipeline import Pipeline
from listener.sync.routes import Routes

_SAMPLE_SPAN = 100


async def check(options: Options) -> int:
    """Compare and report; exit code 0 when nothing differs."""
    registry = load_registry(str(options.registry))
    tables = tables_of(registry)
    store = Store(options.database_url, registry.chain_id)
    try:
        store.connect()
    except psycopg.OperationalError as error:
        raise MirrorError(
            f"Postgres cannot be reached; correct DATABASE_URL. {' '.join(str(error).split())}"
        ) from None
    async with open_pool(options, registry.chain_id, patience=30.0) as pool:
        try:
            await check_providers(pool)
            try:
                cursor = store.cursor().number
            except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
                raise MirrorError(
                    "The database has no mirror yet: start one with `python -m listener run`."
                ) from None
            first = registry.first_block if options.first is None else options.first
            last = cursor if options.last is None else min(options.last, cursor)
            checker = _Checker(pool, store, registry, tables, options.max_span)
            for start, end in _spans(first, last, options.sample):
                await checker.compare(start, end)
        finally:
            store.close()
    print(f"{checker.blocks:,} blocks, {checker.events:,} events compared, {checker.differences} differences")
    return 1 if checker.differences else 0


def _spans(first: int, last: int, sample: int) -> list[tuple[int, int]]:
    if last < first:
        return []
    if not sample:
        return [(first, last)]
    starts = range(first, last + 1, _SAMPLE_SPAN)
    chosen = sorted(random.sample(starts, min(sample, len(starts))))
    return [(start, min(last, start + _SAMPLE_SPAN - 1)) for start in chosen]


class _Checker:
    def __init__(
        self, pool: RpcPool, store: Store, registry: Any, tables: list[EventTable], max_span: int
    ) -> None:
        self._store, self._tables = store, tables
        self._routes = Routes(registry, tables)
        for table, creation in self._routes.creating_tables():
            for address, block in store.created(table.name, table.columns[creation.position].name):
                self._routes.create(creation, "0x" + address.hex(), block)
        pace = Pace(max_span)
        self._pipeline = Pipeline(Fetcher(pool, self._routes, pace), self._routes, pace)
        self.blocks = self.events = self.differences = 0

    async def compare(self, first: int, last: int) -> None:
        """Compare one range, span by span."""
        await self._pipeline.run(first, last, last, self._compare)

    async def _compare(self, facts: Facts, start: BlockMark) -> None:
        self.blocks += facts.last - facts.first + 1
        self.events += facts.events
        for table in self._tables:
            missing, extra = self._differences(table, facts)
            self.differences += missing + extra
            if missing or extra:
                print(
                    f"mirror.{table.name}, blocks {facts.first} to {facts.last}: {missing} rows missing,"
                    f" {extra} rows the chain does not have"
                )

    def _differences(self, table: EventTable, facts: Facts) -> tuple[int, int]:
        """How many rows the mirror lacks, and how many it has too many, as Postgres compares them."""
        name = sql.Identifier("mirror", table.name)
        between = sql.SQL("block_number BETWEEN {} AND {}").format(facts.first, facts.last)
        database = self._store.connection
        with database.transaction(), database.cursor() as db:
            db.execute(
                sql.SQL("CREATE TEMP TABLE wanted ON COMMIT DROP AS SELECT * FROM {} LIMIT 0").format(name)
            )
            copy_rows(db, sql.Identifier("wanted"), facts.rows.get(table.name, []))
            counts = []
            for left, right in ((sql.SQL("wanted"), name), (name, sql.SQL("wanted"))):
                query = sql.SQL(
                    "SELECT count(*) FROM (SELECT * FROM {} WHERE {} EXCEPT SELECT * FROM {} WHERE {}) AS odd"
                ).format(left, between, right, between)
                row = db.execute(query).fetchone()
                counts.append(row[0] if row else 0)
        return counts[0], counts[1]
