"""FILES_DIR: what is new or was written again is copied, and a copy is kept a while after its file is gone."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from backend.disk import sync_folder

DRAFT = ".draft"


def copy_new(source: Path, folder: Path, now: datetime) -> int:
    """Bring `<folder>/files` up to date; what is gone at the source moves to `files-gone/<day>`. Bytes copied."""
    there, copied = folder / "files", 0
    names = {path.relative_to(source) for path in source.rglob("*") if _is_whole(path)}
    known = {path.relative_to(there) for path in there.rglob("*") if _is_whole(path)}
    for name in sorted(names):
        try:
            if name in known and _is_same(source / name, there / name):
                continue
            copied += _copy(source / name, there / name)
        except FileNotFoundError:  # deleted meanwhile
            continue
    for name in known - names:
        left = folder / "files-gone" / f"{now:%Y%m%d}" / name
        left.parent.mkdir(parents=True, exist_ok=True)
        (there / name).replace(left)
    return copied


def put_back(folder: Path, into: Path) -> int:
    """Copy every file a backup has, also what went since, to where it is not yet; how many."""
    count = 0
    for there in (folder / "files", *sorted(folder.glob("files-gone/*"))):
        for path in there.rglob("*"):
            if _is_whole(path) and not (into / path.relative_to(there)).exists():
                _copy(path, into / path.relative_to(there))
                count += 1
    return count


def _is_whole(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(DRAFT)


def _is_same(one: Path, other: Path) -> bool:
    mine, theirs = one.stat(), other.stat()
    return (mine.st_size, mine.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def _copy(source: Path, target: Path) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{DRAFT}.{target.name}")
    shutil.copy2(source, draft)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(target.parent)
    return target.stat().st_size
