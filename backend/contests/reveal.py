"""Who was drawn: numbers become entries and accounts, and drawn entries are opened with salt and proof."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.contests.commit import secret_context
from backend.contests.drawn import drawn_entries
from backend.contests.schemas import BundleOpening, ContestWinner, SaltOut
from backend.contests.tables import ContestEntry, ContestLeaves, ContestProof
from backend.hexes import to_hex
from backend.wallets.kms import Kms
from listener.chain.draw.merkle import Tree, salt_of
from listener.chain.draw.standing import repeats
from listener.chain.draw.sums import SumTree
from listener.mirror.reads.contests import Contest as Fact


class Builds:
    """One build of a contest's proofs at a time: who comes second finds them stored."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def of(self, contest_id: UUID) -> asyncio.Lock:
        """The contest's lock; forgotten when nobody holds it or waits for it."""
        return self._locks.setdefault(contest_id, asyncio.Lock())


_builds = Builds()


@dataclass(frozen=True)
class Person:
    """Who stands at an entry number."""

    account_key: str
    account: str
    weight: int


@dataclass(frozen=True)
class Proof:
    """Siblings from a leaf to the root, joined; with their sums in a weighted list."""

    proof: bytes
    sums: tuple[int, ...] = ()

    @property
    def nodes(self) -> list[bytes]:
        return [self.proof[at : at + 32] for at in range(0, len(self.proof), 32)]

    @property
    def packed_sums(self) -> bytes | None:
        return b"".join(amount.to_bytes(8) for amount in self.sums) or None


async def winners(
    db: AsyncConnection, contest_id: UUID, fact: Fact | None, *, limit: int, after: int | None
) -> list[ContestWinner]:
    """Drawn ranks after rank `after`, winners first, then alternates, with their accounts."""
    if fact is None:
        return []
    first = 0 if after is None else after + 1
    drawn = await drawn_entries(db, contest_id, fact)
    shown = drawn[first : first + limit]
    entries = await _entries(db, contest_id, shown)
    standing, again = set(fact.standing_ranks()), repeats(drawn)
    reasons = {item.rank: item.reason for item in fact.disqualified}
    return [
        ContestWinner(
            rank=rank,
            index=index,
            account=entries[index].account,
            weight=entries[index].weight,
            alternate=rank >= fact.winners,
            standing=rank in standing,
            disqualified=reasons.get(rank),
            repeats=again.get(rank),
            repeat_proved=rank in fact.repeated,
            last_block=fact.last_block,
        )
        for rank, index in enumerate(shown, start=first)
    ]


async def openings(
    engine: AsyncEngine, secret: bytes, row: Mapping[str, Any], fact: Fact | None
) -> list[BundleOpening]:
    """Every drawn entry opened, by rank; empty before the draw. Proofs are computed once and kept."""
    if fact is None or not fact.is_drawn:
        return []
    async with engine.connect() as db:
        drawn = await drawn_entries(db, row["id"], fact)
        entries = await _entries(db, row["id"], drawn)
    proofs = await proofs_of(engine, row, drawn)
    return [
        BundleOpening(
            rank=rank,
            index=index,
            account_key=entries[index].account_key,
            salt=to_hex(salt_of(secret, index)),
            proof=[to_hex(node) for node in proofs[index].nodes],
            sums=[str(amount) for amount in proofs[index].sums],
        )
        for rank, index in enumerate(drawn)
    ]


async def salts(
    db: AsyncConnection, kms: Kms, row: Mapping[str, Any], *, limit: int, after: int | None
) -> list[SaltOut]:
    """Entries after number `after` with what their leaves hide."""
    secret = await open_secret(kms, row)
    found = await db.execute(
        select(ContestEntry.index, ContestEntry.account_key, ContestEntry.account, ContestEntry.weight)
        .where(ContestEntry.contest_id == row["id"], ContestEntry.index > (-1 if after is None else after))
        .order_by(ContestEntry.index)
        .limit(limit)
    )
    return [
        SaltOut(
            index=index, account_key=key, account=account, weight=weight, salt=to_hex(salt_of(secret, index))
        )
        for index, key, account, weight in found.all()
    ]


async def open_secret(kms: Kms, row: Mapping[str, Any]) -> bytes:
    """The secret of a committed contest's salts."""
    return await kms.open(row["sealed_secret"], secret_context(row["id"], row["contest_key"]))


