"""Files of avatars: written whole under a name nobody can guess, never changed afterwards."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

from backend.settings import Settings
from backend.users.avatar import make_avatar

_AT_ONCE = asyncio.Semaphore(2)
"""A picture of 25 million pixels takes 100 MB while it is read."""


def avatar_file(settings: Settings, key: str) -> Path:
    """Where the picture with this key is."""
    return settings.files_dir / "avatars" / f"{key}.webp"


async def keep_avatar(settings: Settings, data: bytes) -> str:
    """Write the picture anew and return its key; raises AvatarUnusable."""
    async with _AT_ONCE:
        picture = await asyncio.to_thread(make_avatar, data)
    key = secrets.token_hex(16)
    await asyncio.to_thread(_write, avatar_file(settings, key), picture)
    return key


def remove_avatar(settings: Settings, key: str) -> None:
    """Delete the file, where it is still there."""
    avatar_file(settings, key).unlink(missing_ok=True)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_bytes(data)
    draft.replace(file)
