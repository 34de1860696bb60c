"""`listener run`: leads one chain's mirror, from start to SIGTERM.

At start every fault ends the program with one sentence; later the connection to Postgres and the providers
may go away and come back. A second listener on the same database stands by and takes over when the first
one's session ends.
"""

import asyncio
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import structlog

from listener.chain.faults import UnavailableError, WrongChainError
from listener.chain.registry import Registry, load_registry
from listener.chain.rpc import RpcPool
from listener.chain.settings import chain_settings
from listener.mirror.schema import EventTable, tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import MirrorError, Store
from listener.options import Options
from listener.sync.metrics import Metrics
from listener.sync.syncer import Syncer, SyncOptions

log = structlog.get_logger("listener")

_START_PATIENCE = 8.0  # seconds that providers may take to answer at start
_DATABASE_PATIENCE = 5.0
_STANDBY_INTERVAL = 0.5
_RECONNECT_INTERVAL = 1.0


class StartError(Exception):
    """What keeps the listener from starting, as one sentence with the remedy."""


async def run(options: Options) -> None:
    """Run until `until_block` is mirrored or a signal arrives."""
    registry = load_registry(str(options.registry))
    work = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: work.cancel() if work is not None else None)
    metrics = Metrics()
    if options.metrics_port is not None:
        try:
            metrics.serve(options.metrics_port)
        except OSError as error:
            raise StartError(
                f"--metrics-port {options.metrics_port} cannot be used: {error.strerror}."
            ) from None
    async with RpcPool(options.rpc_urls, registry.chain_id, patience=None) as pool:
        await check_providers(pool)
        await _Leader(options, registry, pool, metrics).run()


async def check_providers(pool: RpcPool) -> None:
    """Fail soon, with a sentence, where no provider answers or each serves another chain."""
    try:
        await pool.call("eth_blockNumber", result=str, patience=_START_PATIENCE)
    except UnavailableError as error:
        raise StartError(f"No RPC provider answers; correct RPC_URLS or start the node. {error}") from None
    except WrongChainError as error:
        raise StartError(str(error)) from None


class _Leader:
    """Holds the database session: waits for the lock, mirrors, reconnects."""

    def __init__(self, options: Options, registry: Registry, pool: RpcPool, metrics: Metrics) -> None:
        self._options, self._registry, self._pool, self._metrics = options, registry, pool, metrics
        self._store = Store(options.database_url, registry.chain_id)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._tables: Sequence[EventTable] = tables_of(registry)
        depth = options.finality_depth
        self._sync_options = SyncOptions(
            options.poll_interval,
            chain_settings(registry.chain_id).finality_depth if depth is None else depth,
            options.max_span,
            options.until_block,
        )

    async def run(self) -> None:
        """Mirror; begin again after a lost database connection."""
        loop = asyncio.get_running_loop()
        first = True
        try:
            while True:
                try:
                    await self._connect(first)
                    first = False
                    await self._lead()
                    return
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    log.warning("database connection lost, connecting again", reason=_line(error))
                    self._metrics.leads.set(0)
                    await asyncio.sleep(_RECONNECT_INTERVAL)
        finally:
            await loop.run_in_executor(None, self._store.interrupt)
            self._writer.shutdown(wait=True, cancel_futures=True)
            self._store.close()

    async def _connect(self, first: bool) -> None:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _DATABASE_PATIENCE
        while True:
            try:
                await loop.run_in_executor(self._writer, self._store.connect)
                return
            except psycopg.OperationalError as error:
                if first and loop.time() > give_up:
                    raise StartError(
                        f"Postgres cannot be reached; start it or correct DATABASE_URL. {_line(error)}"
                    ) from None
                if not first:
                    raise
                await asyncio.sleep(0.25)

    async def _lead(self) -> None:
        loop, said = asyncio.get_running_loop(), False
        while not await loop.run_in_executor(self._writer, self._store.try_lead):
            if not said:
                log.info("another listener mirrors this chain; standing by", chain_id=self._registry.chain_id)
                said = True
            await asyncio.sleep(_STANDBY_INTERVAL)
        registry = self._registry
        creators = {
            c.name: c.created_by.contract for c in registry.contracts.values() if c.created_by is not None
        }
        await loop.run_in_executor(
            self._writer,
            self._store.prepare,
            self._tables,
            sources_of(registry, self._tables),
            creators,
            registry.first_block,
        )
        self._metrics.leads.set(1)
        log.info(
            "leading", chain_id=registry.chain_id, contracts=len(registry.contracts), tables=len(self._tables)
        )
        syncer = Syncer(
            self._pool, self._store, self._writer, registry, self._tables, self._sync_options, self._metrics
        )
        await syncer.run()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


__all__ = ["MirrorError", "StartError", "check_providers", "run"]
