"""What the routes of prices answer. Money is in cents, prices of draws in credits, both as decimal text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from backend.prices.price_list import FILTERS, PACKAGES, SIZES, TIERS, Interval, PackageCode, Tier, TierCode
from backend.prices.quote import Exceeded, Item, LimitCode


class PackageOut(BaseModel):
    """Credits to buy at once."""

    code: PackageCode
    credits: str = Field(examples=["100"])
    amount: str = Field(description="Cents", examples=["900"])


class SizeOut(BaseModel):
    """What a contest of at most `up_to` participants costs."""

    up_to: int = Field(examples=[1000])
    credits: str = Field(examples=["10"])


class FilterPriceOut(BaseModel):
    """What each use of a filter costs."""

    kind: str = Field(examples=["mentions"])
    credits: str = Field(examples=["5"])


class TierPlanOut(BaseModel):
    """What a tier costs."""

    interval: Interval
    amount: str = Field(description="Cents", examples=["2900"])


class LimitsOut(BaseModel):
    """What a tier allows; `connectors` and `languages` are null where all are allowed."""

    participants: int = Field(description="Most in one contest")
    contests_per_month: int = Field(description="Committed in a calendar month, UTC")
    without_filters: list[str] = Field(description="Kinds of filters it does not include")
    connectors: list[str] | None
    languages: list[str] | None = Field(description="Of the certificate")

    @classmethod
    def of(cls, tier: Tier) -> LimitsOut:
        """As the API shows it."""

        def named(allowed: frozenset[str] | None) -> list[str] | None:
            return None if allowed is None else sorted(allowed)

        return cls(
            participants=tier.participants,
            contests_per_month=tier.contests_per_month,
            without_filters=sorted(tier.without_filters),
            connectors=named(tier.connectors),
            languages=named(tier.languages),
        )


class TierOut(BaseModel):
    """A tier; one without plans is everybody's."""

    code: TierCode
    limits: LimitsOut
    included_participants: int = Field(description="Contests up to this size cost no credits for their size")
    filters_included: bool = Field(description="Whether filters cost no credits")
    plans: list[TierPlanOut]

    @classmethod
    def of(cls, tier: Tier) -> TierOut:
        """As the API shows it."""
        return cls(
            code=tier.code,
            limits=LimitsOut.of(tier),
            included_participants=tier.included_participants,
            filters_included=tier.filters_included,
            plans=[TierPlanOut(interval=plan.interval, amount=str(plan.cents)) for plan in tier.plans],
        )


class PricesOut(BaseModel):
    """The whole price list. `charged`: whether draws cost anything here; `sold`: whether credits can be bought."""

    currency: str = Field(examples=["eur"])
    charged: bool
    sold: bool
    packages: list[PackageOut]
    sizes: list[SizeOut]
    filters: list[FilterPriceOut]
    tiers: list[TierOut]

    @classmethod
    def of(cls, currency: str, *, charged: bool, sold: bool) -> PricesOut:
        """As it is committed."""
        return cls(
            currency=currency,
            charged=charged,
            sold=sold,
            packages=[
                PackageOut(code=one.code, credits=str(one.credits), amount=str(one.cents))
                for one in PACKAGES.values()
            ],
            sizes=[SizeOut(up_to=size.up_to, credits=str(size.credits)) for size in SIZES],
            filters=[FilterPriceOut(kind=kind, credits=str(price)) for kind, price in FILTERS.items()],
            tiers=[TierOut.of(tier) for tier in TIERS.values()],
        )


class PriceItemOut(BaseModel):
    """One line: the contest's size (`code` is `size`), or a filter by its kind. `charged` is 0 where included."""

    code: str = Field(examples=["size", "mentions"])
    description: str = Field(examples=["up to 10,000 participants"])
    credits: str = Field(examples=["30"])
    included: bool = Field(description="Whether the tier pays it")
    charged: str = Field(examples=["0"])

    @classmethod
    def of(cls, item: Item) -> PriceItemOut:
        """As the API shows it."""
        return cls(
            code=item.code,
            description=item.description,
            credits=str(item.credits),
            included=item.included,
            charged=str(item.charged),
        )


class ExceededOut(BaseModel):
    """A limit of the tier that keeps this contest from being committed."""

    limit: LimitCode
    detail: str
    tier: str = Field(examples=["free"])
    most: int | None = Field(None, description="What the tier allows", examples=[100])
    found: int | None = Field(
        None, description="What the contest has, or was committed before", examples=[311]
    )
    lacks: list[str] = Field([], description="What the tier does not include", examples=[["burst"]])

    @classmethod
    def of(cls, one: Exceeded) -> ExceededOut:
        """As the API shows it."""
        return cls.model_validate(asdict(one))


class ContestPriceOut(BaseModel):
    """What a contest costs. `free` and `quoted` may still change; `held` and `charged` are of its commit, and fixed.

    `missing`: credits to buy before it can be committed.
    """

    contest_id: UUID
    state: Literal["free", "quoted", "held", "charged"] = Field(
        description="`free`: nothing is charged on this site"
    )
    tier: TierCode
    items: list[PriceItemOut]
    credits: str = Field(description="Sum of what is charged", examples=["5"])
    available: str = Field(description="Credits you can spend", examples=["100"])
    missing: str = Field(examples=["0"])
    exceeded: list[ExceededOut]
