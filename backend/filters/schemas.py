"""What the routes of filters take and answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.filters.kinds import AnyFilter
from listener.mirror.reads.fields import Uint


class ExclusionOut(BaseModel):
    """Somebody who takes part and does not count, and why. `index` is the number of their leaf."""

    index: int = Field(examples=[0])
    account: str = Field(examples=["@ana"])
    reason: str = Field(description="Stable code of the filter", examples=["hashtag_missing"])
    detail: dict[str, Any] = Field(
        description="The filter's place in the list, and what it found",
        examples=[{"filter": 0, "tags": ["#giveaway"], "match": "any"}],
    )
    sentence: str = Field(examples=["@ana wrote no comment with any of these hashtags: #giveaway."])


class ExclusionList(BaseModel):
    """In order of persons; pass `next_cursor` as `cursor` for the following page."""

    items: list[ExclusionOut]
    next_cursor: str | None


class ExcludedOut(BaseModel):
    """How many persons one reason excludes, and the first of them."""

    filter: int = Field(description="Place of the filter in the contest's list, from 0")
    reason: str = Field(examples=["hashtag_missing"])
    persons: int = Field(examples=[311])
    sample: list[ExclusionOut]


class CountingOut(BaseModel):
    """One of those who count."""

    account: str = Field(examples=["@bo"])
    weight: Uint = Field(description="Their entries", examples=["1"])


class PreviewOut(BaseModel):
    """Who counts: persons = counting + all persons excluded. `fixed`: whether that is committed."""

    fixed: bool
    participants: int = Field(description="Comments, or lines of files", examples=[4830])
    persons: int = Field(examples=[3977])
    counting: int = Field(examples=[3666])
    total_weight: Uint = Field(description="All entries together", examples=["3666"])
    sample: list[CountingOut]
    excluded: list[ExcludedOut] = Field(description="In order of the filters")


class FiltersOut(BaseModel):
    """A contest's filters in their order."""

    filters: list[AnyFilter]
