"""`listener rebuild`: drop the mirror; given a registry and providers, mirror again up to the head of now."""

import sys
from dataclasses import replace
from typing import Any

import psycopg

from listener.chain.registry import load_registry
from listener.mirror.store import MirrorError, Store
from listener.options import OptionError, Options
from listener.service import run
from listener.start import check_providers, connect_database, open_pool, registry_path


async def rebuild(options: Options) -> None:
    """Drop, when nobody writes to the mirror and someone said yes. What is needed to mirror again is checked
    before anything is dropped.
    """
    mirrors_again = options.registry is not None and bool(options.rpc_urls)
    head = await _head(options) if mirrors_again else 0
    with connect_database(options.database_url) as connection:
        chain_id = _mirrored_chain(connection)
        if chain_id is None:
            print("There is no mirror to drop.")
        else:
            if not options.yes and not _is_sure(chain_id, _views(connection)):
                raise MirrorError("Nothing was dropped.")
            _drop(options, chain_id)
            print(f"Dropped the mirror of chain {chain_id}.")
    if mirrors_again:
        print(f"Mirroring again up to block {head:,}; then start `python -m listener run`.", flush=True)
        await run(replace(options, until_block=head))
    else:
        print("`python -m listener run` mirrors it again.")


async def _head(options: Options) -> int:
    registry = load_registry(registry_path(options))
    async with open_pool(options, registry.chain_id, patience=30.0) as pool:
        return await check_providers(pool)


def _mirrored_chain(connection: psycopg.Connection[Any]) -> int | None:
    row = connection.execute("SELECT to_regclass('mirror.cursor') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return None
    row = connection.execute("SELECT chain_id FROM mirror.cursor").fetchone()
    return None if row is None else int(row[0])


def _views(connection: psycopg.Connection[Any]) -> list[str]:
    """Views over the mirror's tables, which go with them."""
    rows = connection.execute(
        "SELECT DISTINCT r.ev_class::regclass::text FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid"
        " JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE d.classid = 'pg_rewrite'::regclass AND n.nspname = 'mirror' AND r.ev_class <> c.oid ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]


def _is_sure(chain_id: int, views: list[str]) -> bool:
    if not sys.stdin.isatty():
        raise OptionError("rebuild drops every table of schema mirror: repeat with --yes if that is wanted.")
    too = f" and the views {', '.join(views)}" if views else ""
    answer = input(f"Drop the mirror of chain {chain_id}{too}? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _drop(options: Options, chain_id: int) -> None:
    store = Store(options.database_url, chain_id)
    store.connect()
    try:
        if not store.try_lead():
            raise MirrorError("A listener writes to this mirror: stop it first, then rebuild.")
        store.drop()
    finally:
        store.close()
