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
    "import.progress": "Rows of an import of participants were stored; at most twice a second for each import.",
    "import.finished": "An import of participants ended: it is done, failed or cancelled.",
    "credits.low": "Fewer credits are left than the threshold; once, until there are enough again.",
    "contest.completed": "The draw of a contest is final.",
    "raffle.won": "Tickets of a raffle have won, and its draw is final.",
    "subscription.renews": "A subscription will renew soon.",
    "credits.changed": "Credits were bought or their money went back, or an administrator gave or corrected them.",
    "contest.charged": "A contest was opened, and the credits held for it were taken.",
    "subscription.changed": "A subscription began, was renewed, changed or ended.",
}
"""What a webhook may ask for."""

KNOWN = frozenset({*EVENTS, PING})
