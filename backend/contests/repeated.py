"""Ranks of a weighted list that fall to an entry drawn before: which they are, and their proof on chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.auth.current_user import SignedIn
from backend.contests.drawn import drawn_entries
from backend.contests.errors import NothingRepeats
from backend.contests.reveal import Proof, leaves_of, proofs_of
from backend.intents.service import Call, create_intent
from backend.intents.tables import Intent
from backend.services import Services
from listener.chain.draw.standing import repeats
from listener.mirror.reads.contests import Contest as Fact

KIND = "prove_repeats"
AT_ONCE = 20
"""Calls of one intent: each is a transaction of its own."""


async def unproved(db: AsyncConnection, contest_id: UUID, fact: Fact) -> list[tuple[int, int, int]]:
    """Rank, earlier rank and entry of every repeat that the chain does not know as fallen out."""
    drawn = await drawn_entries(db, contest_id, fact)
    out = fact.fallen
    return [(rank, earlier, drawn[rank]) for rank, earlier in repeats(drawn).items() if rank not in out]


async def prove(
    db: AsyncSession,
    services: Services,
    user: SignedIn,
    row: Mapping[str, Any],
    fact: Fact,
    due: Sequence[tuple[int, int, int]],
) -> Intent:
    """Record the intent that proves the first of these repeats. Raises NothingRepeats."""
    if not due:
        raise NothingRepeats("No rank is left that repeats an account.")
    now = due[:AT_ONCE]
    entries = [entry for _, _, entry in now]
    proofs = await proofs_of(services.engine, row, entries)
    nodes = await leaves_of(services.engine, row["id"], entries)
    contracts, number = services.contracts, fact.contest_number
    calls = [
        Call(
            contracts.address("Contest"),
            contracts.encode(
                "Contest",
                "proveRepeat",
                [number, fact.terms().words(), earlier, rank, entry, nodes[entry], _siblings(proofs[entry])],
            ),
        )
        for rank, earlier, entry in now
    ]
    params = {
        "contest_id": str(row["id"]),
        "contest_number": str(number),
        "ranks": [rank for rank, *_ in now],
    }
    return await create_intent(db, user, KIND, params, calls)


def _siblings(proof: Proof) -> list[tuple[bytes, int]]:
    return list(zip(proof.nodes, proof.sums, strict=True))
