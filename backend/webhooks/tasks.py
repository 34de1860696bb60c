"""Delivering to webhooks."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run, task
from backend.jobs.errors import LaterError
from backend.outbox.events import PING
from backend.outbox.service import mail
from backend.outbox.tables import Event
from backend.services import Services
from backend.users.tables import User
from backend.webhooks import metrics
from backend.webhooks.client import Answer, call
from backend.webhooks.service import DELIVER, QUEUE
from backend.webhooks.signing import body_of, headers, open_secrets
from backend.webhooks.tables import Delivery, Webhook

log = structlog.get_logger(__name__)
GONE = 410
LIMIT = 40


@task(DELIVER, queue=QUEUE, limit=LIMIT)
async def deliver_webhook(run: Run, delivery_id: int) -> None:
    """One attempt. Killed between the call and its record, it is made again with the same webhook-id."""
    services = run.services
    async with AsyncSession(services.engine) as db:
        row = (
            await db.execute(
                select(Delivery, Webhook, Event)
                .join(Webhook, Webhook.id == Delivery.webhook_id)
                .join(Event, Event.id == Delivery.event_id)
                .where(Delivery.id == delivery_id, Delivery.state == "waiting")
            )
        ).one_or_none()
    if row is None:
        return
    delivery, webhook, event = row
    if webhook.disabled_at is not None:
        answer = Answer(None, "the webhook is switched off")
    else:
        body = body_of(event)
        signed = headers(delivery.message_id, body, await open_secrets(services.kms, webhook))
        allowed = services.settings.webhook_private_targets
        answer = await call(webhook.url, signed, body, allowed)
        refused = "unreachable" if answer.status is None else "refused"
        metrics.ATTEMPTS.labels("taken" if answer.is_success else refused).inc()
    retry_in = await _record(services, delivery_id, event.event, answer)
    if retry_in is not None:
        raise LaterError(answer.error or "", retry_in)


async def _record(services: Services, delivery_id: int, event: str, answer: Answer) -> float | None:
    """Write what came of it; returns after how many seconds to try again, None for not at all."""
    now = datetime.now(UTC)
    pauses = services.settings.webhook_retry_seconds
    async with AsyncSession(services.engine) as db, db.begin():
        delivery = await db.get_one(Delivery, delivery_id, with_for_update=True)
        webhook = await db.get_one(Webhook, delivery.webhook_id, with_for_update=True)
        if delivery.state == "delivered":
            return None
        delivery.attempts += 1
        delivery.attempted_at, delivery.answer_status, delivery.error = now, answer.status, answer.error
        if answer.is_success:
            delivery.state, delivery.delivered_at = "delivered", now
            webhook.last_success_at = now
            return None
        is_over = webhook.disabled_at is not None or answer.status == GONE or event == PING
        if not is_over and delivery.attempts <= len(pauses):
            return pauses[delivery.attempts - 1] * random.uniform(0.9, 1.1)
        delivery.state = "failed"
        if event != PING and webhook.disabled_at is None:
            await _disable_if_dead(db, webhook, delivery, answer, now)
        return None


async def _disable_if_dead(
    db: AsyncSession, webhook: Webhook, delivery: Delivery, answer: Answer, now: datetime
) -> None:
    """Switch off a webhook that says it is gone, or took nothing all the time this delivery was tried."""
    took_others = webhook.last_success_at is not None and webhook.last_success_at > delivery.created_at
    if answer.status != GONE and took_others:
        return
    reason = "it answered 410 Gone" if answer.status == GONE else f"for three days, at last: {answer.error}"
    webhook.disabled_at, webhook.disabled_reason = now, reason
    owner = await db.get_one(User, webhook.user_id)
    why = "gone" if answer.status == GONE else "silent"
    metrics.DISABLED.labels(why).inc()
    said = {"url": webhook.url, "reason": f"webhook.{why}", "error": str(answer.error)}
    await mail(db, owner.id, owner.email, "webhook_disabled", said)
    log.warning("webhook_disabled", webhook=str(webhook.id), reason=reason)
