"""`listener run`: leads one chain's mirror, from start to SIGTERM.

At start every fault ends the program with one sentence; later the connection to Postgres and the providers
may go away and come back. A second listener on the same database stands by and takes over when the first
one's session ends. A changed registry file is taken over on the way.
"""

import asyncio
import signal
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
import structlog

from listener.chain.cancellation import end_if_cancelled
from listener.chain.heads import Heads
from listener.chain.registry import Registry
from listener.chain.rpc import RpcPool
from listener.chain.settings import chain_settings
from listener.metrics_port import serve
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import BEAT, MirrorError, Store
from listener.mirror.writer import Writer
from listener.options import Options
from listener.registry_watch import Reading, RegistryWatch
from listener.start import StartError, check_providers, open_pool, registry_path, unreachable
from listener.sync.metrics import Metrics
from listener.sync.syncer import Syncer, SyncOptions

log = structlog.get_logger("listener")

_DATABASE_PATIENCE = 5.0
_STANDBY_INTERVAL = 0.5
MIRROR = "mirror"
DATABASE_SILENT = (
    7_200.0  # seconds without an answer of the database; upkeep may be making an index of a large mirror
)
_RECONNECT_INTERVAL = 1.0
# Lost connections, restarts, a full disk, time-outs, a read-only server, deadlocks: the next try may do.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
_CHANGED = (  # somebody altered a table, or put rows into it
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.DatatypeMismatch,
    psycopg.errors.InvalidSchemaName,
    psycopg.DataError,
    psycopg.IntegrityError,
)


async def run(options: Options) -> None:
    """Run until `until_block` is mirrored or a signal arrives."""
    watch = RegistryWatch(registry_path(options))
    work = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: work.cancel() if work is not None else None)
    loop.add_signal_handler(signal.SIGHUP, watch.look_soon)
    metrics = Metrics(watch.registry.chain_id)
    if options.metrics_port is not None:
        try:
            serve(metrics.registry, metrics.pulse, metrics.health, options.metrics_port)
        except OSError as error:
            raise StartError(
                f"--metrics-port {options.metrics_port} cannot be used: {error.strerror}."
            ) from None
    async with metrics.pulse.event_loop(), open_pool(options, watch.registry.chain_id, patience=None) as pool:
        metrics.watch(pool)
        await check_providers(pool)
        await _Leader(options, watch, pool, metrics).run()


