"""Who counts, told by plain Python that looks at one comment after the other: what the SQL is compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.filters.base import Filter
from backend.filters.texts import answer, folded, plain
from listener.chain.draw.entries import account_key
from tests.backend.filters.written import Comment

Fall = tuple[str, int | None] | None
"""A reason's code and what was counted."""


@dataclass(frozen=True)
class Judgement:
    """What becomes of a person: entries, or the reason and what was counted."""

    first: int
    weight: int | None = None
    reason: str | None = None
    shown: int | None = None
    found: int | None = None


def judge(
    comments: Sequence[Comment], filters: Sequence[Filter], earlier: Sequence[set[str]]
) -> dict[str, Judgement]:
    """By account key."""
    left = dict(enumerate(comments, start=1))
    fallen: dict[int, tuple[tuple[int, int], str, int | None]] = {}
    for place, item in enumerate(filters):
        judged = {number: _fall(item, comment, left, earlier) for number, comment in left.items()}
        for number, fall in judged.items():
            if fall is not None:
                code, found = fall
                fallen[number] = ((place, item.codes.index(code)), code, found)
                del left[number]
    return {
        key: _person(
            [n for n, comment in enumerate(comments, start=1) if comment.key == key],
            comments,
            left,
            fallen,
            filters,
        )
        for key in {comment.key for comment in comments}
    }


def _person(
    numbers: list[int],
    comments: Sequence[Comment],
    left: dict[int, Comment],
    fallen: dict[int, tuple[tuple[int, int], str, int | None]],
    filters: Sequence[Filter],
) -> Judgement:
    counting = [number for number in numbers if number in left]
    if not counting:
        last = max(fallen[number][0] for number in numbers)
        shown = min(number for number in numbers if fallen[number][0] == last)
        return Judgement(numbers[0], reason=fallen[shown][1], shown=shown, found=fallen[shown][2])
    weights = [left[number].weight or 1 for number in counting]
    limits: list[Any] = [item for item in filters if item.model_dump()["kind"] == "entries_per_person"]
    if limits:
        return Judgement(numbers[0], weight=min(sum(weights), limits[0].most))
    return Judgement(numbers[0], weight=weights[0])


def _fall(item: Any, comment: Comment, left: dict[int, Comment], earlier: Sequence[set[str]]) -> Fall:
    if item.kind == "earlier_winners":
        won = set().union(*earlier[: item.contests])
        return ("earlier_winner", None) if comment.key in won else None
    check: Callable[[Any, Comment, list[Comment]], Fall] = CHECKS[item.kind]
    return check(item, comment, list(left.values()))


def _never(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    return None


def _comment_count(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    count = sum(other.key == comment.key for other in left)
    if item.least is not None and count < item.least:
        return "too_few_comments", count
    return ("too_many_comments", count) if item.most is not None and count > item.most else None


def _mentions(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    handles = set(re.findall(r"(?<![\w.])@([\w.\-]*\w)", folded(comment.comment or "")))
    found = len(handles - {comment.key})
    return ("too_few_mentions", found) if found < item.least else None


def _hashtag(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    said = set(re.findall(r"(?<![\w&])#(\w+)", folded(comment.comment or "")))
    has = [tag in said for tag in item.tags]
    return None if (any(has) if item.match == "any" else all(has)) else ("hashtag_missing", None)


def _keywords(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    said = plain(comment.comment or "")
    has = [plain(word) in said for word in item.words]
    return None if (any(has) if item.match == "any" else all(has)) else ("keyword_missing", None)


def _answer(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    right = answer(comment.comment or "") in {answer(text) for text in item.accepted}
    return None if right else ("wrong_answer", None)


def _posted_between(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    if comment.posted_at is None:
        return ("time_unknown", None) if item.unknown == "exclude" else None
    if item.since is not None and comment.posted_at < item.since:
        return "posted_too_early", None
    late = item.until is not None and comment.posted_at >= item.until
    return ("posted_too_late", None) if late else None


def _account_age(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    if comment.posted_at is None or comment.account_created_at is None:
        return ("account_age_unknown", None) if item.unknown == "exclude" else None
    young = comment.posted_at - comment.account_created_at < timedelta(days=item.least_days)
    return ("account_too_young", None) if young else None


def _followers(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    if comment.followers is None:
        return ("followers_unknown", None) if item.unknown == "exclude" else None
    if item.least is not None and comment.followers < item.least:
        return "too_few_followers", None
    return ("too_many_followers", None) if item.most is not None and comment.followers > item.most else None


def _comment_likes(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    if comment.likes is None:
        return ("likes_unknown", None) if item.unknown == "exclude" else None
    return ("too_few_likes", None) if comment.likes < item.least else None


def _listed(code: str) -> Callable[[Any, Comment, list[Comment]], Fall]:
    def check(item: Any, comment: Comment, left: list[Comment]) -> Fall:
        return (code, None) if comment.key in {account_key(name) for name in item.accounts} else None

    return check


def _told(column: str, unknown: str, no: str) -> Callable[[Any, Comment, list[Comment]], Fall]:
    def check(item: Any, comment: Comment, left: list[Comment]) -> Fall:
        value = getattr(comment, column)
        if value is None:
            return (unknown, None) if item.unknown == "exclude" else None
        return None if value else (no, None)

    return check


def _copied_text(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    text = plain(comment.comment or "")
    accounts = {other.key for other in left if plain(other.comment or "") == text}
    copied = len(text) >= item.least_characters and len(accounts) >= item.accounts
    return ("copied_text", len(accounts)) if copied else None


def _young_and_busy(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    if comment.posted_at is None or comment.account_created_at is None:
        return None
    count = sum(other.key == comment.key for other in left)
    young = comment.posted_at - comment.account_created_at < timedelta(days=item.younger_than_days)
    return ("young_and_busy", count) if young and count >= item.comments else None


def _digits(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    return ("digits_in_handle", None) if re.search(f"[0-9]{{{item.digits}}}$", comment.key) else None


def _burst(item: Any, comment: Comment, left: list[Comment]) -> Fall:
    """In some window of the length, beginning at one of them, that holds this comment, are enough."""
    if comment.posted_at is None:
        return None
    text, span = plain(comment.comment or ""), timedelta(seconds=item.seconds)
    times = sorted(
        other.posted_at
        for other in left
        if other.key == comment.key and plain(other.comment or "") == text and other.posted_at is not None
    )
    windows = (
        [time for time in times if begin <= time <= begin + span]
        for begin in times
        if begin <= comment.posted_at <= begin + span
    )
    return ("burst", None) if any(len(window) >= item.comments for window in windows) else None


CHECKS: dict[str, Callable[[Any, Comment, list[Comment]], Fall]] = {
    "entries_per_person": _never,
    "comment_count": _comment_count,
    "mentions": _mentions,
    "hashtag": _hashtag,
    "keywords": _keywords,
    "answer": _answer,
    "posted_between": _posted_between,
    "account_age": _account_age,
    "followers": _followers,
    "comment_likes": _comment_likes,
    "excluded_accounts": _listed("excluded_account"),
    "staff": _listed("staff"),
    "follows": _told("follows", "follow_unknown", "not_following"),
    "liked_post": _told("liked", "like_unknown", "post_not_liked"),
    "copied_text": _copied_text,
    "young_and_busy": _young_and_busy,
    "digits_in_handle": _digits,
    "burst": _burst,
}
