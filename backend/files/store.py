"""What a file store does, whichever it is: whole files under keys, streamed in and out with bounded memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from backend.errors import ServiceUnavailable

LONGEST_KEY = 200
PIECE = 256 * 1024
"""Bytes that are read at once."""
LONGEST_LINK = timedelta(days=7)
# Lower case only: there are file systems that do not tell A from a.
_KIND = r"[a-z0-9][a-z0-9_-]*"
_KEY = re.compile(rf"{_KIND}/[a-z0-9][a-z0-9._-]*")


class FileMissing(Exception):
    """No file has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The file store has no file {key!r}.")


class FilesUnavailable(ServiceUnavailable):
    """Files cannot be read or written right now; try again shortly"""


class FileStore(Protocol):
    """Files by key: `<kind>/<name>`, such as `imports/<uuid>` or `certificates/<uuid>.pdf`.

    A file is there whole or not at all. Every method raises ValueError for what is no key, and FilesUnavailable.
    """

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """Store a file, in place of the one that had the key; returns its bytes. What `chunks` raises leaves
        everything as it was."""
        ...

    def read(self, key: str, offset: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `offset` on, in pieces; nothing at or beyond the end. The first piece raises FileMissing."""
        ...

    async def size(self, key: str) -> int:
        """Bytes; raises FileMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file, where there is one."""
        ...

    async def link(self, key: str, name: str, media_type: str, lifetime: timedelta) -> str:
        """A URL at which whoever has it downloads the file under this `name` until it has run out, in a week at
        most. Whether there is such a file is not looked at."""
        ...

    def written_before(self, kind: str, moment: datetime) -> AsyncIterator[str]:
        """Keys of a kind whose files were written before `moment`."""
        ...

    async def discard_drafts(self, kind: str, moment: datetime) -> None:
        """Remove what is left of files of a kind whose writing began before `moment` and was never finished."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...


def check_key(key: str) -> str:
    """The key; raises ValueError for one that could mean a file outside the store."""
    if len(key) > LONGEST_KEY or _KEY.fullmatch(key) is None:
        raise ValueError(f"{key!r} is no key of a file: write <kind>/<name> in a-z, 0-9, '-', '_' and '.'")
    return key


def check_kind(kind: str) -> str:
    """The kind; raises ValueError for what cannot begin a key."""
    if re.fullmatch(_KIND, kind) is None:
        raise ValueError(f"{kind!r} is no kind of files: write it in a-z, 0-9, '-' and '_'")
    return kind


def check_lifetime(lifetime: timedelta) -> int:
    """A link's seconds; raises ValueError for none and for more than a week, which S3 does not sign."""
    if not timedelta(0) < lifetime <= LONGEST_LINK:
        raise ValueError(f"a link lasts up to {LONGEST_LINK.days} days, not {lifetime}")
    return int(lifetime.total_seconds())


async def write_whole(files: FileStore, key: str, data: bytes) -> None:
    """Store a file that is small enough for memory."""

    async def once() -> AsyncIterator[bytes]:
        yield data

    await files.write(key, once())


async def read_whole(files: FileStore, key: str) -> bytes:
    """A file that is small enough for memory; raises FileMissing."""
    return b"".join([piece async for piece in files.read(key)])
