"""Filters for what machines do. Each is a heuristic with its own reason, set and switched on by the organiser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field
from sqlalchemy import UUID, ColumnElement, and_, case, cast, func

from backend.filters.base import Filter, Layer, Rows, Step, Whole
from backend.filters.counts import comments_of_person
from backend.filters.texts import sql_plain
from backend.filters.times import younger_than


class CopiedText(Filter):
    """Without comments whose text many accounts wrote. Texts shorter than `least_characters` are left alone: many people
    write "me!"."""

    kind: Literal["copied_text"] = "copied_text"
    accounts: Whole = Field(5, ge=2, le=1_000, description="From so many accounts on")
    least_characters: Whole = Field(20, ge=1, le=1_000)

    codes: ClassVar[tuple[str, ...]] = ("copied_text",)

    def layers(self) -> Sequence[Layer]:
        return (self._texts, _first_of_account, _accounts_of_text)

    def steps(self, rows: Rows) -> Sequence[Step]:
        drops = and_(rows.text_id.is_not(None), rows.accounts >= self.accounts)
        return [Step(self.codes[0], drops, "accounts")]

    def _texts(self, rows: Rows) -> dict[str, ColumnElement[Any]]:
        # Null where the text does not matter, so that only texts in question are sorted together.
        text = sql_plain(rows.comment)
        counts = and_(rows.fell.is_(None), func.char_length(text) >= self.least_characters)
        return {"text_id": case((counts, text_id(text)))}


class YoungAndBusy(Filter):
    """Without accounts that were younger than `younger_than_days` days and wrote `comments` comments or more."""

    kind: Literal["young_and_busy"] = "young_and_busy"
    younger_than_days: Whole = Field(7, ge=1, le=3_650)
    comments: Whole = Field(10, ge=2, le=10_000)

    codes: ClassVar[tuple[str, ...]] = ("young_and_busy",)

    def layers(self) -> Sequence[Layer]:
        return (comments_of_person,)

    def steps(self, rows: Rows) -> Sequence[Step]:
        young = younger_than(rows, self.younger_than_days)
        shown = {"days": self.younger_than_days}
        return [Step(self.codes[0], and_(rows.of_person >= self.comments, young), "of_person", shown)]


class DigitsInHandle(Filter):
    """Without accounts whose name ends in `digits` digits or more, as names that machines choose do."""

    kind: Literal["digits_in_handle"] = "digits_in_handle"
    digits: Whole = Field(6, ge=3, le=20)

    codes: ClassVar[tuple[str, ...]] = ("digits_in_handle",)

    def steps(self, rows: Rows) -> Sequence[Step]:
        drops = rows.account_key.regexp_match(f"[0-9]{{{self.digits}}}$")
        return [Step(self.codes[0], drops, shown={"digits": self.digits})]


class Burst(Filter):
    """Without the comments of a burst: the same text by the same account `comments` times within `seconds`."""

    kind: Literal["burst"] = "burst"
    comments: Whole = Field(3, ge=2, le=1_000)
    seconds: Whole = Field(60, ge=1, le=86_400)

    codes: ClassVar[tuple[str, ...]] = ("burst",)

    def layers(self) -> Sequence[Layer]:
        return (_texts, self._runs, self._in_runs)

    def steps(self, rows: Rows) -> Sequence[Step]:
        shown = {"comments": self.comments, "seconds": self.seconds}
        return [Step(self.codes[0], rows.runs > 0, shown=shown)]

    def _runs(self, rows: Rows) -> dict[str, ColumnElement[Any]]:
        """Marks the last comment of each run that is short enough."""
        first = func.lag(rows.posted_at, self.comments - 1).over(**_same_text(rows))
        within = rows.posted_at - first <= timedelta(seconds=self.seconds)
        return {"ends_run": case((and_(rows.text_id.is_not(None), within), 1), else_=0)}

    def _in_runs(self, rows: Rows) -> dict[str, ColumnElement[Any]]:
        # A comment is in a run that ends at it or at one of the following ones.
        return {"runs": func.sum(rows.ends_run).over(**_same_text(rows), rows=(0, self.comments - 1))}


def _texts(rows: Rows) -> dict[str, ColumnElement[Any]]:
    return {"text_id": case((rows.fell.is_(None), text_id(sql_plain(rows.comment))))}


def _same_text(rows: Rows) -> dict[str, Any]:
    """A window over an account's comments of one text."""
    return {"partition_by": [rows.account_key, rows.text_id], "order_by": [rows.posted_at, rows.number]}


def _first_of_account(rows: Rows) -> dict[str, ColumnElement[Any]]:
    """Marks one comment of each account for each text."""
    before = func.lag(rows.account_key).over(
        partition_by=rows.text_id, order_by=[rows.account_key, rows.number]
    )
    return {"new_account": case((before.is_distinct_from(rows.account_key), 1), else_=0)}


def _accounts_of_text(rows: Rows) -> dict[str, ColumnElement[Any]]:
    return {"accounts": func.sum(rows.new_account).over(partition_by=rows.text_id)}


def text_id(text: ColumnElement[str]) -> ColumnElement[Any]:
    """What equal texts have in common, in 16 bytes: sorting a million texts themselves takes far longer."""
    return cast(func.md5(text), UUID())
