"""Which files are deleted: those no row names, and never one a row still needs."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db import make_engine
from backend.files import retention
from backend.files.folder import FolderStore
from backend.files.retention import BATCH, KINDS, discard
from backend.files.store import FileMissing, read_whole, write_whole
from backend.jobs.process import TASKS
from backend.jobs.schedule import SCHEDULE
from tools.run.postgres import DatabaseUris

AVATARS = next(kind for kind in KINDS if kind.name == "avatars")
DAY = 86_400


@pytest.fixture
async def engine(database: DatabaseUris) -> AsyncIterator[AsyncEngine]:
    made = make_engine(database.backend, pool=2)
    yield made
    await made.dispose()


async def kept(files: FolderStore, folder: Path, key: str, days_old: float = 2) -> str:
    """A file of some days ago."""
    await write_whole(files, key, b"x")
    then = time.time() - days_old * DAY
    os.utime(folder / key, (then, then))
    return key


async def there(files: FolderStore, key: str) -> bool:
    try:
        return await read_whole(files, key) == b"x"
    except FileMissing:
        return False


async def run(engine: AsyncEngine, statement: str, **values: Any) -> None:
    async with engine.begin() as db:
        await db.execute(text(statement), values)


async def user(engine: AsyncEngine, avatar: str | None) -> None:
    await run(
        engine,
        'INSERT INTO app."user" (id, email, password_hash, avatar_key)'
        " VALUES (gen_random_uuid(), gen_random_uuid() || '@example.org', '-', :key)",
        key=avatar,
    )


async def test_avatars__of_nobody_go__of_somebody_stay(
    engine: AsyncEngine, folder: FolderStore, tmp_path: Path
) -> None:
    used, unused, fresh = "a" * 32, "b" * 32, "c" * 32
    for name, days in ((used, 400), (unused, 2), (fresh, 0.9)):
        await kept(folder, tmp_path / "files", f"avatars/{name}.webp", days)
    await kept(folder, tmp_path / "files", "others/file")
    await user(engine, used)
    await user(engine, None)
    assert await discard(folder, engine, AVATARS) == 1
    assert await discard(folder, engine, AVATARS) == 0
    assert await there(folder, f"avatars/{used}.webp")
    assert not await there(folder, f"avatars/{unused}.webp")
    assert await there(folder, f"avatars/{fresh}.webp"), "its row may be about to be committed"
    assert await there(folder, "others/file"), "what we do not know is not ours to delete"


async def test_more_than_a_batch__all_of_them(
    engine: AsyncEngine, folder: FolderStore, tmp_path: Path
) -> None:
    (tmp_path / "files" / "avatars").mkdir(parents=True)
    then = time.time() - 2 * DAY
    for number in range(BATCH + 7):
        file = tmp_path / "files" / "avatars" / f"{number:032}.webp"
        file.write_bytes(b"x")
        os.utime(file, (then, then))
    await user(engine, f"{BATCH:032}")
    assert await discard(folder, engine, AVATARS) == BATCH + 6
    assert await there(folder, f"avatars/{BATCH:032}.webp")


async def test_row__written_while_the_job_looks__its_file_stays(
    engine: AsyncEngine, folder: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file comes first, its row later: however late within a day, nothing is lost."""
    key = await kept(folder, tmp_path / "files", f"avatars/{'a' * 32}.webp", 0.99)
    assert await discard(folder, engine, AVATARS) == 0
    await user(engine, "a" * 32)
    monkeypatch.setattr(retention, "GRACE", timedelta(0))
    assert await discard(folder, engine, AVATARS) == 0
    assert await there(folder, key)


def test_job__registered_and_daily() -> None:
    assert "backend.files.tasks" in TASKS
    assert [entry.every for entry in SCHEDULE if entry.task == "discard_files"] == [DAY]
