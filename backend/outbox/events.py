"""Every event there is, and what it says. Streams carry all of a person's; a webhook those it chose."""

from __future__ import annotations

PING = "webhook.ping"

EVENTS: dict[str, str] = {
    "intent.created": "An intent was accepted; its money is held.",
    "intent.signed": "Its transactions are signed and stored.",
    "intent.broadcast": "A node of the network has them.",
    "intent.mined": "They are in a block that a reorganisation may still undo.",
    "intent.confirmed": "They are final and succeeded.",
    "intent.reverted": "They are final; at least one failed, so the intent did.",
    "intent.rejected": "The intent cannot succeed and was never sent.",
    "intent.cancelled": "The intent was cancelled before it took effect.",
    "credits.changed": "An administrator gave credits or corrected them.",
}
"""What a webhook may ask for."""

KNOWN = frozenset({*EVENTS, PING})
