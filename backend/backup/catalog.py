"""What is in BACKUP_DIR: base backups, and the write-ahead log by the timeline it was streamed on.

    base/20261123T031245.000000Z/data/, backup.json, keys.p7m, certificate.pem      wal/00000001/000000010000000000000003
    files/<kind>/<name>      files-gone/20261123/<kind>/<name>      system

A base backup is there when its folder has its name: it was verified and brought to the disk before it got it.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.backup.settings import BackupError

NAME = "%Y%m%dT%H%M%S.%fZ"
SEGMENT = re.compile(r"[0-9A-F]{24}")
PARTIAL = ".partial"


@dataclass(frozen=True)
class Base:
    """One base backup. `ended` is the earliest moment it can be restored to; LSNs are bytes."""

    name: str
    began: datetime
    ended: datetime
    system: str
    timeline: int
    start_lsn: int
    end_lsn: int
    segment_size: int
    bytes: int

    def segment(self, lsn: int) -> int:
        """Number of the segment that holds an LSN."""
        return lsn // self.segment_size

    def number(self, segment: str) -> int:
        """The same, of a segment's file name."""
        return int(segment[8:16], 16) * (2**32 // self.segment_size) + int(segment[16:24], 16)

    def file(self, number: int) -> str:
        """The file name of a segment of this backup's timeline."""
        high, low = divmod(number, 2**32 // self.segment_size)
        return f"{self.timeline:08X}{high:08X}{low:08X}"


class Catalog:
    """One BACKUP_DIR."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bases_folder = folder / "base"

    def wal_folder(self, timeline: int) -> Path:
        """Where the log of a timeline is streamed to."""
        return self.folder / "wal" / f"{timeline:08X}"

    def data(self, base: Base) -> Path:
        """The copy of the server's data folder."""
        return self.bases_folder / base.name / "data"

    def bases(self) -> list[Base]:
        """All base backups, oldest first. Raises BackupError about one that cannot be read."""
        found = []
        for path in sorted(self.bases_folder.glob("*/backup.json")):
            if not path.parent.name.startswith("."):
                found.append(_read(path))
        return sorted(found, key=lambda one: one.ended)

    def write(self, folder: Path, base: Base) -> None:
        """Describe a backup in its folder."""
        told = {**asdict(base), "began": base.began.isoformat(), "ended": base.ended.isoformat()}
        (folder / "backup.json").write_text(json.dumps(told, indent=2) + "\n")

    def claim(self, system: str) -> None:
        """This folder is of one cluster only. Raises BackupError where it is another's."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = self.folder / "system"
        if not owner.exists():
            owner.write_text(system + "\n")
        known = owner.read_text().strip()
        if known != system:
            raise BackupError(
                f"{self.folder} holds backups of database cluster {known}, and this is {system}: their logs must not "
                "mix. Name another BACKUP_DIR."
            )

    def newest_before(self, moment: datetime | None) -> Base:
        """The base backup to begin at for a moment (None: the end of the log). Raises BackupError."""
        bases = self.bases()
        if not bases:
            raise BackupError(f"There is no base backup in {self.folder}: `make backup` makes one.")
        fitting = [base for base in bases if moment is None or base.ended <= moment]
        if not fitting:
            raise BackupError(
                f"The first backup was whole at {bases[0].ended:%Y-%m-%dT%H:%M:%SZ}: nothing before that can be "
                "restored. Choose that second or a later one."
            )
        return fitting[-1]

    def segments(self, base: Base) -> dict[int, Path]:
        """Streamed segments of a backup's timeline, from the one it began in; the last may be partial."""
        found: dict[int, Path] = {}
        for path in sorted(self.wal_folder(base.timeline).glob(f"{base.timeline:08X}*")):
            name = path.name.removesuffix(PARTIAL)
            if not SEGMENT.fullmatch(name) or base.number(name) < base.segment(base.start_lsn):
                continue
            if path.suffix != PARTIAL or base.number(name) not in found:
                found[base.number(name)] = path
        return found

    def prune(self, keep_days: int, now: datetime) -> list[str]:
        """Remove what no second of the last `keep_days` needs; returns the names of removed base backups."""
        bases = self.bases()
        horizon = now - timedelta(days=keep_days)
        before = [base for base in bases if base.ended <= horizon]
        needed = [base for base in bases if base not in before[:-1]]
        for base in before[:-1]:
            shutil.rmtree(self.bases_folder / base.name)
        for draft in self.bases_folder.glob(".*"):
            shutil.rmtree(draft)
        for folder in self.folder.glob("wal/*"):
            self._prune_log(folder, [base for base in needed if base.timeline == int(folder.name, 16)])
        for gone in self.folder.glob("files-gone/*"):
            if gone.name < f"{horizon:%Y%m%d}":
                shutil.rmtree(gone)
        return [base.name for base in before[:-1]]

    @staticmethod
    def _prune_log(folder: Path, needed: list[Base]) -> None:
        if not needed:
            return  # it may belong to a backup that is being made
        oldest = min(needed, key=lambda base: base.start_lsn)
        for path in folder.iterdir():
            if SEGMENT.fullmatch(path.name) and path.name < oldest.file(oldest.segment(oldest.start_lsn)):
                path.unlink()


def _read(path: Path) -> Base:
    try:
        told = json.loads(path.read_text())
        began, ended = (datetime.fromisoformat(told[name]).astimezone(UTC) for name in ("began", "ended"))
        return Base(**{**told, "began": began, "ended": ended})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupError(f"{path} cannot be read ({error}): move its folder away.") from None
