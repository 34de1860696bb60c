"""Beginning to buy: credits, or a tier. What it costs is fixed by us before Stripe hears of it."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.idempotency.keeping import IdempotencyKeyReused
from backend.payments.errors import CheckoutNotFound, SubscriptionActive
from backend.payments.gateway import checkout as gateway
from backend.payments.gateway.client import require_set_up
from backend.payments.gateway.customers import make_customer
from backend.payments.subscriptions import running
from backend.payments.tables import Checkout, Payment, Sells, StripeCustomer
from backend.prices.price_list import CURRENCY, PACKAGES, Interval, PackageCode, TierCode, plan_of
from backend.services import Services
from backend.users.account import require_account


async def buy_package(
    db: AsyncSession, services: Services, user: SignedIn, key: str, code: PackageCode
) -> Checkout:
    """A page to pay for a package on.

    Raises IdempotencyKeyReused, CheckoutOver, PaymentsNotSetUp, StripeUnavailable, AccountErased.
    """
    package = PACKAGES[code]
    return await _begin(db, services, user, key, "package", code, package.credits, package.cents)


async def subscribe(
    db: AsyncSession, services: Services, user: SignedIn, key: str, tier: TierCode, interval: Interval
) -> Checkout:
    """A page to subscribe to a tier on. Raises SubscriptionActive, and as `buy_package` does."""
    if await running(db, user.id) is not None:
        raise SubscriptionActive(
            "You have a subscription already: change it with PATCH /payments/subscription instead."
        )
    cents = plan_of(tier, interval).cents
    return await _begin(db, services, user, key, "subscription", f"{tier}/{interval}", 0, cents)


async def find(db: AsyncSession, user_id: UUID, checkout_id: UUID) -> tuple[Checkout, Payment | None]:
    """A user's checkout, and the payment it led to. Raises CheckoutNotFound."""
    found = await db.scalar(select(Checkout).where(Checkout.id == checkout_id, Checkout.user_id == user_id))
    if found is None:
        raise CheckoutNotFound(f"You have no checkout {checkout_id}.")
    payments = select(Payment).where(Payment.checkout_id == checkout_id).order_by(Payment.booked.desc())
    return found, (await db.scalars(payments.limit(1))).first()


async def close(db: AsyncSession, session_id: str) -> None:
    """Note that nothing more is to come of a checkout."""
    await db.execute(
        update(Checkout)
        .where(Checkout.session_id == session_id, Checkout.closed_at.is_(None))
        .values(closed_at=func.clock_timestamp())
    )


async def _begin(
    db: AsyncSession,
    services: Services,
    user: SignedIn,
    key: str,
    sells: Sells,
    code: str,
    credits_: int,
    cents: int,
) -> Checkout:
    """Three short transactions: what is wished, the customer, the page. Stripe is asked between them.

    A request that was cut off anywhere is repeated with its key: it finds its row, and Stripe the same request.
    """
    require_set_up(services.settings)
    values = {"sells": sells, "code": code, "credits": credits_, "amount": cents, "currency": CURRENCY}
    await db.execute(
        insert(Checkout).values(id=uuid4(), user_id=user.id, key=key, **values).on_conflict_do_nothing()
    )
    checkout = (
        await db.scalars(select(Checkout).where(Checkout.user_id == user.id, Checkout.key == key))
    ).one()
    if (checkout.sells, checkout.code) != (sells, code):
        raise IdempotencyKeyReused(
            f"Idempotency-Key {key!r} was used for another purchase: choose a new one."
        )
    db.expunge(checkout)
    await db.commit()
    if checkout.session_id is not None:
        return checkout
    customer_id = await customer_of(db, services, user)
    try:
        begun = await gateway.begin(services.settings, checkout, customer_id)
    except gateway.CustomerGoneError:
        customer_id = await customer_of(db, services, user, instead_of=customer_id)
        begun = await gateway.begin(services.settings, checkout, customer_id)
    await require_account(db, user.id)
    found = await db.get_one(Checkout, checkout.id, with_for_update=True)
    found.session_id, found.url, found.expires_at = begun.session_id, begun.url, begun.expires_at
    await db.flush()
    return found


async def customer_of(db: AsyncSession, services: Services, user: SignedIn, instead_of: str = "") -> str:
    """Who the user is at Stripe; made where they are nobody yet. `instead_of`: a customer that is gone there.

    Raises PaymentsNotSetUp, StripeUnavailable.
    """
    await db.execute(
        delete(StripeCustomer).where(StripeCustomer.user_id == user.id, StripeCustomer.id == instead_of)
    )
    known = select(StripeCustomer.id).where(StripeCustomer.user_id == user.id)
    found = await db.scalar(known)
    if found is not None:
        return found
    await db.commit()  # gives the connection back while Stripe is asked
    made = await make_customer(services.settings, user.id, user.email, instead_of)
    await db.execute(insert(StripeCustomer).values(user_id=user.id, id=made).on_conflict_do_nothing())
    found = (await db.scalars(known)).one()
    await db.commit()
    return found
