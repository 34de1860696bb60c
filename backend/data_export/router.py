"""Routes of the copy of one's own data."""

from __future__ import annotations

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.data_export import service
from backend.data_export.errors import DataExportNotFound, DataExportPending, DataExportTooOften
from backend.data_export.schemas import DataExportLinkOut, DataExportOut, State
from backend.data_export.tables import DataExport
from backend.db import Db
from backend.errors import errors
from backend.files.store import FilesUnavailable
from backend.policies.clock import database_time
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/account/export", tags=["privacy"])


@router.post(
    "",
    status_code=202,
    summary="Ask for a copy of my data",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, DataExportPending, DataExportTooOften),
)
async def ask_for_data_export(user: SteppedUp, services: ServicesDep, db: Db) -> DataExportOut:
    """A ZIP with everything that is kept about the account is made; a mail tells when it is there."""
    return await _show(db, await service.ask(db, services.settings, user))


@router.get("", summary="The newest copy of my data", responses=errors(NotSignedIn, DataExportNotFound))
async def read_data_export(user: CurrentUser, db: Db) -> DataExportOut:
    """How far it is, and until when it can be downloaded."""
    return await _show(db, await service.newest(db, user.id))


@router.post(
    "/link",
    summary="Download the copy of my data",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, DataExportNotFound, FilesUnavailable),
)
async def link_data_export(user: SteppedUp, services: ServicesDep, db: Db) -> DataExportLinkOut:
    """A link for a few minutes, as often as it is asked for until the copy is deleted."""
    url, expires_at = await service.link(db, services, user.id)
    return DataExportLinkOut(url=url, expires_at=expires_at)


async def _show(db: Db, wish: DataExport) -> DataExportOut:
    state: State = "waiting"
    if wish.finished_at is not None and wish.bytes is None:
        state = "failed"
    elif wish.expires_at is not None:
        state = "ready" if wish.expires_at > await database_time(db) else "expired"
    elif wish.requested_at < await database_time(db) - service.GIVEN_UP:
        state = "failed"
    return DataExportOut(
        state=state,
        requested_at=wish.requested_at,
        finished_at=wish.finished_at,
        expires_at=wish.expires_at,
        bytes=wish.bytes,
    )
