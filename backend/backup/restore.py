"""A server's data folder as it was at a chosen moment, made from a base backup and the log after it.

The recovery runs here, on a socket that nobody else knows, and ends with every wallet frozen: whoever starts the
restored server cannot send what was sent after that moment once more (`backend.recovery` finds out what was).
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import structlog

from backend.backup.catalog import PARTIAL, Base, Catalog
from backend.backup.settings import BackupError, BackupSettings
from backend.backup.take import lsn
from backend.backup.tools import last_words, run
from backend.backup.verify import verify
from backend.recovery.freezing import freeze_everything

log = structlog.get_logger(__name__)
_LAST_CHANGE = re.compile(r"last completed transaction was at log time ([-0-9]+ [0-9:.]+)")
_END = re.compile(r"redo done at ([0-9A-F]+/[0-9A-F]+)")
_TOO_SHORT = "recovery ended before configured recovery target was reached"
LOG_NAME = "tombola-restore.log"
PAUSE = 0.1


@dataclass(frozen=True)
class Restored:
    """Which backup it was made from, the last change that is in it, and how many wallets wait for `recover`."""

    base: Base
    moment: datetime
    wallets: int


def restore(settings: BackupSettings, at: datetime | None, target: Path, superuser: str) -> Restored:
    """Make `target`, which must be empty or not there, the data folder of a moment (None: the end of the log).

    Raises BackupError; what was made of the folder is removed then.
    """
    catalog = Catalog(settings.backup_dir)
    base = catalog.newest_before(at)
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty: stop its server and move it away, or name another folder.")
    was_there = target.exists()
    verify(settings, catalog.data(base))
    try:
        gap = _copy(catalog, base, at, target)
        return _recover(settings, base, at, target, superuser, gap)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        if was_there:
            target.mkdir(mode=0o700)
        raise


def _copy(catalog: Catalog, base: Base, at: datetime | None, target: Path) -> str | None:
    """Copy the backup and the log that follows it without a gap; returns the first segment that is missing."""
    shutil.copytree(catalog.data(base), target, dirs_exist_ok=True, symlinks=True)
    target.chmod(0o700)
    for history in catalog.folder.glob("wal/*/*.history"):
        shutil.copy2(history, target / "pg_wal" / history.name)
    streamed, number = catalog.segments(base), base.segment(base.end_lsn)
    for before in range(base.segment(base.start_lsn), number):
        if before in streamed:
            _put_segment(streamed[before], target / "pg_wal" / base.file(before))
    while number in streamed:
        _put_segment(streamed[number], target / "pg_wal" / base.file(number))
        number += 1
    gap = base.file(number) if any(later > number for later in streamed) else None
    if gap is not None and at is None:
        raise BackupError(f"{_missing(gap)} Choose a moment before it with AT=…")
    return gap


def _put_segment(source: Path, target: Path) -> None:
    """A partial segment ends in zeros, as does the last one of a base backup: the longer one counts."""
    if source.suffix == PARTIAL and target.exists() and _written(target) >= _written(source):
        return
    shutil.copy2(source, target)


def _written(path: Path) -> int:
    return len(path.read_bytes().rstrip(b"\0"))


def _missing(segment: str) -> str:
    return f"The log in the backup lacks segment {segment}, so nothing after it can be restored."


def _recover(
    settings: BackupSettings, base: Base, at: datetime | None, target: Path, superuser: str, gap: str | None
) -> Restored:
    user = settings.pg_user if os.geteuid() == 0 else None
    (target / "recovery.signal").touch(mode=0o600)
    with tempfile.TemporaryDirectory(prefix="tombola-restore-") as made:
        room = Path(made)
        (room / "hba.conf").write_text("local all all trust\n")
        if user is not None:
            _give_to(user, target)
            _give_to(user, room)
        try:
            _start_recovery(settings, at, target, room, user)
        except BackupError as error:
            raise _explained(str(error), _log(target), at, gap) from None
        try:
            if not _recovers(target, room, superuser):
                raise _explained("The recovery ended early.", _log(target), at, gap)
            moment = _moment(_log(target), base)
            _require_whole(base, _log(target), target, at)
            wallets = sum(freeze_everything(db, moment) for db in _databases(room, superuser))
        finally:
            if (target / "postmaster.pid").exists():
                run(settings, "pg_ctl", "-w", "-m", "fast", "-D", str(target), "stop", user=user, cwd=room)
    (target / LOG_NAME).unlink()
    (target / "postmaster.opts").unlink(missing_ok=True)  # how it ran here is how nobody else should run it
    log.info("restored", base=base.name, moment=moment.isoformat(), wallets=wallets)
    return Restored(base, moment, wallets)


def _start_recovery(
    settings: BackupSettings, at: datetime | None, target: Path, room: Path, user: str | None
) -> None:
    options = {
        "restore_command": "false",  # all there is was copied to pg_wal
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        **({} if at is None else {"recovery_target_time": f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"}),
        "hot_standby": "off",
        "archive_mode": "off",
        "listen_addresses": "",
        "unix_socket_directories": str(room),
        "hba_file": str(room / "hba.conf"),
        "ssl": "off",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_min_messages": "log",
        "log_timezone": "UTC",
    }
    given = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
    run(
        settings,
        "pg_ctl",
        *("-w", "-t", "86400", "-D", str(target), "-l", str(target / LOG_NAME), "-o", given, "start"),
        user=user,
        cwd=room,
    )


def _recovers(target: Path, room: Path, superuser: str) -> bool:
    """Wait for the end of the recovery: True when connections are taken, False when the server has gone.

    pg_ctl waits for its beginning only.
    """
    while (target / "postmaster.pid").exists():
        try:
            with _connected(room, superuser, "postgres"):
                return True
        except psycopg.OperationalError:
            time.sleep(PAUSE)
    return False


def _explained(error: str, told: str, at: datetime | None, gap: str | None) -> BackupError:
    if at is None or _TOO_SHORT not in told:
        return BackupError(f"{error} Its log ends: {last_words(told, 6)}")
    last = _LAST_CHANGE.search(told)
    until = (
        f"The last change in the backup's log was at {last[1]} UTC"
        if last
        else "The log has no change at all"
    )
    missing = f" {_missing(gap)}" if gap else ""
    return BackupError(
        f"{until}, so it does not say what was at {at:%Y-%m-%dT%H:%M:%SZ}.{missing} "
        "AT=latest restores all there is."
    )


def _moment(told: str, base: Base) -> datetime:
    """When the last change that was restored was committed; the backup's end, where nothing was changed since."""
    last = _LAST_CHANGE.search(told)
    return base.ended if last is None else datetime.fromisoformat(last[1]).replace(tzinfo=UTC)


