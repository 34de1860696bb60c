"""Which files are kept: those that a row names. All others go, a day after they were written.

So who lets a file go takes the key out of the row and commits; the file follows, now or, after a crash in between, at
the next run. The other way round a row could name a file that is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.files.store import FileStore

log = structlog.get_logger(__name__)

GRACE = timedelta(days=1)
"""A file may be written before the row that names it is committed."""
BATCH = 500


@dataclass(frozen=True)
class Kind:
    """Files `<name>/…`. `needed` selects those of `:keys` that a row names."""

    name: str
    needed: str


KINDS: tuple[Kind, ...] = (
    Kind(
        "avatars",
        """SELECT k.key FROM unnest(CAST(:keys AS text[])) AS k(key)
        JOIN app."user" u ON k.key = 'avatars/' || u.avatar_key || '.webp'""",
    ),
    # An import lets its file go when it ends.
    Kind(
        "imports",
        """SELECT k.key FROM unnest(CAST(:keys AS text[])) AS k(key)
        JOIN app.contest_import i ON i.file_key = k.key""",
    ),
    Kind(
        "exports",
        """SELECT k.key FROM unnest(CAST(:keys AS text[])) AS k(key)
        JOIN app.data_export e ON e.file_key = k.key""",
    ),
)
"""Of other kinds nothing is ever deleted."""


async def discard(files: FileStore, engine: AsyncEngine, kind: Kind) -> int:
    """Delete what nobody needs of a kind; how many files. May be stopped anywhere and run again."""
    long_ago = datetime.now(UTC) - GRACE
    await files.discard_drafts(kind.name, long_ago)
    deleted, keys = 0, []
    async for key in files.written_before(kind.name, long_ago):
        keys.append(key)
        if len(keys) == BATCH:
            deleted += await _discard_unneeded(files, engine, kind, keys)
            keys = []
    deleted += await _discard_unneeded(files, engine, kind, keys)
    if deleted:
        log.info("files_discarded", kind=kind.name, files=deleted)
    return deleted


async def _discard_unneeded(files: FileStore, engine: AsyncEngine, kind: Kind, keys: list[str]) -> int:
    if not keys:
        return 0
    async with engine.connect() as db:
        needed = set(await db.scalars(text(kind.needed), {"keys": keys}))
    unneeded = [key for key in keys if key not in needed]
    for key in unneeded:
        await files.delete(key)
    return len(unneeded)
