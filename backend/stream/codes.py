"""Why a stream was closed: codes 4000–4999 are an application's own (RFC 6455, 7.4.2)."""

from __future__ import annotations

MALFORMED = 4400
SIGNED_OUT = 4401
TOO_SLOW = 4408
TOO_MANY = 4429

REASONS = {
    MALFORMED: "the first message must be a start message; nothing else is expected afterwards",
    SIGNED_OUT: "the access token is not valid or its session has ended: sign in",
    TOO_SLOW: "too far behind: connect again with resume_after",
    TOO_MANY: "too many streams are open: close one",
}
