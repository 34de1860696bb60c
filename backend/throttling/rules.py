"""Which limits a request counts against: of its network address, of its account, of the route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend.auth.origin import SAFE_METHODS
from backend.settings import Settings

MINUTE = 60
# Guessing, mailing and hashing start here, before anybody is known.
CREDENTIAL_ROUTES = frozenset(
    {
        "POST /users",
        "POST /sessions",
        "POST /sessions/second-factor",
        "POST /sessions/second-factor/passkey-options",
        "POST /sessions/passkey",
        "POST /sessions/passkey/options",
        "POST /step-up",
        "POST /step-up/second-factor",
        "POST /password-resets",
        "POST /password-resets/finish",
        "POST /email-verifications",
        "POST /email-verifications/finish",
    }
)
READS = frozenset({"POST /graphql"})
"""They change nothing, though their method does not say so."""
_INCLUSION = re.compile(r"/contests/[^/]+/inclusion")


@dataclass(frozen=True)
class Rule:
    """At most `limit` requests in any `seconds` for each network address or each account.

    `per` None: who a count is for is the caller's matter (`failures`).
    """

    name: str
    per: Literal["network", "user"] | None
    limit: int
    seconds: int = MINUTE


@dataclass(frozen=True)
class Count:
    """Where a client stands under a rule; `reset_seconds` until the oldest of its requests is forgotten.

    `is_allowed`: of a request that was counted, whether it was within the rule; else whether the next one is.
    """

    rule: Rule
    is_allowed: bool
    remaining: int
    reset_seconds: int


def rules_for(settings: Settings, method: str, path: str) -> tuple[Rule, ...]:
    """The limits of a request; `path` is below the API's prefix."""
    found = [
        Rule("network", "network", settings.requests_per_minute_per_network),
        Rule("user", "user", settings.requests_per_minute_per_user),
    ]
    is_inclusion = method == "POST" and _INCLUSION.fullmatch(path) is not None
    if is_inclusion:
        found.append(Rule("inclusion look-ups", "network", settings.inclusion_lookups_per_minute))
    elif method not in SAFE_METHODS and f"{method} {path}" not in READS:
        found.append(Rule("changes", "user", settings.changes_per_minute_per_user))
    if f"{method} {path}" in CREDENTIAL_ROUTES:
        found.append(Rule(f"credentials{path}", "network", settings.sign_in_attempts_per_minute))
    return tuple(found)
