"""Routes of buyers: checkout, payments, invoices, the portal, the subscription."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.db import Db
from backend.errors import errors
from backend.idempotency.keeping import IdempotencyKey, IdempotencyKeyReused
from backend.pages import DEFAULT_LIMIT, Limit, RowCursor
from backend.payments import checkouts, subscriptions
from backend.payments.errors import (
    CheckoutNotFound,
    CheckoutOver,
    NoInvoices,
    PaymentsNotSetUp,
    StripeUnavailable,
    SubscriptionActive,
    SubscriptionNotFound,
    SubscriptionUnchangeable,
)
from backend.payments.gateway import customers
from backend.payments.schemas import (
    CheckoutOut,
    InvoiceList,
    InvoiceOut,
    PaymentList,
    PaymentOut,
    PortalOut,
    PurchaseIn,
    SubscribeIn,
    SubscriptionChange,
    SubscriptionOut,
    TierOfMine,
)
from backend.payments.tables import Payment, StripeCustomer
from backend.prices.schemas import LimitsOut
from backend.prices.tiers import tier_of
from backend.routing import Router, deprecated
from backend.services import ServicesDep

router = Router(prefix="/payments", tags=["payments"])
AT_STRIPE = (PaymentsNotSetUp, StripeUnavailable)
BUYING = (NotSignedIn, ForeignOrigin, IdempotencyKeyReused, CheckoutOver, *AT_STRIPE)
InvoiceCursor = Annotated[
    str | None, Query(pattern=r"^in_[A-Za-z0-9_]{1,250}$", description="From `next_cursor`")
]


@router.post("/checkouts", status_code=201, summary="Buy credits", responses=errors(*BUYING))
async def buy_credits(
    body: PurchaseIn, key: IdempotencyKey, user: CurrentUser, services: ServicesDep, db: Db
) -> CheckoutOut:
    """Answers a page of Stripe's to pay on. Credits are booked when Stripe says that the money is there.

    The same Idempotency-Key is the same page, so that nobody pays twice for one wish.
    """
    begun = await checkouts.buy_package(db, services, user, key, body.package)
    return CheckoutOut.of(*await checkouts.find(db, user.id, begun.id))


@router.post(
    "/checkout",
    status_code=201,
    summary="Buy credits, under its earlier name",
    responses=errors(*BUYING),
    **deprecated(since=date(2026, 11, 22), sunset=date(2027, 6, 1), instead="POST /payments/checkouts"),
)
async def buy_at_checkout(
    body: PurchaseIn, key: IdempotencyKey, user: CurrentUser, services: ServicesDep, db: Db
) -> CheckoutOut:
    """As POST /payments/checkouts, where its page is read too."""
    return await buy_credits(body, key, user, services, db)


@router.get(
    "/checkouts/{checkout_id}",
    summary="What came of a checkout",
    responses=errors(NotSignedIn, CheckoutNotFound),
)
async def read_checkout(checkout_id: UUID, user: CurrentUser, db: Db) -> CheckoutOut:
    """For the page that people come back to: `paid` once the credits are there."""
    return CheckoutOut.of(*await checkouts.find(db, user.id, checkout_id))


@router.get("", summary="My payments", responses=errors(NotSignedIn))
async def list_payments(
    user: CurrentUser, db: Db, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> PaymentList:
    """Those that bought credits, newest first; what a subscription paid is among the invoices."""
    return await payments_of(db, user.id, cursor, limit)


@router.get("/invoices", summary="My invoices", responses=errors(NotSignedIn, NoInvoices, *AT_STRIPE))
async def list_invoices(
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
    cursor: InvoiceCursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> InvoiceList:
    """As Stripe keeps them, of credits and subscriptions alike, newest first, each with its page and PDF."""
    customer_id = await _customer(db, user.id)
    if customer_id is None:
        return InvoiceList(items=[], next_cursor=None)
    found, has_more = await customers.invoices(services.settings, customer_id, limit=limit, after=cursor)
    items = [InvoiceOut.of(one) for one in found]
    return InvoiceList(items=items, next_cursor=items[-1].id if items and has_more else None)


@router.post(
    "/portal",
    status_code=201,
    summary="My pages at Stripe",
    responses=errors(NotSignedIn, ForeignOrigin, NoInvoices, *AT_STRIPE),
)
async def open_customer_portal(user: CurrentUser, services: ServicesDep, db: Db) -> PortalOut:
    """A link to keep cards and address, see invoices, or end the subscription."""
    customer_id = await _customer(db, user.id)
    if customer_id is None:
        raise NoInvoices("You never bought anything here: POST /payments/checkouts begins it.")
    back = f"{services.settings.site}/account/credits"
    return PortalOut(url=await customers.open_portal(services.settings, customer_id, back))


@router.get("/subscription", summary="My tier", responses=errors(NotSignedIn))
async def read_subscription(user: CurrentUser, services: ServicesDep, db: Db) -> TierOfMine:
    """What I may, and the subscription that pays for it."""
    found = await subscriptions.running(db, user.id)
    tier = await tier_of(db, services.settings, user.id)
    return TierOfMine(
        tier=tier.code,
        limits=LimitsOut.of(tier),
        subscription=None if found is None else SubscriptionOut.of(found),
    )


@router.post(
    "/subscription",
    status_code=201,
    summary="Subscribe",
    responses=errors(
        NotSignedIn, ForeignOrigin, IdempotencyKeyReused, CheckoutOver, SubscriptionActive, *AT_STRIPE
    ),
)
async def start_subscription(
    body: SubscribeIn, key: IdempotencyKey, user: CurrentUser, services: ServicesDep, db: Db
) -> CheckoutOut:
    """Answers a page of Stripe's to pay on; the tier is there when Stripe says that the first period is paid."""
    begun = await checkouts.subscribe(db, services, user, key, body.tier, body.interval)
    return CheckoutOut.of(*await checkouts.find(db, user.id, begun.id))


@router.patch(
    "/subscription",
    summary="Change my subscription",
    responses=errors(NotSignedIn, ForeignOrigin, SubscriptionNotFound, SubscriptionUnchangeable, *AT_STRIPE),
)
async def change_subscription(
    body: SubscriptionChange, key: IdempotencyKey, user: CurrentUser, services: ServicesDep, db: Db
) -> SubscriptionOut:
    """`renews: false` ends it with what is paid, `true` takes that back; another `interval` is billed at once."""
    changed = await subscriptions.change(
        db, services, user.id, key, interval=body.interval, renews=body.renews
    )
    return SubscriptionOut.of(changed)


async def payments_of(db: AsyncSession, user_id: UUID, cursor: int | None, limit: int) -> PaymentList:
    """A page of a user's payments."""
    query = select(Payment).where(Payment.user_id == user_id).order_by(Payment.seq.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Payment.seq < cursor)
    found = list(await db.scalars(query))
    return PaymentList(
        items=[PaymentOut.of(row) for row in found[:limit]],
        next_cursor=str(found[limit - 1].seq) if len(found) > limit else None,
    )


async def _customer(db: AsyncSession, user_id: UUID) -> str | None:
    """Who they are at Stripe; gives the connection back."""
    found = await db.scalar(select(StripeCustomer.id).where(StripeCustomer.user_id == user_id))
    await db.rollback()
    return found