async def _entries(db: AsyncConnection, contest_id: UUID, indexes: Sequence[int]) -> dict[int, Person]:
    """Account key, account and weight by entry number."""
    found = await db.execute(
        select(ContestEntry.index, ContestEntry.account_key, ContestEntry.account, ContestEntry.weight).where(
            ContestEntry.contest_id == contest_id, ContestEntry.index.in_(set(indexes))
        )
    )
    return {index: Person(key, account, weight) for index, key, account, weight in found}


async def proofs_of(engine: AsyncEngine, row: Mapping[str, Any], indexes: Sequence[int]) -> dict[int, Proof]:
    """Proofs by entry number; what is missing is computed from the leaves and kept.

    Requests for the same contest wait for one computation, and without a database connection meanwhile.
    """
    contest_id = row["id"]
    proofs = await _stored_proofs(engine, contest_id, indexes)
    if len(proofs) == len(set(indexes)):
        return proofs
    lock = _builds.of(contest_id)
    async with lock:
        proofs = await _stored_proofs(engine, contest_id, indexes)
        missing = sorted(set(indexes) - proofs.keys())
        if not missing:
            return proofs
        leaves, weights = await _leaves(engine, row)
        computed = await asyncio.to_thread(_compute, leaves, missing, weights)
        async with engine.begin() as db:
            await db.execute(
                insert(ContestProof).on_conflict_do_nothing(),
                [
                    {"contest_id": contest_id, "index": at, "proof": proof.proof, "sums": proof.packed_sums}
                    for at, proof in computed.items()
                ],
            )
    return proofs | computed


async def _leaves(engine: AsyncEngine, row: Mapping[str, Any]) -> tuple[bytes, list[int]]:
    """All leaves joined, and their weights in a weighted list."""
    async with engine.connect() as db:
        leaves = await db.scalar(select(ContestLeaves.leaves).where(ContestLeaves.contest_id == row["id"]))
        if leaves is None:
            raise LookupError(f"contest {row['id']} is drawn but has no leaves")
        if row["total_weight"] is None:
            return leaves, []
        weights = await db.scalars(
            select(ContestEntry.weight)
            .where(ContestEntry.contest_id == row["id"])
            .order_by(ContestEntry.index)
        )
        return leaves, list(weights)


async def leaves_of(
    engine: AsyncEngine, contest_id: UUID, indexes: Sequence[int]
) -> dict[int, tuple[bytes, int]]:
    """Leaf hash and weight by entry number."""
    query = text("""
        SELECT e.index, substring(l.leaves FROM 32 * e.index + 1 FOR 32), e.weight FROM app.contest_entry e
        JOIN app.contest_leaves l ON l.contest_id = e.contest_id
        WHERE e.contest_id = :id AND e.index = ANY(:indexes)
    """)
    async with engine.connect() as db:
        found = await db.execute(query, {"id": contest_id, "indexes": list(indexes)})
        return {index: (leaf, weight) for index, leaf, weight in found}


async def _stored_proofs(engine: AsyncEngine, contest_id: UUID, indexes: Sequence[int]) -> dict[int, Proof]:
    """The proofs of these entries that were computed before."""
    async with engine.connect() as db:
        stored = await db.execute(
            select(ContestProof.index, ContestProof.proof, ContestProof.sums).where(
                ContestProof.contest_id == contest_id, ContestProof.index.in_(set(indexes))
            )
        )
        return {index: Proof(proof, _unpacked(sums)) for index, proof, sums in stored}


def _unpacked(sums: bytes | None) -> tuple[int, ...]:
    return tuple(int.from_bytes(sums[at : at + 8]) for at in range(0, len(sums), 8)) if sums else ()


def _compute(leaves: bytes, indexes: Sequence[int], weights: Sequence[int] = ()) -> dict[int, Proof]:
    separate = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    if not weights:
        tree = Tree(separate)
        return {index: Proof(b"".join(tree.proof(index))) for index in indexes}
    sums = SumTree(separate, weights)
    found = {}
    for index in indexes:
        beside = sums.siblings(index)
        found[index] = Proof(b"".join(node for node, _ in beside), tuple(amount for _, amount in beside))
    return found
