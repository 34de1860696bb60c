"""What waits for somebody to do it: for the keeper's scans and the operator's dashboard.

Everything follows from facts and the time of the answer's block; who acts asks the contract before sending.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import sums
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Address, Mirrored, OptionalAddress, Time, Uint
from listener.mirror.reads.raffles import IS_CLOSED, IS_OPEN, IS_UNDERSOLD, WAITING
from listener.mirror.reads.sql import fetch

SEED_SECONDS = (
    30 * 86_400
)  # a contest with prizes expires so long after its reveal without a seed (ContestBook.sol)


class DutyKind(StrEnum):
    """What is to be done."""

    REQUEST_DRAW = "request_draw"
    OPEN_REFUNDS = "open_refunds"
    FINALISE_RAFFLE = "finalise_raffle"
    FINALISE_CONTEST = "finalise_contest"
    WITHDRAW_PROCEEDS = "withdraw_proceeds"


class Duty(Mirrored):
    """Something anybody may do now."""

    subject: Uint = Field(description="Number of the raffle or contest")
    organiser: Address
    since: Time = Field(description="Since when it can be done")


class MissingWord(Mirrored):
    """A draw whose VRF word has not come. After `vrf_deadline` the draw goes on without."""

    contract: str = Field(description="raffle or contest")
    subject: Uint
    requested_at: Time
    vrf_deadline: Time
    is_late: bool


class Counts(Mirrored):
    """How much there is on chain."""

    raffles: int
    raffles_open: int
    raffles_closed: int
    raffles_drawing: int
    raffles_drawn: int
    raffles_refunding: int
    entries: int
    tickets: Uint
    contests: int
    contests_drawn: int
    tokens: int
    plans: int
    grants: int
    proposals: int
    votes: int
    problems: int = Field(description="Events the mirror could not hold as they were")


class Proceeds(Mirrored):
    """What a drawn raffle holds for its organiser and the treasury."""

    raffle_id: Uint
    organiser: Address
    token: OptionalAddress = Field(description="Null for the chain's own currency")
    paid: Uint
    fee: Uint
    drawn_at: Time


_UNDRAWN = """
SELECT d.draw_id AS subject, d.reveal_at, d.vrf_deadline, d.block_time AS requested_at, d.block_number
FROM mirror.{contract}_draw_requested d
WHERE NOT EXISTS (SELECT 1 FROM mirror.{contract}_draw_finalised f WHERE f.draw_id = d.draw_id)
"""
_UNDRAWN_RAFFLES = (
    _UNDRAWN.replace("{contract}", "raffle")  # noqa: S608
    + " AND NOT EXISTS (SELECT 1 FROM mirror.raffle_refunds_opened r WHERE r.raffle_id = d.draw_id)"
)
_LIVE_CONTESTS = _UNDRAWN.replace("{contract}", "contest") + (  # noqa: S608
    f" AND NOT (d.reveal_at + {SEED_SECONDS} <= :now AND EXISTS"  # noqa: S608
    " (SELECT 1 FROM mirror.contest_prizes_escrowed e WHERE e.contest_id = d.draw_id))"
)
_DUTIES = {
    DutyKind.REQUEST_DRAW: f"""
SELECT w.id AS subject, w.organiser,
    CASE WHEN w.sold = w.max_tickets THEN extract(epoch FROM bought.block_time) ELSE w.closes_at END AS since,
    greatest(w.block_number, w.sold_block) AS last_block
FROM ({WAITING}) w
LEFT JOIN LATERAL (
    SELECT t.block_time FROM mirror.raffle_tickets_bought t WHERE t.raffle_id = w.id
    ORDER BY t.first_ticket DESC LIMIT 1
) bought ON true
WHERE {IS_CLOSED}""",  # noqa: S608
    DutyKind.OPEN_REFUNDS: f"""
SELECT w.id AS subject, w.organiser, w.closes_at AS since, greatest(w.block_number, w.sold_block) AS last_block
FROM ({WAITING}) w WHERE {IS_UNDERSOLD}""",  # noqa: S608
    DutyKind.FINALISE_RAFFLE: f"""
SELECT u.subject, c.organiser, u.reveal_at AS since, u.block_number AS last_block
FROM ({_UNDRAWN_RAFFLES}) u JOIN mirror.raffle_raffle_created c ON c.raffle_id = u.subject
WHERE u.reveal_at < :now""",  # noqa: S608
    DutyKind.FINALISE_CONTEST: f"""
SELECT u.subject, c.organiser, u.reveal_at AS since, u.block_number AS last_block
FROM ({_LIVE_CONTESTS}) u JOIN mirror.contest_contest_opened c ON c.contest_id = u.subject
WHERE u.reveal_at < :now""",  # noqa: S608
    DutyKind.WITHDRAW_PROCEEDS: """
SELECT f.draw_id AS subject, c.organiser, extract(epoch FROM f.block_time) AS since, f.block_number AS last_block
FROM mirror.raffle_draw_finalised f JOIN mirror.raffle_raffle_created c ON c.raffle_id = f.draw_id
WHERE NOT EXISTS (SELECT 1 FROM mirror.raffle_proceeds_withdrawn w WHERE w.raffle_id = f.draw_id)""",
}

_MISSING_WORDS = """
SELECT '{contract}' AS contract, u.subject, u.requested_at, u.vrf_deadline, u.vrf_deadline < :now AS is_late,
    u.block_number AS last_block
