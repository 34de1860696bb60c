"""Routes of webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy import select

from backend.audit.service import record
from backend.auth.current_user import CurrentUser, NotSignedIn, SignedIn
from backend.auth.origin import ForeignOrigin
from backend.db import Db
from backend.editions import IfMatch, edition, require, tell
from backend.errors import errors
from backend.outbox.tables import Event
from backend.routing import Router
from backend.services import ServicesDep
from backend.webhooks import service
from backend.webhooks.schemas import (
    DeliveryList,
    DeliveryOut,
    WebhookChange,
    WebhookIn,
    WebhookList,
    WebhookOut,
    WebhookWithSecret,
)
from backend.webhooks.tables import Delivery, Webhook

router = Router(tags=["webhooks"])
BY_OWNER = (NotSignedIn, ForeignOrigin, service.WebhookNotFound)
DeliveryId = Annotated[int, Path(ge=1, lt=2**63)]


@router.post(
    "/webhooks",
    status_code=201,
    summary="Have events sent to my server",
    responses=errors(NotSignedIn, ForeignOrigin, service.TooManyWebhooks),
)
async def create_webhook(
    body: WebhookIn, user: CurrentUser, services: ServicesDep, db: Db
) -> WebhookWithSecret:
    """Answers the signing secret, this once. See docs/webhooks.md for how to verify what arrives."""
    webhook, secret = await service.create(db, services, user.id, body.url, body.events)
    await _audit(db, user, "webhook.make", webhook.id)
    return WebhookWithSecret.with_secret(webhook, secret)


@router.get("/webhooks", summary="My webhooks", responses=errors(NotSignedIn))
async def list_webhooks(user: CurrentUser, db: Db) -> WebhookList:
    """Oldest first."""
    query = select(Webhook).where(Webhook.user_id == user.id).order_by(Webhook.created_at, Webhook.id)
    return WebhookList(items=[WebhookOut.of(one) for one in await db.scalars(query)])


@router.get(
    "/webhooks/{webhook_id}",
    summary="One of my webhooks",
    responses=errors(NotSignedIn, service.WebhookNotFound),
)
async def read_webhook(webhook_id: UUID, user: CurrentUser, db: Db, response: Response) -> WebhookOut:
    """Whether it is on, and when it last took something."""
    found = await service.find(db, user.id, webhook_id)
    tell(response, _edition(found))
    return WebhookOut.of(found)


@router.patch("/webhooks/{webhook_id}", summary="Change a webhook", responses=errors(*BY_OWNER))
async def change_webhook(
    webhook_id: UUID,
    body: WebhookChange,
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
    response: Response,
    if_match: IfMatch = None,
) -> WebhookOut:
    """Its address, its events, or whether it is on."""
    found = await service.find(db, user.id, webhook_id, lock=True)
    require(if_match, _edition(found))
    if body.url is not None:
        service.check_url(services, body.url)
        found.url = body.url
    if body.events is not None:
        found.events = list(dict.fromkeys(body.events))
    if body.enabled is True:
        found.disabled_at, found.disabled_reason = None, None
    if body.enabled is False and found.disabled_at is None:
        found.disabled_at, found.disabled_reason = datetime.now(UTC), "switched off by its owner"
    await db.flush()
    await _audit(db, user, "webhook.change", webhook_id)
    tell(response, _edition(found))
    return WebhookOut.of(found)


@router.delete(
    "/webhooks/{webhook_id}", status_code=204, summary="Delete a webhook", responses=errors(*BY_OWNER)
)
async def delete_webhook(webhook_id: UUID, user: CurrentUser, db: Db) -> None:
    """With its deliveries. Nothing more is sent there."""
    await db.delete(await service.find(db, user.id, webhook_id, lock=True))
    await _audit(db, user, "webhook.remove", webhook_id)


@router.post("/webhooks/{webhook_id}/rotate", summary="Change the secret", responses=errors(*BY_OWNER))
async def rotate_secret(
    webhook_id: UUID, user: CurrentUser, services: ServicesDep, db: Db
) -> WebhookWithSecret:
    """Answers a new secret, this once. For 24 hours messages carry signatures by both."""
    found = await service.find(db, user.id, webhook_id, lock=True)
    secret = await service.rotate(db, services, found)
    await _audit(db, user, "webhook.rotate", webhook_id)
    return WebhookWithSecret.with_secret(found, secret)


@router.post(
    "/webhooks/{webhook_id}/ping",
    status_code=202,
    summary="Send a test event",
    responses=errors(*BY_OWNER, service.WebhookDisabled),
)
async def ping_webhook(webhook_id: UUID, user: CurrentUser, db: Db) -> DeliveryOut:
    """One `webhook.ping`, tried once; its delivery says what came of it."""
    found = await service.find(db, user.id, webhook_id)
    return await _shown(db, await service.ping(db, found))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    summary="What was sent to a webhook",
    responses=errors(NotSignedIn, service.WebhookNotFound),
)
async def list_deliveries(
    webhook_id: UUID,
    user: CurrentUser,
    db: Db,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> DeliveryList:
    """Newest first, for as long as events are kept."""
    found = await service.find(db, user.id, webhook_id)
    query = (
        select(Delivery, Event.event, Event.subject)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.webhook_id == found.id)
        .order_by(Delivery.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(Delivery.id < int(cursor))
    rows = (await db.execute(query)).all()
    page = [DeliveryOut.of(*row) for row in rows[:limit]]
    return DeliveryList(items=page, next_cursor=page[-1].id if len(rows) > limit else None)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
    status_code=202,
    summary="Send a failed delivery again",
    responses=errors(*BY_OWNER, service.DeliveryNotFound, service.DeliveryWaits, service.WebhookDisabled),
)
async def retry_delivery(webhook_id: UUID, delivery_id: DeliveryId, user: CurrentUser, db: Db) -> DeliveryOut:
    """Under the same webhook-id, with all its attempts anew."""
    found = await service.find(db, user.id, webhook_id)
    return await _shown(db, await service.retry(db, found, delivery_id))


def _edition(webhook: Webhook) -> str:
    return edition(url=webhook.url, events=webhook.events, disabled_at=webhook.disabled_at)


async def _audit(db: Db, user: SignedIn, action: str, webhook_id: UUID) -> None:
    """Without its address: the log outlives the account."""
    await record(db, f"user:{user.id}", action, f"user:{user.id}", {"webhook": str(webhook_id)})


async def _shown(db: Db, delivery: Delivery) -> DeliveryOut:
    event = await db.get_one(Event, delivery.event_id)
    return DeliveryOut.of(delivery, event.event, event.subject)
