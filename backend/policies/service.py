"""The one place where a spending is allowed or not, and where wallets and users are frozen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from backend.audit.remarks import seal
from backend.audit.service import changed, record
from backend.errors import AppError, NotFound
from backend.intents.policy import WalletFrozen
from backend.intents.service import CHANNEL, Owner, Spending
from backend.policies.limits import require_limits
from backend.policies.recipients import require_recipients
from backend.policies.tables import Freeze
from backend.users.tables import User
from backend.wallets.tables import Wallet

Database = AsyncSession | AsyncConnection
SENDER = "sender"
"""The actor of freezes that the sender made: it found a transaction on chain that is not ours."""


class UserFrozen(AppError):
    """Your account is frozen by the operator; ask support"""

    status = 403


class NotFrozen(AppError):
    """There is nothing to lift: no freeze of this is in force"""

    status = 409


class SenderFroze(AppError):
    """The sender froze this wallet because of a foreign transaction; only an admin may lift that"""

    status = 403


class WalletUnknown(NotFound):
    """No wallet, or no user with a wallet, has this id"""


async def require_allowed(
    db: AsyncSession,
    user: Owner,
    spendings: Sequence[Spending],
    recipients: Sequence[str],
    *,
    cooling_off: timedelta,
) -> None:
    """Decide whether a user's wallet may do this now; its requests are judged one by one, under its row lock.

    `recipients` are the addresses the user chose to receive something. Raises UserFrozen, WalletFrozen,
    RecipientNotListed, RecipientIsNew, LimitExceeded.
    """
    address = await require_not_frozen(db, user)
    await require_recipients(db, user.id, address, recipients, cooling_off)
    await require_limits(db, user.id, user.wallet_id, spendings)


_LOCKED = text("SELECT address, frozen_at FROM app.wallet WHERE id = :id FOR NO KEY UPDATE")


async def require_not_frozen(db: AsyncSession, user: Owner) -> bytes:
    """Lock the user's wallet and return its address; raises UserFrozen, WalletFrozen."""
    row = (await db.execute(_LOCKED, {"id": user.wallet_id})).one()
    if row.frozen_at is not None:  # says what the freezes in force say (`_follow`), of the user too
        if await db.scalar(select(exists().where(Freeze.user_id == user.id, Freeze.lifted_at.is_(None)))):
            raise UserFrozen("Your account is frozen: nothing can be sent until it is released. Ask support.")
        raise WalletFrozen(
            "Your wallet is frozen until an operator looked at it: nothing can be sent. Ask support."
        )
    address: bytes = row.address
    return address


async def freeze(db: Database, wallet_id: UUID, reason: str, actor: str) -> None:
    """Stop acceptance and signing for a wallet until the freeze is lifted. Raises WalletUnknown."""
    locked = await _lock(db, Wallet.id == wallet_id)
    await db.execute(insert(Freeze).values(wallet_id=wallet_id, reason=reason, actor=actor))
    await _follow(db, wallet_id)
    detail = await _changed(db, locked, wallet_id, await seal(db, locked.owner, reason))
    await record(db, actor, "wallet.freeze", f"wallet:{wallet_id}", detail)


async def release(db: Database, wallet_ids: Sequence[UUID], frozen_by: str, reason: str) -> None:
    """Lift what `frozen_by` froze, and nothing else; wallets that nothing else freezes go on."""
    await db.execute(
        update(Freeze)
        .where(Freeze.wallet_id.in_(wallet_ids), Freeze.actor == frozen_by, Freeze.lifted_at.is_(None))
        .values(lifted_at=func.clock_timestamp(), lifted_by=frozen_by, lifted_reason=reason)
    )
    for wallet_id in wallet_ids:
        await _follow(db, wallet_id)
        await record(db, frozen_by, "wallet.release", f"wallet:{wallet_id}", {"reason": reason})


async def freeze_user(db: Database, user_id: UUID, reason: str, actor: str) -> None:
    """Stop everything a user's wallet could do until the freeze is lifted. Raises WalletUnknown."""
    locked = await _lock(db, User.id == user_id)
    await db.execute(insert(Freeze).values(user_id=user_id, reason=reason, actor=actor))
    await _follow(db, locked.id)
    detail = await _changed(db, locked, locked.id, await seal(db, user_id, reason))
    await record(db, actor, "user.freeze", f"user:{user_id}", detail)


