"""Who may use which route: the one table. A test compares it with the routes and with what each checks.

`anyone` needs no account (a route that shows more to some people looks at its viewer itself), `signed_in` any
account, and then sees only what is that account's own; the other words are roles, and `admin` has them all.
`+` marks routes that need a session which stepped up a moment ago (`backend.auth.step_up`).
"""

from __future__ import annotations

from typing import Literal

Who = Literal["anyone", "signed_in", "organiser", "support", "admin", "signed_in+", "support+", "admin+"]

ACCESS: dict[str, Who] = {
    "GET /healthz": "anyone",
    "GET /readyz": "anyone",
    "POST /users": "anyone",
    "POST /sessions": "anyone",
    "POST /sessions/refresh": "anyone",
    "DELETE /sessions": "signed_in",
    "GET /me": "signed_in",
    "POST /step-up": "signed_in",
    "GET /wallet": "signed_in",
    "POST /intents": "signed_in",
    "GET /intents": "signed_in",
    "GET /intents/{intent_id}": "signed_in",
    "POST /intents/{intent_id}/cancel": "signed_in",
    "GET /credits": "signed_in",
    "GET /credits/statement": "signed_in",
    "GET /credits/statement.csv": "signed_in",
    "POST /admin/credits": "admin+",
    "GET /admin/differences": "admin",
    "GET /raffles": "anyone",
    "GET /raffles/{raffle_id}": "anyone",
    "GET /raffles/{raffle_id}/quote": "anyone",
    "GET /raffles/{raffle_id}/entries": "anyone",
    "GET /raffles/{raffle_id}/winners": "anyone",
    "GET /contests": "anyone",
    "POST /contests": "signed_in",
    "GET /contests/{contest_id}": "anyone",
    "DELETE /contests/{contest_id}": "signed_in",
    "GET /contests/{contest_id}/rejections": "signed_in",
    "GET /contests/{contest_id}/rejections.csv": "signed_in",
    "POST /contests/{contest_id}/commit": "signed_in",
    "GET /contests/{contest_id}/winners": "anyone",
    "GET /contests/{contest_id}/bundle": "anyone",
    "GET /contests/{contest_id}/openings": "signed_in",
    "POST /contests/{contest_id}/disqualify": "signed_in",
    "POST /contests/{contest_id}/repeats": "signed_in",
    "GET /tokens": "anyone",
    "GET /tokens/{address}": "anyone",
    "GET /tokens/{address}/figures": "anyone",
    "GET /tokens/{address}/holders": "anyone",
    "GET /vesting/plans": "anyone",
    "GET /vesting/plans/{plan_id}": "anyone",
    "GET /vesting/grants": "anyone",
    "GET /vesting/grants/{grant_id}": "anyone",
    "GET /accounts/{address}": "anyone",
    "GET /accounts/{address}/raffles": "anyone",
    "GET /config": "anyone",
    "GET /status": "anyone",
}