FROM ({undrawn}) u
WHERE NOT EXISTS (SELECT 1 FROM mirror.{contract}_vrf_word_accepted v WHERE v.draw_id = u.subject)
"""

_STATES = f"""
SELECT count(*) FILTER (WHERE {IS_OPEN}) AS raffles_open, count(*) FILTER (WHERE {IS_CLOSED}) AS raffles_closed,
    count(*) FILTER (WHERE {IS_UNDERSOLD}) AS undersold,
    (SELECT count(*) FROM ({_UNDRAWN_RAFFLES}) u) AS raffles_drawing,
    (SELECT count(*) FROM mirror.raffle_refunds_opened) AS refunding,
    (SELECT count(*) FROM mirror.vesting_plan_created) AS plans,
    (SELECT count(*) FROM mirror.problem) AS problems
FROM ({WAITING}) w
"""  # noqa: S608

_PROCEEDS = """
SELECT f.draw_id AS raffle_id, c.organiser, c.payment_token AS token, c.fee_bps, f.block_time AS drawn_at,
    f.block_number AS last_block
FROM mirror.raffle_draw_finalised f JOIN mirror.raffle_raffle_created c ON c.raffle_id = f.draw_id
WHERE NOT EXISTS (SELECT 1 FROM mirror.raffle_proceeds_withdrawn w WHERE w.raffle_id = f.draw_id){organiser}
    AND f.draw_id < :before
ORDER BY f.draw_id DESC LIMIT :limit
"""


async def waiting(
    db: AsyncConnection,
    as_of: AsOf,
    kind: DutyKind,
    *,
    limit: int,
    after: int | None = None,
    organiser: bytes | None = None,
) -> list[Duty]:
    """Raffles or contests something waits to be done for, in order of their numbers, those after `after`."""
    values: dict[str, Any] = {"limit": limit, "after": -1 if after is None else after}
    conditions = "subject > :after"
    if organiser is not None:
        conditions += " AND organiser = :organiser"
        values["organiser"] = organiser
    if ":now" in _DUTIES[kind]:
        values["now"] = as_of.unix_time
    query = f"SELECT * FROM ({_DUTIES[kind]}) duty WHERE {conditions} ORDER BY subject LIMIT :limit"  # noqa: S608
    return [Duty.model_validate(row) for row in await fetch(db, query, **values)]


async def missing_words(db: AsyncConnection, as_of: AsOf, *, limit: int) -> list[MissingWord]:
    """Draws that wait for a VRF word, or waited in vain and are not decided yet, oldest first."""
    parts = [
        _MISSING_WORDS.replace("{contract}", contract).replace("{undrawn}", undrawn)
        for contract, undrawn in (("raffle", _UNDRAWN_RAFFLES), ("contest", _LIVE_CONTESTS))
    ]
    query = f"{' UNION ALL '.join(parts)} ORDER BY requested_at, contract, subject LIMIT :limit"
    return [
        MissingWord.model_validate(row) for row in await fetch(db, query, now=as_of.unix_time, limit=limit)
    ]


async def proceeds(
    db: AsyncConnection, *, limit: int, organiser: bytes | None = None, before: int | None = None
) -> list[Proceeds]:
    """Drawn raffles whose proceeds wait, from the newest, with what was paid and the fee in it."""
    values: dict[str, Any] = {"limit": limit, "before": 2**256 if before is None else before}
    condition = "" if organiser is None else " AND c.organiser = :organiser"
    if organiser is not None:
        values["organiser"] = organiser
    rows = await fetch(db, _PROCEEDS.replace("{organiser}", condition), **values)
    paid = await paid_for(db, [int(row["raffle_id"]) for row in rows])
    for row in rows:
        row["paid"] = paid.get(int(row["raffle_id"]), 0)
        row["fee"] = row["paid"] * row["fee_bps"] // 10_000
    return [Proceeds.model_validate(row) for row in rows]


async def paid_for(db: AsyncConnection, raffle_ids: list[int]) -> dict[int, int]:
    """What was paid for the tickets of each of these raffles, smallest unit of its payment token."""
    if not raffle_ids:
        return {}
    rows = await sums.tallies(
        db,
        ["sales"],
        "subject = ANY(CAST(:subjects AS text[]))",
        "subject, sum(amount) AS amount",
        "GROUP BY subject",
        subjects=[f"r{one}" for one in raffle_ids],
    )
    return {int(row["subject"][1:]): int(row["amount"]) for row in rows}


_COUNTED = (
    "raffles",
    "sales",
    "draws",
    "contests",
    "contest_draws",
    "tokens",
    "granted",
    "proposals",
    "votes",
)


async def counts(db: AsyncConnection, as_of: AsOf) -> Counts:
    """How much there is on chain, and in which state the raffles are."""
    (states,) = await fetch(db, _STATES, now=as_of.unix_time)
    rows = await sums.tallies(
        db,
        _COUNTED,
        "subject = ''",
        "name, CAST(sum(events) AS bigint) AS events, sum(units) AS units, max(last_block) AS last_block",
        "GROUP BY name",
    )
    found = {row["name"]: row for row in rows}
    events = {name: found[name]["events"] if name in found else 0 for name in _COUNTED}
    return Counts(
        raffles=events["raffles"],
        raffles_open=states["raffles_open"],
        raffles_closed=states["raffles_closed"],
        raffles_drawing=states["raffles_drawing"],
        raffles_drawn=events["draws"],
        raffles_refunding=states["refunding"] + states["undersold"],
        entries=events["sales"],
        tickets=found["sales"]["units"] if "sales" in found else 0,
        contests=events["contests"],
        contests_drawn=events["contest_draws"],
        tokens=events["tokens"],
        plans=states["plans"],
        grants=events["granted"],
        proposals=events["proposals"],
        votes=events["votes"],
        problems=states["problems"],
        last_block=max((row["last_block"] for row in rows), default=0),
    )
