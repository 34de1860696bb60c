"""What a certificate shows, as plain data: no language, no layout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Place:
    """Somebody who was drawn. `place` from 0 for winners, None for alternates; `rank` from 0."""

    place: int | None
    rank: int
    account: str
    entry: int
    prize: str | None = None


@dataclass(frozen=True)
class FallenOut:
    """A rank that wins nothing: disqualified with a reason, or `repeats` an earlier rank of a weighted list."""

    rank: int
    account: str
    entry: int
    reason: str | None = None
    repeats: int | None = None


@dataclass(frozen=True)
class Moment:
    """A transaction: its block, the block's time, its hash."""

    block: int
    time: datetime
    transaction: str


@dataclass(frozen=True)
class Facts:
    """Everything of one certificate; hashes as 0x-hex."""

    url: str
    title: str
    rules: str
    post: str
    organiser: str
    chain_id: int
    contract: str
    contest_number: int
    draw_number: int
    draws_for_post: int
    rules_hash: str
    list_sha256: str
    root: str
    exclusion_root: str
    commitment: str
    entries: int
    total_weight: int | None
    excluded: dict[str, int]
    opened: Moment
    requested: Moment
    drawn: Moment
    vrf_request_id: int
    vrf_word: str | None
    drand_round: int
    seed: str
    winners: tuple[Place, ...]
    alternates: tuple[Place, ...]
    fallen: tuple[FallenOut, ...]
