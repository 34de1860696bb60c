"""`python -m backend backup [--follow]` and `restore --at TIME --to FOLDER`."""

from __future__ import annotations

import re
import time
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from backend import logs
from backend.backup import files, keys
from backend.backup.catalog import Catalog
from backend.backup.follow import follow
from backend.backup.restore import restore
from backend.backup.settings import BackupError, load_backup_settings
from backend.backup.take import take
from backend.disk import size

LATEST = "latest"


def backup(given: Namespace) -> int:
    """One base backup, or one now and then with all that happens in between."""
    settings = load_backup_settings()
    logs.configure("backup", "info")
    if given.follow:
        follow(settings)
        return 0
    began = time.monotonic()
    base = take(settings)
    print(f"Base backup {base.name}: {_megabytes(base.bytes)} in {time.monotonic() - began:.1f} s.")
    return 0


def restore_command(given: Namespace) -> int:
    """Restore the database, and where asked for files and keys."""
    settings = load_backup_settings()
    logs.configure("restore", "info")
    at, target = read_time(given.at), Path(given.to).resolve()
    began = time.monotonic()
    if given.key is not None and given.keys_to is None:
        raise BackupError("--key needs --keys-to: the folder that the opened key files are written to.")
    if given.key is not None:
        catalog = Catalog(settings.backup_dir)
        sealed = catalog.bases_folder / catalog.newest_before(at).name
        password = None if given.key_password is None else Path(given.key_password).read_bytes().strip()
        for path in keys.unseal(sealed, Path(given.key), password, Path(given.keys_to)):
            print(f"{path} is what {path.name.upper()} named: put it back there before anything starts.")
    done = restore(settings, at, target, given.superuser)
    took = time.monotonic() - began
    print(
        f"{target} is the database as of {done.moment:%Y-%m-%dT%H:%M:%S.%f}Z, from base backup {done.base.name}: "
        f"{_megabytes(size(target))} in {took:.1f} s."
    )
    if given.files_to is not None:
        count = files.put_back(settings.backup_dir, Path(given.files_to))
        print(f"{count} files put back to {given.files_to}.")
    print(
        f"{done.wallets} wallets are frozen: start the server and the listener, then `python -m backend recover`, "
        "which finds out what they sent since. Make a new base backup."
    )
    return 0


def read_time(text: str) -> datetime | None:
    """A moment with its offset from UTC, for example 2026-11-23T03:12:45Z; None for `latest`. Raises BackupError."""
    if text == LATEST:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", text):
        raise BackupError(
            f"AT={text!r} is no moment: write it as 2026-11-23T03:12:45Z, or `latest` for all there is."
        )
    if found > datetime.now(UTC):
        raise BackupError(f"AT={text} is in the future.")
    return found.astimezone(UTC)


def _megabytes(count: int) -> str:
    return f"{count / 10**6:.1f} MB"
