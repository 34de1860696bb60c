"""Credits given or corrected by an administrator, with the reason on record."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.errors import InvalidInput
from backend.ledger import service
from backend.ledger.errors import UserUnknown
from backend.ledger.schemas import CreditChangeIn, CreditChangeOut
from backend.ledger.tables import Currency
from backend.outbox.service import publish
from backend.users.tables import User


async def change(db: AsyncSession, actor: str, key: str, body: CreditChangeIn) -> CreditChangeOut:
    """Move credits between the issuance and a user's account, and tell the user.

    Raises UserUnknown, InvalidInput for an unknown currency, FundsTooLow.
    """
    if await db.get(Currency, body.currency) is None:
        raise InvalidInput("body.currency", f"{body.currency} is no currency of this ledger")
    if await db.scalar(select(User.id).where(User.id == body.user_id)) is None:
        raise UserUnknown(f"There is no account {body.user_id}.")
    user = await service.user_account(db, body.user_id, body.currency)
    issuance = await service.system_account(db, "issuance", body.currency)
    amount = int(body.amount)
    reason = await seal(db, body.user_id, body.reason)
    debit, credit = (issuance, user) if amount > 0 else (user, issuance)
    entry = await service.transfer(
        db,
        key=key,
        debit=debit,
        credit=credit,
        amount=abs(amount),
        purpose=body.purpose,
        memo=reason,
        actor=actor,
    )
    made = CreditChangeOut.of(entry, body)
    told = {"entry_id": made.id, "currency": body.currency, "amount": body.amount, "balance": made.balance}
    subject = f"user:{body.user_id}"
    balance = {"balance": str(int(made.balance) - amount)}
    detail = changed(balance, {"balance": made.balance}, reason)
    await record(db, actor, f"credits.{body.purpose}", subject, {**told, **detail})
    await publish(db, body.user_id, "credits.changed", subject, told)
    return made
