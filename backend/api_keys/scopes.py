"""What a key may do: one decision for each route that asks who somebody is. A test compares it with the routes.

`never`: only a person's session may. That is everything about how the account is reached: sessions, factors, links,
keys, profile. What needs step-up or a role (administration) is never for keys and needs no line. At a route without a
line keys are refused.
"""

from __future__ import annotations

from typing import Literal, get_args

Scope = Literal["read", "intents", "contests", "webhooks"]
Decision = Scope | Literal["never"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

DECISIONS: dict[str, Decision] = {
    "GET /me": "read",
    "PATCH /me": "never",
    "PUT /me/avatar": "never",
    "DELETE /me/avatar": "never",
    "POST /email-verifications": "never",
    "GET /privacy/erasure": "never",
    "DELETE /privacy/erasure": "never",
    "GET /sessions": "never",
    "DELETE /sessions": "never",
    "DELETE /sessions/{session_id}": "never",
    "POST /sessions/end-others": "never",
    "POST /step-up": "never",
    "POST /step-up/passkey-options": "never",
    "POST /step-up/second-factor": "never",
    "GET /factors": "never",
    "GET /links": "read",
    "POST /links/message": "never",
    "POST /links": "never",
    "GET /api-keys": "never",
    "DELETE /api-keys/{key_id}": "never",
    "GET /wallet": "read",
    "GET /wallet/export": "never",
    "DELETE /wallet/export": "never",
    "GET /policy": "read",
    "GET /policy/addresses": "read",
    "DELETE /policy/addresses/{address}": "never",
    "POST /webhooks": "webhooks",
    "GET /webhooks": "webhooks",
    "GET /webhooks/{webhook_id}": "webhooks",
    "PATCH /webhooks/{webhook_id}": "webhooks",
    "DELETE /webhooks/{webhook_id}": "webhooks",
    "POST /webhooks/{webhook_id}/rotate": "webhooks",
    "POST /webhooks/{webhook_id}/ping": "webhooks",
    "GET /webhooks/{webhook_id}/deliveries": "webhooks",
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry": "webhooks",
    "POST /intents": "intents",
    "GET /intents": "read",
    "GET /intents/{intent_id}": "read",
    "POST /intents/{intent_id}/cancel": "intents",
    "GET /credits": "read",
    "GET /credits/statement": "read",
    "GET /credits/statement.csv": "read",
    "GET /payments": "read",
    "GET /payments/checkouts/{checkout_id}": "read",
    "GET /payments/invoices": "read",
    "GET /payments/subscription": "read",
    "POST /payments/checkout": "never",
    "POST /payments/subscription": "never",
    "PATCH /payments/subscription": "never",
    "POST /payments/portal": "never",
    "GET /contests": "read",
    "GET /contests/{contest_id}/price": "read",
    "POST /contests": "contests",
    "GET /contests/{contest_id}": "read",
    "PATCH /contests/{contest_id}": "contests",
    "DELETE /contests/{contest_id}": "contests",
    "PUT /contests/{contest_id}/filters": "contests",
    "GET /contests/{contest_id}/preview": "read",
    "GET /contests/{contest_id}/exclusions": "read",
    "GET /contests/{contest_id}/exclusions.csv": "read",
    "POST /contests/{contest_id}/imports": "contests",
    "GET /contests/{contest_id}/imports": "read",
    "GET /contests/{contest_id}/imports/{import_id}": "read",
    "DELETE /contests/{contest_id}/imports/{import_id}": "contests",
    "GET /contests/{contest_id}/entries.csv": "read",
    "GET /contests/{contest_id}/rejections": "read",
    "GET /contests/{contest_id}/rejections.csv": "read",
    "POST /contests/{contest_id}/announce": "contests",
    "POST /contests/{contest_id}/cancel": "contests",
    "POST /contests/{contest_id}/commit": "contests",
    "GET /contests/{contest_id}/winners": "read",
    "GET /contests/{contest_id}/winners.csv": "read",
    "GET /contests/{contest_id}/announcement": "read",
    "GET /contests/{contest_id}/bundle": "read",
    "POST /contests/{contest_id}/inclusion": "read",
    "GET /contests/{contest_id}/certificate.pdf": "read",
    "GET /contests/{contest_id}/openings": "read",
    "POST /contests/{contest_id}/disqualify": "contests",
    "POST /contests/{contest_id}/repeats": "contests",
    "GET /analytics/mine": "read",
    "GET /analytics/mine/export": "read",
    "POST /connections": "never",
    "GET /connections": "read",
    "DELETE /connections/{connection_id}": "never",
    "GET /connections/{connection_id}/posts": "read",
}


def decision(operation: str) -> Decision:
    """Of an operation, `GET /wallet`; what nobody decided is refused."""
    return DECISIONS.get(operation, "never")
