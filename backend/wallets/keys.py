"""Private keys of custodial wallets: made, sealed, and opened only where something is signed."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from uuid import UUID, uuid4

from eth_account import Account
from eth_account.signers.local import LocalAccount
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import address_bytes, checksum
from backend.settings import SettingsError
from backend.wallets.kms import Kms
from backend.wallets.tables import Wallet, WalletKey

FIRST_VERSION = 1


def key_context(wallet_id: UUID, user_id: UUID | None, role: str, version: int) -> dict[str, str]:
    """What a sealed key is bound to."""
    return {"wallet": str(wallet_id), "owner": str(user_id) if user_id else role, "version": str(version)}


async def create_user_wallet(db: AsyncSession, kms: Kms, user_id: UUID) -> Wallet:
    """A new key and its wallet for a user, nonce 0."""
    account: LocalAccount = Account.from_key(secrets.token_bytes(32))
    wallet = Wallet(
        id=uuid4(),
        user_id=user_id,
        role="user",
        address=address_bytes(account.address),
        first_nonce=0,
        next_nonce=0,
    )
    db.add(wallet)
    await db.flush()
    db.add(await _sealed(kms, wallet, account))
    await db.flush()
    return wallet


async def ensure_platform_wallet(db: AsyncSession, kms: Kms, role: str, key_file: Path) -> UUID:
    """Import a platform account's key from its file the first time; returns its wallet's id.

    Raises SettingsError when the file is unusable, or names another account than was imported before.
    """
    account = read_key_file(role, key_file)
    fresh = uuid4()
    address = address_bytes(account.address)
    await db.execute(
        insert(Wallet).values(id=fresh, role=role, address=address, wake=0, fence=0).on_conflict_do_nothing()
    )
    wallet = (await db.scalars(select(Wallet).where(Wallet.role == role))).one_or_none()
    if wallet is None or wallet.address != address:
        raise SettingsError(
            f"The {role} account of {str(key_file)!r} is {account.address}, but the database knows "
            f"{'it as another wallet' if wallet is None else checksum(wallet.address)}. "
            "Restore the right key file."
        )
    if wallet.id == fresh:
        db.add(await _sealed(kms, wallet, account))
        await db.flush()
    return wallet.id


async def _sealed(kms: Kms, wallet: Wallet, account: LocalAccount) -> WalletKey:
    context = key_context(wallet.id, wallet.user_id, wallet.role, FIRST_VERSION)
    return WalletKey(
        wallet_id=wallet.id, version=FIRST_VERSION, sealed=await kms.seal(bytes(account.key), context)
    )


def read_key_file(role: str, path: Path) -> LocalAccount:
    """The account of a platform key file; SettingsError when it is missing, open to others or no key."""
    name = f"{role.upper()}_KEY_FILE {str(path)!r}"
    try:
        text = path.read_text().strip().removeprefix("0x")
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror}.") from None
    if path.stat().st_mode & 0o077:
        raise SettingsError(f"{name} can be read by others: `chmod 600` it.")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise SettingsError(f"{name} must hold one private key as 64 hex digits.")
    account: LocalAccount = Account.from_key("0x" + text)
    return account
