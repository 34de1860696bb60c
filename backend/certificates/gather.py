"""The facts of a certificate, out of the contest's row, the mirror, and who was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.certificates.facts import Facts, FallenOut, Moment, Place
from backend.contests import exclusions, reveal, trail
from backend.contests.schemas import ContestWinner
from backend.hexes import checksum, to_hex
from listener.mirror.reads.contests import Contest as Fact
from listener.mirror.reads.evidence import Fact as Event


async def facts_of(db: AsyncConnection, row: Mapping[str, Any], fact: Fact, url: str) -> Facts:
    """Of a contest that is drawn."""
    events = {event.event: event for event in await trail.events_of(db, fact)}
    asked, final = events["DrawRequested"], events["DrawFinalised"]
    drawn = await reveal.winners(db, row["id"], fact, limit=fact.winners + fact.alternates, after=None)
    out = fact.fallen
    return Facts(
        url=url,
        title=row["title"],
        rules=row["rules"],
        post=row["post_reference"],
        organiser=checksum(row["organiser"]),
        chain_id=row["chain_id"],
        contract=checksum(row["contract"]),
        contest_number=int(fact.contest_number),
        draw_number=fact.draw_number,
        draws_for_post=fact.draws_for_post,
        rules_hash=fact.rules_hash,
        list_sha256=fact.list_sha256,
        root=fact.root,
        exclusion_root=fact.exclusion_root,
        commitment=fact.commitment,
        entries=int(fact.entries),
        total_weight=int(fact.total_weight) or None,
        excluded=await exclusions.counts(db, row["id"]),
        opened=_moment(events["ContestOpened"]),
        requested=_moment(asked),
        drawn=_moment(final),
        vrf_request_id=int(asked.arguments["vrf_request_id"]),
        vrf_word=_word(final.arguments["vrf_word"]),
        drand_round=int(final.arguments["round"]),
        seed=final.arguments["seed"],
        winners=tuple(
            Place(place, one.rank, one.account, one.index, _prize(row, place))
            for place, one in enumerate(one for one in drawn if one.standing)
        ),
        alternates=tuple(
            Place(None, one.rank, one.account, one.index)
            for one in drawn
            if not one.standing and one.rank not in out
        ),
        fallen=tuple(_fallen(one) for one in drawn if one.rank in out),
    )


def _prize(row: Mapping[str, Any], place: int) -> str | None:
    """The name of a place's prize; the last name is not repeated for the places after it."""
    prizes = row["prizes"]
    return str(prizes[place]) if place < len(prizes) else None


def _fallen(one: ContestWinner) -> FallenOut:
    repeats = one.repeats if one.disqualified is None else None
    return FallenOut(one.rank, one.account, one.index, one.disqualified, repeats)


def _moment(event: Event) -> Moment:
    return Moment(event.block_number, event.at, event.transaction_hash)


def _word(value: str) -> str | None:
    return to_hex(int(value).to_bytes(32)) if int(value) else None
