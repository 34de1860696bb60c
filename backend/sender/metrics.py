"""What the sender does, for Prometheus. Amounts are wei."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from prometheus_client import Counter, Gauge, Histogram

Ended = Literal["done", "lease_lost", "chain_unreachable", "database", "cancelled", "broken"]

LANES = Gauge("tombola_sender_lanes", "Lanes there may be")
BUSY = Gauge("tombola_sender_lanes_busy", "Lanes at work")
PASSES = Counter("tombola_sender_passes", "Passes over the wallets of a lane, by how they ended", ["ended"])
PASS_SECONDS = Histogram(
    "tombola_sender_pass_duration_seconds", "One pass", buckets=(0.05, 0.25, 1, 5, 15, 60)
)
REPLACED = Counter(
    "tombola_sender_replacements", "Further transactions signed for a nonce that has one", ["purpose"]
)
FINAL = Counter("tombola_transactions_final", "Transactions that are final, by outcome", ["role", "outcome"])
GAS_PAID = Counter("tombola_gas_paid_wei", "What final transactions cost, by the wallet's role", ["role"])


def ended(role: str, *, succeeded: bool, fee: int | None) -> None:
    """A transaction of a wallet of this role is final."""
    FINAL.labels(role, "succeeded" if succeeded else "reverted").inc()
    if fee is not None:
        GAS_PAID.labels(role).inc(fee)


def start(names: Iterable[Ended] = ("done", "chain_unreachable", "database", "broken")) -> None:
    """Show the counters from the start, so that the first of a kind is an increase."""
    for name in names:
        PASSES.labels(name)
    for purpose in ("bump", "noop", "cancel"):
        REPLACED.labels(purpose)
    for role in ("user", "keeper", "treasury"):
        GAS_PAID.labels(role)
        for outcome in ("succeeded", "reverted"):
            FINAL.labels(role, outcome)
