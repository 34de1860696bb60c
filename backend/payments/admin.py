"""Routes of staff: somebody's payments, and giving money back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path

from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing, Support
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.idempotency.keeping import IdempotencyKey, IdempotencyKeyReused
from backend.pages import DEFAULT_LIMIT, Limit, RowCursor
from backend.payments.errors import (
    PaymentNotFound,
    PaymentsNotSetUp,
    RefundRefused,
    RefundTooLarge,
    StripeUnavailable,
)
from backend.payments.refunds import refund
from backend.payments.router import payments_of
from backend.payments.schemas import PaymentList, RefundIn, RefundOut
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/admin", tags=["admin"])
PaymentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_]{1,255}$", examples=["pi_3QabcD"])]


@router.get(
    "/users/{user_id}/payments",
    summary="Somebody's payments",
    responses=errors(NotSignedIn, RoleMissing),
)
async def user_payments(
    user_id: UUID, _support: Support, db: Db, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> PaymentList:
    """Newest first, also of an account that was erased."""
    return await payments_of(db, user_id, cursor, limit)


@router.post(
    "/payments/{payment_id}/refunds",
    status_code=201,
    summary="Give money back",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        RoleMissing,
        StepUpRequired,
        PaymentNotFound,
        RefundTooLarge,
        RefundRefused,
        IdempotencyKeyReused,
        PaymentsNotSetUp,
        StripeUnavailable,
    ),
)
async def refund_payment(
    payment_id: PaymentId,
    body: RefundIn,
    key: IdempotencyKey,
    admin: Admin,
    _stepped_up: SteppedUp,
    services: ServicesDep,
    db: Db,
) -> RefundOut:
    """All that is left of a payment, or a part of it. Its credits are taken back; spent ones stay owed.

    Written to the audit log with your name before Stripe is asked; the same key again is the same refund.
    """
    amount = None if body.amount is None else int(body.amount)
    return RefundOut.of(await refund(db, services, admin.id, key, payment_id, amount, body.reason))
