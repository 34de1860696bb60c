"""Why a stream was closed: codes 4000–4999 are an application's own (RFC 6455, 7.4.2), 1012 is the registry's."""

from __future__ import annotations

AGAIN = 1012
MALFORMED = 4400
SIGNED_OUT = 4401
TOO_SLOW = 4408
TOO_MANY = 4429

REASONS = {
    AGAIN: "something we need is away: connect again with resume_after",
    MALFORMED: "start with a start message; then only subscribe and unsubscribe are expected",
    SIGNED_OUT: "not signed in: the token is missing or not valid, or its session has ended",
    TOO_SLOW: "too far behind: connect again with resume_after",
    TOO_MANY: "too many streams are open: close one",
}
