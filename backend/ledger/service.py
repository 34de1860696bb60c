"""Moving and holding money. Each call is one PL/pgSQL call in the caller's transaction.

A call with a key that was used before changes nothing and returns the entry it made then. Several calls in one
transaction lock their accounts in the order of the calls: use `lock` first, with all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.commits import release_locks_early
from backend.errors import AppError
from backend.ledger.errors import (
    FundsTooLow,
    HoldAmountInvalid,
    HoldEnded,
    HoldNotDue,
    HoldNotFound,
    TransferKeyReused,
)
from backend.ledger.tables import Account, Entry

CREDIT = "CREDIT"
System = Literal["issuance", "payments", "fees"]
_TRANSFER = text(
    "SELECT * FROM app.ledger_apply(:key, 'transfer', :debit, :credit, CAST(:amount AS numeric), 0, :purpose, :memo, :actor)"
)
_HOLD = text(
    "SELECT * FROM app.ledger_hold(:key, :debit, :credit, CAST(:amount AS numeric), :purpose, :memo, :actor, :expires)"
)
_SETTLE = text("SELECT * FROM app.ledger_settle(:hold, :kind, CAST(:amount AS numeric), :actor)")
_LOCK = text("SELECT id FROM app.ledger_account WHERE id = ANY(:ids) ORDER BY id DESC FOR NO KEY UPDATE")


@dataclass(frozen=True)
class Balance:
    """What an account has, in the currency's smallest unit; `available` = `amount` - `held`."""

    currency: str
    decimals: int
    amount: int
    held: int

    @property
    def available(self) -> int:
        """What can be spent or held."""
        return self.amount - self.held


async def user_account(db: AsyncSession, user_id: UUID, currency: str = CREDIT) -> int:
    """Id of a user's account in a currency; made where there is none yet. An id never changes."""
    return await _account(db, "user", user_id, currency)


async def system_account(db: AsyncSession, kind: System, currency: str = CREDIT) -> int:
    """Id of one of the system's own accounts; made where there is none yet."""
    return await _account(db, kind, None, currency)


async def lock(db: AsyncSession, accounts: Iterable[int]) -> None:
    """Lock accounts until the transaction ends, before several movements of one transaction."""
    await db.execute(_LOCK, {"ids": sorted(set(accounts))})


async def transfer(
    db: AsyncSession,
    *,
    key: str,
    debit: int,
    credit: int,
    amount: int,
    purpose: str,
    actor: str,
    memo: str = "",
) -> Entry:
    """Move `amount` from account `debit` to account `credit`.

    `key` names this movement for ever: begin it with what made it (`payment:…`, `draw:…`). `purpose` is a code, `memo`
    is for people and nothing personal (`audit.remarks.seal`), `actor` as in `audit.record`.
    Raises FundsTooLow, TransferKeyReused.
    """
    values = {"key": key, "debit": debit, "credit": credit, "purpose": purpose, "memo": memo, "actor": actor}
    return await _call(db, _TRANSFER, {**values, "amount": amount}, amount)


async def hold(
    db: AsyncSession,
    *,
    key: str,
    debit: int,
    credit: int,
    amount: int,
    purpose: str,
    actor: str,
    expires_at: datetime,
    memo: str = "",
) -> Entry:
    """Set `amount` of account `debit` aside for account `credit` until it is posted, voided or expires.

    The entry's id is the hold's. Raises FundsTooLow, TransferKeyReused.
    """
    values = {"key": key, "debit": debit, "credit": credit, "purpose": purpose, "memo": memo, "actor": actor}
    return await _call(db, _HOLD, {**values, "amount": amount, "expires": expires_at}, amount)


async def post(db: AsyncSession, hold_id: int, *, actor: str, amount: int | None = None) -> Entry:
    """Move what a hold set aside, or `amount` of it, and release the rest.

    Raises HoldNotFound, HoldEnded (also when its time is over), HoldAmountInvalid.
    """
    return await _settle(db, hold_id, "post", amount, actor)


