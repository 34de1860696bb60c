"""What becomes of mails, for Prometheus. Those that wait are jobs: `tombola_jobs{task="deliver_mail"}`."""

from __future__ import annotations

from prometheus_client import Counter

MAILS = Counter(
    "tombola_mails",
    "Attempts at handing a mail over: sent; no_recipient and refused, both for good; failed and tried again",
    ["outcome"],
)
for _outcome in ("sent", "no_recipient", "refused", "failed"):
    MAILS.labels(_outcome)  # an increase from 0 is one