class _Leader:
    """Holds the database session: waits for the lock, mirrors, reconnects; takes over a changed registry."""

    def __init__(self, options: Options, watch: RegistryWatch, pool: RpcPool, metrics: Metrics) -> None:
        self._options, self._watch, self._pool, self._metrics = options, watch, pool, metrics
        chain_id = watch.registry.chain_id
        self._store = Store(options.database_url, chain_id)
        self._writer = Writer()
        depth = options.finality_depth
        self._sync_options = SyncOptions(
            options.poll_interval,
            chain_settings(chain_id).finality_depth if depth is None else depth,
            options.max_span,
            options.until_block,
        )

    async def run(self) -> None:
        """Mirror; begin again after a lost database connection."""
        first = True
        try:
            while True:
                end_if_cancelled()
                try:
                    await self._connect(first)
                    first = False
                    await self._lead()
                    return
                except _PASSING as error:
                    log.warning("database connection lost, connecting again", reason=_line(error))
                    self._metrics.stands_by()
                    await asyncio.sleep(_RECONNECT_INTERVAL)
                except _CHANGED as error:
                    raise MirrorError(
                        f"A table of schema mirror is not as the listener made it: {_line(error)}. Mirror again"
                        " with `python -m listener rebuild`."
                    ) from None
        finally:
            await asyncio.to_thread(self._store.interrupt)
            self._writer.close()
            self._store.close()

    async def _connect(self, first: bool) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _DATABASE_PATIENCE
        while True:
            end_if_cancelled()
            self._turned()
            try:
                await self._writer.do(self._store.connect)
                return
            except psycopg.OperationalError as error:
                if first and loop.time() > give_up:
                    raise unreachable(error) from None
                if not first:
                    raise
                await asyncio.sleep(0.25)
            except psycopg.ProgrammingError as error:  # the URL is none
                raise unreachable(error) from None

    async def _lead(self) -> None:
        """Mirror what the registry says until `until_block`; begin again when the registry changes.

        A new registry starts behind the last commit like a restart, without giving up the lead: whatever the
        old one was doing, the database knows how far it came.
        """
        newer = await self._stand_by()
        tables = None if newer is None else await self._try_prepare(newer)
        registry = self._watch.registry
        if tables is None:
            tables = await self._prepare(registry)
        log.info("leading", chain_id=registry.chain_id, contracts=len(registry.contracts), tables=len(tables))
        async with Heads(self._pool) as heads:
            self._metrics.leads(heads.feeds)
            while (newer := await self._mirror_until_changed(tables, heads)) is not None:
                prepared = await self._try_prepare(newer)
                tables = tables if prepared is None else prepared

    async def _stand_by(self) -> Reading | None:
        """Wait for the lock; returns what the registry file holds by then if that is something new."""
        said = False
        while not await self._writer.do(self._store.try_lead):
            self._turned()
            if not said:
                log.info(
                    "another listener mirrors this chain; standing by", chain_id=self._watch.registry.chain_id
                )
                said = True
            await self._watch.look()  # says at once what is wrong with a changed file
            await asyncio.sleep(_STANDBY_INTERVAL)
        return await self._watch.look()

    async def _prepare(self, registry: Registry) -> Sequence[EventTable]:
        """Create tables and record what is missing; raises MirrorError and psycopg.Error."""
        self._metrics.pulse.ended(MIRROR)  # indexes of a large mirror take as long as they take
        tables = await asyncio.to_thread(tables_of, registry)
        await self._writer.do(self._store.prepare, tables, sources_of(registry, tables), registry.first_block)
        return tables

    async def _try_prepare(self, reading: Reading) -> Sequence[EventTable] | None:
        """The same for a changed registry; None where the database holds what cannot go with it."""
        before, registry = self._watch.registry.contracts, reading.registry
        try:
            tables = await self._prepare(registry)
        except _PASSING:
            raise
        except (MirrorError, psycopg.Error) as error:
            self._watch.refuse(reading.digest, error)
            return None
        self._watch.use(reading)
        log.info(
            "registry taken over",
            contracts=len(registry.contracts),
            tables=len(tables),
            new=_names(registry.contracts.keys() - before.keys()),
            gone=_names(before.keys() - registry.contracts.keys()),
            changed=_names(
                {name for name in before if registry.contracts.get(name) not in (before[name], None)}
            ),
        )
        return tables

    async def _mirror_until_changed(self, tables: Sequence[EventTable], heads: Heads) -> Reading | None:
        """Mirror; the new registry when the file changes, None when `until_block` is mirrored."""
        syncer = Syncer(
            self._pool,
            self._store,
            self._writer,
            self._watch.registry,
            tables,
            self._sync_options,
            self._metrics,
            heads,
        )
        mirroring = asyncio.create_task(syncer.run())
        watching = asyncio.create_task(self._watch.changed())
        beating = asyncio.create_task(self._beat())
        tasks: tuple[asyncio.Task[Any], ...] = (mirroring, watching, beating)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if mirroring.done():
                mirroring.result()
                return None
            return beating.result() if beating.done() else watching.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _beat(self) -> None:
        """Say something to Postgres now and then, so that nobody takes this leader for dead; for ever."""
        while True:
            self._turned()
            await asyncio.sleep(BEAT)
            await self._writer.do(self._store.beat)

    def _turned(self) -> None:
        self._metrics.pulse.turned(MIRROR, DATABASE_SILENT)


def _names(names: Iterable[str]) -> str:
    return ",".join(sorted(names))


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
