"""What the routes of figures answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from backend.analytics.metrics import Kind, Split, Unit
from backend.analytics.ranges import Span

_ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class PointOut(BaseModel):
    """The figure of one hour or day; where there is none it is 0, or what it was before."""

    at: datetime = Field(description="Its beginning, UTC")
    value: str = Field(description="Decimal digits, in the unit", examples=["1000000000000000000"])


class FigureLineOut(BaseModel):
    """A figure over the range, of one token, platform or whatever the metric is split by."""

    dimension: str = Field(description="What it is split by; empty where it is not", examples=["", "youtube"])
    token: str | None = Field(description="Null: none, or the chain's currency", examples=[_ADDRESS])
    symbol: str | None = Field(description="Null for a token no Tombola factory made", examples=["POL"])
    decimals: int | None = Field(examples=[18])
    total: str | None = Field(
        description="Of the range; a level's at its end. Null where hours and days are counted each by itself"
    )
    before: str | None = Field(description="The same of as much time before the range")
    points: list[PointOut]


class MetricOut(BaseModel):
    """A metric with its lines, the largest first."""

    metric: str = Field(examples=["volume"])
    unit: Unit
    kind: Kind
    split: Split
    lines: list[FigureLineOut]
    left_out: int = Field(description="How many more lines there are; a file has them all")


class ReportOut(BaseModel):
    """Figures over a range."""

    span: Span
    since: datetime
    until: datetime = Field(description="Not in the range any more")
    final_until: datetime | None = Field(
        description="What was before cannot change any more; null: nothing yet"
    )
    complete_until: datetime | None = Field(
        description="Hours from here on are not counted yet; null while the first count is under way"
    )
    metrics: list[MetricOut]


class TopOut(BaseModel):
    """Who is large in a figure."""

    address: str | None = Field(description="Of an organiser or token", examples=[_ADDRESS])
    number: str | None = Field(description="Of a raffle", examples=["7"])
    name: str | None = Field(description="Title of the raffle, or name of the token")
    value: str = Field(examples=["1000000000000000000"])


class TopList(BaseModel):
    """The largest first."""

    metric: str
    token: str | None = Field(description="What it is counted in; null: things, or the chain's currency")
    symbol: str | None
    decimals: int | None
    items: list[TopOut]


class ShareOut(BaseModel):
    """What so many of the largest holders have together."""

    holders: int = Field(examples=[10])
    amount: str = Field(description="Smallest unit", examples=["700000000000000000000"])


class ConcentrationOut(BaseModel):
    """How evenly a token is spread; shares are `amount` of `supply`."""

    supply: str = Field(description="Smallest unit")
    holders: int
    largest: list[ShareOut] = Field(description="Of 1, 10 and 100 holders, or all if there are fewer")
    half_held_by: int | None = Field(
        description="How few have half of the supply or more together; null: more than 100, or no supply"
    )
    as_of_block: int
    final: bool


Top = Literal["organisers", "raffles", "tokens"]
