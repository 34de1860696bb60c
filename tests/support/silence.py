"""A way to a PostgreSQL server that can fall silent: open connections carry nothing any more and stay open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from psycopg.conninfo import conninfo_to_dict


class SilentWay:
    """Forwards TCP connections to a server's Unix socket; an asynchronous context manager."""

    def __init__(self, uri: str) -> None:
        self._path = f"{conninfo_to_dict(uri)['host']}/.s.PGSQL.5432"
        self._carries: dict[asyncio.StreamWriter, bool] = {}
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._cut()

    def uri(self, direct: str) -> str:
        """The same database, this way."""
        parts = conninfo_to_dict(direct)
        return f"postgresql://{parts['user']}@127.0.0.1:{self.port}/{parts['dbname']}?sslmode=disable"

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Who was connected before gets nothing through inside, and is not told; afterwards all are reset."""
        for one in self._carries:
            self._carries[one] = False
        try:
            yield
        finally:
            self._cut()

    def _cut(self) -> None:
        for one in list(self._carries):
            one.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._carries[writer] = True
        there, back = await asyncio.open_unix_connection(self._path)
        ways = [
            asyncio.create_task(self._carry(writer, one, other))
            for one, other in ((reader, back), (there, writer))
        ]
        with suppress(OSError):
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        del self._carries[writer]
        back.transport.abort()
        writer.transport.abort()

    async def _carry(
        self, client: asyncio.StreamWriter, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while piece := await source.read(65_536):
                if self._carries[client]:
                    target.write(piece)
                    await target.drain()
