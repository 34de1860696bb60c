"""The bundle of a committed contest, written piece by piece: a list of any length takes no memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contests.schemas import BundleOpening
from backend.hexes import checksum, to_hex
from listener.chain.draw.hashing import ZERO32
from listener.mirror.reads.contests import Contest as Fact

FORMAT = "TOMBOLA-1/contest"
_SLICE = 8192  # leaves read at a time


async def write(
    engine: AsyncEngine, row: Mapping[str, Any], fact: Fact | None, openings: Sequence[BundleOpening]
) -> AsyncIterator[bytes]:
    """The JSON document; its `leaves` come last, and in a weighted list `weights` after them."""
    head = {**_head(row, fact), "openings": [opening.model_dump(mode="json") for opening in openings]}
    yield json.dumps(head, ensure_ascii=False).removesuffix("}").encode() + b', "leaves": ['
    for first in range(0, row["entry_count"], _SLICE):
        leaves = await _leaves(engine, row["id"], first)
        found = ",".join(f'"0x{leaves[at : at + 32].hex()}"' for at in range(0, len(leaves), 32))
        yield (("," if first else "") + found).encode()
    if row["total_weight"] is not None:
        yield b'], "weights": ['
        for first in range(0, row["entry_count"], _SLICE):
            found = ",".join(f'"{weight}"' for weight in await _weights(engine, row["id"], first))
            yield (("," if first else "") + found).encode()
    yield b"]}"


async def _weights(engine: AsyncEngine, contest_id: UUID, first: int) -> Sequence[int]:
    """Up to _SLICE weights from entry `first` on."""
    query = text(
        "SELECT weight FROM app.contest_entry WHERE contest_id = :id AND index >= :first AND index < :end"
        " ORDER BY index"
    )
    async with engine.connect() as db:
        found = await db.scalars(query, {"id": contest_id, "first": first, "end": first + _SLICE})
        return found.all()


async def _leaves(engine: AsyncEngine, contest_id: UUID, first: int) -> bytes:
    """Up to _SLICE leaves from number `first` on. A connection for each: a slow reader must not keep one."""
    query = text("SELECT substring(leaves FROM :at FOR :size) FROM app.contest_leaves WHERE contest_id = :id")
    async with engine.connect() as db:
        leaves: bytes | None = await db.scalar(
            query, {"at": 32 * first + 1, "size": 32 * _SLICE, "id": contest_id}
        )
    if leaves is None:
        raise LookupError(f"contest {contest_id} is committed but has no leaves")
    return leaves


def _head(row: Mapping[str, Any], fact: Fact | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "chain_id": row["chain_id"],
        "contract": checksum(row["contract"]),
        "contest_id": str(fact.contest_number) if fact else None,
        "contest_key": to_hex(row["contest_key"]),
        "organiser": checksum(row["organiser"]),
        "title": row["title"],
        "rules": row["rules"],
        "post_reference": row["post_reference"],
        "list_sha256": to_hex(row["list_sha256"]),
        "exclusion_root": to_hex(ZERO32),
        "entries": row["entry_count"],
        "total_weight": None if row["total_weight"] is None else str(row["total_weight"]),
        "weight_column": row["weight_column"],
        "winners": row["winners"],
        "alternates": row["alternates"],
        "root": to_hex(row["root"]),
        "commitment": to_hex(row["commitment"]),
    }
