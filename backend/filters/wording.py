"""Filters on what a comment says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field
from sqlalchemy import ColumnElement, and_, case, collate, func, not_, or_, select

from backend.filters.base import Filter, Layer, Rows, Step, Whole
from backend.filters.counts import bounds
from backend.filters.texts import answer, folded, plain, sql_answer, sql_folded, sql_plain

Match = Literal["any", "all"]
MOST_WORDS = 50
MENTION = r"(?<![\w.])@([\w.\-]*\w)"
"""A handle after an @ that is not part of an address; its last character is no dot."""


def _tag(value: str) -> str:
    tag = folded(value).strip().removeprefix("#")
    if not tag or not all(character.isalnum() or character == "_" for character in tag):
        raise ValueError(f"{value!r} is no hashtag: use letters, digits and _, as in #giveaway")
    return tag


def _said(value: str) -> str:
    if not plain(value).strip():
        raise ValueError("is blank")
    return value.strip()


def _answer(value: str) -> str:
    if not answer(value):
        raise ValueError("is blank")
    return value.strip()


Tag = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_tag)]
Keyword = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_said)]
Answer = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_answer)]


class Mentions(Filter):
    """Only comments that mention at least so many different people, oneself not counted."""

    kind: Literal["mentions"] = "mentions"
    least: Whole = Field(ge=1, le=50, examples=[2])

    codes: ClassVar[tuple[str, ...]] = ("too_few_mentions",)

    def layers(self) -> Sequence[Layer]:
        return (_folded, _signs, _mentioned)

    def steps(self, rows: Rows) -> Sequence[Step]:
        return bounds(self.codes, rows, "mentioned", self.least, None)


class Hashtag(Filter):
    """Only comments with any, or all, of these hashtags."""

    kind: Literal["hashtag"] = "hashtag"
    tags: list[Tag] = Field(min_length=1, max_length=MOST_WORDS, examples=[["giveaway"]])
    match: Match = "any"

    codes: ClassVar[tuple[str, ...]] = ("hashtag_missing",)

    def layers(self) -> Sequence[Layer]:
        return (_folded,)

    def steps(self, rows: Rows) -> Sequence[Step]:
        has = [
            # The plain search is quick and rules most out.
            and_(
                func.strpos(rows.said, f"#{tag}") > 0,
                rows.said.regexp_match(rf"(?<![\w&])#{tag}(?!\w)"),
            )
            for tag in self.tags
        ]
        shown = {"tags": [f"#{tag}" for tag in self.tags], "match": self.match}
        return [Step(self.codes[0], _unless(self.match, has), shown=shown)]


class Keywords(Filter):
    """Only comments that contain any, or all, of these words or phrases; accents and case do not matter."""

    kind: Literal["keywords"] = "keywords"
    words: list[Keyword] = Field(min_length=1, max_length=MOST_WORDS, examples=[["count me in"]])
    match: Match = "any"

    codes: ClassVar[tuple[str, ...]] = ("keyword_missing",)

    def layers(self) -> Sequence[Layer]:
        return (_plain,)

    def steps(self, rows: Rows) -> Sequence[Step]:
        has = [func.strpos(rows.said, plain(word)) > 0 for word in self.words]
        shown = {"words": self.words, "match": self.match}
        return [Step(self.codes[0], _unless(self.match, has), shown=shown)]


class RightAnswer(Filter):
    """Only comments that are one of the accepted answers; accents, case, blanks and punctuation at the ends do not
    matter."""

    kind: Literal["answer"] = "answer"
    accepted: list[Answer] = Field(min_length=1, max_length=MOST_WORDS, examples=[["Paris", "in Paris"]])

    codes: ClassVar[tuple[str, ...]] = ("wrong_answer",)

    def layers(self) -> Sequence[Layer]:
        return (_plain,)

    def steps(self, rows: Rows) -> Sequence[Step]:
        right = sql_answer(rows.said).in_(sorted({answer(text) for text in self.accepted}))
        return [Step(self.codes[0], not_(right))]


def _folded(rows: Rows) -> dict[str, ColumnElement[Any]]:
    return {"said": case((rows.fell.is_(None), sql_folded(rows.comment)))}


def _plain(rows: Rows) -> dict[str, ColumnElement[Any]]:
    return {"said": case((rows.fell.is_(None), sql_plain(rows.comment)))}


def _signs(rows: Rows) -> dict[str, ColumnElement[Any]]:
    return {"signs": func.regexp_count(rows.said, MENTION)}


def _mentioned(rows: Rows) -> dict[str, ColumnElement[Any]]:
    """`mentioned`: how many different people a comment mentions, its author not counted."""
    mention = func.regexp_matches(rows.said, MENTION, "g").column_valued("mention")
    handle = collate(func.array_to_string(mention, ""), "C")
    people = select(func.count(handle.distinct())).where(handle != rows.account_key).scalar_subquery()
    # Most comments mention one person or nobody, and need no list of names.
    not_oneself = func.strpos(rows.said, "@" + rows.account_key) == 0
    simple = [(func.coalesce(rows.signs, 0) == 0, 0), (and_(rows.signs == 1, not_oneself), 1)]
    return {"mentioned": case(*simple, else_=people)}


def _unless(match: Match, has: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return not_(or_(*has) if match == "any" else and_(*has))
