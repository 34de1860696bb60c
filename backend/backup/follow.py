"""`backup --follow`: the write-ahead log as it is written, and a base backup now and then, until asked to stop.

pg_receivewal streams each change within moments, brings it to the disk, and names a segment only when it is whole.
Its replication slot makes the server keep what was not streamed yet, so a pause leaves no gap.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

import structlog

from backend.backup.catalog import Catalog
from backend.backup.settings import BackupError, BackupSettings
from backend.backup.take import ask_server, copy_files, take
from backend.backup.tools import connection, run, tool

log = structlog.get_logger(__name__)
RETRY = 5.0
TURN = 60.0
END_SECONDS = 20.0


def follow(settings: BackupSettings) -> None:
    """Run until SIGTERM or SIGINT. Raises BackupError where it cannot begin; what breaks later is tried again."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    stream = Stream(settings)
    stream.start()
    try:
        _work(settings, stream, stop)
    finally:
        stream.end()
    log.info("backup_stopped")


def _work(settings: BackupSettings, stream: Stream, stop: threading.Event) -> None:
    log.info("following", wal=str(stream.folder))
    while not stop.is_set():
        if not stream.runs:
            log.error("wal_stream_ended", next=f"trying again in {RETRY:g} s")
            stop.wait(RETRY)
            _attempt("wal_stream_ended", stream.start)
        elif _attempt("backup_failed", lambda: _turn(settings)):
            _wait(stream, stop, TURN)
        else:
            stop.wait(RETRY)


def _attempt(event: str, work: Callable[[], object]) -> bool:
    try:
        work()
    except (BackupError, OSError) as error:
        log.error(event, error=str(error), next=f"trying again in {RETRY:g} s")
        return False
    return True


def _turn(settings: BackupSettings) -> None:
    """What is due: a base backup, which has the files too, or new files."""
    catalog = Catalog(settings.backup_dir)
    if _is_due(settings, catalog):
        take(settings)
    else:
        copy_files(settings, catalog)


def _is_due(settings: BackupSettings, catalog: Catalog) -> bool:
    """Whether it is time for a base backup: also where this timeline has none, so that its log is of use."""
    timeline = ask_server(settings).timeline
    made = [base.ended for base in catalog.bases() if base.timeline == timeline]
    return not made or datetime.now(UTC) - made[-1] >= timedelta(hours=settings.backup_every_hours)


def _wait(stream: Stream, stop: threading.Event, seconds: float) -> None:
    """Until then, or until the stream or the whole has ended."""
    until = time.monotonic() + seconds
    while stream.runs and time.monotonic() < until and not stop.wait(0.5):
        pass


class Stream:
    """pg_receivewal as a child process."""

    def __init__(self, settings: BackupSettings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None
        server = ask_server(settings)
        catalog = Catalog(settings.backup_dir)
        catalog.claim(server.system)
        self.folder = catalog.wal_folder(server.timeline)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def runs(self) -> bool:
        """Whether the child lives; it goes on by itself when the server was away."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Make the slot where there is none, and stream. Raises BackupError."""
        arguments, secret = connection(self._settings)
        slot = f"--slot={self._settings.backup_slot}"
        run(
            self._settings,
            "pg_receivewal",
            *(*arguments, slot, "--create-slot", "--if-not-exists"),
            secret=secret,
        )
        command = [tool(self._settings, "pg_receivewal"), *arguments, slot]
        command += ["--synchronous", f"--directory={self.folder}"]
        self._child = subprocess.Popen(command, env={**os.environ, **secret}, stdin=subprocess.DEVNULL)

    def end(self) -> None:
        """Ask the child to end; what it has received is on the disk."""
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
