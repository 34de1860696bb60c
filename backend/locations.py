"""Where what a POST made can be read or removed: the `Location` of its answer (RFC 9110, 15.3.2 and 15.3.3).

Places are below /api/v1; names in braces are those of the path and of the answer.
"""

from __future__ import annotations

MADE: dict[str, str] = {
    "POST /users": "/me",
    "POST /factors/passkeys": "/factors/passkeys/{passkey[id]}",
    "POST /links": "/links/{id}",
    "POST /api-keys": "/api-keys/{id}",
    "POST /wallet/export": "/wallet/export",
    "POST /account/export": "/account/export",
    "POST /privacy/erasure": "/privacy/erasure",
    "POST /intents": "/intents/{id}",
    "POST /payments/checkouts": "/payments/checkouts/{id}",
    "POST /payments/checkout": "/payments/checkouts/{id}",
    "POST /payments/subscription": "/payments/checkouts/{id}",
    "POST /admin/credits": "/admin/users/{user_id}/credits/statement",
    "POST /admin/payments/{payment_id}/refunds": "/admin/payments/{payment_id}/refunds",
    "POST /contests": "/contests/{id}",
    "POST /contests/{contest_id}/imports": "/contests/{contest_id}/imports/{id}",
    "POST /contests/{contest_id}/commit": "/intents/{id}",
    "POST /contests/{contest_id}/disqualify": "/intents/{id}",
    "POST /contests/{contest_id}/repeats": "/intents/{id}",
    "POST /admin/incidents": "/status/incidents",
    "POST /admin/incidents/{incident_id}/updates": "/status/incidents",
    "POST /webhooks": "/webhooks/{id}",
}
