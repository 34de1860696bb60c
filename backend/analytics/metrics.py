"""What is counted: one table, which the API, the files and docs/analytics.md follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.analytics.errors import MetricUnknown

Kind = Literal["sum", "distinct", "running", "level"]
Unit = Literal["count", "amount", "votes", "credits", "native"]
Split = Literal["", "token", "support", "purpose", "role", "platform", "filter"]


@dataclass(frozen=True)
class Metric:
    """A figure. `kind`: days are sums of hours (`sum`); hours and days are counted each by itself (`distinct`); hours
    hold changes, and the sum of all up to a time is what it is then (`running`); days hold what it is at their end,
    where it may have changed (`level`).

    `unit` of its values: things, the smallest unit of the token it is split by, votes, credits, or the smallest unit
    of the chain's currency. `split`: what its dimension is.
    """

    name: str
    unit: Unit = "count"
    split: Split = ""
    kind: Kind = "sum"


_ALL = (
    Metric("raffles", split="token"),
    Metric("entries", split="token"),
    Metric("tickets", split="token"),
    Metric("volume", "amount", "token"),
    Metric("players", kind="distinct"),
    Metric("new_players"),
    Metric("refunds", "amount", "token"),
    Metric("refunds_opened"),
    Metric("draws"),
    Metric("prizes_claimed"),
    Metric("proceeds", "amount", "token"),
    Metric("fees", "amount", "token"),
    Metric("contests"),
    Metric("contest_entries"),
    Metric("contest_draws"),
    Metric("draws_by_platform", split="platform"),
    Metric("draws_by_filter", split="filter"),
    Metric("tokens"),
    Metric("launch_fees", "amount", "token"),
    Metric("granted", "amount", "token"),
    Metric("released", "amount", "token"),
    Metric("returned", "amount", "token"),
    Metric("transfers", split="token"),
    Metric("transferred", "amount", "token"),
    Metric("supply", "amount", "token", "running"),
    Metric("holders", split="token", kind="running"),
    Metric("top_10", "amount", "token", "level"),
    Metric("proposals"),
    Metric("votes", split="support"),
    Metric("vote_weight", "votes", "support"),
    Metric("sign_ups"),
    Metric("converted"),
    Metric("erased"),
    Metric("credits_added", "credits", "purpose"),
    Metric("credits_spent", "credits", "purpose"),
    Metric("transactions", split="role"),
    Metric("gas", "native", "role"),
)
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}

OF_RAFFLE = ("entries", "tickets", "volume", "players", "refunds", "prizes_claimed", "proceeds", "fees")
OF_TOKEN = ("holders", "supply", "top_10", "transfers", "transferred")
OF_PLAN = ("granted", "released", "returned")
OF_ORGANISER = (
    "raffles",
    *OF_RAFFLE,
    "refunds_opened",
    "draws",
    "contests",
    "contest_entries",
    "contest_draws",
    "draws_by_platform",
    "draws_by_filter",
    "tokens",
    *OF_PLAN,
)
OF_ACCOUNT = ("credits_added", "credits_spent", "transactions", "gas")
"""Metrics that there are for a raffle, a token, a plan, an organiser or issuer, and an account of ours."""


def known(names: list[str] | None, there: tuple[str, ...]) -> list[str]:
    """The figures that are asked for, or all there are. Raises MetricUnknown."""
    wanted = list(dict.fromkeys(names or there))
    for name in wanted:
        if name not in there:
            raise MetricUnknown(f"{name[:60]!r} is no figure here; there are {', '.join(there)}.")
    return wanted
