"""One account's entry or exclusion with its proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.contests.drawn import drawn_entries
from backend.contests.leaves import exclusion_leaves_from, leaves_from, weights_from
from backend.contests.reveal import open_secret
from backend.hexes import checksum, to_hex
from backend.inclusions.blocks import Blocks, Leaves
from backend.inclusions.schemas import EntryProof, ExclusionProof, InclusionOut
from backend.services import Services
from listener.chain.draw.entries import account_key
from listener.chain.draw.exclusions import exclusion_salt
from listener.chain.draw.hashing import ZERO32
from listener.chain.draw.merkle import salt_of
from listener.mirror.reads.contests import Contest as Fact

_blocks = Blocks()

_ENTRY = text(
    "SELECT index, weight, first_unit FROM app.contest_entry WHERE contest_id = :id AND account_key = :key"
)
_EXCLUSION = text(
    "SELECT index, reason FROM app.contest_exclusion WHERE contest_id = :id AND account_key = :key"
)


async def look_up(
    services: Services, row: Mapping[str, Any], fact: Fact | None, account: str
) -> InclusionOut:
    """Where the account stands in a committed contest."""
    engine, key = services.engine, account_key(account)
    secret = await open_secret(services.kms, row)
    entry = await _entry(engine, row, fact, secret, key)
    excluded = None if entry is not None else await _exclusion(engine, row, secret, key)
    outcome = "entry" if entry is not None else "excluded" if excluded is not None else "not_listed"
    return InclusionOut.model_validate(
        {
            "outcome": outcome,
            "account_key": key,
            "chain_id": row["chain_id"],
            "contract": checksum(row["contract"]),
            "contest_id": str(fact.contest_number) if fact else None,
            "contest_key": row["contest_key"],
            "root": row["root"],
            "total_weight": row["total_weight"],
            "exclusion_root": row["exclusion_root"] or ZERO32,
            "transaction_hash": fact and fact.transaction_hash,
            "entry": entry,
            "exclusion": excluded,
        }
    )


async def _entry(
    engine: AsyncEngine, row: Mapping[str, Any], fact: Fact | None, secret: bytes, key: str
) -> EntryProof | None:
    async with engine.connect() as db:
        person = (await db.execute(_ENTRY, {"id": row["id"], "key": key})).one_or_none()
        if person is None:
            return None
        index, weight, first_unit = person
        ranks = await _ranks(db, row["id"], fact, index)

    async def read(first: int, count: int) -> Leaves:
        return await _list_leaves(engine, row, first, count)

    # By its root too: a failed opening is committed anew.
    way = await _blocks.way((row["id"], row["root"]), read, index)
    standing = fact.standing_ranks() if fact else []
    return EntryProof(
        index=index,
        entries=row["entry_count"],
        weight=weight,
        first_unit=first_unit,
        salt=to_hex(salt_of(secret, index)),
        leaf=to_hex(way.leaf),
        proof=[to_hex(node) for node in way.siblings],
        sums=way.sums,
        ranks=ranks,
        place=next((standing.index(rank) for rank in ranks if rank in standing), None),
    )


async def _exclusion(
    engine: AsyncEngine, row: Mapping[str, Any], secret: bytes, key: str
) -> ExclusionProof | None:
    async with engine.connect() as db:
        person = (await db.execute(_EXCLUSION, {"id": row["id"], "key": key})).one_or_none()
        if person is None:
            return None
        index, reason = person

    async def read(first: int, count: int) -> Leaves:
        return Leaves(_split(await exclusion_leaves_from(engine, row["id"], first, count)))

    way = await _blocks.way((row["id"], row["root"], "exclusions"), read, index)
    return ExclusionProof(
        index=index,
        count=row["exclusion_count"],
        reason=reason,
        salt=to_hex(exclusion_salt(secret, index)),
        leaf=to_hex(way.leaf),
        proof=[to_hex(node) for node in way.siblings],
    )


async def _ranks(db: AsyncConnection, contest_id: UUID, fact: Fact | None, index: int) -> list[int]:
    """The ranks at which an entry was drawn; more than one only in a weighted list."""
    if fact is None or not fact.is_drawn:
        return []
    drawn = await drawn_entries(db, contest_id, fact)
    return [rank for rank, entry in enumerate(drawn) if entry == index]


async def _list_leaves(engine: AsyncEngine, row: Mapping[str, Any], first: int, count: int) -> Leaves:
    hashes = _split(await leaves_from(engine, row["id"], first, count))
    if row["total_weight"] is None:
        return Leaves(hashes)
    return Leaves(hashes, list(await weights_from(engine, row["id"], first, count)))


def _split(joined: bytes) -> list[bytes]:
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]
