"""What is kept how long: the table that is shown, with the times that the jobs apply."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from backend.caching.reads import tagged
from backend.errors import errors
from backend.routing import Router
from backend.services import ServicesDep
from backend.settings import Settings

router = Router(prefix="/privacy", tags=["privacy"])

Kind = Literal[
    "account",
    "sessions",
    "mails",
    "events",
    "answers",
    "drafts",
    "uploads",
    "data_exports",
    "failed_jobs",
    "secrets",
    "ledger",
    "audit",
    "draws",
]
Until = Literal["erasure", "days", "used", "always"]


class RetentionLine(BaseModel):
    """How long one kind of data is kept: until the account is erased, for some days, until it was used, or always."""

    kind: Kind
    until: Until
    days: int | None = Field(
        description="With `days`: so many. With `used`: at most so many after", examples=[90]
    )


class RetentionOut(BaseModel):
    """Every kind of data that is kept about people."""

    items: list[RetentionLine]


SECRETS_DAYS = 1
"""Links, challenges and tokens go a day after they ran out."""
FAILED_JOBS_DAYS = 30
TOLD_DAYS = 60
"""Longer than a fact is news."""


def retention(settings: Settings) -> list[RetentionLine]:
    """As this deployment is set up."""
    days: dict[Kind, tuple[Until, int | None]] = {
        "account": ("erasure", None),
        "sessions": ("days", settings.keep_sessions_days),
        "mails": ("days", settings.keep_mails_days),
        "events": ("days", settings.keep_events_days),
        "answers": ("days", settings.keep_answers_days),
        "drafts": ("days", settings.draft_days),
        "uploads": ("used", SECRETS_DAYS),
        "data_exports": ("days", settings.data_export_days),
        "failed_jobs": ("days", FAILED_JOBS_DAYS),
        "secrets": ("used", SECRETS_DAYS),
        "ledger": ("always", None),
        "audit": ("always", None),
        "draws": ("always", None),
    }
    return [RetentionLine(kind=kind, until=until, days=count) for kind, (until, count) in days.items()]


@router.get("/retention", summary="What is kept how long", responses=errors())
@tagged
async def read_retention(services: ServicesDep) -> RetentionOut:
    """What stays for ever stays under a number that nothing connects with a person once the account is erased."""
    return RetentionOut(items=retention(services.settings))
