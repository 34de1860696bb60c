"""GET /prices for everybody, and what one's own contest costs."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import select

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.caching.reads import tagged
from backend.contests.changing import own
from backend.contests.errors import ContestNotFound
from backend.db import Db
from backend.errors import errors
from backend.ledger import service as ledger
from backend.prices.charging import quote_for
from backend.prices.price_list import CURRENCY, TierCode
from backend.prices.quote import Item
from backend.prices.schemas import ContestPriceOut, ExceededOut, PriceItemOut, PricesOut
from backend.prices.tables import ContestCharge
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["prices"])


@router.get("/prices", summary="The price list")
@tagged
async def read_prices(services: ServicesDep) -> PricesOut:
    """Packages of credits, what a draw costs by size and filter, and the tiers with their limits."""
    settings = services.settings
    return PricesOut.of(CURRENCY, charged=settings.prices_are_on, sold=settings.payments_are_set_up)


@router.get(
    "/contests/{contest_id}/price",
    summary="What my contest costs",
    responses=errors(NotSignedIn, ContestNotFound),
)
async def contest_price(
    contest_id: UUID, user: CurrentUser, services: ServicesDep, db: Db
) -> ContestPriceOut:
    """Item by item: its size, each filter, and what the tier pays. Before the commit it is what it would cost now."""
    contest = await own(db, user.id, contest_id)
    available = (await ledger.balance(db, user.id)).available
    fixed = None
    if contest.intent_id is not None:
        fixed = await db.scalar(
            select(ContestCharge).where(
                ContestCharge.intent_id == contest.intent_id, ContestCharge.state != "released"
            )
        )
    if fixed is not None:
        return ContestPriceOut(
            contest_id=contest_id,
            state="held" if fixed.state == "held" else "charged",
            tier=cast(TierCode, fixed.tier),
            items=[PriceItemOut.of(Item(**item)) for item in fixed.items],
            credits=str(fixed.credits),
            available=str(available),
            missing="0",
            exceeded=[],
        )
    quoted = await quote_for(db, services.settings, contest)
    return ContestPriceOut(
        contest_id=contest_id,
        state="quoted" if services.settings.prices_are_on else "free",
        tier=quoted.tier.code,
        items=[PriceItemOut.of(item) for item in quoted.items],
        credits=str(quoted.total),
        available=str(available),
        missing=str(max(0, quoted.total - available)),
        exceeded=[ExceededOut.of(one) for one in quoted.exceeded],
    )
