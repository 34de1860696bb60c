"""POST /payments/stripe: Stripe's webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import stripe
import structlog
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert

from backend.db import Db
from backend.errors import AppError, ServiceUnavailable, errors
from backend.jobs.enqueue import enqueue
from backend.payments.tables import PaymentEvent
from backend.payments.tasks import SETTLE_PAYMENT
from backend.services import ServicesDep

log = structlog.get_logger(__name__)
router = APIRouter(tags=["payments"])
TOLERANCE_SECONDS = 300


class SignatureInvalid(AppError):
    """The webhook's signature or time is wrong: it is not of Stripe, or too old"""

    status = 400


class WebhookMalformed(AppError):
    """The webhook is signed, but is no event"""

    status = 400


class Received(BaseModel):
    """Stripe stops sending this event again."""

    received: Literal[True] = True


@router.post(
    "/payments/stripe",
    summary="Stripe's webhooks",
    responses=errors(SignatureInvalid, WebhookMalformed, ServiceUnavailable),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object", "description": "A Stripe event"},
                    "example": {
                        "id": "evt_1",
                        "object": "event",
                        "type": "charge.refunded",
                        "data": {"object": {"object": "charge", "payment_intent": "pi_1"}},
                    },
                }
            },
        }
    },
)
async def webhook(
    request: Request,
    services: ServicesDep,
    db: Db,
    signature: Annotated[str, Header(alias="Stripe-Signature", max_length=4000)] = "",
) -> Received:
    """Write down that something happened to a payment, and have it looked up at Stripe. Duplicates do nothing."""
    secret = services.settings.stripe_webhook_secret.get_secret_value()
    if not secret:
        raise ServiceUnavailable("Payments are not set up here: STRIPE_WEBHOOK_SECRET is missing.")
    body = await request.body()
    try:
        stripe.WebhookSignature.verify_header(
            body.decode("utf-8", "replace"), signature, secret, TOLERANCE_SECONDS
        )
    except stripe.SignatureVerificationError:
        raise SignatureInvalid(
            "Stripe-Signature does not fit the body, or is older than 5 minutes."
        ) from None
    event = _parse(body)
    new = await db.scalar(
        insert(PaymentEvent)
        .values(id=event.id, type=event.type, payment_id=event.payment_id)
        .on_conflict_do_nothing()
        .returning(PaymentEvent.id)
    )
    if new is not None and event.payment_id is not None:
        await enqueue(db, SETTLE_PAYMENT, {"payment_id": event.payment_id})
    log.info(
        "payment_event", stripe_event=event.id, type=event.type, payment=event.payment_id, new=new is not None
    )
    return Received()


class _Event(BaseModel):
    id: str
    type: str
    data: dict[str, Any]

    @property
    def payment_id(self) -> str | None:
        """The PaymentIntent it is about: of charges, refunds and disputes, or itself."""
        found = self.data.get("object")
        if not isinstance(found, dict):
            return None
        name = found.get("id") if found.get("object") == "payment_intent" else found.get("payment_intent")
        return name if isinstance(name, str) and 0 < len(name) <= 255 else None


def _parse(body: bytes) -> _Event:
    try:
        event = _Event.model_validate_json(body)
    except ValueError:
        raise WebhookMalformed("The body is no Stripe event: it needs id, type and data.") from None
    if not 0 < len(event.id) <= 255 or len(event.type) > 255 or "\0" in event.id + event.type:
        raise WebhookMalformed("The event's id or type is empty, too long, or holds a NUL.")
    return event
