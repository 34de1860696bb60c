"""Routes of filters: who of a contest counts, and why the others do not."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.viewer import Member
from backend.contests import entries_file
from backend.contests.changing import CHANGE_ERRORS, edition_of, to_change
from backend.contests.errors import ContestNotFound
from backend.csv_lines import csv_file
from backend.db import Db
from backend.editions import IfMatch, require, tell
from backend.errors import errors
from backend.filters import service
from backend.filters.errors import EntriesNotFixed, EvaluationBusy
from backend.filters.kinds import Filters, stored
from backend.filters.schemas import ExclusionList, FiltersOut, PreviewOut
from backend.pages import DEFAULT_LIMIT, Limit, RowCursor
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/contests", tags=["contests"])


@router.put(
    "/{contest_id}/filters",
    summary="Choose who counts",
    responses=errors(NotSignedIn, ForeignOrigin, *CHANGE_ERRORS),
)
async def set_filters(
    contest_id: UUID,
    body: Filters,
    user: CurrentUser,
    db: Db,
    response: Response,
    if_match: IfMatch = None,
) -> FiltersOut:
    """The contest's filters, in the order in which they are asked. Look at the preview, then commit."""
    contest = await to_change(db, user, contest_id)
    require(if_match, edition_of(contest))
    contest.filters = stored(body)
    tell(response, edition_of(contest))
    return FiltersOut(filters=body)


@router.get(
    "/{contest_id}/preview",
    summary="Who would count",
    responses=errors(NotSignedIn, ContestNotFound, EvaluationBusy),
)
async def preview_contest(contest_id: UUID, user: Member, services: ServicesDep) -> PreviewOut:
    """How many persons count, and how many each reason excludes, with the first of each. Nothing is committed by
    asking; after the commit it tells what was fixed."""
    return await service.preview_of(services.engine, user.id, contest_id)


@router.get(
    "/{contest_id}/exclusions",
    summary="Who does not count, and why",
    responses=errors(NotSignedIn, ContestNotFound, EvaluationBusy),
)
async def list_exclusions(
    contest_id: UUID,
    user: Member,
    services: ServicesDep,
    cursor: RowCursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ExclusionList:
    """Everyone takes part once and has one reason: that of the filter which took their last comment."""
    found = await service.exclusions_of(services.engine, user.id, contest_id, limit=limit + 1, after=cursor)
    items = found[:limit]
    return ExclusionList(items=items, next_cursor=str(items[-1].index) if len(found) > limit else None)


@router.get(
    "/{contest_id}/exclusions.csv",
    summary="Who does not count, and why, as CSV",
    response_class=Response,
    responses={
        200: {
            "description": "UTF-8 CSV; cells that look like formulas are defused",
            "content": {"text/csv": {}},
        },
        **errors(NotSignedIn, ContestNotFound, EvaluationBusy),
    },
)
async def download_exclusions(contest_id: UUID, user: Member, services: ServicesDep) -> StreamingResponse:
    """All of them in one file."""
    file = await service.exclusions_file(services.engine, user.id, contest_id)
    return csv_file(service.pieces(file), f"exclusions-{contest_id}.csv")


@router.get(
    "/{contest_id}/entries.csv",
    summary="The committed list",
    response_class=Response,
    responses={
        200: {
            "description": "UTF-8 CSV, byte for byte what the contest's `list_sha256` is the hash of: cells are not"
            " defused",
            "content": {"text/csv": {}},
        },
        **errors(NotSignedIn, ContestNotFound, EntriesNotFixed),
    },
)
async def download_entries(contest_id: UUID, user: Member, services: ServicesDep) -> StreamingResponse:
    """Everyone who counts, in order of entry numbers: what anyone can check the draw with."""
    weighted = await entries_file.require_fixed(services.engine, user.id, contest_id)
    content = entries_file.write(services.engine, contest_id, weighted=weighted)
    return csv_file(content, f"entries-{contest_id}.csv")
