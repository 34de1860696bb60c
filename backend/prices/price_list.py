"""The price list. Money in cents of `CURRENCY`, prices of draws in whole credits.

A change is a commit: what was sold or charged before keeps its own figures (`app.checkout`, `app.contest_charge`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CURRENCY = "eur"

TierCode = Literal["free", "pro"]
Interval = Literal["month", "year"]
PackageCode = Literal["small", "medium", "large"]


@dataclass(frozen=True)
class Package:
    """Credits that are bought at once, for `cents`."""

    code: PackageCode
    credits: int
    cents: int


@dataclass(frozen=True)
class Size:
    """What a contest of at most `up_to` participants costs."""

    up_to: int
    credits: int


@dataclass(frozen=True)
class Plan:
    """What a tier costs, each `interval`."""

    interval: Interval
    cents: int


@dataclass(frozen=True)
class Tier:
    """What an account may, and what costs it no credits.

    `participants`: most in one contest. `contests_per_month`: committed, in a calendar month (UTC).
    `without_filters`: kinds it may not use. `connectors`, `languages` (of certificates): those it may use; None for
    all. Sizes up to `included_participants` cost nothing, and no filter does where `filters_included`.
    """

    code: TierCode
    participants: int
    contests_per_month: int
    without_filters: frozenset[str]
    connectors: frozenset[str] | None
    languages: frozenset[str] | None
    included_participants: int
    filters_included: bool
    plans: tuple[Plan, ...]


PACKAGES: dict[PackageCode, Package] = {
    package.code: package
    for package in (
        Package("small", credits=100, cents=900),
        Package("medium", credits=500, cents=3_900),
        Package("large", credits=2_500, cents=14_900),
    )
}

SIZES = (
    Size(1_000, 10),
    Size(10_000, 30),
    Size(50_000, 90),
    Size(200_000, 240),
    Size(1_000_000, 600),
)
"""Rising. What is larger costs as much as the largest."""

FILTERS: dict[str, int] = {
    "entries_per_person": 0,
    "comment_count": 0,
    "posted_between": 0,
    "hashtag": 0,
    "keywords": 0,
    "excluded_accounts": 0,
    "staff": 0,
    "mentions": 5,
    "answer": 5,
    "earlier_winners": 10,
    "comment_likes": 10,
    "account_age": 10,
    "followers": 10,
    "follows": 10,
    "liked_post": 10,
    "copied_text": 20,
    "young_and_busy": 20,
    "digits_in_handle": 20,
    "burst": 20,
}
"""By kind (`backend.filters.kinds`). A kind that is not listed costs nothing."""

FREE = Tier(
    code="free",
    participants=100_000,
    contests_per_month=10,
    without_filters=frozenset({"copied_text", "young_and_busy", "digits_in_handle", "burst"}),
    connectors=frozenset({"instagram", "youtube"}),
    languages=None,  # a proof that its readers cannot read is none
    included_participants=10_000,
    filters_included=False,
    plans=(),
)
PRO = Tier(
    code="pro",
    participants=1_000_000,
    contests_per_month=500,
    without_filters=frozenset(),
    connectors=None,
    languages=None,
    included_participants=200_000,
    filters_included=True,
    plans=(Plan("month", 2_900), Plan("year", 29_000)),
)
TIERS: dict[TierCode, Tier] = {tier.code: tier for tier in (FREE, PRO)}


def plan_of(tier: TierCode, interval: Interval) -> Plan:
    """The plan of a tier for an interval. Raises LookupError where the tier is not sold so."""
    for plan in TIERS[tier].plans:
        if plan.interval == interval:
            return plan
    raise LookupError(f"tier {tier} is not sold by the {interval}")
