"""Which version of the mirror is the newest, known without asking for each request.

The listener's notice of a commit makes what is known old at once. Because a notice can be lost, a reading is believed
for `bound` seconds at most. Readings have a connection of their own: they never wait for a place in the pool.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import asyncpg
import structlog

from backend import overload
from backend.caching.version import VERSION
from backend.keepalive import keep_alive
from listener.mirror.ddl import CHANNEL

log = structlog.get_logger(__name__)
RETRY = 0.5
PATIENCE = 1.0  # seconds for one reading
_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)


@dataclass(frozen=True)
class _Reading:
    """What was read (None: there is no mirror), when it began, and after how many notices."""

    version: str | None
    began: float
    notices: int


class Head:
    """The newest version of the mirror, as this process knows it."""

    def __init__(self, database_url: str, bound: float) -> None:
        self._url = database_url
        self._bound = bound
        self._connection: asyncpg.Connection | None = None
        self._known: _Reading | None = None
        self._reading: asyncio.Task[None] | None = None
        self._notices = 0

    async def run(self) -> None:
        """Keep the connection until cancelled."""
        while True:
            lost = asyncio.Event()
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=5, server_settings={"application_name": "tombola head"}
                )
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("cache_waits", error=_said(error), next=f"trying again in {RETRY:g} s")
                await asyncio.sleep(RETRY)
                continue
            keep_alive(connection)
            try:
                connection.add_termination_listener(lambda _connection, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._note)
                self._connection = connection
                await lost.wait()
                log.warning("cache_waits", error="the connection was lost", next="connecting again")
            except (*_GONE, asyncpg.PostgresError) as error:
                log.warning("cache_waits", error=_said(error), next="connecting again")
            finally:
                self._connection = self._known = None
                connection.terminate()

    async def version(self) -> str | None:
        """The version, at most `bound` seconds old; None where it cannot be known, so that nothing kept may be used."""
        asked = time.monotonic()
        while self._connection is not None:
            known = self._known
            if known is not None and (
                known.began >= asked
                or (known.notices == self._notices and known.began >= asked - self._bound)
            ):
                return known.version
            if self._reading is None:
                self._reading = asyncio.create_task(self._read(self._connection))
            # Whoever asked and went away leaves the reading to the others. It is one statement, however many wait.
            with overload.waiting(for_a_start=True):
                await asyncio.shield(self._reading)
        return None

    def _note(self, *_notice: object) -> None:
        self._notices += 1

    async def _read(self, connection: asyncpg.Connection) -> None:
        began, notices = time.monotonic(), self._notices
        try:
            version = await connection.fetchval(VERSION, timeout=PATIENCE)
            self._known = _Reading(version, began, notices)
        except _GONE:
            self._connection = None
            connection.terminate()
        except asyncpg.PostgresError:  # the listener has not made its tables yet
            self._known = _Reading(None, began, notices)
        finally:
            self._reading = None


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