async def void(db: AsyncSession, hold_id: int, *, actor: str) -> Entry:
    """Release what a hold set aside. Raises HoldNotFound, HoldEnded."""
    return await _settle(db, hold_id, "void", None, actor)


async def expire(db: AsyncSession, hold_id: int, *, actor: str = "job:expire_holds") -> Entry:
    """Release what a hold set aside because its time is over. Raises HoldNotFound, HoldEnded, HoldNotDue."""
    return await _settle(db, hold_id, "expire", None, actor)


async def balance(db: AsyncSession, user_id: UUID, currency: str = CREDIT) -> Balance:
    """What a user has of one currency; nothing where there is no account."""
    for found in await balances(db, user_id):
        if found.currency == currency:
            return found
    return Balance(currency, 0, 0, 0)


async def balances(db: AsyncSession, user_id: UUID) -> list[Balance]:
    """What a user has, by currency; `CREDIT` always."""
    rows = await db.execute(_BALANCES, {"user_id": user_id, "currency": CREDIT})
    return [Balance(row.code, row.decimals, int(row.balance), int(row.held)) for row in rows]


_BALANCES = text("""
    SELECT c.code, c.decimals, coalesce(a.balance, 0) AS balance, coalesce(a.held, 0) AS held
    FROM app.ledger_currency c
    LEFT JOIN app.ledger_account a ON a.user_id = :user_id AND a.currency = c.code
    WHERE a.id IS NOT NULL OR c.code = :currency
    ORDER BY c.code
""")


async def _account(db: AsyncSession, kind: str, user_id: UUID | None, currency: str) -> int:
    query = select(Account.id).where(
        Account.kind == kind, Account.user_id.is_not_distinct_from(user_id), Account.currency == currency
    )
    found = await db.scalar(query)
    if found is None:
        values = {"kind": kind, "user_id": user_id, "currency": currency}
        found = await db.scalar(
            insert(Account).values(**values).on_conflict_do_nothing().returning(Account.id)
        )
    # Somebody else made it meanwhile.
    return found if found is not None else int((await db.execute(query)).scalar_one())


async def _settle(db: AsyncSession, hold_id: int, kind: str, amount: int | None, actor: str) -> Entry:
    return await _call(db, _SETTLE, {"hold": hold_id, "kind": kind, "amount": amount, "actor": actor}, amount)


async def _call(db: AsyncSession, statement: TextClause, values: dict[str, Any], amount: int | None) -> Entry:
    if amount is not None and amount <= 0:
        raise ValueError(f"an amount is positive, not {amount}")
    if amount is not None:
        values = {**values, "amount": Decimal(amount)}
    query = select(Entry).from_statement(statement)
    await release_locks_early(db)
    try:
        entry: Entry = (await db.scalars(query, values, execution_options={"populate_existing": True})).one()
    except DBAPIError as error:
        raise _refusal(error, values) or error from None
    return entry


def _refusal(error: DBAPIError, values: dict[str, Any]) -> AppError | None:
    """What a TL… error of the ledger's functions means."""
    raised = getattr(error.orig, "__cause__", None)
    detail = getattr(raised, "detail", None)
    match getattr(raised, "sqlstate", None):
        case "TL001":
            return FundsTooLow(
                f"This takes {values['amount']}, and the account has {detail} available.",
                needed=str(values["amount"]),
                available=detail,
            )
        case "TL002":
            return TransferKeyReused(f"The key {values['key']!r} is of another transfer: choose a new one.")
        case "TL003":
            return HoldNotFound(f"There is no hold {values['hold']}.")
        case "TL004":
            return HoldEnded(f"Hold {values['hold']} has ended already ({detail}).", ended_by=detail)
        case "TL005":
            return HoldAmountInvalid(
                f"Hold {values['hold']} is of {detail}: {values['amount']} cannot be posted of it."
            )
        case "TL006":
            return HoldNotDue(f"Hold {values['hold']} has not expired yet.")
    return None
