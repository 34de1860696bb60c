"""The folder of files: nothing half written under a name, nothing left behind."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.files.folder import DRAFT, FolderStore
from backend.files.store import FilesUnavailable, read_whole, write_whole
from tests.backend.files.conftest import LINKS
from tests.support.processes import Process

KEY = "imports/0b5b"


async def test_write__source_breaks_off__no_draft_is_left(folder: FolderStore, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await folder.write(KEY, broken())
    assert list((tmp_path / "files" / "imports").iterdir()) == []


@pytest.mark.parametrize("moment", ["mid", "synced"])
async def test_write__killed__the_old_file_stays_and_the_next_write_is_whole(
    tmp_path: Path, moment: str
) -> None:
    store = FolderStore(tmp_path, LINKS)
    await write_whole(store, KEY, b"old")
    command = [sys.executable, "-m", "tests.backend.files.dying_writer", str(tmp_path), KEY, moment]
    with Process(command) as victim:
        assert victim.wait() == -9, victim.text
    assert await read_whole(store, KEY) == b"old"
    left = [one.name for one in (tmp_path / "imports").iterdir() if one.name != "0b5b"]
    assert len(left) == 1
    assert left[0].startswith(DRAFT)
    await write_whole(store, KEY, b"new")
    assert await read_whole(store, KEY) == b"new"
    await store.discard_drafts("imports", datetime.now(UTC) - timedelta(hours=1))
    assert len(list((tmp_path / "imports").iterdir())) == 2, "somebody may still be writing it"
    await store.discard_drafts("imports", datetime.now(UTC) + timedelta(hours=1))
    assert [one.name for one in (tmp_path / "imports").iterdir()] == ["0b5b"]
    assert await read_whole(store, KEY) == b"new"


async def test_file__of_before_there_was_a_store__is_found(tmp_path: Path) -> None:
    (tmp_path / "avatars").mkdir()
    (tmp_path / "avatars" / "0123456789abcdef0123456789abcdef.webp").write_bytes(b"picture")
    assert await read_whole(
        FolderStore(tmp_path, LINKS), "avatars/0123456789abcdef0123456789abcdef.webp"
    ) == (b"picture")


async def test_folder__cannot_be_written__says_so_as_a_503(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("no folder")
    with pytest.raises(FilesUnavailable, match="Not a directory"):
        await write_whole(FolderStore(tmp_path / "files", LINKS), KEY, b"x")


async def test_disk__full_at_the_end__no_file_and_no_draft(
    folder: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FilesUnavailable, match="No space left"):
        await write_whole(folder, KEY, b"x")
    assert list((tmp_path / "files" / "imports").iterdir()) == []
