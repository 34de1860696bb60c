"""What administrators do with the ledger: give and correct credits, look at differences."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select

from backend.auth.current_user import NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.roles import Admin, RoleMissing
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.intents.idempotency import IdempotencyKey, IdempotencyKeyReused, once
from backend.ledger.errors import FundsTooLow, UserUnknown
from backend.ledger.grants import change
from backend.ledger.router import RowCursor
from backend.ledger.schemas import CreditChangeIn, CreditChangeOut, DifferenceList, DifferenceOut
from backend.ledger.tables import Difference

router = APIRouter(prefix="/admin", tags=["admin"])


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
        IdempotencyKeyReused,
    ),
)
async def change_credits(
    body: CreditChangeIn, key: IdempotencyKey, admin: Admin, _stepped_up: SteppedUp, db: Db
) -> CreditChangeOut:
    """With the reason in the user's statement and, with your name, in the audit log."""
    request = ["POST /admin/credits", body.model_dump(mode="json")]
    return await once(
        db,
        admin.id,
        key,
        request,
        CreditChangeOut,
        lambda: change(db, f"user:{admin.id}", f"admin:{admin.id}:{key}", body),
    )


@router.get(
    "/differences",
    summary="What reconciliation found different",
    responses=errors(NotSignedIn, RoleMissing),
)
async def differences(
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