def _require_whole(base: Base, told: str, target: Path, at: datetime | None) -> None:
    """Recovery takes a damaged record for the end of the log: refuse to call that all there is."""
    end = _END.search(told)
    if at is not None or end is None:
        return
    of_timeline = f"{base.timeline:08X}"
    numbers = [
        base.number(path.name)
        for path in (target / "pg_wal").iterdir()
        if path.name.startswith(of_timeline) and len(path.name) == 24
    ]
    reached = base.segment(lsn(end[1]))
    if numbers and reached < max(numbers) - 1:
        raise BackupError(
            f"Segment {base.file(reached)} of the log is damaged at {end[1]}: what follows it cannot be restored. "
            "Choose a moment before it with AT=…"
        )


def _log(target: Path) -> str:
    path = target / LOG_NAME
    return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def _connected(room: Path, superuser: str, database: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(
        host=str(room), user=superuser, dbname=database, application_name="tombola restore"
    ) as db:
        yield db


def _databases(room: Path, superuser: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection to each database that is one of Tombola's, committed after its turn."""
    with _connected(room, superuser, "postgres") as db:
        names = [str(row[0]) for row in db.execute("SELECT datname FROM pg_database WHERE datallowconn")]
    for name in names:
        with _connected(room, superuser, name) as db:
            if db.execute("SELECT to_regclass('app.freeze')").fetchone() != (None,):
                yield db


def _give_to(user: str, folder: Path) -> None:
    """Make a folder and all below the property of who runs PostgreSQL."""
    account = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
