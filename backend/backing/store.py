"""Reading what was published: facts of the mirror, and beside them what we keep. Only what is on chain counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.backing import topics
from backend.backing.schemas import Kind, NothingOwedOut, ProofOut, SiblingOut, Statement
from backend.backing.tree import BLOCK, Place, Seed, siblings
from backend.hexes import to_hex
from listener.mirror.reads.sql import BLOCK_LOGS, earlier_than, fetch

_STATEMENTS = f"""
SELECT a.topic, a.snapshot_block, a.root, a.total, a.document, a.previous, a.block_number AS published_block,
    a.block_time AS published_at, a.transaction_hash, a.block_number AS last_block,
    a.block_number * {BLOCK_LOGS} + a.log_index AS position,
    s.symbol, s.decimals, s.reserve, n.block_time AS snapshot_at
FROM mirror.attestations_attested a
LEFT JOIN app.backing_statement s
    ON s.block_number = a.snapshot_block AND s.topic = a.topic AND s.root = a.root
LEFT JOIN app.backing_snapshot n ON n.block_number = a.snapshot_block
"""  # noqa: S608
_NEWEST = f"""
SELECT DISTINCT ON (topic) * FROM ({_STATEMENTS}) statements ORDER BY topic, position DESC
"""  # noqa: S608
_HISTORY = f"""
{_STATEMENTS}
WHERE (a.block_number, a.log_index) < (:block, :log_index) AND (CAST(:topic AS bytea) IS NULL OR a.topic = :topic)
ORDER BY a.block_number DESC, a.log_index DESC LIMIT :limit
"""
_HOLDERS = """
SELECT s.holders, s.document FROM app.backing_statement s
JOIN mirror.attestations_attested a ON a.snapshot_block = s.block_number AND a.topic = s.topic AND a.root = s.root
WHERE s.block_number = :snapshot AND s.topic = :topic
"""
_TREES = """
SELECT s.topic, s.symbol, s.decimals, s.root, s.total, s.document, s.seed, s.block_hashes, s.block_sums,
    a.block_number AS published_block, a.transaction_hash, l.index, l.amount,
    n.block_time AS snapshot_at, n.contract
FROM app.backing_statement s
JOIN app.backing_snapshot n ON n.block_number = s.block_number
JOIN mirror.attestations_attested a ON a.snapshot_block = s.block_number AND a.topic = s.topic AND a.root = s.root
LEFT JOIN app.backing_leaf l ON l.block_number = s.block_number AND l.topic = s.topic AND l.wallet_id = :wallet
WHERE s.block_number = :snapshot ORDER BY s.topic
"""
_LAST_TAKEN = """
SELECT max(s.block_number) AS block FROM app.backing_statement s
JOIN mirror.attestations_attested a ON a.snapshot_block = s.block_number AND a.topic = s.topic AND a.root = s.root
"""
_NEAR = """
SELECT l.index, w.address, l.amount FROM app.backing_leaf l JOIN app.wallet w ON w.id = l.wallet_id
WHERE l.block_number = :snapshot AND l.topic = :topic AND l.index BETWEEN :first AND :last
"""


async def newest(db: AsyncConnection) -> list[Statement]:
    """The newest statement of each topic, money first."""
    found = [_statement(row) for row in await fetch(db, _NEWEST)]
    order = ("currency", "token", "credits", "unknown", "audit")
    return sorted(found, key=lambda one: (order.index(one.kind), one.symbol or "", one.topic))


async def history(
    db: AsyncConnection, *, topic: bytes | None, before: int | None, limit: int
) -> list[Statement]:
    """Statements, newest first, with a `position` below `before`."""
    rows = await fetch(db, _HISTORY, topic=topic, limit=limit, **earlier_than(before))
    return [_statement(row) for row in rows]


async def holders(db: AsyncConnection, snapshot: int, topic: bytes) -> tuple[list[bytes], bytes] | None:
    """The addresses behind a published statement and their hash; None where there are none, or no longer."""
    rows = await fetch(db, _HOLDERS, snapshot=snapshot, topic=topic)
    if not rows or rows[0]["holders"] is None:
        return None
    joined = bytes(rows[0]["holders"])
    return [joined[at : at + 20] for at in range(0, len(joined), 20)], bytes(rows[0]["document"])


async def last_taken(db: AsyncConnection) -> int | None:
    """The newest snapshot that is published."""
    return (await fetch(db, _LAST_TAKEN))[0]["block"]  # type: ignore[no-any-return]


async def trees(db: AsyncConnection, snapshot: int, wallet: UUID) -> list[dict[str, Any]]:
    """The published trees of a snapshot, each with the wallet's leaf where it has one."""
    return await fetch(db, _TREES, snapshot=snapshot, wallet=wallet)


async def proof(
    db: AsyncConnection, chain_id: int, snapshot: int, account: bytes, row: Mapping[str, Any]
) -> ProofOut:
    """The way from one's leaf to the root, of a row of `trees`."""
    index, seed = row["index"], Seed(bytes(row["seed"]))
    first = index // BLOCK * BLOCK
    values = {"snapshot": snapshot, "topic": row["topic"], "first": first, "last": first + BLOCK - 1}
    near = {
        found["index"]: (bytes(found["address"]), int(found["amount"]))
        for found in await fetch(db, _NEAR, **values)
    }
    hashes = bytes(row["block_hashes"])
    blocks = [(hashes[32 * at : 32 * at + 32], int(amount)) for at, amount in enumerate(row["block_sums"])]
    place = Place(chain_id, bytes(row["contract"]), bytes(row["topic"]), snapshot)
    return ProofOut(
        **_named(row),
        decimals=row["decimals"],
        amount=row["amount"],
        salt=to_hex(seed.salt(account)),
        index=index,
        siblings=[
            SiblingOut(hash=to_hex(node), sum=amount)
            for node, amount in siblings(place, seed, blocks, index, near)
        ],
        root=row["root"],
        total=row["total"],
        document=row["document"],
        published_block=row["published_block"],
        transaction_hash=row["transaction_hash"],
    )


def nothing_owed(row: Mapping[str, Any]) -> NothingOwedOut:
    """Of a row of `trees` without a leaf."""
    return NothingOwedOut(**_named(row))


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    kind, token = kind_of(bytes(row["topic"]))
    return {"kind": kind, "token": token, "symbol": row["symbol"], "topic": bytes(row["topic"])}


def _statement(row: Mapping[str, Any]) -> Statement:
    kind, token = kind_of(bytes(row["topic"]))
    return Statement.model_validate({**row, "kind": kind, "token": token})


def kind_of(topic: bytes) -> tuple[Kind, bytes | None]:
    """What a topic is about, and the token's address where it is about one."""
    token = topics.token_of(topic)
    if token is not None:
        return ("currency", None) if token == topics.NATIVE else ("token", token)
    if topics.currency_of(topic) is not None:
        return "credits", None
    return ("audit", None) if topic == topics.AUDIT else ("unknown", None)
