"""Files of avatars: under a name nobody can guess, never changed afterwards."""

from __future__ import annotations

import asyncio
import secrets

from backend.files.store import FileStore, write_whole
from backend.users.avatar import make_avatar

_AT_ONCE = asyncio.Semaphore(2)
"""A picture of 25 million pixels takes 100 MB while it is read."""


def avatar_file(key: str) -> str:
    """The picture's key in the file store."""
    return f"avatars/{key}.webp"


async def keep_avatar(files: FileStore, data: bytes) -> str:
    """Make the picture anew and return its key; raises AvatarUnusable."""
    async with _AT_ONCE:
        picture = await asyncio.to_thread(make_avatar, data)
    key = secrets.token_hex(16)
    await write_whole(files, avatar_file(key), picture)
    return key


async def remove_avatar(files: FileStore, key: str) -> None:
    """Delete the file, where it is still there."""
    await files.delete(avatar_file(key))
