"""Routes of imports and of the rows they could not take."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.viewer import Member
from backend.connectors.errors import PLATFORM_REFUSALS
from backend.connectors.importing import import_post
from backend.connectors.schemas import FetchIn
from backend.contests import store as contests
from backend.contests.changing import FILL_ERRORS, to_fill
from backend.contests.errors import ContestNotFound
from backend.csv_lines import csv_file
from backend.db import Db
from backend.errors import errors
from backend.mirror import Mirror, MirrorNotReady, open_snapshot
from backend.pages import DEFAULT_LIMIT, Limit
from backend.participants import rejections, service
from backend.participants.errors import FileTooLarge, ImportNotFound, TooManyImports, UploadMalformed
from backend.participants.rejections import RejectionCursor
from backend.participants.schemas import ImportList, ImportOut, RejectionList, show
from backend.participants.upload import is_json, read_form, read_json, request_body
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/contests/{contest_id}", tags=["contests"])


@router.post(
    "/imports",
    status_code=202,
    summary="Bring participants in",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        UploadMalformed,
        FileTooLarge,
        *FILL_ERRORS,
        TooManyImports,
        *PLATFORM_REFUSALS,
    ),
    openapi_extra={"requestBody": request_body()},
)
async def create_import(
    contest_id: UUID, request: Request, user: CurrentUser, services: ServicesDep, db: Db
) -> ImportOut:
    """A file (CSV, TSV, XLSX, JSON), a paste, or the comments of a connected account's post. It is read afterwards:
    follow the import, or its events.

    Several imports add up.
    """
    await to_fill(db, user, contest_id)  # refuses before the upload what would be refused after it
    await db.commit()  # gives the connection back: the upload takes as long as it likes
    if is_json(request):
        asked = await read_json(request)
        if isinstance(asked, FetchIn):
            return show(await import_post(db, services, user, contest_id, asked))
        return show(await service.import_paste(db, services, user, contest_id, asked))
    columns, file = await read_form(request)
    try:
        return show(await service.import_file(db, services, user, contest_id, columns, file))
    finally:
        await file.close()


@router.get(
    "/imports", summary="A contest's imports", responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady)
)
async def list_imports(contest_id: UUID, user: Member, mirror: Mirror) -> ImportList:
    """For the organiser: what was brought in, and how far the rest is."""
    await contests.owned(mirror.db, contest_id, user.id)
    return ImportList(items=[show(row) for row in await service.of_contest(mirror.db, contest_id)])


@router.get(
    "/imports/{import_id}",
    summary="One import",
    responses=errors(NotSignedIn, ContestNotFound, ImportNotFound, MirrorNotReady),
)
async def read_import(contest_id: UUID, import_id: UUID, user: Member, mirror: Mirror) -> ImportOut:
    """How far it is: bytes, rows, and what was rejected for which reason."""
    await contests.owned(mirror.db, contest_id, user.id)
    found = await service.of_contest(mirror.db, contest_id, import_id)
    if not found:
        raise ImportNotFound(f"The contest has no import {import_id}.")
    return show(found[0])


@router.delete(
    "/imports/{import_id}",
    status_code=204,
    summary="Cancel or delete an import",
    responses=errors(NotSignedIn, ForeignOrigin, *FILL_ERRORS, ImportNotFound),
)
async def delete_import(contest_id: UUID, import_id: UUID, user: CurrentUser, db: Db) -> None:
    """One that has not ended is cancelled and stays in the list; another is deleted. Its participants go either way."""
    await service.remove(db, user, contest_id, import_id)


@router.get(
    "/rejections",
    summary="Rows that are no participants",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
async def list_rejections(
    contest_id: UUID,
    user: Member,
    mirror: Mirror,
    cursor: RejectionCursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> RejectionList:
    """For the organiser: which rows of which import, why, and what they say."""
    await contests.owned(mirror.db, contest_id, user.id)
    found = await rejections.page(mirror.db, contest_id, limit=limit + 1, after=rejections.place_of(cursor))
    items = found[:limit]
    following = "-".join(map(str, items[-1][0])) if len(found) > limit else None
    return RejectionList(items=[item for _, item in items], next_cursor=following)


@router.get(
    "/rejections.csv",
    summary="Rows that are no participants, as CSV",
    response_class=Response,
    responses={
        200: {
            "description": "UTF-8 CSV; cells that look like formulas are defused",
            "content": {"text/csv": {}},
        },
        **errors(NotSignedIn, ContestNotFound, MirrorNotReady),
    },
)
async def download_rejections(contest_id: UUID, user: Member, services: ServicesDep) -> StreamingResponse:
    """All of them in one file."""
    async with open_snapshot(services.engine) as mirror:
        await contests.owned(mirror.db, contest_id, user.id)
    return csv_file(rejections.write_csv(services.engine, contest_id), f"rejections-{contest_id}.csv")
