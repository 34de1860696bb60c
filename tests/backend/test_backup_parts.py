"""Parts of backups and recoveries that need no database: what is kept, what is refused, which intent was sent."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from backend.backup import follow
from backend.backup.catalog import Base, Catalog
from backend.backup.command import read_time
from backend.backup.files import copy_new, put_back
from backend.backup.settings import BackupError, BackupSettings
from backend.backup.verify import verify
from backend.recovery.found import Found
from backend.recovery.matching import match
from backend.sender.model import Fees, OpenIntent, PlannedCall, SignedAttempt
from tests.support.waiting import wait_until

SEGMENT = 2**24
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def base(days: int, segment: int, timeline: int = 1) -> Base:
    ended = NOW - timedelta(days=days)
    lsn = segment * SEGMENT + 40
    return Base(f"b{99 - days:02}", ended, ended, "7", timeline, lsn, lsn + 100, SEGMENT, 5)


def catalog(folder: Path, *bases: Base) -> Catalog:
    made = Catalog(folder)
    for one in bases:
        (made.bases_folder / one.name).mkdir(parents=True)
        made.write(made.bases_folder / one.name, one)
    return made


def test_prune__every_second_of_the_days_kept_stays_reachable(tmp_path: Path) -> None:
    old, older, young = base(20, 3), base(30, 1), base(2, 600)
    made = catalog(tmp_path, old, older, young)
    log = made.wal_folder(1)
    log.mkdir(parents=True)
    for number in (1, 2, 3, 4, 255, 256, 600):
        (log / old.file(number)).touch()
    (log / f"{old.file(601)}.partial").touch()
    assert made.prune(14, NOW) == [older.name]
    assert [one.name for one in made.bases()] == [old.name, young.name]  # 14 days ago is reached from `old`
    numbers = sorted(old.number(path.name.removesuffix(".partial")) for path in log.iterdir())
    assert numbers == [3, 4, 255, 256, 600, 601]
    assert old.file(256) == "000000010000000100000000"
    assert made.newest_before(NOW - timedelta(days=14)).name == old.name
    with pytest.raises(BackupError, match="nothing before that"):
        made.newest_before(NOW - timedelta(days=25))


def test_backups_of_another_cluster__do_not_mix(tmp_path: Path) -> None:
    made = Catalog(tmp_path / "backups")
    made.claim("7001")
    made.claim("7001")
    with pytest.raises(BackupError, match="database cluster 7001, and this is 7002"):
        made.claim("7002")


@pytest.mark.parametrize(
    "text", ["2026-11-23T03:12:45", "2026-11-23", "yesterday", "", "2999-01-01T00:00:00Z"]
)
def test_time__without_offset_or_in_the_future__is_refused(text: str) -> None:
    with pytest.raises(BackupError, match="AT="):
        read_time(text)


def test_time__in_any_zone() -> None:
    assert read_time("2026-11-23T04:12:45+01:00") == datetime(2026, 11, 23, 3, 12, 45, tzinfo=UTC)
    assert read_time("latest") is None


def test_base_backup__a_changed_bit_or_a_missing_file__is_found(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"first")
    entry = {"Path": "one", "Size": 5, "Checksum": hashlib.sha256(b"first").hexdigest()}
    head = f'{{ "Files": [{json.dumps(entry)}], "WAL-Ranges": [],\n'
    whole = f'{head}"Manifest-Checksum": "{hashlib.sha256(head.encode()).hexdigest()}"}}\n'
    (tmp_path / "backup_manifest").write_text(whole)
    settings = BackupSettings(backup_dir=tmp_path)
    assert verify(settings, tmp_path)["Files"] == [entry]
    (tmp_path / "one").write_bytes(b"firsT")
    with pytest.raises(BackupError, match="one is damaged"):
        verify(settings, tmp_path)
    (tmp_path / "one").unlink()
    with pytest.raises(BackupError, match="lacks"):
        verify(settings, tmp_path)
    (tmp_path / "backup_manifest").write_text(whole.replace('"Size": 5', '"Size": 6'))
    with pytest.raises(BackupError, match="was changed"):
        verify(settings, tmp_path)


def test_files__gone_ones_stay_a_while_and_come_back(tmp_path: Path) -> None:
    source, folder = tmp_path / "files", tmp_path / "backups"
    (source / "lists").mkdir(parents=True)
    (source / "lists" / "a").write_text("one")
    (source / "lists" / ".draft.b").write_text("half")
    assert copy_new(source, folder, NOW) == 3
    assert copy_new(source, folder, NOW) == 0
    (source / "lists" / "a").write_text("other")
    assert copy_new(source, folder, NOW) == 5
    (source / "lists" / "a").unlink()
    copy_new(source, folder, NOW)
    assert put_back(folder, source) == 1
    assert (source / "lists" / "a").read_text() == "other"
    assert put_back(folder, source) == 0


def test_follow__a_database_that_is_away__is_asked_again_until_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Streaming:
        """A stream that waits for the server, as pg_receivewal does."""

        runs, folder = True, tmp_path

    monkeypatch.setattr(follow, "RETRY", 0.01)
    nowhere = BackupSettings(backup_dir=tmp_path, backup_url="postgresql://backup@127.0.0.1:1/postgres")
    stop = threading.Event()
    with capture_logs() as told:
        working = threading.Thread(target=follow._work, args=(nowhere, Streaming(), stop))
        working.start()
        wait_until(lambda: [one["event"] for one in told].count("backup_failed") > 1, what="another attempt")
        stop.set()
        working.join()


def call(to: int, value: int = 1) -> PlannedCall:
    return PlannedCall(f"0x{to:040x}", value, "0x")


def found(nonce: int, made: PlannedCall) -> Found:
    return Found(nonce, made, 21_000, SignedAttempt(bytes([nonce]) * 32, b"", Fees(1, 1)))


def intent(*calls: PlannedCall) -> OpenIntent:
    return OpenIntent(uuid4(), uuid4(), calls)


def test_match__oldest_intent_first_and_groups_whole() -> None:
    first, twin, group, other = intent(call(1)), intent(call(1)), intent(call(2), call(3)), intent(call(4))
    on_chain = [found(5, call(2)), found(6, call(3)), found(7, call(1)), found(8, call(9)), found(9, call(2))]
    matches = match(on_chain, [first, twin, group, other])
    assert [(one.intent, [tx.nonce for tx in one.found]) for one in matches] == [
        (group, [5, 6]),
        (first, [7]),
        (None, [8]),
        (None, [9]),
    ]
