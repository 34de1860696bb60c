"""Secrets and signatures as Standard Webhooks has them (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from standardwebhooks import Webhook as Signer

from backend.outbox.tables import Event
from backend.wallets.kms import Kms
from backend.webhooks.tables import Webhook

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The form in which a person gets it, once."""
    return PREFIX + base64.b64encode(secret).decode()


async def seal(kms: Kms, webhook_id: UUID, user_id: UUID, secret: bytes) -> bytes:
    """What is stored: it opens for this webhook of this user alone."""
    return await kms.seal(secret, _context(webhook_id, user_id))


async def open_secrets(kms: Kms, webhook: Webhook) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    context = _context(webhook.id, webhook.user_id)
    found = [await kms.open(webhook.secret, context)]
    if webhook.previous_secret is not None and (webhook.previous_until or datetime.min) > datetime.now(UTC):
        found.append(await kms.open(webhook.previous_secret, context))
    return found


def body_of(event: Event) -> bytes:
    """The same bytes at every attempt."""
    said: dict[str, Any] = {
        "type": event.event,
        "timestamp": event.at.astimezone(UTC).isoformat(),
        "data": {"subject": event.subject, **event.payload},
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def headers(message_id: UUID, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Headers that prove who sent the body, and when; one signature for each secret."""
    now = datetime.now(UTC)
    name = f"msg_{message_id.hex}"
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(key).sign(name, now, body.decode()) for key in keys),
    }


def _context(webhook_id: UUID, user_id: UUID) -> dict[str, str]:
    return {"webhook": str(webhook_id), "owner": str(user_id)}
