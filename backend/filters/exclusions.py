"""Excluded persons with their reasons: as the filters say now, or as a commit fixed them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from backend.contests.tables import ContestExclusion
from backend.filters.evaluation import Taken
from backend.filters.persons import PERSONS, Judged
from backend.participants.tables import Participant


def live(contest_id: UUID, judged: Judged) -> Select[Any]:
    """leaf, account_key, account, reason and detail of everyone in PERSONS who is excluded."""
    person, shown = PERSONS.c, Participant.__table__.alias("shown")
    fell = and_(shown.c.contest_id == contest_id, shown.c.number == person.shown)
    steps = judged.steps.values()
    nothing = cast(literal("{}"), JSONB)
    codes = [(person.step == taken.number, literal(taken.step.code)) for taken in steps]
    details = [(person.step == taken.number, _detail(taken, shown)) for taken in steps]
    return (
        select(
            (func.row_number().over(order_by=person.first) - 1).label("leaf"),
            person.account_key,
            person.account,
            (case(*codes) if codes else literal("")).label("reason"),
            (case(*details, else_=nothing) if details else nothing).label("detail"),
        )
        .join_from(PERSONS, shown, fell)
        .where(person.step.is_not(None))
    )


def stored(contest_id: UUID) -> Select[Any]:
    """The same of a committed contest."""
    row = ContestExclusion
    return select(row.index.label("leaf"), row.account_key, row.account, row.reason, row.detail).where(
        row.contest_id == contest_id
    )


def _detail(taken: Taken, shown: FromClause) -> ColumnElement[Any]:
    """The filter's place, its values and what was found, as a JSON object."""
    fixed = cast(literal(json.dumps({"filter": taken.filter, **taken.step.shown})), JSONB)
    pairs: list[Any] = []
    for name in taken.step.columns:
        pairs += [name, shown.c[name]]
    if taken.step.found is not None:
        pairs += ["found", PERSONS.c.found]
    return fixed.op("||")(func.jsonb_build_object(*pairs)) if pairs else fixed
