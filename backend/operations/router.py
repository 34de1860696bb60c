"""Routes of operators: what waits, and what the platform itself needs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from backend.auth.current_user import NotSignedIn
from backend.auth.roles import RoleMissing, Support
from backend.chain import ChainUnavailable
from backend.db import Db
from backend.errors import errors
from backend.mirror import Mirror, MirrorNotReady
from backend.operations.fees import fees
from backend.operations.platform import platform
from backend.operations.schemas import FeesOut, OpenIntentList, PausedWalletList, PlatformOut
from backend.operations.waiting import open_intents, paused_wallets
from backend.pages import DEFAULT_LIMIT, Limit, RowCursor
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/admin", tags=["admin"])
DAY = 86_400


@router.get("/intents", summary="Intents without an end", responses=errors(NotSignedIn, RoleMissing))
async def list_open_intents(
    _staff: Support,
    db: Db,
    older_than: Annotated[int, Query(ge=0, le=365 * DAY, description="Seconds since they were made")] = 600,
    cursor: RowCursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> OpenIntentList:
    """Of all users and of the platform, the oldest first, with what their wallets wait for."""
    return await open_intents(db, older_than, cursor, limit)


@router.get("/wallets/paused", summary="Paused wallets", responses=errors(NotSignedIn, RoleMissing))
async def list_paused_wallets(_staff: Support, db: Db) -> PausedWalletList:
    """The sender leaves them alone for a while and then tries again by itself."""
    return await paused_wallets(db)


@router.get(
    "/platform",
    summary="The platform's own accounts",
    responses=errors(NotSignedIn, RoleMissing, ChainUnavailable),
)
async def read_platform(_staff: Support, services: ServicesDep, db: Db) -> PlatformOut:
    """Keeper and treasury with their balances, and the subscriptions that pay for random numbers."""
    return await platform(db, services)


@router.get(
    "/fees",
    summary="Fees on chain",
    responses=errors(NotSignedIn, RoleMissing, MirrorNotReady, ChainUnavailable),
)
async def read_fees(_staff: Support, services: ServicesDep, mirror: Mirror) -> FeesOut:
    """Of making tokens and of raffles. Anybody may have what waits paid to its treasury: `withdrawFees`, `payFees`."""
    return await fees(mirror, services)
