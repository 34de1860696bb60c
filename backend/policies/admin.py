"""What staff does: limits for everybody or one account, freezing and lifting."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing, Support
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.hexes import address_bytes
from backend.intents.wishes.fields import Address
from backend.pages import DEFAULT_LIMIT, Limit, RowCursor
from backend.policies import service
from backend.policies.clock import database_time
from backend.policies.limits import as_limit, limits_of
from backend.policies.owner import add_limit
from backend.policies.schemas import (
    FreezeList,
    FreezeOut,
    LimitList,
    OverrideList,
    Reason,
    ReasonIn,
    StaffLimitIn,
)
from backend.policies.service import NotFrozen, SenderFroze, WalletUnknown
from backend.policies.tables import Freeze, PolicyLimit
from backend.policies.view import show_limits, show_override
from backend.routing import Router
from backend.users.tables import User
from backend.wallets.tables import Wallet

router = Router(prefix="/admin", tags=["admin"])
Token = Annotated[Address | None, Query(description="Of the currency; the chain's own without it")]
REFUSALS = (NotSignedIn, ForeignOrigin, RoleMissing, StepUpRequired, WalletUnknown)


@router.get("/limits", summary="Limits for everybody", responses=errors(NotSignedIn, RoleMissing))
async def platform_limits(_staff: Support, db: Db) -> LimitList:
    """Those of the platform; an account may have others."""
    rows = await db.scalars(
        select(PolicyLimit)
        .where(PolicyLimit.user_id.is_(None), PolicyLimit.valid_from <= func.clock_timestamp())
        .ext(distinct_on(PolicyLimit.token))
        .order_by(PolicyLimit.token, PolicyLimit.valid_from.desc(), PolicyLimit.id.desc())
    )
    return LimitList(items=await show_limits(db, None, [as_limit(row) for row in rows]))


@router.put(
    "/limits",
    summary="Set a currency's limits for everybody",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing, StepUpRequired),
)
async def set_platform_limits(body: StaffLimitIn, admin: Admin, _stepped_up: SteppedUp, db: Db) -> LimitList:
    """They count at once, for accounts without limits of their own."""
    await _set(db, None, body, f"user:{admin.id}")
    return await platform_limits(admin, db)


@router.get(
    "/limits/overrides",
    summary="Accounts with limits of their own",
    responses=errors(NotSignedIn, RoleMissing),
)
async def list_limit_overrides(
    _staff: Support, db: Db, cursor: RowCursor = None, limit: Limit = DEFAULT_LIMIT
) -> OverrideList:
    """Those that administrators set; what owners set for themselves is theirs."""
    in_force = (
        select(PolicyLimit.id)
        .where(PolicyLimit.set_by == "admin", PolicyLimit.valid_from <= func.clock_timestamp())
        .ext(distinct_on(PolicyLimit.user_id, PolicyLimit.token))
        .order_by(
            PolicyLimit.user_id, PolicyLimit.token, PolicyLimit.valid_from.desc(), PolicyLimit.id.desc()
        )
    )
    query = select(PolicyLimit).where(PolicyLimit.id.in_(in_force)).order_by(PolicyLimit.id.desc())
    if cursor is not None:
        query = query.where(PolicyLimit.id < cursor)
    found = list(await db.scalars(query.limit(limit + 1)))
    return OverrideList(
        items=[show_override(row) for row in found[:limit]],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get(
    "/users/{user_id}/limits",
    summary="An account's limits",
    responses=errors(NotSignedIn, RoleMissing, WalletUnknown),
)
async def user_limits(user_id: UUID, _staff: Support, db: Db) -> LimitList:
    """In force now, with what is left."""
    wallet_id = await _wallet_of(db, user_id)
    return LimitList(items=await show_limits(db, wallet_id, await limits_of(db, user_id)))


@router.put(
    "/users/{user_id}/limits", summary="Set an account's limits for a currency", responses=errors(*REFUSALS)
)
async def set_user_limits(
    user_id: UUID, body: StaffLimitIn, admin: Admin, _stepped_up: SteppedUp, db: Db
) -> LimitList:
    """In place of the platform's; nulls mean no limit."""
    await _wallet_of(db, user_id)
    await _set(db, user_id, body, f"user:{admin.id}")
    return await user_limits(user_id, admin, db)


@router.delete(
    "/users/{user_id}/limits",
    status_code=204,
    summary="Let the platform's limits hold for an account again",
    responses=errors(*REFUSALS),
)
async def remove_user_limits(
    user_id: UUID,
    admin: Admin,
    _stepped_up: SteppedUp,
    db: Db,
    reason: Annotated[Reason, Query()],
    token: Token = None,
) -> None:
    """Of one currency."""
    await _wallet_of(db, user_id)
    which = _of_token(None if token is None else address_bytes(token))
    before = await _in_force(db, user_id, "admin", which)
    await db.execute(
        delete(PolicyLimit).where(PolicyLimit.user_id == user_id, PolicyLimit.set_by == "admin", which)
    )
    detail = changed(before, _NO_LIMIT, await seal(db, user_id, reason))
    await record(db, f"user:{admin.id}", "limit.remove", f"user:{user_id}", {"token": token, **detail})


