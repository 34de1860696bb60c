"""Files in a folder: written under a draft's name, brought to the disk, then renamed."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from backend.disk import sync_folder
from backend.files.links import FileLinks
from backend.files.store import (
    PIECE,
    FileMissing,
    FilesUnavailable,
    check_key,
    check_kind,
)

DRAFT = ".draft"
"""How the name of a file begins that is not whole yet. No key has a name that begins with a dot."""
P = ParamSpec("P")
T = TypeVar("T")


class FolderStore:
    """`<folder>/<kind>/<name>`. The folder is made when it is first needed; several machines may share it."""

    def __init__(self, folder: Path, links: FileLinks) -> None:
        self._folder = folder
        self._links = links

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """Store a file; when this returns it survives a power cut."""
        path = self._path(key)
        draft = path.with_name(f"{DRAFT}.{secrets.token_hex(8)}")
        file = await _in_thread(key, _create, draft)
        try:
            total = 0
            async for chunk in chunks:
                total += len(chunk)
                await _in_thread(key, file.write, chunk)
            await _in_thread(key, _finish, file, path)
        except BaseException:
            # Waits for a thread that still writes: the file's own lock sees to it.
            await asyncio.shield(asyncio.to_thread(_discard, file))
            raise
        return total

    async def read(self, key: str, offset: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `offset` on, of the file that was there when the first piece was asked for."""
        file = await _in_thread(key, _open, self._path(key))
        try:
            await _in_thread(key, file.seek, offset)
            while piece := await _in_thread(key, file.read, PIECE):
                yield piece
        finally:
            file.close()

    async def size(self, key: str) -> int:
        """Bytes; raises FileMissing."""
        return (await _in_thread(key, self._path(key).stat)).st_size

    async def delete(self, key: str) -> None:
        """Remove the file, where there is one."""
        await _in_thread(key, self._path(key).unlink, missing_ok=True)

    async def link(self, key: str, name: str, media_type: str, lifetime: timedelta) -> str:
        """A URL of this site (`router`)."""
        return self._links.make(check_key(key), name, media_type, lifetime)

    async def written_before(self, kind: str, moment: datetime) -> AsyncIterator[str]:
        """Keys of a kind whose files were written before `moment`."""
        for name in await self._names(kind, moment):
            if not name.startswith("."):
                yield f"{kind}/{name}"

    async def discard_drafts(self, kind: str, moment: datetime) -> None:
        """Remove drafts that were begun before `moment`: whoever wrote them is gone."""
        for name in await self._names(kind, moment):
            if name.startswith(DRAFT):
                await _in_thread(kind, (self._folder / kind / name).unlink, missing_ok=True)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _names(self, kind: str, moment: datetime) -> list[str]:
        return await _in_thread(kind, _names_before, self._folder / check_kind(kind), moment.timestamp())

    def _path(self, key: str) -> Path:
        return self._folder / check_key(key)


async def _in_thread(key: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Wait for a thread that may wait for the disk; raises FileMissing and FilesUnavailable."""
    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except FileNotFoundError:
        raise FileMissing(key) from None
    except OSError as error:
        raise FilesUnavailable(f"The folder of files does not work: {error.strerror}.") from error


def _create(draft: Path) -> BinaryIO:
    draft.parent.mkdir(parents=True, exist_ok=True)
    return draft.open("xb")


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _finish(file: BinaryIO, path: Path) -> None:
    """The content first, then the name: a name never stands for half a file, whenever the power goes."""
    file.flush()
    os.fsync(file.fileno())
    file.close()
    os.replace(file.name, path)  # noqa: PTH105 - the draft's name is the file's own
    for folder in (path.parent, path.parent.parent):
        sync_folder(folder)


def _discard(file: BinaryIO) -> None:
    try:
        file.close()
    except OSError:
        # What was not written yet did not fit on the disk either. The handle is closed all the same.
        pass
    finally:
        Path(file.name).unlink(missing_ok=True)


def _names_before(folder: Path, moment: float) -> list[str]:
    """Names of files last written before a Unix time; of one that vanishes meanwhile, nothing."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    is_old = entry.stat().st_mtime < moment
                except FileNotFoundError:
                    continue
                if is_old and entry.is_file():
                    found.append(entry.name)
    except FileNotFoundError:
        return []
    return found
