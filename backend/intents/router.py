"""Routes of intents."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from sqlalchemy import select

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import StepUpRequired, require_step_up
from backend.chain import ChainUnavailable, ContractRefused
from backend.db import Db
from backend.errors import errors
from backend.governance.content import ProposalNotFound
from backend.idempotency.keeping import IdempotencyKey
from backend.intents import cancel
from backend.intents.calls import plan
from backend.intents.cancel import IntentNotFound, IntentTooLateToCancel
from backend.intents.policy import BalanceTooLow, WalletFrozen, funds, require_funds
from backend.intents.recipients import endowed, recipients
from backend.intents.schemas import EXAMPLES, STATES, IntentIn, IntentList, IntentOut, State
from backend.intents.service import accept_intent
from backend.intents.tables import Intent
from backend.intents.view import show, show_accepted
from backend.intents.wishes.base import NotDeployed
from backend.mirror import MirrorNotReady
from backend.policies.limits import LimitExceeded
from backend.policies.recipients import RecipientIsNew, RecipientNotListed
from backend.policies.service import UserFrozen, require_allowed
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["intents"])


@router.post(
    "/intents",
    status_code=202,
    summary="Ask for something to be done on chain",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        StepUpRequired,
        BalanceTooLow,
        WalletFrozen,
        UserFrozen,
        LimitExceeded,
        RecipientIsNew,
        RecipientNotListed,
        ContractRefused,
        NotDeployed,
        ProposalNotFound,
        MirrorNotReady,
        ChainUnavailable,
    ),
)
async def submit_intent(
    body: Annotated[IntentIn, Body(openapi_examples=EXAMPLES)],
    _key: IdempotencyKey,
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
) -> IntentOut:
    """Record what the user wants; the sender signs and broadcasts it later.

    What gives something to another address than the wallet's own, prizes of a new raffle too, needs a session that
    stepped up.
    Follow it with GET /intents/{id}.
    """

    own, contracts = user.wallet_address, services.contracts
    others = recipients(body, own, contracts)
    if others or endowed(body, own):
        await require_step_up(db, user)
    calls, spendings = await plan(body, own, services.rpc, contracts, services.engine)
    have = await funds(services.rpc, own, spendings)
    await require_allowed(db, user, spendings, others, cooling_off=services.settings.cooling_off)
    await require_funds(db, user.wallet_id, have, spendings)
    params = body.model_dump(mode="json", exclude={"kind"}, exclude_unset=True)
    accepted = await accept_intent(db, user, body.kind, params, calls, spendings)
    return show_accepted(accepted, own)


@router.get("/intents", summary="My intents", responses=errors(NotSignedIn))
async def list_intents(
    user: CurrentUser,
    db: Db,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    state: Annotated[list[State] | None, Query(max_length=len(STATES), description="Only in these")] = None,
) -> IntentList:
    """Newest first."""
    query = select(Intent).where(Intent.user_id == user.id).order_by(Intent.seq.desc()).limit(limit + 1)
    if state:
        query = query.where(Intent.state.in_(state))
    if cursor is not None:
        query = query.where(Intent.seq < int(cursor))
    found = list(await db.scalars(query))
    page = found[:limit]
    return IntentList(
        items=await show(db, page), next_cursor=str(page[-1].seq) if len(found) > limit else None
    )


@router.get(
    "/intents/{intent_id}", summary="One of my intents", responses=errors(NotSignedIn, IntentNotFound)
)
async def read_intent(intent_id: UUID, user: CurrentUser, db: Db) -> IntentOut:
    """How far it is, with every stage it went through."""
    found = await db.scalar(select(Intent).where(Intent.id == intent_id, Intent.user_id == user.id))
    if found is None:
        raise IntentNotFound(f"You have no intent {intent_id}.")
    return (await show(db, [found]))[0]


@router.post(
    "/intents/{intent_id}/cancel",
    status_code=202,
    summary="Cancel one of my intents",
    responses=errors(NotSignedIn, ForeignOrigin, IntentNotFound, IntentTooLateToCancel),
)
async def cancel_intent(intent_id: UUID, user: CurrentUser, db: Db) -> IntentOut:
    """Not signed yet: `cancelled` at once, its money free again.

    Otherwise an empty transaction competes for its nonce, and the chain decides which of the two is mined: follow
    it with GET /intents/{id}. Asking again changes nothing.
    """
    return (await show(db, [await cancel.cancel_intent(db, user.id, intent_id)]))[0]
