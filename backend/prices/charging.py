"""Charging for a contest: credits are held at its commit and settled when the opening has ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import Contest
from backend.intents.tables import OUTCOMES, Intent
from backend.ledger import service as ledger
from backend.ledger.errors import FundsTooLow
from backend.prices import quote
from backend.prices.errors import CreditsTooLow, TierExceeded
from backend.prices.price_list import Tier
from backend.prices.quote import Contents, Exceeded, Item
from backend.prices.tables import ContestCharge
from backend.prices.tiers import tier_of
from backend.settings import Settings

ACTOR = "job:settle_charge"
# The intent's end ends the hold, never the clock: however long a chain is away, the price stays held.
_AS_LONG_AS_IT_TAKES = timedelta(days=36_500)

_SOURCES = text("""
    SELECT DISTINCT source FROM app.contest_import
    WHERE contest_id = :id AND accepted > 0 AND source NOT IN ('file', 'paste')
""")
_THIS_MONTH = text("""
    SELECT count(*) FROM app.contest_charge
    WHERE user_id = :user AND state <> 'released'
        AND created_at >= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
""")


@dataclass(frozen=True)
class Quote:
    """What committing a contest would cost now, and which limits of the tier are in the way."""

    tier: Tier
    items: list[Item]
    exceeded: list[Exceeded]

    @property
    def total(self) -> int:
        """Credits."""
        return quote.total(self.items)


async def quote_for(db: AsyncSession, settings: Settings, contest: Contest) -> Quote:
    """The price of a contest as it stands, for its owner, who commits it."""
    tier = await tier_of(db, settings, contest.owner_id)
    contents = Contents(
        participants=contest.participant_count,
        kinds=[str(one.get("kind", "")) for one in contest.filters],
        sources=frozenset(await db.scalars(_SOURCES, {"id": contest.id})),
        language=contest.language,
    )
    committed = (await db.execute(_THIS_MONTH, {"user": contest.owner_id})).scalar_one()
    return Quote(tier, quote.items(tier, contents), quote.exceeded(tier, contents, committed))


async def hold_for(db: AsyncSession, settings: Settings, contest: Contest, intent: Intent) -> None:
    """Hold the price of a contest for the intent that opens it, in the transaction of its commit.

    Call it after the intent was recorded: the wallet's row, which that locks, lets one commit of an account count its
    contests at a time. Nothing happens where prices are off. Raises TierExceeded, CreditsTooLow.
    """
    if not settings.prices_are_on:
        return
    quoted = await quote_for(db, settings, contest)
    if quoted.exceeded:
        raise TierExceeded(
            " ".join(one.detail for one in quoted.exceeded),
            limits=[one.limit for one in quoted.exceeded],
            exceeded=[asdict(one) for one in quoted.exceeded],
        )
    db.add(
        ContestCharge(
            intent_id=intent.id,
            contest_id=contest.id,
            user_id=contest.owner_id,
            tier=quoted.tier.code,
            items=[item.stored() for item in quoted.items],
            credits=quoted.total,
            hold_id=await _hold(db, contest, intent, quoted.total),
        )
    )


async def settle(db: AsyncSession, intent_id: UUID) -> ContestCharge | None:
    """Move the held price when the opening was confirmed, release it when it failed; once, however often called.

    None where there is nothing to settle (yet).
    """
    charge = await db.scalar(
        select(ContestCharge).where(ContestCharge.intent_id == intent_id).with_for_update()
    )
    state = await db.scalar(select(Intent.state).where(Intent.id == intent_id))
    if charge is None or charge.state != "held" or state not in OUTCOMES:
        return None
    is_charged = state == "confirmed"
    if charge.hold_id is not None and is_charged:
        await ledger.post(db, charge.hold_id, actor=ACTOR)
    elif charge.hold_id is not None:
        await ledger.void(db, charge.hold_id, actor=ACTOR)
    charge.state = "charged" if is_charged else "released"
    charge.settled_at = func.clock_timestamp()
    return charge


async def _hold(db: AsyncSession, contest: Contest, intent: Intent, amount: int) -> int | None:
    if amount == 0:
        return None
    user = await ledger.user_account(db, contest.owner_id)
    fees = await ledger.system_account(db, "fees")
    try:
        entry = await ledger.hold(
            db,
            key=f"contest:{contest.id}:{intent.id}",
            debit=user,
            credit=fees,
            amount=amount,
            purpose="contest",
            actor=f"user:{contest.owner_id}",
            expires_at=datetime.now(UTC) + _AS_LONG_AS_IT_TAKES,
            memo=f"Contest {contest.id}",
        )
    except FundsTooLow as error:
        available = int(error.extra["available"])
        raise CreditsTooLow(
            f"This contest costs {amount} credits and you have {available}: buy {amount - available} more, or take "
            "filters away.",
            needed=str(amount),
            available=str(available),
            missing=str(amount - available),
        ) from None
    return entry.id
