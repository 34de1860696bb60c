"""GET /credits and the statement: what one has, and how it came to be."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.csv_lines import csv_file
from backend.db import Db
from backend.errors import errors
from backend.ledger import service, statement
from backend.ledger.schemas import CreditBalanceOut, CreditsOut, CurrencyFilter, LineOut, StatementOut
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/credits", tags=["credits"])
RowCursor = Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From `next_cursor`")]


@router.get("", summary="My credits", responses=errors(NotSignedIn))
async def read_credits(user: CurrentUser, db: Db) -> CreditsOut:
    """Kept up to date by each movement, so reading it is one look-up."""
    return await credits_of(db, user.id)


@router.get("/statement", summary="My statement", responses=errors(NotSignedIn))
async def read_statement(
    user: CurrentUser,
    db: Db,
    currency: CurrencyFilter = service.CREDIT,
    cursor: RowCursor = None,
    limit: Annotated[int, Query(ge=1, le=100, description="Items in a page")] = 20,
) -> StatementOut:
    """Every movement with the balance after it, newest first."""
    return await statement_of(db, user.id, currency, cursor, limit)


@router.get(
    "/statement.csv",
    summary="My statement, as CSV",
    response_class=Response,
    responses={
        200: {
            "description": "UTF-8 CSV, newest first; cells that look like formulas are defused",
            "content": {"text/csv": {}},
        },
        **errors(NotSignedIn),
    },
)
async def download_statement(
    user: CurrentUser, services: ServicesDep, currency: CurrencyFilter = service.CREDIT
) -> StreamingResponse:
    """All of it in one file; amounts in the currency's smallest unit."""
    return csv_file(statement.write_csv(services.engine, user.id, currency), f"statement-{currency}.csv")


async def credits_of(db: AsyncSession, user_id: UUID) -> CreditsOut:
    """A user's balances."""
    return CreditsOut(
        balances=[
            CreditBalanceOut(
                currency=found.currency,
                decimals=found.decimals,
                amount=str(found.amount),
                held=str(found.held),
                available=str(found.available),
            )
            for found in await service.balances(db, user_id)
        ]
    )


async def statement_of(
    db: AsyncSession, user_id: UUID, currency: str, cursor: str | None, limit: int
) -> StatementOut:
    """A page of a user's statement."""
    before = statement.AFTER_THE_LAST if cursor is None else int(cursor)
    found = await statement.lines(db, user_id, currency, limit=limit + 1, before=before)
    items = [LineOut.of(line) for line in found[:limit]]
    return StatementOut(
        currency=currency, items=items, next_cursor=items[-1].id if len(found) > limit else None
    )
