"""Being told by Postgres that there is work: LISTEN on a connection of its own, again after it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import asyncpg
import structlog

from backend.keepalive import keep_alive
from backend.process import first_line, trying_again

log = structlog.get_logger(__name__)
RETRY = 0.5


async def listen(database_url: str, wakes: Mapping[str, asyncio.Event]) -> None:
    """Set a channel's event at every notification, and all after every reconnection; runs until cancelled."""
    while True:
        lost = asyncio.Event()
        try:
            connection = await asyncpg.connect(database_url, timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
            log.warning("wake_connection_failed", error=first_line(error), next=trying_again(RETRY))
            await asyncio.sleep(RETRY)
            continue
        keep_alive(connection)
        try:
            connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
            for channel, wake in wakes.items():
                await connection.add_listener(channel, lambda *_, wake=wake: wake.set())
            for wake in wakes.values():
                wake.set()
            await lost.wait()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("wake_connection_lost", error=first_line(error), next="connecting again")
        finally:
            connection.terminate()
