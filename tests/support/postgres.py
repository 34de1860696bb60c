"""One embedded PostgreSQL 18 for a test session and fresh databases in it.

Use the fixtures `postgres` (session) and `database` (one for each test); see tests/conftest.py.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from tools.run.postgres import DatabaseUris, Postgres

ROOM = 4 * 2**30  # bytes; a server of tests takes some hundred MB, most of it write-ahead log
# A test database need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresForTests(Postgres):
    """The server of `make run`, with databases that get names of their own."""

    def create_database(self, name: str | None = None) -> DatabaseUris:
        """A database with schemas `mirror` and `app` and URIs for superuser, listener and backend."""
        return super().create_database(name or _fresh_name())

    def clone_database(self, template: str) -> DatabaseUris:
        """A copy of a database nobody is connected to: ten times as quick as making what is in it again.

        Its files are copied: to log each page, as PostgreSQL does unless told, costs half as much again.
        """
        name = _fresh_name()
        with self._connect() as db:
            db.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            # Rights on the database itself are not copied.
            db.execute(
                sql.SQL("GRANT CREATE ON DATABASE {} TO listener, backend").format(sql.Identifier(name))
            )
        return self.uris(name)


def _fresh_name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


def _quick_folder() -> str | None:
    """A file system in memory with room for a server, where there is one: making a table costs a fifth there."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < ROOM:
        return None
    return str(memory)


@contextmanager
def temporary_postgres() -> Iterator[PostgresForTests]:
    """A server in a temporary folder; gone with everything in it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="tombola-pg-", dir=_quick_folder()))
    server = PostgresForTests(folder / "data")
    try:
        server.start(FAST)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
