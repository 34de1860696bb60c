"""Routes of addresses: what an account holds and takes part in, whoever has its key."""

from __future__ import annotations

from backend.caching.reads import kept
from backend.errors import errors
from backend.mirror import Mirror, MirrorNotReady
from backend.pages import DEFAULT_LIMIT, AddressPath, AsOfOut, Cursor, Limit, Page, page, single
from backend.routing import Router
from listener.mirror.reads import accounts, participations
from listener.mirror.reads.accounts import Overview
from listener.mirror.reads.participations import Participation

router = Router(prefix="/accounts", tags=["accounts"])
GLANCE = 10


class OverviewOut(AsOfOut, Overview):
    """An account at a glance, and the block it stands for."""


@router.get("/{address}", summary="An account at a glance", responses=errors(MirrorNotReady))
@kept
async def read_account(address: AddressPath, mirror: Mirror) -> OverviewOut:
    """The newest ten of each: raffles with prizes to claim and refunds due, grants, balances, delegations."""
    found = await accounts.overview(mirror.db, mirror.as_of, address, limit=GLANCE)
    return single(mirror, OverviewOut, found)


@router.get(
    "/{address}/raffles", summary="Raffles an account has tickets in", responses=errors(MirrorNotReady)
)
@kept
async def list_participations(
    address: AddressPath, mirror: Mirror, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Participation]:
    """Newest first, each with what the account bought, won, may claim, and is due back."""
    found = await participations.of_buyer(mirror.db, mirror.as_of, address, limit=limit + 1, before=cursor)
    return page(mirror, found, limit, lambda one: one.raffle.id)
