"""Figures that are everybody's: of a raffle and of a token, in the ranges and words of `/analytics`.

Those of the platform and of accounts are not public, and not here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, get_args

import strawberry

from backend.analytics import queries
from backend.analytics.concentration import concentration
from backend.analytics.errors import RangeRefused
from backend.analytics.metrics import OF_RAFFLE, OF_TOKEN, known
from backend.analytics.ranges import MOST_BUCKETS, Span, asked
from backend.analytics.schemas import ConcentrationOut, ReportOut
from backend.errors import InvalidInput
from backend.graphql.arguments import one_of
from backend.graphql.limits import Arguments
from backend.graphql.loaders import Info, read
from backend.graphql.models import part_of
from backend.hexes import address_bytes
from listener.mirror.reads.tokens import Token

_READS = 5
_MOST_METRICS = max(len(OF_RAFFLE), len(OF_TOKEN))
_SPANS: tuple[Span, ...] = get_args(Span)
_Metrics = Annotated[
    list[str] | None, strawberry.argument(description="Which figures; all there are if none is named")
]


def report_of(scope: Callable[[Any], str], there: tuple[str, ...]) -> Any:
    """The field `analytics` of a thing. Raises InvalidInput, RangeRefused, MetricUnknown when it is asked."""

    async def report(
        root: strawberry.Parent[Any],
        info: Info,
        span: str = "day",
        since: datetime | None = None,
        until: datetime | None = None,
        metrics: _Metrics = None,
    ) -> ReportOut:
        over, names = asked(_span(span), since, until), known(metrics, there)
        mirror = info.context.mirror
        async with info.context.turn:
            return await queries.report(mirror.db, mirror.as_of, [scope(root)], names, over)

    about = "Hour by hour or day by day (`span`), the last day or 30 days if no range is named"
    return read(report, part_of(ReportOut), f"{about}. `metrics`: {', '.join(there)}", _READS, _sizes)


async def _concentration(root: strawberry.Parent[Token], info: Info) -> ConcentrationOut:
    async with info.context.turn:
        return await concentration(info.context.mirror, address_bytes(root.address))


def concentration_field() -> Any:
    """How evenly a token is spread."""
    return read(_concentration, part_of(ConcentrationOut), "How evenly it is spread", 2)


def _sizes(arguments: Arguments) -> dict[str, int]:
    """How long the lists of a report can be, for what it costs. What it cannot read counts as the most there can be;
    it is refused in words when it is asked.
    """
    names = arguments.get("metrics")
    buckets = MOST_BUCKETS
    try:
        over = asked(
            _span(arguments.get("span") or "day"), _time(arguments, "since"), _time(arguments, "until")
        )
        buckets = (over.until - over.since) // over.length
    except (RangeRefused, InvalidInput, ValueError, TypeError, OverflowError):
        pass
    metrics = len(names) if isinstance(names, list) and names else _MOST_METRICS
    return {"metrics": min(metrics, _MOST_METRICS), "lines": queries.MOST_LINES, "points": buckets}


def _time(arguments: Arguments, name: str) -> datetime | None:
    text = arguments.get(name)
    return None if text is None else datetime.fromisoformat(text)


def _span(text: str) -> Span:
    found = one_of("span", text, _SPANS)
    return "day" if found is None else found