@router.get("/freezes", summary="Frozen wallets and users", responses=errors(NotSignedIn, RoleMissing))
async def list_freezes(
    _staff: Support,
    db: Db,
    user_id: Annotated[UUID | None, Query(description="Only of this account and its wallet")] = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> FreezeList:
    """In force, the newest first; those of the sender are foreign transactions."""
    query = (
        select(Freeze, User.id, Wallet.address)
        .outerjoin(Wallet, or_(Wallet.id == Freeze.wallet_id, Wallet.user_id == Freeze.user_id))
        .outerjoin(User, User.id == Wallet.user_id)
        .where(Freeze.lifted_at.is_(None))
        .order_by(Freeze.id.desc())
        .limit(limit + 1)
    )
    if user_id is not None:
        query = query.where(Wallet.user_id == user_id)
    if cursor is not None:
        query = query.where(Freeze.id < int(cursor))
    found = (await db.execute(query)).all()
    items = [FreezeOut.of(row, owner_id, address) for row, owner_id, address in found[:limit]]
    return FreezeList(items=items, next_cursor=items[-1].id if len(found) > limit else None)


@router.post(
    "/wallets/{wallet_id}/freeze",
    status_code=204,
    summary="Freeze a wallet",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing, WalletUnknown),
)
async def freeze_wallet(wallet_id: UUID, body: ReasonIn, staff: Support, db: Db) -> None:
    """Nothing is accepted or signed for it until somebody lifts that. What is signed already may be mined."""
    await service.freeze(db, wallet_id, body.reason, f"user:{staff.id}")


@router.post(
    "/wallets/{wallet_id}/unfreeze",
    status_code=204,
    summary="Lift a wallet's freezes",
    responses=errors(*REFUSALS, NotFrozen, SenderFroze),
)
async def unfreeze_wallet(
    wallet_id: UUID, body: ReasonIn, staff: Support, _stepped_up: SteppedUp, db: Db
) -> None:
    """It goes on unless its user is frozen. What the sender froze only an admin lifts."""
    is_admin = staff.role == "admin"
    await service.unfreeze(db, wallet_id, body.reason, f"user:{staff.id}", is_admin=is_admin)


@router.post(
    "/users/{user_id}/freeze",
    status_code=204,
    summary="Freeze a user",
    responses=errors(NotSignedIn, ForeignOrigin, RoleMissing, WalletUnknown),
)
async def freeze_user(user_id: UUID, body: ReasonIn, staff: Support, db: Db) -> None:
    """Freezes the wallet and refuses every wish; signing in and reading still work."""
    await service.freeze_user(db, user_id, body.reason, f"user:{staff.id}")


@router.post(
    "/users/{user_id}/unfreeze",
    status_code=204,
    summary="Lift a user's freezes",
    responses=errors(*REFUSALS, NotFrozen),
)
async def unfreeze_user(
    user_id: UUID, body: ReasonIn, staff: Support, _stepped_up: SteppedUp, db: Db
) -> None:
    """The wallet goes on unless it is frozen itself."""
    await service.unfreeze_user(db, user_id, body.reason, f"user:{staff.id}")


async def _set(db: Db, user_id: UUID | None, body: StaffLimitIn, actor: str) -> None:
    token = None if body.token is None else address_bytes(body.token)
    pair = tuple(None if one is None else int(one) for one in (body.per_transaction, body.daily))
    set_by, subject = ("platform", "platform") if user_id is None else ("admin", f"user:{user_id}")
    before = await _in_force(db, user_id, set_by, _of_token(token))
    await add_limit(db, user_id, set_by, token, (pair[0], pair[1]), await database_time(db))
    after = body.model_dump(mode="json", include={"per_transaction", "daily"})
    detail = changed(before, after, await seal(db, user_id, body.reason))
    await record(db, actor, "limit.set", subject, {"token": body.token, **detail})


_NO_LIMIT: dict[str, str | None] = {"per_transaction": None, "daily": None}


def _of_token(token: bytes | None) -> ColumnElement[bool]:
    return PolicyLimit.token.is_(None) if token is None else PolicyLimit.token == token


async def _in_force(
    db: Db, user_id: UUID | None, set_by: str, which: ColumnElement[bool]
) -> dict[str, str | None]:
    """What counts now, as the audit log has it."""
    whose = PolicyLimit.user_id.is_(None) if user_id is None else PolicyLimit.user_id == user_id
    row = await db.scalar(
        select(PolicyLimit)
        .where(whose, which, PolicyLimit.set_by == set_by, PolicyLimit.valid_from <= func.clock_timestamp())
        .order_by(PolicyLimit.valid_from.desc(), PolicyLimit.id.desc())
        .limit(1)
    )
    if row is None:
        return _NO_LIMIT
    limit = as_limit(row)
    pair = {"per_transaction": limit.per_transaction, "daily": limit.daily}
    return {name: None if amount is None else str(amount) for name, amount in pair.items()}


async def _wallet_of(db: Db, user_id: UUID) -> UUID:
    """Raises WalletUnknown."""
    wallet_id = await db.scalar(
        select(Wallet.id).join(User, User.id == Wallet.user_id).where(User.id == user_id)
    )
    if wallet_id is None:
        raise WalletUnknown(f"No user with a wallet has the id {user_id}.")
    return wallet_id
