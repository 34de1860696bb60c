"""Routes of contests."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import delete

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.viewer import Member, Viewer
from backend.contests import bundle, importing, rejections, repeated, reveal, store
from backend.contests.commit import commit, to_change
from backend.contests.errors import (
    ContestCommitted,
    ContestNotCommitted,
    ContestNotDrawn,
    ContestNotFound,
    FileTooLarge,
    ImportBusy,
    ListUnusable,
    NothingRepeats,
    RankAlreadyDisqualified,
    RankUnknown,
    TooFewEntries,
    TooManyDrafts,
    UploadMalformed,
)
from backend.contests.schemas import (
    BundleOut,
    ContestDetails,
    ContestState,
    ContestSummary,
    ContestWinner,
    DisqualifyIn,
    RejectionList,
    SaltList,
)
from backend.contests.tables import Contest
from backend.contests.upload import file_name, read_form, request_body
from backend.db import Db
from backend.errors import errors
from backend.intents.idempotency import IdempotencyKey, IdempotencyKeyReused, once
from backend.intents.policy import WalletFrozen
from backend.intents.schemas import IntentOut
from backend.intents.service import Call, create_intent
from backend.intents.view import show
from backend.mirror import Mirror, MirrorNotReady, open_snapshot
from backend.pages import DEFAULT_LIMIT, AsOfOut, Cursor, Limit, Page, RowCursor, page, single
from backend.policies.service import UserFrozen, require_not_frozen
from backend.services import ServicesDep
from backend.wallets.kms.refusal import KeysUnavailable
from listener.mirror.reads.contests import Contest as Fact

router = APIRouter(prefix="/contests", tags=["contests"])
_importer = importing.Importer()


class ContestOut(AsOfOut, ContestDetails):
    """One contest, and the block it stands for."""


@router.get("", summary="Contests, newest first", responses=errors(MirrorNotReady, NotSignedIn))
async def list_contests(
    viewer: Viewer,
    mirror: Mirror,
    mine: Annotated[bool, Query(description="Only my own")] = False,
    state: Annotated[ContestState | None, Query(description="Only those in this state")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ContestSummary]:
    """Everyone's that are opened on chain and, when signed in, all of one's own."""
    if mine and viewer is None:
        raise NotSignedIn
    found = await store.page(
        mirror.db,
        viewer=viewer,
        limit=limit + 1,
        mine=mine,
        state=state,
        before=cursor,
    )
    return page(mirror, found, limit, lambda contest: contest.position)


@router.post(
    "",
    status_code=201,
    summary="Upload a list",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        UploadMalformed,
        FileTooLarge,
        ListUnusable,
        TooFewEntries,
        TooManyDrafts,
        ImportBusy,
        MirrorNotReady,
    ),
    openapi_extra={"requestBody": request_body()},
)
async def create_contest(request: Request, user: Member, services: ServicesDep, db: Db) -> ContestOut:
    """Make a draft out of a CSV or JSON list: one entry per account, rejected rows with their reasons.

    Nothing is on chain yet. Look at the counts and the rejections, then commit.
    """
    async with open_snapshot(services.engine):
        pass  # refuse before the upload while there is no mirror to answer from
    most = services.settings.drafts_per_user
    await importing.require_place(db, user.id, most)
    await db.rollback()  # gives the connection back: the upload takes as long as it likes
    form, file = await read_form(request)
    try:
        parsed = await _importer.parse(file.file, form)
    finally:
        await file.close()
    await importing.require_place(db, user.id, most)
    contest = await importing.store(db, user.id, form, file_name(file), parsed)
    await db.commit()
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.owned(mirror.db, contest.id, user.id)
        return single(mirror, ContestOut, store.details(row, fact, user.id))


@router.get(
    "/{contest_id}",
    summary="One contest",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
async def read_contest(contest_id: UUID, viewer: Viewer, mirror: Mirror) -> ContestOut:
    """A draft shows to its owner alone; a committed contest to everyone."""
    row, fact = await store.visible(mirror.db, contest_id, viewer)
    return single(mirror, ContestOut, store.details(row, fact, viewer))


@router.delete(
    "/{contest_id}",
    status_code=204,
    summary="Throw a draft away",
    responses=errors(NotSignedIn, ForeignOrigin, ContestNotFound, ContestCommitted),
)
async def delete_contest(contest_id: UUID, user: CurrentUser, db: Db) -> None:
    """With its list. What was committed stays."""
    contest = await to_change(db, user, contest_id)
    await db.execute(delete(Contest).where(Contest.id == contest.id))


@router.get(
    "/{contest_id}/rejections",
    summary="Rows that are no entries",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
async def list_rejections(
    contest_id: UUID, user: Member, mirror: Mirror, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> RejectionList:
    """For the organiser: which rows, why, and what they say."""
    await store.owned(mirror.db, contest_id, user.id)
    found = await rejections.page(mirror.db, contest_id, limit=limit + 1, after=cursor)
    items = found[:limit]
    return RejectionList(items=items, next_cursor=str(items[-1].row) if len(found) > limit else None)


@router.get(
    "/{contest_id}/rejections.csv",
    summary="Rows that are no entries, as CSV",
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
        await store.owned(mirror.db, contest_id, user.id)
    return StreamingResponse(
        rejections.write_csv(services.engine, contest_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rejections-{contest_id}.csv"'},
    )


@router.post(
    "/{contest_id}/commit",
    status_code=202,
    summary="Commit the list and request the draw",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        ContestNotFound,
        ContestCommitted,
        WalletFrozen,
        UserFrozen,
        IdempotencyKeyReused,
    ),
)
async def commit_contest(
    contest_id: UUID, key: IdempotencyKey, user: CurrentUser, services: ServicesDep, db: Db
) -> IntentOut:
    """Salt the list, fix its Merkle root, and open the contest on chain with the organiser's own wallet.

    From here on neither list nor rules can change; nobody can know the winners before the draw is final.
    """

    async def accept() -> IntentOut:
        await require_not_frozen(db, user)
        return (await show(db, [await commit(db, services, user, contest_id)]))[0]

    return await once(db, user.id, key, [f"POST /contests/{contest_id}/commit"], IntentOut, accept)


@router.get(
    "/{contest_id}/winners",
    summary="Who was drawn",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
async def list_winners(
    contest_id: UUID, viewer: Viewer, mirror: Mirror, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ContestWinner]:
    """Winners, then alternates, by rank; empty until drawn. A disqualified rank stays, with its reason."""
    _, fact = await store.visible(mirror.db, contest_id, viewer)
    found = await reveal.winners(mirror.db, contest_id, fact, limit=limit + 1, after=cursor)
    return page(mirror, found, limit, lambda winner: winner.rank)


@router.get(
    "/{contest_id}/bundle",
    summary="Everything to verify the draw with",
    response_class=Response,
    responses={
        200: {"model": BundleOut, "description": "`leaves` comes last and may be long"},
        **errors(NotSignedIn, ContestNotFound, ContestNotCommitted, MirrorNotReady, KeysUnavailable),
    },
)
async def read_bundle(contest_id: UUID, viewer: Viewer, services: ServicesDep) -> StreamingResponse:
    """The whole list as salted leaves and, once drawn, the drawn entries opened. Public after the commit."""
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.visible(mirror.db, contest_id, viewer)
    if row["contest_key"] is None:
        raise ContestNotCommitted("This contest is a draft: commit it first.")
    openings = await reveal.openings(services.engine, services.kms, row, fact)
    return StreamingResponse(
        bundle.write(services.engine, row, fact, openings), media_type="application/json"
    )


@router.get(
    "/{contest_id}/openings",
    summary="The whole list with its salts",
    responses=errors(NotSignedIn, ContestNotFound, ContestNotCommitted, MirrorNotReady, KeysUnavailable),
)
async def list_openings(
    contest_id: UUID,
    user: Member,
    services: ServicesDep,
    mirror: Mirror,
    cursor: RowCursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> SaltList:
    """For the organiser: with its salt, a participant finds their own leaf in the bundle."""
    row, _ = await store.owned(mirror.db, contest_id, user.id)
    if row["contest_key"] is None:
        raise ContestNotCommitted("This contest is a draft: it has no salts before it is committed.")
    found = await reveal.salts(mirror.db, services.kms, row, limit=limit + 1, after=cursor)
    items = found[:limit]
    return SaltList(items=items, next_cursor=str(items[-1].index) if len(found) > limit else None)


@router.post(
    "/{contest_id}/disqualify",
    status_code=202,
    summary="Disqualify a rank",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        ContestNotFound,
        ContestNotDrawn,
        RankUnknown,
        RankAlreadyDisqualified,
        WalletFrozen,
        UserFrozen,
        IdempotencyKeyReused,
        MirrorNotReady,
    ),
)
async def disqualify(
    contest_id: UUID,
    body: DisqualifyIn,
    key: IdempotencyKey,
    user: Member,
    services: ServicesDep,
    db: Db,
) -> IntentOut:
    """On chain, with the reason for everyone to read; the next alternate moves up."""
    async with open_snapshot(services.engine) as mirror:
        _, fact = await store.owned(mirror.db, contest_id, user.id)

    async def accept() -> IntentOut:
        known = _to_disqualify(fact, body.rank)
        number = known.contest_number
        await require_not_frozen(db, user)
        contracts = services.contracts
        data = contracts.encode(
            "Contest", "disqualify", [number, known.terms().words(), body.rank, body.reason]
        )
        params = {"contest_id": str(contest_id), "contest_number": str(number), **body.model_dump()}
        call = Call(contracts.address("Contest"), data)
        return (await show(db, [await create_intent(db, user, "disqualify_rank", params, [call])]))[0]

    request = [f"POST /contests/{contest_id}/disqualify", body.model_dump()]
    return await once(db, user.id, key, request, IntentOut, accept)


@router.post(
    "/{contest_id}/repeats",
    status_code=202,
    summary="Take out the ranks that repeat an account",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        ContestNotFound,
        ContestNotDrawn,
        NothingRepeats,
        WalletFrozen,
        UserFrozen,
        IdempotencyKeyReused,
        MirrorNotReady,
    ),
)
async def prove_repeats(
    contest_id: UUID, key: IdempotencyKey, user: Member, services: ServicesDep, db: Db
) -> IntentOut:
    """In a weighted list an account can be drawn again; it wins by its first rank only. This proves on chain, rank by
    rank, at most 20 at a time, which later ranks are the same entry's; the next alternates move up."""
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.owned(mirror.db, contest_id, user.id)
        if fact is None or not fact.is_drawn:
            raise ContestNotDrawn("The contest is not drawn yet: nobody can have been drawn twice.")
        due = await repeated.unproved(mirror.db, contest_id, fact)

    async def accept() -> IntentOut:
        await require_not_frozen(db, user)
        return (await show(db, [await repeated.prove(db, services, user, row, fact, due)]))[0]

    return await once(db, user.id, key, [f"POST /contests/{contest_id}/repeats"], IntentOut, accept)


def _to_disqualify(fact: Fact | None, rank: int) -> Fact:
    """The contest as the chain knows it, if this rank can be disqualified."""
    if fact is None or not fact.is_drawn:
        raise ContestNotDrawn("The contest is not drawn yet: there is nobody to disqualify.")
    ranks = fact.winners + fact.alternates
    if rank >= ranks:
        raise RankUnknown(f"The contest has the ranks 0 to {ranks - 1}, not {rank}.")
    if any(item.rank == rank for item in fact.disqualified):
        raise RankAlreadyDisqualified(f"Rank {rank} is disqualified already.")
    if rank in fact.repeated:
        raise RankAlreadyDisqualified(f"Rank {rank} is out already: it repeats an account.")
    return fact
