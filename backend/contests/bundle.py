"""The bundle of a committed contest (docs/bundle.md), written piece by piece: a list of any length takes no memory."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.contests import exclusions
from backend.contests.leaves import leaves_from, weights_from
from backend.contests.schemas import BundleOpening
from backend.hexes import checksum, to_hex
from listener.chain.draw.hashing import ZERO32
from listener.chain.draw.terms import text_hash
from listener.mirror.reads.contests import Contest as Fact

FORMAT, VERSION = "TOMBOLA-1/contest", 2
_SLICE = 8192  # leaves read at a time


async def write(
    engine: AsyncEngine,
    row: Mapping[str, Any],
    fact: Fact | None,
    secret: bytes,
    openings: Sequence[BundleOpening],
    draw: Mapping[str, Any] | None,
) -> AsyncIterator[bytes]:
    """The JSON document; `exclusions`, `leaves` and in a weighted list `weights` come last."""
    head = {
        **_head(row, fact),
        "draw": draw,
        "openings": [opening.model_dump(mode="json") for opening in openings],
    }
    yield json.dumps(head, ensure_ascii=False).removesuffix("}").encode() + b', "exclusions": ['
    is_first = True
    async for found in exclusions.slices(engine, row, secret):
        shown = ",".join(json.dumps(one.published()) for one in found)
        yield (shown if is_first else "," + shown).encode()
        is_first = False
    yield b'], "leaves": ['
    for first in range(0, row["entry_count"], _SLICE):
        leaves = await leaves_from(engine, row["id"], first, _SLICE)
        found_leaves = ",".join(f'"0x{leaves[at : at + 32].hex()}"' for at in range(0, len(leaves), 32))
        yield (("," if first else "") + found_leaves).encode()
    if row["total_weight"] is not None:
        yield b'], "weights": ['
        for first in range(0, row["entry_count"], _SLICE):
            found_weights = await weights_from(engine, row["id"], first, _SLICE)
            weights = ",".join(f'"{weight}"' for weight in found_weights)
            yield (("," if first else "") + weights).encode()
    yield b"]}"


def _head(row: Mapping[str, Any], fact: Fact | None) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "chain_id": row["chain_id"],
        "contract": checksum(row["contract"]),
        "contest_id": str(fact.contest_number) if fact else None,
        "contest_key": to_hex(row["contest_key"]),
        "key_salt": to_hex(row["key_salt"]),
        "organiser": checksum(row["organiser"]),
        "title": row["title"],
        "rules": row["rules"],
        "rules_hash": to_hex(text_hash(row["rules"])),
        "post_reference": row["post_reference"],
        "post_hash": to_hex(text_hash(row["post_reference"])),
        "list_sha256": to_hex(row["list_sha256"]),
        "exclusion_root": to_hex(row["exclusion_root"] or ZERO32),
        "entries": row["entry_count"],
        "total_weight": None if row["total_weight"] is None else str(row["total_weight"]),
        "weight_column": row["weight_column"],
        "winners": row["winners"],
        "alternates": row["alternates"],
        "root": to_hex(row["root"]),
        "commitment": to_hex(row["commitment"]),
        "escrow": _escrow(fact),
    }


def _escrow(fact: Fact | None) -> dict[str, Any] | None:
    """Prizes on chain, which contests of the web app do not have."""
    if fact is None or not fact.prizes:
        return None
    prizes = [
        {
            "kind": int(prize.kind),
            "token": checksum(prize.token),
            "amount": str(prize.amount),
            "token_id": str(prize.token_id),
        }
        for prize in fact.terms().prizes
    ]
    return {"prizes": prizes, "claims_from": int(fact.claims_from)}
