"""Filters on what a platform counts: followers of an account, likes of a comment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from backend.filters.base import Filter, Rows, Step, Unknown, Whole, if_unknown
from backend.filters.counts import bounds, check_bounds

Figure = Annotated[Whole, Field(ge=0, le=10**12)]


class Followers(Filter):
    """Only accounts with at least, or at most, so many followers."""

    kind: Literal["followers"] = "followers"
    least: Figure | None = Field(None, examples=[10])
    most: Figure | None = Field(None, examples=[100_000])
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("followers_unknown", "too_few_followers", "too_many_followers")

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        check_bounds(self.least, self.most)
        return self

    def steps(self, rows: Rows) -> Sequence[Step]:
        steps = if_unknown(self.codes[0], self.unknown, rows.followers.is_(None))
        return steps + bounds(self.codes[1:], rows, "followers", self.least, self.most)


class CommentLikes(Filter):
    """Only comments that others liked at least so often."""

    kind: Literal["comment_likes"] = "comment_likes"
    least: Figure = Field(ge=1, examples=[5])
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("likes_unknown", "too_few_likes")

    def steps(self, rows: Rows) -> Sequence[Step]:
        steps = if_unknown(self.codes[0], self.unknown, rows.likes.is_(None))
        return steps + bounds(self.codes[1:], rows, "likes", self.least, None)
