"""What receivers of webhooks say, for Prometheus. What waits for them are jobs: `tombola_jobs{task="deliver_webhook"}`."""

from __future__ import annotations

from prometheus_client import Counter

ATTEMPTS = Counter(
    "tombola_webhook_attempts",
    "Calls of receivers: taken; refused by their answer; unreachable, where there was none",
    ["outcome"],
)
DISABLED = Counter(
    "tombola_webhooks_disabled",
    "Webhooks switched off: they said so (gone), or took nothing for days (silent)",
    ["why"],
)
for _outcome in ("taken", "refused", "unreachable"):
    ATTEMPTS.labels(_outcome)  # an increase from 0 is one
for _why in ("gone", "silent"):
    DISABLED.labels(_why)
