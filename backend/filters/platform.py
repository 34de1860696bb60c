"""Filters on what somebody did beside commenting, where the platform tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from backend.filters.base import Filter, Rows, Step, Unknown, if_unknown


class Follows(Filter):
    """Only who follows the organiser."""

    kind: Literal["follows"] = "follows"
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("follow_unknown", "not_following")

    def steps(self, rows: Rows) -> Sequence[Step]:
        steps = if_unknown(self.codes[0], self.unknown, rows.follows.is_(None))
        return [*steps, Step(self.codes[1], rows.follows.is_(False))]


class LikedPost(Filter):
    """Only who liked the post."""

    kind: Literal["liked_post"] = "liked_post"
    unknown: Unknown = "keep"

    codes: ClassVar[tuple[str, ...]] = ("like_unknown", "post_not_liked")

    def steps(self, rows: Rows) -> Sequence[Step]:
        steps = if_unknown(self.codes[0], self.unknown, rows.liked.is_(None))
        return [*steps, Step(self.codes[1], rows.liked.is_(False))]
