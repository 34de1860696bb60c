"""Filters on when a comment was written and how old its account was then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator
from sqlalchemy import ColumnElement

from backend.filters.base import Filter, Rows, Step, Unknown, Whole, if_unknown


def _written(value: object) -> object:
    """A number might be seconds or milliseconds of any clock."""
    if isinstance(value, (str, datetime)) and not str(value).isdecimal():
        return value
    raise ValueError("is no time written as 2026-11-01T00:00:00Z")


Moment = Annotated[
    AwareDatetime, BeforeValidator(_written), Field(description="With its offset; UTC where that is Z")
]
MOST_DAYS = 20_000


class PostedBetween(Filter):
    """Only comments written from `since` on and before `until`."""

    kind: Literal["posted_between"] = "posted_between"
    since: Moment | None = Field(None, examples=["2026-11-01T00:00:00Z"])
    until: Moment | None = Field(None, examples=["2026-11-08T00:00:00Z"])
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("time_unknown", "posted_too_early", "posted_too_late")

    @model_validator(mode="after")
    def _some_window(self) -> Self:
        if self.since is None and self.until is None:
            raise ValueError("give `since`, `until` or both")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("`since` is not before `until`: no comment would count")
        return self

    def steps(self, rows: Rows) -> Sequence[Step]:
        steps = if_unknown("time_unknown", self.unknown, rows.posted_at.is_(None))
        if self.since is not None:
            steps.append(_outside("posted_too_early", rows.posted_at < self.since, "since", self.since))
        if self.until is not None:
            steps.append(_outside("posted_too_late", rows.posted_at >= self.until, "until", self.until))
        return steps


class AccountAge(Filter):
    """Only accounts that were at least so many days old when they commented."""

    kind: Literal["account_age"] = "account_age"
    least_days: Whole = Field(ge=1, le=MOST_DAYS, examples=[30])
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("account_age_unknown", "account_too_young")

    def steps(self, rows: Rows) -> Sequence[Step]:
        told = rows.account_created_at.is_not(None) & rows.posted_at.is_not(None)
        steps = if_unknown("account_age_unknown", self.unknown, ~told)
        young = younger_than(rows, self.least_days)
        columns = ("account_created_at",)
        steps.append(Step("account_too_young", young, shown={"least_days": self.least_days}, columns=columns))
        return steps


def younger_than(rows: Rows, days: int) -> ColumnElement[bool]:
    """Whether the account was younger when it commented; null where that is not known."""
    return rows.account_created_at > rows.posted_at - timedelta(days=days)


def _outside(code: str, drops: object, name: str, bound: datetime) -> Step:
    return Step(code, drops, shown={name: bound.isoformat()}, columns=("posted_at",))  # type: ignore[arg-type]
