"""From the wish to the keystore. Every step is audited, and told by mail, which also carries the way to stop it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eth_account import Account
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.current_user import SignedIn
from backend.errors import NotFound
from backend.exports.errors import ExportNotFound, ExportNotReady, ExportPending
from backend.hexes import checksum
from backend.notices.security import tell_owner
from backend.outbox.service import mail
from backend.policies.clock import database_time
from backend.policies.service import require_not_frozen
from backend.settings import Settings
from backend.wallets.keys import key_context
from backend.wallets.kms import Kms
from backend.wallets.tables import Wallet, WalletExport, WalletKey

RETRIEVABLE = timedelta(days=7)
"""How long a key that is ready can be had."""
_scrypt = asyncio.Semaphore(2)  # each takes 256 MB for a second
_OPEN = WalletExport.cancelled_at.is_(None) & WalletExport.retrieved_at.is_(None)


async def start(db: AsyncSession, settings: Settings, user: SignedIn) -> WalletExport:
    """Begin the waiting time and tell the owner. Raises ExportPending, UserFrozen, WalletFrozen."""
    await require_not_frozen(db, user)
    now = await database_time(db)
    earlier = await db.scalar(select(WalletExport).where(WalletExport.wallet_id == user.wallet_id, _OPEN))
    if earlier is not None:
        if earlier.expires_at > now:
            raise ExportPending(
                f"An export was asked for at {_shown(earlier.requested_at)}: wait for it or cancel it.",
                ready_at=earlier.ready_at.isoformat(),
                requested_at=earlier.requested_at.isoformat(),
            )
        earlier.cancelled_at = now
        await db.flush()
    token = secrets.token_urlsafe(32)
    ready = now + settings.export_wait
    wish = WalletExport(
        wallet_id=user.wallet_id,
        cancel_hash=_hash(token),
        requested_at=now,
        ready_at=ready,
        expires_at=ready + RETRIEVABLE,
    )
    db.add(wish)
    await db.flush()
    await _audit(db, f"user:{user.id}", "wallet_export.request", user.wallet_id, wish.id)
    link = f"{settings.site}/cancel-export#{token}"
    data = {"address": user.wallet_address, "ready": ready.isoformat(timespec="seconds"), "link": link}
    await mail(db, user.id, user.email, "wallet_export", data)
    return wish


async def latest(db: AsyncSession, wallet_id: UUID) -> WalletExport:
    """The newest wish. Raises ExportNotFound."""
    wish = await db.scalar(
        select(WalletExport)
        .where(WalletExport.wallet_id == wallet_id)
        .order_by(WalletExport.requested_at.desc())
        .limit(1)
    )
    if wish is None:
        raise ExportNotFound("You have not asked for an export.")
    return wish


async def cancel(db: AsyncSession, user: SignedIn) -> None:
    """Stop it. Raises ExportNotFound."""
    wish_id = await db.scalar(
        update(WalletExport)
        .where(WalletExport.wallet_id == user.wallet_id, _OPEN)
        .values(cancelled_at=func.clock_timestamp())
        .returning(WalletExport.id)
    )
    if wish_id is None:
        raise _none()
    await _audit(db, f"user:{user.id}", "wallet_export.cancel", user.wallet_id, wish_id)


async def cancel_by_token(db: AsyncSession, token: str) -> None:
    """Stop it with the token of the notice, signed in or not. Raises ExportNotFound."""
    row = (
        await db.execute(
            update(WalletExport)
            .where(WalletExport.cancel_hash == _hash(token), _OPEN)
            .values(cancelled_at=func.clock_timestamp())
            .returning(WalletExport.id, WalletExport.wallet_id)
        )
    ).one_or_none()
    if row is None:
        raise _none()
    await _audit(db, "mail:notice", "wallet_export.cancel", row.wallet_id, row.id)


async def retrieve(db: AsyncSession, kms: Kms, user: SignedIn, passphrase: str) -> dict[str, Any]:
    """The key under a passphrase of the owner's, once.

    Raises ExportNotFound, ExportNotReady, UserFrozen, WalletFrozen, KmsError.
    """
    now = await database_time(db)
    wish = await db.scalar(
        select(WalletExport).where(
            WalletExport.wallet_id == user.wallet_id, _OPEN, WalletExport.expires_at > now
        )
    )
    if wish is None:
        raise _none()
    if wish.ready_at > now:
        raise ExportNotReady(
            f"The key can be had from {_shown(wish.ready_at)} on.", ready_at=wish.ready_at.isoformat()
        )
    wish_id = wish.id
    version, sealed = await _sealed_key(db, user.wallet_id)
    await db.commit()  # gives the connection back: opening and encrypting take long
    keystore = await _keystore(kms, user, version, sealed, passphrase)
    await require_not_frozen(db, user)
    taken = await db.scalar(
        update(WalletExport)
        .where(WalletExport.id == wish_id, _OPEN, WalletExport.expires_at > func.clock_timestamp())
        .values(retrieved_at=func.clock_timestamp())
        .returning(WalletExport.id)
    )
    if taken is None:
        raise _none()
    await db.execute(
        update(Wallet)
        .where(Wallet.id == user.wallet_id)
        .values(exported_at=func.coalesce(Wallet.exported_at, func.clock_timestamp()))
    )
    await _audit(db, f"user:{user.id}", "wallet_export.retrieve", user.wallet_id, wish_id)
    await tell_owner(db, user.id, "wallet_export.retrieve", address=user.wallet_address)
    return keystore


async def _sealed_key(db: AsyncSession, wallet_id: UUID) -> tuple[int, bytes]:
    row = (
        await db.execute(
            select(WalletKey.version, WalletKey.sealed)
            .where(WalletKey.wallet_id == wallet_id)
            .order_by(WalletKey.version.desc())
            .limit(1)
        )
    ).one()
    return row.version, row.sealed


async def _keystore(kms: Kms, user: SignedIn, version: int, sealed: bytes, passphrase: str) -> dict[str, Any]:
    """Web3 Secret Storage, version 3; the key itself lives for this call."""
    context = key_context(user.wallet_id, user.id, "user", version)
    async with _scrypt:
        key = await kms.open(sealed, context)
        return await asyncio.to_thread(_encrypted, key, passphrase)


def _encrypted(key: bytes, passphrase: str) -> dict[str, Any]:
    keystore: dict[str, Any] = dict(Account.encrypt(key, passphrase, kdf="scrypt"))
    return keystore | {"address": checksum(Account.from_key(key).address)[2:].lower()}


async def _audit(db: AsyncSession, actor: str, action: str, wallet_id: UUID, wish_id: UUID) -> None:
    await record(db, actor, action, f"wallet:{wallet_id}", {"export": str(wish_id)})


def _none() -> NotFound:
    return ExportNotFound(
        "There is no export under way: none was asked for, or it was cancelled, retrieved or has expired."
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
