"""Reading rollups: what is folded, and the same sums over the facts that are not folded yet, in one answer.

The last folded block stands in the query as a number, not as a parameter: a plan that is kept for all parameters
would expect a third of all facts to be younger.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from listener.mirror.reads.rollups import ALL_DAYS, BY_NAME, HOLDING_COLUMNS, TALLY_COLUMNS
from listener.mirror.reads.sql import fetch

_TAIL_TALLY = f"""
SELECT CAST('{{name}}' AS text) AS name, subject, CAST(facts.block_time AT TIME ZONE 'UTC' AS date) AS day,
    facts.token, CAST(1 AS bigint) AS events, CAST(facts.units AS numeric) AS units,
    CAST(facts.amount AS numeric) AS amount, facts.block_number AS last_block
FROM ({{facts}}) AS facts({TALLY_COLUMNS}) CROSS JOIN LATERAL unnest(facts.subjects) AS subject
"""  # noqa: S608


async def through(db: AsyncConnection) -> Mapping[str, int]:
    """Up to which block each rollup of this mirror is folded."""
    rows = await fetch(db, "SELECT name, through FROM mirror.rollup")
    return {row["name"]: row["through"] for row in rows}


async def tallies(
    db: AsyncConnection,
    names: Iterable[str],
    condition: str,
    select: str,
    end: str = "",
    *,
    days: tuple[date, date] | None = None,
    **values: Any,
) -> list[dict[str, Any]]:
    """`SELECT select FROM tallies WHERE condition end`, where `tallies` has the columns of `mirror.tally`, folded
    or not: of each day from `days[0]` to `days[1]`, or of all days together. Names this mirror does not have are
    left out. The condition goes to every part of the union.
    """
    folded = await through(db)
    known = [name for name in names if name in folded]
    when, tail_when = f"day = {ALL_DAYS}", "true"
    if days is not None:
        when = tail_when = "day BETWEEN :first_day AND :last_day"
        values |= {"first_day": days[0], "last_day": days[1]}
    parts = [
        f"SELECT * FROM mirror.tally WHERE name = ANY(CAST(:names AS text[])) AND {when} AND {condition}"  # noqa: S608
    ]
    for name in known:
        facts = BY_NAME[name].facts(f"f.block_number > {int(folded[name])}")
        tail = _TAIL_TALLY.replace("{name}", name).replace("{facts}", facts)
        parts.append(f"SELECT * FROM ({tail}) {name} WHERE {tail_when} AND {condition}")  # noqa: S608
    query = f"SELECT {select} FROM ({' UNION ALL '.join(parts)}) tallies {end}"  # noqa: S608
    return await fetch(db, query, names=known, **values)


async def largest(
    db: AsyncConnection,
    name: str,
    token: bytes,
    *,
    limit: int,
    after: tuple[int, bytes] | None = None,
) -> list[dict[str, Any]]:
    """Holders of something, from the largest: holder, amount, last_block; `after` is (amount, holder) of the last
    one seen.
    """
    values: dict[str, Any] = {"limit": limit}
    beyond = "amount > 0"
    if after is not None:
        beyond += " AND (amount, holder) < (CAST(CAST(:amount AS text) AS numeric), :holder)"
        values |= {"amount": str(after[0]), "holder": after[1]}
    query = f"""
{_changed("token = :token")},
page AS (
    (SELECT holder, amount, last_block FROM mirror.holding h
     WHERE h.name = :name AND h.token = :token AND {beyond}
        AND NOT EXISTS (SELECT 1 FROM changed c WHERE c.holder = h.holder)
     ORDER BY amount DESC, holder DESC LIMIT :limit)
    UNION ALL
    SELECT holder, amount, last_block FROM changed WHERE {beyond}
)
SELECT holder, amount, last_block FROM page ORDER BY amount DESC, holder DESC LIMIT :limit
"""  # noqa: S608
    return await _holdings(db, name, query, token=token, **values)


async def of_holders(db: AsyncConnection, name: str, token: bytes, holders: list[bytes]) -> dict[bytes, int]:
    """Amounts of these holders, in their smallest unit; 0 for one that never had any."""
    query = f"""
{_changed("token = :token AND holder = ANY(CAST(:holders AS bytea[]))")}
SELECT coalesce(c.holder, h.holder) AS holder, coalesce(c.amount, h.amount) AS amount
FROM (SELECT * FROM mirror.holding WHERE name = :name AND token = :token
    AND holder = ANY(CAST(:holders AS bytea[]))) h
FULL JOIN changed c ON c.holder = h.holder
"""  # noqa: S608
    rows = await _holdings(db, name, query, token=token, holders=holders)
    found = {row["holder"]: int(row["amount"]) for row in rows}
    return {holder: found.get(holder, 0) for holder in holders}


async def of_holder(db: AsyncConnection, name: str, holder: bytes, *, limit: int) -> list[dict[str, Any]]:
    """What an account has of each token, in order of the tokens' addresses: token, amount, last_block."""
    query = f"""
{_changed("holder = :holder")}
SELECT * FROM (
    SELECT coalesce(c.token, h.token) AS token, coalesce(c.amount, h.amount) AS amount,
        coalesce(c.last_block, h.last_block) AS last_block
    FROM (SELECT * FROM mirror.holding WHERE name = :name AND holder = :holder) h
    FULL JOIN changed c ON c.token = h.token
) mine WHERE amount > 0 ORDER BY token LIMIT :limit
"""  # noqa: S608
    return await _holdings(db, name, query, holder=holder, limit=limit)


async def holder_count(db: AsyncConnection, name: str, token: bytes) -> dict[str, Any]:
    """How many accounts have something of a token (`holders`), and the newest fact in it (`last_block`)."""
    query = f"""
{_changed("token = :token")}
SELECT coalesce(sum(count), 0) AS holders, max(last_block) AS last_block FROM (
    SELECT events AS count, last_block FROM mirror.tally
    WHERE name = :name AND subject = '' AND day = {ALL_DAYS} AND token = :token
    UNION ALL
    SELECT CAST(amount > 0 AS int) - CAST(before > 0 AS int), last_block FROM changed
) counts
"""  # noqa: S608
    return (await _holdings(db, name, query, token=token))[0]


async def _holdings(db: AsyncConnection, name: str, query: str, **values: Any) -> list[dict[str, Any]]:
    folded = (await through(db)).get(name)
    if folded is None:
        return []
    query = query.replace("{facts}", BY_NAME[name].facts(f"f.block_number > {int(folded)}"))
    return await fetch(db, query, name=name, **values)


def _changed(condition: str) -> str:
    """WITH `changed`: holders whose amount moved above the folded blocks, with what they had `before` and now."""
    return f"""
WITH change AS MATERIALIZED (
    SELECT token, holder, sum(delta) AS delta, max(block_number) AS last_block
    FROM ({{facts}}) AS facts({HOLDING_COLUMNS}) WHERE {condition} GROUP BY token, holder
), changed AS MATERIALIZED (
    SELECT c.token, c.holder, c.last_block, coalesce(h.amount, 0) AS before,
        coalesce(h.amount, 0) + c.delta AS amount
    FROM change c
    LEFT JOIN mirror.holding h ON h.name = :name AND h.token = c.token AND h.holder = c.holder
)"""  # noqa: S608
