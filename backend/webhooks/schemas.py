"""Webhooks as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from backend.outbox.events import EVENTS
from backend.webhooks.tables import Delivery, Webhook

EventName = Literal[
    "intent.created",
    "intent.signed",
    "intent.broadcast",
    "intent.mined",
    "intent.confirmed",
    "intent.reverted",
    "intent.rejected",
    "intent.cancelled",
    "import.progress",
    "import.finished",
    "credits.low",
    "contest.completed",
    "raffle.won",
    "subscription.renews",
    "credits.changed",
    "contest.charged",
    "subscription.changed",
]
_EVENTS = "; ".join(f"`{name}`: {meaning}" for name, meaning in EVENTS.items())


class WebhookIn(BaseModel):
    """A webhook to be made."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        min_length=1,
        max_length=2000,
        description="https, port 443 or 8443, a public host name",
        examples=["https://shop.example.com/tombola"],
    )
    events: list[EventName] = Field(
        min_length=1,
        max_length=len(EVENTS),
        description=_EVENTS,
        examples=[["intent.confirmed", "intent.reverted"]],
    )


class WebhookChange(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True}]})

    url: str | None = Field(default=None, min_length=1, max_length=2000)
    events: list[EventName] | None = Field(default=None, min_length=1, max_length=len(EVENTS))
    enabled: StrictBool | None = Field(default=None, description="true switches it on again, false off")


class WebhookOut(BaseModel):
    """A webhook, without its secret."""

    id: UUID
    url: str = Field(examples=["https://shop.example.com/tombola"])
    events: list[str] = Field(examples=[["intent.confirmed", "intent.reverted"]])
    enabled: bool
    disabled_reason: str | None = Field(examples=[None, "it answered 410 Gone"])
    previous_secret_until: datetime | None = Field(description="Until then the secret before signs as well")
    last_success_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookOut:
        """From its row."""
        return cls(**_fields(webhook))


class WebhookWithSecret(WebhookOut):
    """A webhook with a secret that is shown this once."""

    secret: str = Field(examples=["whsec_" + "A" * 43 + "="])

    @classmethod
    def with_secret(cls, webhook: Webhook, secret: str) -> WebhookWithSecret:
        """From its row and the secret just made."""
        return cls(**_fields(webhook), secret=secret)


class WebhookList(BaseModel):
    """All of a person's webhooks, oldest first."""

    items: list[WebhookOut]


class DeliveryOut(BaseModel):
    """One event on its way to a webhook. `answer_status` and `error` are of the last attempt."""

    id: str = Field(examples=["17"])
    message_id: str = Field(description="The header webhook-id", examples=["msg_5f0c6f6c8d0d4a8f9d6e"])
    event: str = Field(examples=["intent.confirmed"])
    subject: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    answer_status: int | None = Field(examples=[200])
    error: str | None = Field(examples=["no answer in 15 s"])
    created_at: datetime
    attempted_at: datetime | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery, event: str, subject: str) -> DeliveryOut:
        """From its row and its event."""
        return cls.model_validate(
            {
                **{name: getattr(delivery, name) for name in cls.model_fields if hasattr(delivery, name)},
                "id": str(delivery.id),
                "message_id": f"msg_{delivery.message_id.hex}",
                "event": event,
                "subject": subject,
            }
        )


class DeliveryList(BaseModel):
    """Newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None = Field(examples=["17", None])


def _fields(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "enabled": webhook.disabled_at is None,
        "disabled_reason": webhook.disabled_reason,
        "previous_secret_until": webhook.previous_until,
        "last_success_at": webhook.last_success_at,
        "created_at": webhook.created_at,
    }
