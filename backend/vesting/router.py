"""Routes of vesting."""

from __future__ import annotations

from backend.caching.reads import kept
from backend.errors import NotFound, errors
from backend.mirror import Mirror, MirrorNotReady
from backend.pages import (
    DEFAULT_LIMIT,
    AddressFilter,
    AsOfOut,
    ChainId,
    ChainIdFilter,
    Cursor,
    Limit,
    Page,
    page,
    single,
)
from backend.routing import Router
from listener.mirror.reads import vesting
from listener.mirror.reads.vesting import Grant, Plan

router = Router(prefix="/vesting", tags=["vesting"])


class PlanNotFound(NotFound):
    """No vesting plan with this number was created up to this block"""


class GrantNotFound(NotFound):
    """No grant with this number was made up to this block"""


class PlanOut(AsOfOut, Plan):
    """One plan, and the block it stands for."""


class GrantOut(AsOfOut, Grant):
    """One grant, and the block it stands for."""


@router.get("/plans", summary="Vesting plans, newest first", responses=errors(MirrorNotReady))
@kept
async def list_plans(
    mirror: Mirror,
    creator: AddressFilter = None,
    token: AddressFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Plan]:
    """Curves, each with how much was granted on it."""
    found = await vesting.plans(
        mirror.db, mirror.as_of, limit=limit + 1, creator=creator, token=token, before=cursor
    )
    return page(mirror, found, limit, lambda plan: plan.id)


@router.get("/plans/{plan_id}", summary="One vesting plan", responses=errors(PlanNotFound, MirrorNotReady))
@kept
async def read_plan(plan_id: ChainId, mirror: Mirror) -> PlanOut:
    """Its curve and how much was granted on it."""
    plan = await vesting.find_plan(mirror.db, mirror.as_of, plan_id)
    if plan is None:
        raise PlanNotFound(f"No vesting plan {plan_id} was created up to block {mirror.as_of.block}.")
    return single(mirror, PlanOut, plan)


@router.get("/grants", summary="Grants", responses=errors(MirrorNotReady))
@kept
async def list_grants(
    mirror: Mirror,
    beneficiary: AddressFilter = None,
    offered_to: AddressFilter = None,
    token: AddressFilter = None,
    plan_id: ChainIdFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Grant]:
    """In order of their numbers. `vested` and `releasable` are computed at the time of `as_of_block`."""
    found = await vesting.grants(
        mirror.db,
        mirror.as_of,
        limit=limit + 1,
        beneficiary=beneficiary,
        offered_to=offered_to,
        token=token,
        plan_id=plan_id,
        after=cursor,
    )
    return page(mirror, found, limit, lambda grant: grant.id)


@router.get("/grants/{grant_id}", summary="One grant", responses=errors(GrantNotFound, MirrorNotReady))
@kept
async def read_grant(grant_id: ChainId, mirror: Mirror) -> GrantOut:
    """Its curve, and what is vested and releasable at the time of `as_of_block`."""
    grant = await vesting.find_grant(mirror.db, mirror.as_of, grant_id)
    if grant is None:
        raise GrantNotFound(f"No grant {grant_id} was made up to block {mirror.as_of.block}.")
    return single(mirror, GrantOut, grant)