async def unfreeze(db: Database, wallet_id: UUID, reason: str, actor: str, *, is_admin: bool) -> None:
    """Lift what freezes a wallet itself; it goes on unless its user is frozen too.

    Raises WalletUnknown, NotFrozen, SenderFroze.
    """
    locked = await _lock(db, Wallet.id == wallet_id)
    by_sender = exists().where(
        Freeze.wallet_id == wallet_id, Freeze.lifted_at.is_(None), Freeze.actor == SENDER
    )
    if not is_admin and (await db.execute(select(by_sender))).scalar_one():
        raise SenderFroze(
            "The sender found a transaction of this wallet on chain that is not ours. Only an admin may lift that."
        )
    await _lift(db, Freeze.wallet_id == wallet_id, reason, actor)
    await _follow(db, wallet_id)
    detail = await _changed(db, locked, wallet_id, await seal(db, locked.owner, reason))
    await record(db, actor, "wallet.unfreeze", f"wallet:{wallet_id}", detail)


async def unfreeze_user(db: Database, user_id: UUID, reason: str, actor: str) -> None:
    """Lift what freezes a user; the wallet goes on unless it is frozen itself. Raises WalletUnknown, NotFrozen."""
    locked = await _lock(db, User.id == user_id)
    await _lift(db, Freeze.user_id == user_id, reason, actor)
    await _follow(db, locked.id)
    detail = await _changed(db, locked, locked.id, await seal(db, user_id, reason))
    await record(db, actor, "user.unfreeze", f"user:{user_id}", detail)


class _Locked(NamedTuple):
    id: UUID
    owner: UUID | None
    frozen: bool


async def _changed(db: Database, before: _Locked, wallet_id: UUID, reason: str) -> dict[str, Any]:
    """A wallet that is frozen for two reasons stays so when one is lifted: the log says what came of it."""
    after = (
        await db.execute(select(Wallet.frozen_at.is_not(None)).where(Wallet.id == wallet_id))
    ).scalar_one()
    return changed({"frozen": before.frozen}, {"frozen": after}, reason)


async def _lock(db: Database, which: ColumnElement[bool]) -> _Locked:
    """Take the wallet's row lock, so that freezing, lifting and accepting come one after the other.

    `owner` is None for platform wallets and for those whose account was erased.
    """
    query = (
        select(Wallet.id, User.id, Wallet.frozen_at.is_not(None))
        .outerjoin(User, User.id == Wallet.user_id)
        .where(which)
        .with_for_update(of=Wallet, key_share=True)
    )
    row = (await db.execute(query)).one_or_none()
    if row is None:
        raise WalletUnknown("No wallet, or no user with a wallet, has this id.")
    return _Locked(*row)


async def _lift(db: Database, which: ColumnElement[bool], reason: str, actor: str) -> None:
    lifted = await db.execute(
        update(Freeze)
        .where(which, Freeze.lifted_at.is_(None))
        .values(lifted_at=func.clock_timestamp(), lifted_by=actor, lifted_reason=reason)
        .returning(Freeze.id)
    )
    if not lifted.scalars().all():
        raise NotFrozen("No freeze of this is in force, so there is nothing to lift.")


_FOLLOW = text("""
    UPDATE app.wallet w
    SET frozen_at = f.frozen_at, frozen_reason = f.reason,
        wake = CASE WHEN f.frozen_at IS NULL THEN w.wake + 1 ELSE w.wake END,
        due_at = CASE WHEN f.frozen_at IS NULL THEN clock_timestamp() ELSE w.due_at END
    FROM (SELECT) AS one
    LEFT JOIN LATERAL (
        SELECT frozen_at, reason FROM app.freeze
        WHERE lifted_at IS NULL
            AND (wallet_id = :id OR user_id = (SELECT user_id FROM app.wallet WHERE id = :id))
        ORDER BY id LIMIT 1
    ) AS f ON true
    WHERE w.id = :id
""")


async def _follow(db: Database, wallet_id: UUID) -> None:
    """Make the wallet's flag, which the sender obeys, say what the freezes in force say; wake the sender."""
    await db.execute(_FOLLOW, {"id": wallet_id})
    await db.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})
