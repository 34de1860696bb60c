"""What administrators do with the ledger: give and correct credits, look at differences."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing, Support
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.idempotency.keeping import IdempotencyKey
from backend.ledger.errors import FundsTooLow, UserUnknown
from backend.ledger.grants import change
from backend.ledger.router import RowCursor, credits_of, statement_of
from backend.ledger.schemas import (
    CreditChangeIn,
    CreditChangeOut,
    CreditsOut,
    CurrencyFilter,
    DifferenceList,
    DifferenceOut,
    StatementOut,
    TotalsList,
    TotalsOut,
)
from backend.ledger.service import CREDIT
from backend.ledger.tables import Difference
from backend.routing import Router
from backend.users.tables import User

router = Router(prefix="/admin", tags=["admin"])
# What stands for the world outside is negative: it gave what is here.
_TOTALS = text("""
    SELECT c.code, c.decimals, -coalesce(sum(a.balance) FILTER (WHERE a.kind = 'issuance'), 0) AS issued,
        -coalesce(sum(a.balance) FILTER (WHERE a.kind = 'payments'), 0) AS bought,
        coalesce(sum(a.balance) FILTER (WHERE a.kind = 'fees'), 0) AS earned,
        coalesce(sum(a.balance) FILTER (WHERE a.kind = 'user'), 0) AS users,
        coalesce(sum(a.held) FILTER (WHERE a.kind = 'user'), 0) AS held
    FROM app.ledger_currency c LEFT JOIN app.ledger_account a ON a.currency = c.code
    GROUP BY c.code, c.decimals ORDER BY c.code
""")


@router.get("/credits", summary="All credits", responses=errors(NotSignedIn, RoleMissing))
async def list_credit_totals(_admin: Admin, db: Db) -> TotalsList:
    """Where they came from, and where they are."""
    return TotalsList(
        items=[
            TotalsOut(
                currency=row.code,
                decimals=row.decimals,
                issued=str(row.issued),
                bought=str(row.bought),
                earned=str(row.earned),
                users=str(row.users),
                held=str(row.held),
            )
            for row in await db.execute(_TOTALS)
        ]
    )


@router.get(
    "/users/{user_id}/credits",
    summary="Somebody's credits",
    responses=errors(NotSignedIn, RoleMissing, UserUnknown),
)
async def user_credits(user_id: UUID, _staff: Support, db: Db) -> CreditsOut:
    """What there is before something is given or corrected."""
    await _require_user(db, user_id)
    return await credits_of(db, user_id)


@router.get(
    "/users/{user_id}/credits/statement",
    summary="Somebody's statement",
    responses=errors(NotSignedIn, RoleMissing, UserUnknown),
)
async def user_statement(
    user_id: UUID,
    _staff: Support,
    db: Db,
    currency: CurrencyFilter = CREDIT,
    cursor: RowCursor = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items in a page")] = 20,
) -> StatementOut:
    """Every movement with the balance after it, newest first, as its owner sees it."""
    await _require_user(db, user_id)
    return await statement_of(db, user_id, currency, cursor, limit)


@router.post(
    "/credits",
    status_code=201,
    summary="Give or correct somebody's credits",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        RoleMissing,
        StepUpRequired,
        UserUnknown,
        FundsTooLow,
    ),
)
async def change_credits(
    body: CreditChangeIn, key: IdempotencyKey, admin: Admin, _stepped_up: SteppedUp, db: Db
) -> CreditChangeOut:
    """With the reason in the user's statement and, with your name, in the audit log."""
    return await change(db, f"user:{admin.id}", f"admin:{admin.id}:{key}", body)


@router.get(
    "/differences",
    summary="What reconciliation found different",
    responses=errors(NotSignedIn, RoleMissing),
)
async def list_differences(
    _admin: Admin,
    db: Db,
    gone: Annotated[bool, Query(description="Also those that a later run found equal")] = False,
    cursor: RowCursor = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items in a page")] = 20,
) -> DifferenceList:
    """Newest first; each was an alert when it was first seen."""
    query = select(Difference).order_by(Difference.id.desc()).limit(limit + 1)
    if not gone:
        query = query.where(Difference.gone_at.is_(None))
    if cursor is not None:
        query = query.where(Difference.id < int(cursor))
    found = list(await db.scalars(query))
    items = [DifferenceOut.of(row) for row in found[:limit]]
    return DifferenceList(items=items, next_cursor=items[-1].id if len(found) > limit else None)


async def _require_user(db: AsyncSession, user_id: UUID) -> None:
    if await db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise UserUnknown(f"There is no account {user_id}.")
