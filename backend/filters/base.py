"""What every filter is: fields an organiser sets, and steps that take comments away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, FromClause

from backend.filters.earlier import EarlierWinners

Whole = Annotated[int, Field(strict=True)]
"""A number, and no text or truth value that could be one."""
Unknown = Literal["keep", "exclude"]
"""What becomes of somebody of whom the platform does not tell what a filter asks for."""


COMMENT_COLUMNS = ("posted_at", "likes", "followers", "account_created_at")
"""Columns of a comment that a reason may show."""


@dataclass(frozen=True)
class Rows:
    """A contest's comments at one stage. `fell` is null for those that still count."""

    of: FromClause
    earlier: EarlierWinners

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        return self.of.c[name]


@dataclass(frozen=True)
class Step:
    """One reason for which comments fall.

    `drops` is true where a comment falls; where it is null, nothing is known and the comment stays. `found` names a column
    of a layer, a whole number worth telling. `shown` are values of the filter, `columns` columns of the comment that the
    sentence names.
    """

    code: str
    drops: ColumnElement[bool]
    found: str | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


Layer = Callable[[Rows], dict[str, ColumnElement[Any]]]
"""New columns of the rows, by name."""


class Filter(BaseModel):
    """A filter of a contest. `codes` are all reasons it can give."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: ClassVar[tuple[str, ...]] = ()

    def layers(self) -> Sequence[Layer]:
        """What has to be computed before its steps, layer upon layer; here a filter may look at other comments."""
        return ()

    def steps(self, rows: Rows) -> Sequence[Step]:
        """In the order they are asked, each by the comment itself and the layers' columns."""
        return ()


def if_unknown(code: str, unknown: Unknown, is_unknown: ColumnElement[bool]) -> list[Step]:
    """The step that excludes of whom nothing is known, where the filter asks for it."""
    return [Step(code, is_unknown)] if unknown == "exclude" else []
