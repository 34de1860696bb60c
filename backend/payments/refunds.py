"""Giving money back: an administrator's wish, written down and audited before Stripe hears of it."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.idempotency.keeping import IdempotencyKeyReused
from backend.jobs.enqueue import enqueue
from backend.payments.errors import PaymentNotFound, RefundTooLarge
from backend.payments.gateway.payments import give_back
from backend.payments.tables import Payment, Refund
from backend.payments.waking import SETTLE_PAYMENT
from backend.services import Services
from backend.users.account import is_there


async def refund(
    db: AsyncSession,
    services: Services,
    admin_id: UUID,
    key: str,
    payment_id: str,
    amount: int | None,
    reason: str,
) -> Refund:
    """Refund `amount` cents of a payment, or all that is left; its credits are taken back by looking it up.

    The same key again is the same refund, wherever the first attempt was cut off.
    Raises PaymentNotFound, RefundTooLarge, IdempotencyKeyReused, RefundRefused, StripeUnavailable.
    """
    wish = await _wish(db, f"user:{admin_id}", key, payment_id, amount, reason)
    if wish.stripe_id is not None:
        return wish
    db.expunge(wish)
    await db.commit()
    stripe_id = await give_back(services.settings, wish.id, payment_id, wish.amount)
    kept = await db.get_one(Refund, wish.id, with_for_update=True)
    kept.stripe_id = stripe_id
    await enqueue(db, SETTLE_PAYMENT, {"payment_id": payment_id})
    await db.flush()
    return kept


async def _wish(
    db: AsyncSession, actor: str, key: str, payment_id: str, amount: int | None, reason: str
) -> Refund:
    """The row of this key; made, and audited, the first time."""
    payment = await db.get(Payment, payment_id, with_for_update=True)
    if payment is None:
        raise PaymentNotFound(f"There is no payment {payment_id} that bought credits.")
    known = select(Refund).where(Refund.actor == actor, Refund.key == key)
    found = await db.scalar(known)
    if found is not None:
        if found.payment_id != payment_id or amount not in (None, found.amount):
            raise IdempotencyKeyReused(
                f"Idempotency-Key {key!r} was used for another refund: choose a new one."
            )
        return found
    left = payment.captured - payment.refunded
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise RefundTooLarge(
            f"{wanted} cannot be given back of {payment_id}: {left} of {payment.captured} captured is left.",
            left=str(left),
            asked=str(wanted),
            currency=payment.currency,
        )
    # Whoever was erased has nothing left to keep a seal's text in.
    said = await seal(db, payment.user_id, reason) if await is_there(db, payment.user_id) else ""
    made = Refund(id=uuid4(), payment_id=payment_id, actor=actor, key=key, amount=wanted, reason=said)
    db.add(made)
    await db.flush()
    detail = changed({"refunded": str(payment.refunded)}, {"refunded": str(payment.refunded + wanted)}, said)
    told = {"refund": str(made.id), "amount": str(wanted), "currency": payment.currency}
    await record(db, actor, "payment.refund", f"payment:{payment_id}", {**told, **detail})
    return made
