"""Which unsafe routes take no `Idempotency-Key`, with the reason, and whose answers are not kept.

Every other unsafe route takes one. A test compares this with the routes.
"""

from __future__ import annotations

_NOBODY_YET = "nobody is known yet who the key could belong to; "
_MAILED = _NOBODY_YET + "a mailed link works once"
_SESSION = "it acts on the session that asks, not on the account; "

WITHOUT_KEY: dict[str, str] = {
    "POST /users": _NOBODY_YET + "an address registers once, and the second request is `email_taken`",
    "POST /sessions": _NOBODY_YET + "each sign-in is a session of its own",
    "POST /sessions/refresh": _NOBODY_YET + "a refresh token works once",
    "POST /sessions/second-factor": _NOBODY_YET + "a ticket works once",
    "POST /sessions/second-factor/passkey-options": _NOBODY_YET + "it only asks for a challenge",
    "POST /sessions/passkey/options": _NOBODY_YET + "it only asks for a challenge",
    "POST /sessions/passkey": _NOBODY_YET + "a challenge is answered once",
    "POST /email-verifications/finish": _MAILED,
    "POST /password-resets": _NOBODY_YET + "the newest link is the one that counts",
    "POST /password-resets/finish": _MAILED,
    "POST /wallet/export/cancel": _MAILED,
    "POST /notices/unsubscribe/{token}": _NOBODY_YET + "whoever is off a list stays off it",
    "DELETE /sessions": _SESSION + "whoever repeats it is not signed in any more",
    "POST /step-up": _SESSION + "stepping up again only starts the five minutes anew",
    "POST /step-up/passkey-options": _SESSION + "it only asks for a challenge",
    "POST /step-up/second-factor": _SESSION + "a code or challenge works once",
    "POST /payments/stripe": "Stripe names each event itself, and an event counts once",
    "POST /payments/portal": "it opens a page of Stripe's and changes nothing",
    "POST /graphql": "it only reads",
    "POST /contests/{contest_id}/inclusion": "it only reads",
    "PUT /me/avatar": "its body is read while no transaction is open; the same picture again changes nothing",
    "POST /contests/{contest_id}/imports": (
        "its body is streamed to where files are kept, and would be here before it could be compared; "
        "an account that is brought in twice is counted as a duplicate"
    ),
}

SHOWN_ONCE = frozenset(
    {
        "POST /api-keys",
        "POST /factors/totp",
        "POST /factors/totp/confirm",
        "POST /factors/passkeys",
        "POST /factors/recovery-codes",
        "POST /webhooks",
        "POST /webhooks/{webhook_id}/rotate",
        "POST /wallet/export/retrieve",
        "POST /account/export/link",
        "POST /connections",
    }
)
"""Their answers hold secrets. What is kept is that they were given."""
