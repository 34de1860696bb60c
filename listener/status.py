"""`listener status` and `listener rebuild`: what the mirror holds, and starting it afresh."""

import json
import sys
from typing import Any

import psycopg
from psycopg import sql

from listener.mirror.store import MirrorError, Store
from listener.options import Options


def status(options: Options) -> int:
    """Print head, cursor, lag in blocks, finality and rows; exit code 0 when there is a mirror."""
    with _connect(options) as connection:
        try:
            row = connection.execute(
                "SELECT chain_id, block_number, block_time, head_number, finalized_number, updated_at"
                " FROM mirror.cursor"
            ).fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            row = None
        if row is None:
            raise MirrorError("The database has no mirror yet: start one with `python -m listener run`.")
        lag = None if row[3] is None else max(0, row[3] - row[1])
        found: dict[str, Any] = {
            "chain_id": row[0],
            "cursor_block": row[1],
            "cursor_time": row[2] and row[2].isoformat(),
            "head_block": row[3],
            "lag_blocks": lag,
            "finalized_block": row[4],
            "updated_at": row[5].isoformat(),
            "leader": _has_leader(connection, row[0]),
            "rows": _rows(connection),
        }
    if options.json:
        print(json.dumps(found))
        return 0
    for key, value in found.items():
        if key != "rows":
            print(f"{key:16} {'-' if value is None else value}")
    for table, count in found["rows"].items():
        print(f"  {count:>12,} {table}")
    return 0


def _rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    names = connection.execute("SELECT DISTINCT table_name FROM mirror.source ORDER BY 1").fetchall()
    counts = {}
    for (name,) in [*names, ("problem",)]:
        query = sql.SQL("SELECT count(*) FROM mirror.{}").format(sql.Identifier(name))
        row = connection.execute(query).fetchone()
        counts[name] = row[0] if row else 0
    return counts


def _has_leader(connection: psycopg.Connection[Any], chain_id: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objid = %s"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        Store.lock_of(chain_id),
    ).fetchone()
    return row is not None


def rebuild(options: Options) -> int:
    """Drop every table of the mirror, when nobody writes to it; the next run mirrors again from the first
    block.
    """
    with _connect(options) as connection:
        row = connection.execute("SELECT to_regclass('mirror.cursor') IS NOT NULL").fetchone()
        chain = (
            connection.execute("SELECT chain_id FROM mirror.cursor").fetchone() if row and row[0] else None
        )
    if chain is None:
        print("There is no mirror to drop.")
        return 0
    if not options.yes:
        if not sys.stdin.isatty():
            raise MirrorError(
                "rebuild drops every table of schema mirror: repeat with --yes if that is wanted."
            )
        if input(f"Drop the mirror of chain {chain[0]} and mirror again? [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            return 1
    store = Store(options.database_url, chain[0])
    store.connect()
    try:
        if not store.try_lead():
            raise MirrorError("A listener writes to this mirror: stop it first, then rebuild.")
        store.drop()
    finally:
        store.close()
    print(f"Dropped the mirror of chain {chain[0]}; `python -m listener run` mirrors it again.")
    return 0


def _connect(options: Options) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(options.database_url, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        raise MirrorError(
            f"Postgres cannot be reached; start it or correct DATABASE_URL. {' '.join(str(error).split())}"
        ) from None
