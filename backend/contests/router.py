"""Routes of contests."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import delete

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.viewer import Member, Viewer
from backend.caching.reads import tagged
from backend.contests import bundle, drafts, repeated, reveal, store, trail, winners_file
from backend.contests.changing import CHANGE_ERRORS, FILL_ERRORS, edition_of, to_change, to_fill
from backend.contests.commit import commit
from backend.contests.errors import (
    ContestNotAnnounced,
    ContestNotCommitted,
    ContestNotDrawn,
    ContestNotFound,
    NothingRepeats,
    RankAlreadyDisqualified,
    RankUnknown,
    TooFewEntries,
    TooManyDrafts,
    TooManyEntries,
    TooManyPrizes,
    WeightsTooLarge,
)
from backend.contests.schemas import (
    BundleOut,
    CancelIn,
    ContestChange,
    ContestDetails,
    ContestIn,
    ContestState,
    ContestSummary,
    ContestWinner,
    DisqualifyIn,
    SaltList,
)
from backend.contests.tables import Contest
from backend.csv_lines import csv_file
from backend.db import Db
from backend.editions import IfMatch, require, tell
from backend.errors import errors
from backend.idempotency.keeping import IdempotencyKey
from backend.intents.policy import WalletFrozen
from backend.intents.schemas import IntentOut
from backend.intents.service import Call, create_intent
from backend.intents.view import show
from backend.mirror import Mirror, MirrorNotReady, open_snapshot, within
from backend.pages import DEFAULT_LIMIT, AsOfOut, Cursor, Limit, Page, RowCursor, page, single
from backend.participants.errors import ImportRunning
from backend.participants.service import give_up_running, require_ended
from backend.participants.store import drop_files
from backend.policies.service import UserFrozen, require_not_frozen
from backend.prices.errors import CreditsTooLow, TierExceeded
from backend.routing import Router
from backend.services import ServicesDep
from backend.wallets.kms.refusal import KeysUnavailable
from listener.mirror.reads.contests import Contest as Fact

router = Router(prefix="/contests", tags=["contests"])


class ContestOut(AsOfOut, ContestDetails):
    """One contest, and the block it stands for."""


@router.get("", summary="Contests", responses=errors(MirrorNotReady, NotSignedIn))
@tagged
async def list_contests(
    viewer: Viewer,
    mirror: Mirror,
    mine: Annotated[bool, Query(description="Only my own")] = False,
    state: Annotated[ContestState | None, Query(description="Only those in this state")] = None,
    sort: Annotated[
        store.ContestSort, Query(description="By time; `-` for the latest first")
    ] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[ContestSummary]:
    """Everyone's that are announced or opened on chain and, when signed in, all of one's own."""
    if mine and viewer is None:
        raise NotSignedIn
    found = await store.page(
        mirror.db,
        viewer=viewer,
        limit=limit + 1,
        mine=mine,
        state=state,
        before=cursor,
        sort=sort,
    )
    return page(mirror, found, limit, lambda contest: contest.position)


@router.post(
    "",
    status_code=201,
    summary="Make a draft",
    responses=errors(NotSignedIn, ForeignOrigin, TooManyDrafts, TooManyPrizes, MirrorNotReady),
)
async def create_contest(
    body: ContestIn, user: Member, services: ServicesDep, db: Db, response: Response
) -> ContestOut:
    """It has no participants yet: imports bring them. Nothing is on chain."""
    contest = await drafts.create(db, user.id, body, services.settings.drafts_per_user)
    return await _changed(db, user.id, contest.id, response)


@router.get(
    "/{contest_id}",
    summary="One contest",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
@tagged
async def read_contest(contest_id: UUID, viewer: Viewer, mirror: Mirror, response: Response) -> ContestOut:
    """A draft shows to its owner alone; an announced or committed contest to everyone."""
    row, fact = await store.visible(mirror.db, contest_id, viewer)
    if viewer == row["owner_id"]:
        tell(response, edition_of(row))
    return single(mirror, ContestOut, await store.details(mirror.db, row, fact, viewer))


@router.patch(
    "/{contest_id}",
    summary="Change a draft",
    responses=errors(NotSignedIn, ForeignOrigin, *CHANGE_ERRORS, TooManyPrizes, MirrorNotReady),
)
async def change_contest(
    contest_id: UUID,
    body: ContestChange,
    user: Member,
    db: Db,
    response: Response,
    if_match: IfMatch = None,
) -> ContestOut:
    """What the body leaves out stays. What was announced or committed does not change any more."""
    contest = await to_change(db, user, contest_id)
    require(if_match, edition_of(contest))
    await drafts.change(db, contest, body)
    return await _changed(db, user.id, contest_id, response)


@router.delete(
    "/{contest_id}",
    status_code=204,
    summary="Throw a draft away",
    responses=errors(NotSignedIn, ForeignOrigin, *CHANGE_ERRORS),
)
async def delete_contest(contest_id: UUID, user: CurrentUser, db: Db, if_match: IfMatch = None) -> None:
    """With its participants. What others have seen stays: an announced contest can be cancelled."""
    contest = await to_change(db, user, contest_id)
    require(if_match, edition_of(contest))
    await drop_files(db, [contest.id])
    await db.execute(delete(Contest).where(Contest.id == contest.id))


@router.post(
    "/{contest_id}/announce",
    summary="Announce a contest",
    responses=errors(NotSignedIn, ForeignOrigin, *CHANGE_ERRORS, MirrorNotReady),
)
async def announce_contest(
    contest_id: UUID, user: Member, db: Db, response: Response, if_match: IfMatch = None
) -> ContestOut:
    """Everybody sees its title, rules, post, places, prizes and filters, and none of them changes any more.

    Participants may still come. A draft may be committed without being announced."""
    contest = await to_change(db, user, contest_id)
    require(if_match, edition_of(contest))
    drafts.announce(contest)
    return await _changed(db, user.id, contest_id, response)


@router.post(
    "/{contest_id}/cancel",
    summary="Cancel an announced contest",
    responses=errors(NotSignedIn, ForeignOrigin, *FILL_ERRORS, ContestNotAnnounced, MirrorNotReady),
)
async def cancel_contest(
    contest_id: UUID, body: CancelIn, user: Member, db: Db, response: Response
) -> ContestOut:
    """There will be no draw. The contest stays, with the reason, for everybody to read."""
    contest = await to_fill(db, user, contest_id)
    drafts.cancel(contest, body.reason)
    detail = changed({"state": "active"}, {"state": "cancelled"}, await seal(db, user.id, body.reason))
    await record(db, f"user:{user.id}", "contest.cancel", f"contest:{contest_id}", detail)
    await give_up_running(db, contest)
    return await _changed(db, user.id, contest_id, response)


@router.post(
    "/{contest_id}/commit",
    status_code=202,
    summary="Commit the list and request the draw",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        *FILL_ERRORS,
        ImportRunning,
        TooFewEntries,
        TooManyEntries,
        WeightsTooLarge,
        WalletFrozen,
        UserFrozen,
        TierExceeded,
        CreditsTooLow,
    ),
)
async def commit_contest(
    contest_id: UUID,
    _key: IdempotencyKey,
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
    if_match: IfMatch = None,
) -> IntentOut:
    """Evaluate the filters, salt the list, fix its Merkle root, and open the contest on chain with the organiser's own wallet.

    From here on neither list nor rules can change; nobody can know the winners before the draw is final.
    """

    await require_not_frozen(db, user)
    contest = await to_fill(db, user, contest_id)
    require(if_match, edition_of(contest))
    await require_ended(db, contest_id)
    return (await show(db, [await commit(db, services, user, contest)]))[0]


@router.get(
    "/{contest_id}/winners",
    summary="Who was drawn",
    responses=errors(NotSignedIn, ContestNotFound, MirrorNotReady),
)
@tagged
async def list_contest_winners(
    contest_id: UUID, viewer: Viewer, mirror: Mirror, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ContestWinner]:
    """Winners, then alternates, by rank; empty until drawn. A disqualified rank stays, with its reason."""
    _, fact = await store.visible(mirror.db, contest_id, viewer)
    found = await reveal.winners(mirror.db, contest_id, fact, limit=limit + 1, after=cursor)
    return page(mirror, found, limit, lambda winner: winner.rank)


@router.get(
    "/{contest_id}/winners.csv",
    summary="Who was drawn, as CSV",
    response_class=Response,
    responses={
        200: {
            "description": "UTF-8 CSV; cells that look like formulas are defused",
            "content": {"text/csv": {}},
        },
        **errors(NotSignedIn, ContestNotFound, ContestNotDrawn, MirrorNotReady),
    },
)
async def download_winners(contest_id: UUID, viewer: Viewer, mirror: Mirror) -> StreamingResponse:
    """All ranks in one file: winners, then alternates, each with whether it stands, and why not."""
    _, fact = await store.visible(mirror.db, contest_id, viewer)
    if fact is None or not fact.is_drawn:
        raise ContestNotDrawn("This contest is not drawn yet: there are no winners.")
    limit = fact.winners + fact.alternates
    drawn = await reveal.winners(mirror.db, contest_id, fact, limit=limit, after=None)
    return csv_file(winners_file.write(drawn), f"winners-{contest_id}.csv")


@router.get(
    "/{contest_id}/bundle",
    summary="Everything to verify the draw with",
    response_class=Response,
    responses={
        200: {
            "model": BundleOut,
            "description": "`leaves`, and of a weighted list `weights`, come last and may be long",
        },
        **errors(NotSignedIn, ContestNotFound, ContestNotCommitted, MirrorNotReady, KeysUnavailable),
    },
)
async def read_bundle(contest_id: UUID, viewer: Viewer, services: ServicesDep) -> StreamingResponse:
    """The whole list as salted leaves, who was left out and why, and, once drawn, the drawn entries opened and the
    chain's facts of the draw: enough to check it without this server (docs/bundle.md). Public after the commit."""
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.visible(mirror.db, contest_id, viewer)
        events = await trail.events_of(mirror.db, fact)
    if row["contest_key"] is None:
        raise ContestNotCommitted("This contest is not committed yet.")
    secret = await reveal.open_secret(services.kms, row)
    openings = await reveal.openings(services.engine, secret, row, fact)
    draw = await trail.told(services, fact, events)
    return StreamingResponse(
        bundle.write(services.engine, row, fact, secret, openings, draw),
        media_type="application/json",
        headers={"Content-Disposition": f'inline; filename="contest-{contest_id}.bundle.json"'},
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
        raise ContestNotCommitted("This contest is not committed yet: it has no salts before.")
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
        MirrorNotReady,
    ),
)
async def disqualify_winner(
    contest_id: UUID,
    body: DisqualifyIn,
    _key: IdempotencyKey,
    user: Member,
    services: ServicesDep,
    db: Db,
) -> IntentOut:
    """On chain, with the reason for everyone to read; the next alternate moves up."""
    async with within(db) as mirror:
        _, fact = await store.owned(mirror.db, contest_id, user.id)
    known = _to_disqualify(fact, body.rank)
    number = known.contest_number
    await require_not_frozen(db, user)
    contracts = services.contracts
    data = contracts.encode("Contest", "disqualify", [number, known.terms().words(), body.rank, body.reason])
    params = {"contest_id": str(contest_id), "contest_number": str(number), **body.model_dump()}
    call = Call(contracts.address("Contest"), data)
    intent = await create_intent(db, user, "disqualify_rank", params, [call])
    detail = changed({"stands": True}, {"stands": False}, await seal(db, user.id, body.reason))
    about = {"rank": body.rank, "intent": str(intent.id)}
    await record(db, f"user:{user.id}", "contest.disqualify", f"contest:{contest_id}", {**about, **detail})
    return (await show(db, [intent]))[0]


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
        MirrorNotReady,
    ),
)
async def prove_repeats(
    contest_id: UUID, _key: IdempotencyKey, user: Member, services: ServicesDep, db: Db
) -> IntentOut:
    """In a weighted list an account can be drawn again; it wins by its first rank only. This proves on chain, rank by
    rank, at most 20 at a time, which later ranks are the same entry's; the next alternates move up."""
    async with within(db) as mirror:
        row, fact = await store.owned(mirror.db, contest_id, user.id)
        if fact is None or not fact.is_drawn:
            raise ContestNotDrawn("The contest is not drawn yet: nobody can have been drawn twice.")
        due = await repeated.unproved(mirror.db, contest_id, fact)
    await require_not_frozen(db, user)
    return (await show(db, [await repeated.prove(db, services, user, row, fact, due)]))[0]


def _to_disqualify(fact: Fact | None, rank: int) -> Fact:
    """The contest as the chain knows it, if this rank can be disqualified."""
    if fact is None or not fact.is_drawn:
        raise ContestNotDrawn("The contest is not drawn yet: there is nobody to disqualify.")
    ranks = fact.winners + fact.alternates
    if rank >= ranks:
        raise RankUnknown(f"The contest has the ranks 0 to {ranks - 1}, not {rank}.", ranks=ranks)
    if any(item.rank == rank for item in fact.disqualified):
        raise RankAlreadyDisqualified(f"Rank {rank} is disqualified already.")
    if rank in fact.repeated:
        raise RankAlreadyDisqualified(f"Rank {rank} is out already: it repeats an account.")
    return fact


async def _changed(db: Db, owner: UUID, contest_id: UUID, response: Response) -> ContestOut:
    """The owner's contest as this request leaves it."""
    async with within(db) as mirror:
        row, fact = await store.owned(mirror.db, contest_id, owner)
        tell(response, edition_of(row))
        return single(mirror, ContestOut, await store.details(mirror.db, row, fact, owner))
