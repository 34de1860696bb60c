"""POST /payments/stripe: Stripe's webhooks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import stripe
import structlog
from fastapi import Header, Request
from prometheus_client import Counter
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import insert

from backend.db import Db
from backend.errors import AppError, ServiceUnavailable, errors
from backend.jobs.enqueue import enqueue
from backend.payments.tables import PaymentEvent
from backend.payments.waking import LookUp, look_up_for
from backend.routing import Router
from backend.services import ServicesDep

log = structlog.get_logger(__name__)
_EVENTS = Counter("tombola_payment_events", "Stripe's webhooks that were taken", ["kind"])
router = Router(tags=["payments"])
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
async def take_stripe_event(
    request: Request,
    services: ServicesDep,
    db: Db,
    signature: Annotated[str, Header(alias="Stripe-Signature", max_length=4000)] = "",
) -> Received:
    """Write down that something happened to a payment or a subscription, and have it looked up at Stripe.

    Duplicates do nothing; whatever else the event says is not used.
    """
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
    wanted = event.look_up
    object_id = None if wanted is None else wanted.object_id
    new = await db.scalar(
        insert(PaymentEvent)
        .values(id=event.id, type=event.type, object_id=object_id)
        .on_conflict_do_nothing()
        .returning(PaymentEvent.id)
    )
    if new is not None and wanted is not None:
        await enqueue(db, wanted.task, {wanted.argument: wanted.object_id})
    _EVENTS.labels("new" if new is not None else "repeated").inc()
    log.info("payment_event", stripe_event=event.id, type=event.type, object=object_id, new=new is not None)
    return Received()


class _Event(BaseModel):
    id: str
    type: str
    data: dict[str, Any]

    @property
    def look_up(self) -> LookUp | None:
        """What it tells to look up."""
        return look_up_for(self.data.get("object"))


def _parse(body: bytes) -> _Event:
    try:
        event = _Event.model_validate_json(body)
    except ValueError:
        raise WebhookMalformed("The body is no Stripe event: it needs id, type and data.") from None
    if not 0 < len(event.id) <= 255 or len(event.type) > 255 or "\0" in event.id + event.type:
        raise WebhookMalformed("The event's id or type is empty, too long, or holds a NUL.")
    return event
