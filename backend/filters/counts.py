"""Filters that count a person's comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, func

from backend.filters.base import COMMENT_COLUMNS, Filter, Layer, Rows, Step, Whole

MOST_ENTRIES_EACH = 1_000_000
Comments = Annotated[Whole, Field(ge=1, le=1_000_000)]


class EntriesPerPerson(Filter):
    """A person has as many entries as comments that count, up to `most`. Without this filter everybody has one entry, or
    the weight their list gives them. Weights of a list are added up, and cut off at `most` as well."""

    kind: Literal["entries_per_person"] = "entries_per_person"
    most: Whole = Field(ge=1, le=MOST_ENTRIES_EACH, examples=[3])


class CommentCount(Filter):
    """Only people with at least, or at most, so many comments that passed the filters before."""

    kind: Literal["comment_count"] = "comment_count"
    least: Comments | None = Field(None, examples=[2])
    most: Comments | None = Field(None, examples=[20])

    codes: ClassVar[tuple[str, ...]] = ("too_few_comments", "too_many_comments")

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        check_bounds(self.least, self.most)
        return self

    def layers(self) -> Sequence[Layer]:
        return (comments_of_person,)

    def steps(self, rows: Rows) -> Sequence[Step]:
        return bounds(self.codes, rows, "of_person", self.least, self.most)


def comments_of_person(rows: Rows) -> dict[str, ColumnElement[Any]]:
    """`of_person`: how many comments of a row's person still count."""
    return {"of_person": func.count().filter(rows.fell.is_(None)).over(partition_by=rows.account_key)}


def bounds(codes: Sequence[str], rows: Rows, column: str, least: int | None, most: int | None) -> list[Step]:
    """Steps for a value below `least` (the first code) or above `most` (the second)."""
    value, of_comment = getattr(rows, column), column in COMMENT_COLUMNS
    found, columns = (None, (column,)) if of_comment else (column, ())
    steps = []
    if least is not None:
        steps.append(Step(codes[0], value < least, found, {"least": least}, columns))
    if most is not None:
        steps.append(Step(codes[1], value > most, found, {"most": most}, columns))
    return steps


def check_bounds(least: int | None, most: int | None) -> None:
    """Refuse a filter that asks for nothing, or for the impossible."""
    if least is None and most is None:
        raise ValueError("give `least`, `most` or both")
    if least is not None and most is not None and least > most:
        raise ValueError(f"`least` ({least}) is more than `most` ({most}): nobody would count")
