"""One base backup: copied, verified, brought to the disk, named, the old ones pruned, the metrics told."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import structlog

from backend.backup import files, keys
from backend.backup.catalog import NAME, Base, Catalog
from backend.backup.settings import BackupError, BackupSettings
from backend.backup.tools import connection, run
from backend.backup.verify import verify
from backend.disk import size, sync_file, sync_folder

log = structlog.get_logger(__name__)


class Server(NamedTuple):
    """The cluster's own id, the timeline it is on, bytes of a segment, and its clock."""

    system: str
    timeline: int
    segment_size: int
    now: datetime


def ask_server(settings: BackupSettings) -> Server:
    """What the server says about itself. Raises BackupError where it cannot be asked."""
    connection(settings)  # says what is wrong with the URI
    query = """
        SELECT (SELECT system_identifier FROM pg_control_system())::text,
            ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int,
            (SELECT bytes_per_wal_segment FROM pg_control_init()), clock_timestamp()
    """
    try:
        with psycopg.connect(_with_database(settings.backup_url), connect_timeout=10, autocommit=True) as db:
            found = db.execute(query).fetchone()
    except psycopg.Error as error:
        raise BackupError(
            f"The database of BACKUP_URL cannot be asked: {' '.join(str(error).split())}."
        ) from None
    if found is None:
        raise BackupError("The database of BACKUP_URL says nothing about itself.")
    return Server(found[0], found[1], found[2], found[3].astimezone(UTC))


def take(settings: BackupSettings) -> Base:
    """Make a base backup. Raises BackupError; a backup that failed leaves nothing with a name."""
    server, catalog = ask_server(settings), Catalog(settings.backup_dir)
    certificate = (
        None if settings.backup_certificate is None else keys.read_certificate(settings.backup_certificate)
    )
    catalog.claim(server.system)
    draft = catalog.bases_folder / f".{secrets.token_hex(8)}"
    draft.mkdir(parents=True, mode=0o700)
    arguments, secret = connection(settings)
    run(
        settings,
        "pg_basebackup",
        *arguments,
        f"--pgdata={draft / 'data'}",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--manifest-checksums=SHA256",
        f"--label=tombola {server.now:{NAME}}",
        secret=secret,
    )
    manifest = verify(settings, draft / "data")
    ended = ask_server(settings).now
    base = _described(draft / "data", manifest, server, ended)
    if certificate is None:
        log.warning(
            "keys_not_in_backup", next="set BACKUP_CERTIFICATE, or keep copies of the key files elsewhere"
        )
    else:
        keys.seal(settings.key_files, certificate, draft)
    catalog.write(draft, base)
    _name(draft, catalog.bases_folder / base.name)
    copy_files(settings, catalog)
    gone = catalog.prune(settings.backup_keep_days, ended)
    tell_metrics(settings, base)
    log.info("backup_made", name=base.name, bytes=base.bytes, removed=gone)
    return base


def copy_files(settings: BackupSettings, catalog: Catalog) -> None:
    """Copy what is new in FILES_DIR, where that is a folder."""
    if settings.files_dir is not None and settings.files_dir.is_dir():
        files.copy_new(settings.files_dir, catalog.folder, datetime.now(UTC))


def tell_metrics(settings: BackupSettings, base: Base) -> None:
    """Write the textfile that node_exporter reads, whole or not at all."""
    path = settings.backup_metrics_file
    if path is None:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(
        "# HELP tombola_backup_timestamp_seconds When the newest base backup was whole.\n"
        "# TYPE tombola_backup_timestamp_seconds gauge\n"
        f"tombola_backup_timestamp_seconds {base.ended.timestamp():.3f}\n"
        "# HELP tombola_backup_bytes Size of the newest base backup.\n"
        "# TYPE tombola_backup_bytes gauge\n"
        f"tombola_backup_bytes {base.bytes}\n"
    )
    draft.chmod(0o644)
    draft.replace(path)


def _described(data: Path, manifest: dict[str, Any], server: Server, ended: datetime) -> Base:
    (span,) = manifest["WAL-Ranges"]
    if span["Timeline"] != server.timeline:
        raise BackupError("Another server took over while the backup was made: make it again.")
    return Base(
        name=f"{ended:{NAME}}",
        began=server.now,
        ended=ended,
        system=server.system,
        timeline=server.timeline,
        start_lsn=lsn(span["Start-LSN"]),
        end_lsn=lsn(span["End-LSN"]),
        segment_size=server.segment_size,
        bytes=size(data),
    )


def lsn(text: str) -> int:
    """Bytes of an LSN as PostgreSQL writes it, for example `0/3000028`."""
    high, low = text.split("/")
    return int(high, 16) * 2**32 + int(low, 16)


def _name(draft: Path, target: Path) -> None:
    """pg_basebackup has brought its own files to the disk; ours follow, then the name."""
    for path in draft.iterdir():
        if path.is_file():
            path.chmod(0o600)
            sync_file(path)
    sync_folder(draft)
    draft.rename(target)
    sync_folder(target.parent)


def _with_database(url: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return psycopg.conninfo.make_conninfo("", **{"dbname": "postgres", **parts})
