"""Routes of incidents: everybody reads them, support writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import RoleMissing, Support
from backend.caching.reads import tagged
from backend.db import Db
from backend.errors import AppError, InvalidInput, NotFound, errors
from backend.incidents.tables import Incident, IncidentUpdate
from backend.intents.wishes.fields import Time
from backend.routing import Router

router = Router(tags=["status"])
HISTORY = timedelta(days=90)
MOST = 200
State = Literal["investigating", "identified", "monitoring", "resolved"]
Severity = Literal["notice", "minor", "major"]


def _readable(words: str) -> str:
    if not all(letter.isprintable() or letter == "\n" for letter in words):
        raise ValueError("holds a character that cannot be shown")
    return words


Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=120),
    AfterValidator(_readable),
    Field(examples=["Mails arrive late"]),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=2000),
    AfterValidator(_readable),
    Field(description="For everybody to read", examples=["Our mail server is slow. Nothing is lost."]),
]


class IncidentNotFound(NotFound):
    """There is no incident with this id"""


class IncidentOver(AppError):
    """The incident is resolved; begin another one if it is back"""

    status = 409


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IncidentIn(_Body):
    """A disturbance that is told to everybody."""

    title: Title
    severity: Severity
    state: Literal["investigating", "identified", "monitoring"] = "investigating"
    text: Text
    started_at: Time | None = Field(default=None, description="Not in the future; now without it")


class UpdateIn(_Body):
    """What is known now. `resolved` ends the incident."""

    state: State
    text: Text
    severity: Severity | None = Field(default=None, description="From now on; as before without it")


class UpdateOut(BaseModel):
    """What was said at one time."""

    state: State
    text: str
    at: datetime


class IncidentOut(BaseModel):
    """One incident, with what was said, newest first."""

    id: str = Field(examples=["7"])
    title: str
    severity: Severity
    state: State
    started_at: datetime
    resolved_at: datetime | None
    updates: list[UpdateOut]


class IncidentList(BaseModel):
    """Those that go on, then those that ended in the last 90 days; the newest first."""

    items: list[IncidentOut]


@router.get("/status/incidents", summary="Incidents of the last 90 days", responses=errors())
@tagged
async def list_incidents(db: Db) -> IncidentList:
    """What was disturbed, from its beginning to its end."""
    found = await db.scalars(
        select(Incident)
        .where(Incident.resolved_at.is_(None) | (Incident.resolved_at > datetime.now(UTC) - HISTORY))
        .order_by(Incident.resolved_at.is_not(None), Incident.started_at.desc(), Incident.id.desc())
        .limit(MOST)
    )
    return IncidentList(items=[_show(incident) for incident in found])


@router.post(
    "/admin/incidents",
    status_code=201,
    summary="Tell everybody of an incident",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing),
)
async def begin_incident(body: IncidentIn, staff: Support, db: Db) -> IncidentOut:
    """On the status page from now on."""
    now = datetime.now(UTC)
    started = body.started_at or now
    if started > now + timedelta(minutes=1):
        raise InvalidInput("body.started_at", "lies in the future")
    incident = Incident(title=body.title, severity=body.severity, started_at=min(started, now))
    db.add(incident)
    await db.flush()
    db.add(IncidentUpdate(incident_id=incident.id, state=body.state, text=body.text))
    await db.flush()
    detail = {"before": None, "after": {"severity": body.severity, "state": body.state, "title": body.title}}
    await record(db, f"user:{staff.id}", "incident.begin", f"incident:{incident.id}", detail)
    return await _fresh(db, incident.id)


@router.post(
    "/admin/incidents/{incident_id}/updates",
    status_code=201,
    summary="Say how an incident goes on, or ends",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing, IncidentNotFound, IncidentOver),
)
async def add_incident_update(
    incident_id: Annotated[int, Path(ge=1, lt=2**63)], body: UpdateIn, staff: Support, db: Db
) -> IncidentOut:
    """What was said before stays."""
    incident = await db.scalar(select(Incident).where(Incident.id == incident_id).with_for_update())
    if incident is None:
        raise IncidentNotFound(f"There is no incident {incident_id}.")
    if incident.resolved_at is not None:
        raise IncidentOver("This incident is resolved. Begin another one if it is back.")
    before = {"severity": incident.severity, "state": incident.updates[0].state}
    incident.severity = body.severity or incident.severity
    if body.state == "resolved":
        incident.resolved_at = await db.scalar(
            select(func.greatest(func.clock_timestamp(), incident.started_at))
        )
    db.add(IncidentUpdate(incident_id=incident.id, state=body.state, text=body.text))
    await db.flush()
    detail = {"before": before, "after": {"severity": incident.severity, "state": body.state}}
    await record(db, f"user:{staff.id}", "incident.update", f"incident:{incident.id}", detail)
    return await _fresh(db, incident.id)


async def _fresh(db: AsyncSession, incident_id: int) -> IncidentOut:
    incident = await db.get_one(Incident, incident_id, populate_existing=True)
    return _show(incident)


def _show(incident: Incident) -> IncidentOut:
    return IncidentOut.model_validate(
        {
            "id": str(incident.id),
            "title": incident.title,
            "severity": incident.severity,
            "state": incident.updates[0].state,
            "started_at": incident.started_at,
            "resolved_at": incident.resolved_at,
            "updates": [{"state": one.state, "text": one.text, "at": one.at} for one in incident.updates],
        }
    )
