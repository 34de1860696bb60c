"""PostgreSQL's own tools, of the server's major version: found, run, and their complaint as one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from backend.backup.settings import BackupError, BackupSettings


def tool(settings: BackupSettings, name: str) -> str:
    """The path of a tool; raises BackupError where there is none."""
    found = shutil.which(name, path=None if settings.pg_bin is None else str(settings.pg_bin))
    if found is None:
        where = "on PATH" if settings.pg_bin is None else f"in PG_BIN {str(settings.pg_bin)!r}"
        raise BackupError(f"There is no {name} {where}: install PostgreSQL's tools, or set PG_BIN.")
    return found


def run(
    settings: BackupSettings,
    name: str,
    *arguments: str,
    user: str | None = None,
    cwd: Path | None = None,
    secret: Mapping[str, str] | None = None,
) -> str:
    """Run a tool to its end and return what it wrote; `secret` goes into its environment, where nobody else looks.

    Raises BackupError with the tool's last words.
    """
    done = subprocess.run(
        [tool(settings, name), *arguments],
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        cwd=cwd,
        env={**os.environ, **(secret or {}), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{name} failed: {last_words(done.stdout)}")
    return done.stdout


def last_words(text: str, lines: int = 3) -> str:
    """The end of what a tool wrote, on one line."""
    return " ".join(" ".join(text.strip().splitlines()[-lines:]).split()) or "it said nothing"


def connection(settings: BackupSettings) -> tuple[Sequence[str], dict[str, str]]:
    """Arguments and environment that make a tool connect: the password is in no list of processes.

    Raises BackupError where BACKUP_URL is missing or no URI.
    """
    if not settings.backup_url:
        raise BackupError("BACKUP_URL is missing: a libpq URI of a role with REPLICATION.")
    try:
        parts = psycopg.conninfo.conninfo_to_dict(settings.backup_url)
    except psycopg.Error as error:
        raise BackupError(f"BACKUP_URL is no libpq URI: {' '.join(str(error).split())}.") from None
    password = parts.pop("password", None)
    parts.pop("dbname", None)  # a replication connection has none
    plain = {name: str(value) for name, value in parts.items() if value is not None}
    return (
        ["--no-password", f"--dbname={psycopg.conninfo.make_conninfo('', **plain)}"],
        {} if password is None else {"PGPASSWORD": str(password)},
    )
