"""Is a base backup what the server sent? Every file by its SHA-256 in the manifest, and the log by its own checksums.

The manifest's form: https://www.postgresql.org/docs/18/backup-manifest-format.html. pg_verifybackup would say the same;
it is asked for nothing here because not every build of the tools that we run on has one that starts.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from backend.backup.settings import BackupError, BackupSettings
from backend.backup.tools import run

MANIFEST = "backup_manifest"
_PIECE = 2**20


def verify(settings: BackupSettings, data: Path) -> dict[str, Any]:
    """Read all of it; returns the manifest. Raises BackupError about the first thing that is wrong."""
    manifest = _read(data / MANIFEST)
    for entry in manifest["Files"]:
        name = entry["Path"] if "Path" in entry else bytes.fromhex(entry["Encoded-Path"]).decode()
        _check(data / name, int(entry["Size"]), str(entry["Checksum"]))
    for span in manifest["WAL-Ranges"]:
        run(
            settings,
            "pg_waldump",
            "--quiet",
            f"--path={data / 'pg_wal'}",
            f"--timeline={span['Timeline']}",
            f"--start={span['Start-LSN']}",
            f"--end={span['End-LSN']}",
        )
    return manifest


def _read(path: Path) -> dict[str, Any]:
    """The manifest, which ends with a line that holds the SHA-256 of all before it."""
    try:
        told = path.read_bytes()
        manifest: dict[str, Any] = json.loads(told)
        before = told[: told.rindex(b'"Manifest-Checksum"')]
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read: {error}.") from None
    if hashlib.sha256(before).hexdigest() != manifest["Manifest-Checksum"]:
        raise BackupError(f"{path} was changed: its checksum is another.")
    return manifest


def _check(path: Path, size: int, checksum: str) -> None:
    digest, length = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                length += len(piece)
    except OSError as error:
        raise BackupError(f"The base backup lacks {path}: {error.strerror}.") from None
    if length != size or digest.hexdigest() != checksum:
        raise BackupError(
            f"{path} is damaged: {length} bytes of {size}, or another checksum than the manifest's."
        )
