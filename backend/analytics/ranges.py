"""Which hours or days are asked for, and those before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from backend.analytics.errors import RangeRefused

Span = Literal["hour", "day"]
MOST_BUCKETS = 1_000
_LENGTH = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_DEFAULT = {"hour": timedelta(days=1), "day": timedelta(days=30)}


@dataclass(frozen=True)
class Range:
    """Whole hours or days from `since` to before `until`, UTC."""

    span: Span
    since: datetime
    until: datetime

    @property
    def before(self) -> Range:
        """As much time before it."""
        return Range(self.span, self.since - (self.until - self.since), self.since)

    @property
    def length(self) -> timedelta:
        """Of one of its hours or days."""
        return _LENGTH[self.span]


def asked(span: Span, since: datetime | None, until: datetime | None) -> Range:
    """The range of whole hours or days that holds these times; the last day or 30 days if none is named.

    A time without a zone is UTC. Raises RangeRefused.
    """
    length = _LENGTH[span]
    end = _floor(span, (_utc(until) if until else datetime.now(UTC)) - timedelta(microseconds=1)) + length
    begin = _floor(span, _utc(since)) if since else end - _DEFAULT[span]
    count = (end - begin) // length
    if not 0 < count <= MOST_BUCKETS:
        raise RangeRefused(
            f"From {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC are {count} {span}s; "
            f"an answer holds 1 to {MOST_BUCKETS}."
        )
    return Range(span, begin, end)


def _utc(at: datetime) -> datetime:
    """Years near the ends of the calendar have no hour before or after them."""
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    if not 1971 <= at.year <= 9000:
        raise RangeRefused(f"{at.isoformat()} is not between the years 1971 and 9000.")
    return at.astimezone(UTC)


def _floor(span: Span, at: datetime) -> datetime:
    hour = at.replace(minute=0, second=0, microsecond=0)
    return hour if span == "hour" else hour.replace(hour=0)
