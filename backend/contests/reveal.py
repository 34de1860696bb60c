"""Who was drawn: entry numbers become accounts, and drawn entries are opened with salt and proof."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.contests.commit import secret_context
from backend.contests.schemas import BundleOpening, ContestWinner, SaltOut
from backend.contests.tables import ContestEntry, ContestLeaves, ContestProof
from backend.hexes import to_hex
from backend.wallets.kms import Kms
from listener.chain.draw.merkle import Tree, salt_of
from listener.mirror.reads.contests import Contest as Fact


class Builds:
    """One build of a contest's proofs at a time: who comes second finds them stored."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def of(self, contest_id: UUID) -> asyncio.Lock:
        """The contest's lock; forgotten when nobody holds it or waits for it."""
        return self._locks.setdefault(contest_id, asyncio.Lock())


_builds = Builds()


async def winners(
    db: AsyncConnection, contest_id: UUID, fact: Fact | None, *, limit: int, after: int | None
) -> list[ContestWinner]:
    """Drawn ranks after rank `after`, winners first, then alternates, with their accounts."""
    if fact is None:
        return []
    first = 0 if after is None else after + 1
    drawn = fact.drawn_entries()[first : first + limit]
    entries = await _entries(db, contest_id, drawn)
    standing = set(fact.standing_ranks())
    reasons = {item.rank: item.reason for item in fact.disqualified}
    return [
        ContestWinner(
            rank=rank,
            index=index,
            account=entries[index][1],
            alternate=rank >= fact.winners,
            standing=rank in standing,
            disqualified=reasons.get(rank),
            last_block=fact.last_block,
        )
        for rank, index in enumerate(drawn, start=first)
    ]


async def openings(
    engine: AsyncEngine, kms: Kms, row: Mapping[str, Any], fact: Fact | None
) -> list[BundleOpening]:
    """Every drawn entry opened, by rank; empty before the draw. Proofs are computed once and kept."""
    drawn = fact.drawn_entries() if fact else []
    if not drawn:
        return []
    secret = await open_secret(kms, row)
    async with engine.connect() as db:
        entries = await _entries(db, row["id"], drawn)
    proofs = await _proofs(engine, row["id"], drawn)
    return [
        BundleOpening(
            rank=rank,
            index=index,
            account_key=entries[index][0],
            salt=to_hex(salt_of(secret, index)),
            proof=[to_hex(proofs[index][at : at + 32]) for at in range(0, len(proofs[index]), 32)],
        )
        for rank, index in enumerate(drawn)
    ]


async def salts(
    db: AsyncConnection, kms: Kms, row: Mapping[str, Any], *, limit: int, after: int | None
) -> list[SaltOut]:
    """Entries after number `after` with what their leaves hide."""
    secret = await open_secret(kms, row)
    found = await db.execute(
        select(ContestEntry.index, ContestEntry.account_key, ContestEntry.account)
        .where(ContestEntry.contest_id == row["id"], ContestEntry.index > (-1 if after is None else after))
        .order_by(ContestEntry.index)
        .limit(limit)
    )
    return [
        SaltOut(index=index, account_key=key, account=account, salt=to_hex(salt_of(secret, index)))
        for index, key, account in found.all()
    ]


async def open_secret(kms: Kms, row: Mapping[str, Any]) -> bytes:
    """The secret of a committed contest's salts."""
    return await kms.open(row["sealed_secret"], secret_context(row["id"], row["contest_key"]))


async def _entries(
    db: AsyncConnection, contest_id: UUID, indexes: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """Account key and account by entry number."""
    found = await db.execute(
        select(ContestEntry.index, ContestEntry.account_key, ContestEntry.account).where(
            ContestEntry.contest_id == contest_id, ContestEntry.index.in_(indexes)
        )
    )
    return {index: (key, account) for index, key, account in found.all()}


async def _proofs(engine: AsyncEngine, contest_id: UUID, indexes: Sequence[int]) -> dict[int, bytes]:
    """Joined proofs by entry number; what is missing is computed from the leaves and kept.

    Requests for the same contest wait for one computation, and without a database connection meanwhile.
    """
    proofs = await _stored_proofs(engine, contest_id, indexes)
    if len(proofs) == len(set(indexes)):
        return proofs
    lock = _builds.of(contest_id)
    async with lock:
        proofs = await _stored_proofs(engine, contest_id, indexes)
        missing = [index for index in indexes if index not in proofs]
        if not missing:
            return proofs
        async with engine.connect() as db:
            leaves = await db.scalar(
                select(ContestLeaves.leaves).where(ContestLeaves.contest_id == contest_id)
            )
        if leaves is None:
            raise LookupError(f"contest {contest_id} is drawn but has no leaves")
        computed = await asyncio.to_thread(_compute, leaves, missing)
        async with engine.begin() as db:
            await db.execute(
                insert(ContestProof).on_conflict_do_nothing(),
                [{"contest_id": contest_id, "index": at, "proof": proof} for at, proof in computed.items()],
            )
    return proofs | computed


async def _stored_proofs(engine: AsyncEngine, contest_id: UUID, indexes: Sequence[int]) -> dict[int, bytes]:
    """The proofs of these entries that were computed before."""
    async with engine.connect() as db:
        stored = await db.execute(
            select(ContestProof.index, ContestProof.proof).where(
                ContestProof.contest_id == contest_id, ContestProof.index.in_(indexes)
            )
        )
        return {row[0]: row[1] for row in stored}


def _compute(leaves: bytes, indexes: Sequence[int]) -> dict[int, bytes]:
    tree = Tree([leaves[at : at + 32] for at in range(0, len(leaves), 32)])
    return {index: b"".join(tree.proof(index)) for index in indexes}
