"""A person's webhooks: making, changing, turning the secret, trying again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError, InvalidInput, NotFound
from backend.jobs.enqueue import enqueue
from backend.outbox.events import PING
from backend.outbox.tables import Event
from backend.services import Services
from backend.webhooks import signing
from backend.webhooks.tables import Delivery, Webhook
from backend.webhooks.target import problem

QUEUE = "webhooks"
DELIVER = "deliver_webhook"
"""The trigger on `app.event` enqueues it under these names."""

MOST = 10
OVERLAP = timedelta(hours=24)


class WebhookNotFound(NotFound):
    """You have no webhook with this id"""


class DeliveryNotFound(NotFound):
    """This webhook has no delivery with this id"""


class TooManyWebhooks(AppError):
    """You have as many webhooks as one may have; delete one first"""

    status = 409


class WebhookDisabled(AppError):
    """The webhook is switched off; switch it on first"""

    status = 409


class DeliveryWaits(AppError):
    """The delivery is not failed: it has arrived, or is still being tried"""

    status = 409


async def create(
    db: AsyncSession, services: Services, user_id: UUID, url: str, events: Sequence[str]
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is never shown again. Raises TooManyWebhooks, InvalidInput."""
    check_url(services, url)
    # Two requests at once count one after the other.
    await db.execute(text('SELECT FROM app."user" WHERE id = :id FOR NO KEY UPDATE'), {"id": user_id})
    count = await db.scalar(select(func.count()).where(Webhook.user_id == user_id))
    if (count or 0) >= MOST:
        raise TooManyWebhooks(
            f"You have {MOST} webhooks, which is as many as one may have. Delete one first.", most=MOST
        )
    secret, webhook_id = signing.new_secret(), uuid4()
    webhook = Webhook(
        id=webhook_id,
        user_id=user_id,
        url=url,
        events=list(dict.fromkeys(events)),
        secret=await signing.seal(services.kms, webhook_id, user_id, secret),
    )
    db.add(webhook)
    await db.flush()
    await db.refresh(webhook)
    return webhook, signing.shown(secret)


async def find(db: AsyncSession, user_id: UUID, webhook_id: UUID, lock: bool = False) -> Webhook:
    """One of the user's; raises WebhookNotFound."""
    query = select(Webhook).where(Webhook.id == webhook_id, Webhook.user_id == user_id)
    found = await db.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise WebhookNotFound(f"You have no webhook {webhook_id}.")
    return found


async def rotate(db: AsyncSession, services: Services, webhook: Webhook) -> str:
    """A new secret. The one before signs as well for a day, so that the receiver can change in between."""
    secret = signing.new_secret()
    webhook.previous_secret, webhook.previous_until = webhook.secret, datetime.now(UTC) + OVERLAP
    webhook.secret = await signing.seal(services.kms, webhook.id, webhook.user_id, secret)
    await db.flush()
    return signing.shown(secret)


async def ping(db: AsyncSession, webhook: Webhook) -> Delivery:
    """Send a test event to this webhook alone, once."""
    if webhook.disabled_at is not None:
        raise WebhookDisabled("The webhook is switched off. Switch it on first.")
    event_id = await db.scalar(
        insert(Event)
        .values(
            user_id=webhook.user_id,
            event=PING,
            subject=str(webhook.id),
            payload={"message": "It works."},
        )
        .returning(Event.id)
    )
    delivery = Delivery(webhook_id=webhook.id, event_id=event_id)
    db.add(delivery)
    await db.flush()
    await enqueue(db, DELIVER, {"delivery_id": delivery.id}, queue=QUEUE)
    await db.refresh(delivery)
    return delivery


async def retry(db: AsyncSession, webhook: Webhook, delivery_id: int) -> Delivery:
    """Try a failed delivery again, as if it were new, under the same message id."""
    delivery = await db.scalar(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.webhook_id == webhook.id)
        .with_for_update()
    )
    if delivery is None:
        raise DeliveryNotFound(f"This webhook has no delivery {delivery_id}.")
    if webhook.disabled_at is not None:
        raise WebhookDisabled("The webhook is switched off. Switch it on first.")
    if delivery.state != "failed":
        raise DeliveryWaits(f"The delivery is {delivery.state}: only a failed one can be tried again.")
    delivery.state, delivery.attempts = "waiting", 0
    await enqueue(db, DELIVER, {"delivery_id": delivery.id}, queue=QUEUE)
    await db.flush()
    return delivery


def check_url(services: Services, url: str) -> None:
    """Raises InvalidInput for a URL that a webhook may not have here."""
    found = problem(url, services.settings.webhook_private_targets)
    if found is not None:
        raise InvalidInput("body.url", found)
