"""From filters to one SQL query: every person of a contest, with an entry's weight or the reason for their exclusion.

Each comment gets the number of the first step it falls at. Steps are numbered over all filters, in order, so that the
step which took a person's last comment is the highest of theirs, and the comment to show for it the first that fell there.
Filters that look at one comment at a time share a pass; one that looks at others has its own, over what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    SmallInteger,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import array

from backend.filters.base import Filter, Rows, Step
from backend.filters.counts import EntriesPerPerson
from backend.filters.earlier import EarlierWinners
from backend.participants.tables import Participant

_P = Participant.__table__


@dataclass(frozen=True)
class Taken:
    """A step with its number and its filter's place in the list."""

    number: int
    filter: int
    step: Step


@dataclass(frozen=True)
class Evaluation:
    """`persons`: one row for each: account_key, first (number of their first comment), comments, counting,
    weight (null where excluded) and, of who is excluded, step, shown (number of the comment to show) and found.
    `steps` by number. `weighted`: whether persons may have more than one entry."""

    persons: FromClause
    steps: dict[int, Taken]
    weighted: bool


def evaluate(
    contest_id: UUID, filters: Sequence[Filter], earlier: EarlierWinners, *, listed: bool
) -> Evaluation:
    """The query for these filters; `listed`: whether the contest's list gives weights."""
    steps: dict[int, Taken] = {}
    numbers = count(1)
    of: FromClause = _participants(contest_id)
    for stage in _stages(filters):
        of = _judged(of, stage, earlier, steps, numbers)
    limit = next((item.most for item in filters if isinstance(item, EntriesPerPerson)), None)
    weighted = listed or (limit is not None and limit > 1)
    return Evaluation(_persons(of, limit, listed), steps, weighted)


def _participants(contest_id: UUID) -> FromClause:
    no_step, nothing = cast(null(), SmallInteger).label("fell"), cast(null(), BigInteger).label("found")
    return select(_P, no_step, nothing).where(_P.c.contest_id == contest_id).subquery()


def _stages(filters: Sequence[Filter]) -> Iterator[list[tuple[int, Filter]]]:
    """Filters with their places: neighbours without layers together, others alone."""
    together: list[tuple[int, Filter]] = []
    for place, item in enumerate(filters):
        if item.layers():
            yield from filter(None, (together, [(place, item)]))
            together = []
        else:
            together.append((place, item))
    if together:
        yield together


def _judged(
    of: FromClause,
    stage: list[tuple[int, Filter]],
    earlier: EarlierWinners,
    steps: dict[int, Taken],
    numbers: Iterator[int],
) -> FromClause:
    """The rows with `fell` and `found` after this stage's filters."""
    for _, item in stage:
        for layer in item.layers():
            of = _fenced(select(of, *_labelled(layer(Rows(of, earlier)))))
    rows = Rows(of, earlier)
    taken = [Taken(next(numbers), place, step) for place, item in stage for step in item.steps(rows)]
    if not taken:
        return of
    steps.update((each.number, each) for each in taken)
    falls = ((each.step.drops, literal(each.number, SmallInteger)) for each in taken)
    others = [column for name, column in of.c.items() if name != "fell"]
    judged = _fenced(select(*others, case((rows.fell.is_not(None), rows.fell), *falls).label("fell")))
    kept = [column for name, column in judged.c.items() if name in _P.c or name == "fell"]
    found: ColumnElement[Any] = judged.c.found
    told = [
        (judged.c.fell == each.number, cast(judged.c[each.step.found], BigInteger))
        for each in taken
        if each.step.found is not None
    ]
    if told:
        found = case(*told, else_=judged.c.found)
    return select(*kept, found.label("found")).subquery()


def _fenced(query: Select[Any]) -> FromClause:
    """As a subquery that PostgreSQL does not merge with what asks it: merged, its expressions would be computed again
    wherever they are named."""
    return query.offset(0).subquery()


def _labelled(columns: dict[str, ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _persons(of: FromClause, limit: int | None, listed: bool) -> FromClause:
    counts = of.c.fell.is_(None)
    weight: ColumnElement[Any] = func.coalesce(of.c.weight, 1)
    entries: ColumnElement[Any]
    if limit is not None:
        entries = func.least(func.sum(weight).filter(counts), limit)
    elif listed:
        entries = _first(of.c.number, weight, where=counts)
    else:
        entries = literal(1, BigInteger)
    # The last step, then the first comment that fell there.
    last = _last(of.c.fell, -of.c.number, of.c.found, where=~counts)
    by_account = (
        select(
            of.c.account_key,
            func.min(of.c.number).label("first"),
            func.count().label("comments"),
            func.count().filter(counts).label("counting"),
            entries.label("weight"),
            last.label("last"),
        )
        .group_by(of.c.account_key)
        .subquery()
    )
    out = by_account.c.counting == 0
    told = by_account.c.last
    weight = by_account.c.weight[2] if limit is None and listed else by_account.c.weight
    return select(
        by_account.c.account_key,
        by_account.c.first,
        by_account.c.comments,
        by_account.c.counting,
        case((~out, cast(weight, BigInteger))).label("weight"),
        case((out, told[1])).label("step"),
        case((out, -told[2])).label("shown"),
        case((out, told[3])).label("found"),
    ).subquery("persons")


def _first(*values: ColumnElement[Any], where: ColumnElement[bool]) -> ColumnElement[Any]:
    """The least of these lists of numbers, compared from the left."""
    return func.min(_array(values), type_=ARRAY(BigInteger)).filter(where)


def _last(*values: ColumnElement[Any], where: ColumnElement[bool]) -> ColumnElement[Any]:
    """The greatest of these lists of numbers, compared from the left."""
    return func.max(_array(values), type_=ARRAY(BigInteger)).filter(where)


def _array(values: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    numbers: list[ColumnElement[Any]] = list(values)
    return array(numbers, type_=BigInteger)
