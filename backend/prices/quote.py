"""What a contest costs by the price list, item by item, and where it is more than a tier allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from backend.prices.price_list import FILTERS, SIZES, Tier

LimitCode = Literal["participants", "contests_per_month", "filters", "connectors", "languages"]


@dataclass(frozen=True)
class Item:
    """One line of a quote: the contest's size, or one filter by its kind. `included`: the tier pays it."""

    code: str
    description: str
    credits: int
    included: bool

    @property
    def charged(self) -> int:
        """What it costs this account, in credits."""
        return 0 if self.included else self.credits

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Exceeded:
    """A limit of the tier that this contest does not keep, in words that say what to do."""

    limit: LimitCode
    detail: str
    tier: str
    most: int | None = None
    found: int | None = None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What of a contest has a price or a limit. `kinds`: its filters', one for each use."""

    participants: int
    kinds: Sequence[str] = field(default_factory=list)
    sources: frozenset[str] = frozenset()
    language: str = "en"


def items(tier: Tier, contents: Contents) -> list[Item]:
    """Size first, then the filters in their order; a filter used twice is paid twice."""
    size = next((size for size in SIZES if contents.participants <= size.up_to), SIZES[-1])
    of_size = Item(
        "size",
        f"up to {size.up_to:,} participants",
        size.credits,
        contents.participants <= tier.included_participants,
    )
    return [of_size, *(_of_filter(tier, kind) for kind in contents.kinds)]


def total(quoted: Iterable[Item]) -> int:
    """Credits to pay."""
    return sum(item.charged for item in quoted)


def exceeded(tier: Tier, contents: Contents, contests_this_month: int) -> list[Exceeded]:
    """Every limit that this contest, as one more of this month, would not keep."""
    found: list[Exceeded] = []
    if contents.participants > tier.participants:
        found.append(
            Exceeded(
                "participants",
                f"Tier {tier.code} allows {tier.participants:,} participants in one contest, and this one has "
                f"{contents.participants:,}: split it, or take a larger tier.",
                tier.code,
                tier.participants,
                contents.participants,
            )
        )
    if contests_this_month >= tier.contests_per_month:
        found.append(
            Exceeded(
                "contests_per_month",
                f"Tier {tier.code} allows {tier.contests_per_month} contests in a month (UTC), and you have "
                f"committed {contests_this_month}: wait for the next month, or take a larger tier.",
                tier.code,
                tier.contests_per_month,
                contests_this_month,
            )
        )
    found += _missing(tier, "filters", set(contents.kinds) & tier.without_filters)
    if tier.connectors is not None:
        found += _missing(tier, "connectors", contents.sources - tier.connectors)
    if tier.languages is not None:
        found += _missing(tier, "languages", {contents.language} - tier.languages)
    return found


def _of_filter(tier: Tier, kind: str) -> Item:
    credits_ = FILTERS.get(kind, 0)
    return Item(kind, f"filter {kind}", credits_, tier.filters_included and credits_ > 0)


def _missing(tier: Tier, limit: LimitCode, used: Set[str]) -> list[Exceeded]:
    if not used:
        return []
    named = ", ".join(sorted(used))
    detail = f"Tier {tier.code} does not include the {limit} {named}: do without, or take a larger tier."
    return [Exceeded(limit, detail, tier.code, lacks=tuple(sorted(used)))]
