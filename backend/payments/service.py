"""Bringing what Stripe says into the ledger."""

from __future__ import annotations

import structlog
from prometheus_client import Counter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.errors import PermanentError
from backend.ledger import service as ledger
from backend.outbox.service import publish
from backend.payments.gateway.payments import Paid
from backend.payments.tables import Payment
from backend.users.account import is_there
from backend.users.tables import Pseudonym

ACTOR = "job:settle_payment"
log = structlog.get_logger(__name__)
_CREDITS = Counter("tombola_payment_credits", "Credits booked for payments, and taken back", ["direction"])


class ChangedMeanwhileError(Exception):
    """Somebody else settled this payment after we asked Stripe: what we know may be older. Ask again."""


async def settlements(db: AsyncSession, payment_id: str) -> int:
    """How often a payment was settled. Read it before asking Stripe, for `settle`."""
    return await db.scalar(select(Payment.settlements).where(Payment.id == payment_id)) or 0


async def settle(db: AsyncSession, payment_id: str, paid: Paid, settled_before: int) -> Payment:
    """Book the difference between what the user is due by `paid` and what was booked, in one transaction.

    What was spent already cannot be taken back: it stays owed (`booked` above `due`), and is taken as soon as the
    user has credits again and this runs again. Raises ChangedMeanwhileError, PermanentError.
    """
    # Money moves for an account that was erased meanwhile too.
    if await db.scalar(select(Pseudonym.id).where(Pseudonym.id == paid.user_id)) is None:
        raise PermanentError(f"payment {payment_id} is for user {paid.user_id}, whom nobody knows")
    await db.execute(
        insert(Payment)
        .values(id=payment_id, user_id=paid.user_id, credits=paid.credits, checkout_id=paid.checkout_id)
        .on_conflict_do_nothing()
    )
    payment = (await db.scalars(select(Payment).where(Payment.id == payment_id).with_for_update())).one()
    if payment.settlements != settled_before:
        raise ChangedMeanwhileError(payment_id)
    if (payment.user_id, payment.credits) != (paid.user_id, paid.credits):
        raise PermanentError(f"payment {payment_id} is of another purchase now: somebody edited its metadata")
    payment.due = paid.due
    payment.amount, payment.currency = paid.amount, paid.currency
    payment.captured, payment.refunded, payment.disputed = paid.captured, paid.refunded, paid.disputed
    payment.settlements += 1
    await _book(db, payment)
    return payment


async def _book(db: AsyncSession, payment: Payment) -> None:
    """One ledger entry towards `due`, if one is possible."""
    user = await ledger.user_account(db, payment.user_id)
    outside = await ledger.system_account(db, "payments")
    await ledger.lock(db, [user, outside])
    difference = payment.due - payment.booked
    if difference < 0:
        available = (await ledger.balance(db, payment.user_id)).available
        difference = -min(-difference, available)
    if difference == 0:
        return
    debit, credit = (outside, user) if difference > 0 else (user, outside)
    payment.bookings += 1
    payment.booked += difference
    entry = await ledger.transfer(
        db,
        key=f"payment:{payment.id}:{payment.bookings}",
        debit=debit,
        credit=credit,
        amount=abs(difference),
        purpose="payment" if difference > 0 else "payment_returned",
        actor=ACTOR,
        memo=f"Stripe {payment.id}",
    )
    _CREDITS.labels("in" if difference > 0 else "back").inc(abs(difference))
    log.info("payment_booked", payment=payment.id, credits=difference, owed=payment.booked - payment.due)
    if await is_there(db, payment.user_id):
        after = entry.credit_balance if difference > 0 else entry.debit_balance
        said = {"currency": ledger.CREDIT, "amount": str(difference), "balance": str(after)}
        subject = f"user:{payment.user_id}"
        await publish(db, payment.user_id, "credits.changed", subject, {"entry_id": str(entry.id), **said})
