"""`listener status`: how far the mirror is, what it holds, what it still fills, and whether somebody leads it."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from listener.chain.registry import RegistryError, load_registry
from listener.mirror.schema import tables_of
from listener.mirror.sources import Source, source_changes, sources_of
from listener.mirror.store import has_leader, read_cursor, read_sources
from listener.options import Options
from listener.start import connect_database

Connection = psycopg.Connection[tuple[Any, ...]]

_COUNTED_UP_TO = 10_000  # rows; more than that are only estimated


def status(options: Options) -> int:
    """Print what `read_status` finds; exit code 0 when there is a mirror."""
    with connect_database(options.database_url) as connection:
        found = read_status(connection, options)
    if options.json:
        print(json.dumps(found))
    else:
        print("\n".join(_lines(found)))
    return 0


def read_status(connection: Connection, options: Options) -> dict[str, Any]:
    """Everything as one JSON object. Raises MirrorError where there is no mirror."""
    chain_id, cursor, cursor_time, head, head_time, final, updated_at = read_cursor(
        connection,
        "chain_id, block_number, block_time, head_number, head_time, finalized_number, updated_at",
    )
    sources = read_sources(connection)
    rows, estimated = _rows(connection, sources, exact=options.exact)
    found = {
        "chain_id": chain_id,
        "cursor_block": cursor,
        "cursor_time": cursor_time and cursor_time.isoformat(),
        "head_block": head,
        "head_time": head_time and head_time.isoformat(),
        "lag_blocks": None if head is None else max(0, head - cursor),
        "lag_seconds": cursor_time and head_time and max(0, int((head_time - cursor_time).total_seconds())),
        "finalized_block": final,
        "updated_at": updated_at.isoformat(),
        "updated_seconds_ago": int((datetime.now(UTC) - updated_at).total_seconds()),
        "leader": has_leader(connection, chain_id),
        "filling": _filling(sources, cursor),
        "stopped": sorted({s.table_name for s in sources if s.stopped_at is not None}),
        "problems": rows["problem"],
        "rows": rows,
        "estimated": estimated,
    }
    if options.registry is not None:
        found["registry"] = _drift(options, sources, chain_id, cursor)
    return found


def _rows(connection: Connection, sources: list[Source], *, exact: bool) -> tuple[dict[str, int], list[str]]:
    """Rows of each table, and the tables whose number is an estimate."""
    counts: dict[str, int] = {}
    estimated = []
    live: dict[str, int] = dict(
        connection.execute(
            "SELECT relname, pg_stat_get_live_tuples(oid) FROM pg_class"
            " WHERE relnamespace = 'mirror'::regnamespace"
        ).fetchall()
    )
    for name in [*sorted({source.table_name for source in sources}), "problem"]:
        table = sql.Identifier("mirror", name)
        counts[name] = live.get(name) or _planned(connection, table)
        if exact or counts[name] <= _COUNTED_UP_TO:
            counts[name] = _one(connection, sql.SQL("SELECT count(*) FROM {}").format(table))
        else:
            estimated.append(name)
    return counts, estimated


def _planned(connection: Connection, table: sql.Identifier) -> int:
    """What the planner expects: Postgres forgets its own count of rows when it crashes."""
    plan = _one(connection, sql.SQL("EXPLAIN (FORMAT JSON) SELECT FROM {}").format(table))
    return int(plan[0]["Plan"]["Plan Rows"])


def _one(connection: Connection, query: sql.Composed) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _filling(sources: list[Source], cursor: int) -> list[dict[str, Any]]:
    """Tables that miss blocks, from the first one missing."""
    starts: dict[str, int] = {}
    for source in sources:
        if source.missing_from is not None and source.stopped_at is None:
            starts[source.table_name] = min(source.missing_from, starts.get(source.table_name, cursor + 1))
    return [
        {"table": table, "from_block": start, "blocks_left": max(0, cursor + 1 - start)}
        for table, start in sorted(starts.items())
    ]


def _drift(options: Options, sources: list[Source], chain_id: int, cursor: int) -> dict[str, Any]:
    """How the registry file differs from what is mirrored: tables by name, or why it cannot be used."""
    try:
        registry = load_registry(str(options.registry))
    except RegistryError as error:
        return {"problem": str(error)}
    if registry.chain_id != chain_id:
        return {"problem": f"The registry is of chain {registry.chain_id}, the mirror of chain {chain_id}."}
    wanted = sources_of(registry, tables_of(registry))
    before = {source.key: source for source in sources if source.stopped_at is None}
    changes = source_changes(sources, wanted, cursor)
    return {
        "new": sorted({s.table_name for s in changes if s.stopped_at is None and s.key not in before}),
        "gone": sorted({s.table_name for s in changes if s.stopped_at is not None}),
        "changed": sorted({s.table_name for s in changes if s.stopped_at is None and s.key in before}),
    }


def _lines(found: dict[str, Any]) -> list[str]:
    """The same for people."""
    lag = "-" if found["lag_blocks"] is None else f"{found['lag_blocks']:,} blocks"
    if found["lag_seconds"] is not None:
        lag += f", {found['lag_seconds']:,} s"
    leader = "runs" if found["leader"] else "none runs"
    lines = [
        f"chain      {found['chain_id']}",
        f"cursor     {found['cursor_block']:,}  {found['cursor_time'] or ''}",
        f"head       {_number(found['head_block'])}  {found['head_time'] or ''}",
        f"lag        {lag}",
        f"finalized  {_number(found['finalized_block'])}",
        f"listener   {leader}, last news {found['updated_seconds_ago']:,} s ago",
    ]
    lines += [
        f"filling    {one['table']} from block {one['from_block']:,}, {one['blocks_left']:,} blocks left"
        for one in found["filling"]
    ]
    lines += [
        f"stopped    {table}: not in the registry any more, its rows stay" for table in found["stopped"]
    ]
    drift = found.get("registry", {})
    lines += [
        f"registry   {word}: {', '.join(names)}"
        for word, names in drift.items()
        if word != "problem" and names
    ]
    lines += [f"registry   {drift['problem']}"] if "problem" in drift else []
    lines.append("rows" + ("       ~ is an estimate, --exact counts" if found["estimated"] else ""))
    for table, count in found["rows"].items():
        mark = "~" if table in found["estimated"] else ""
        lines.append(f"  {mark + format(count, ','):>14}  {table}")
    return lines


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
