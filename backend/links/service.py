"""Linking a wallet: a nonce, a signed message, one address for one account."""

from __future__ import annotations

import secrets
import string
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError, NotFound
from backend.factors.notices import tell
from backend.factors.relying_party import RelyingParty
from backend.hexes import address_bytes, checksum, from_hex
from backend.links.expectation import STATEMENT, Expectation
from backend.links.message import MalformedMessageError, Message, parse
from backend.links.signature import signer_kind
from backend.links.tables import Link, LinkNonce
from backend.users.tables import User
from backend.wallets.tables import Wallet
from listener.chain.rpc import RpcPool

LIFETIME = timedelta(minutes=10)
MOST_LINKS = 20
_SIGNS = string.ascii_letters + string.digits
_NONCE_LENGTH = 22  # 131 bits


class MessageRefused(AppError):
    """The message cannot link a wallet; the sentence says why. Ask for a new one"""

    status = 422
    keep_changes = True


class SignatureWrong(AppError):
    """The signature is not the address's over this message"""

    status = 422
    keep_changes = True


class AddressTaken(AppError):
    """The address is linked already, or is a wallet in our keeping"""

    status = 409


class TooManyLinks(AppError):
    """The account has as many linked wallets as it may; unlink one first"""

    status = 409


class LinkNotFound(NotFound):
    """No such linked wallet of yours"""


async def compose(
    db: AsyncSession, site: RelyingParty, chain_id: int, user_id: UUID, address: str
) -> Message:
    """The message that the wallet is to sign, with a nonce of its own."""
    now = datetime.now(UTC)
    await db.execute(delete(LinkNonce).where(LinkNonce.user_id == user_id, LinkNonce.expires_at <= now))
    nonce = "".join(secrets.choice(_SIGNS) for _ in range(_NONCE_LENGTH))
    db.add(LinkNonce(nonce=nonce, user_id=user_id, issued_at=now, expires_at=now + LIFETIME))
    await db.flush()
    return Message(
        domain=site.domain,
        address=checksum(address),
        statement=STATEMENT,
        uri=site.origin,
        chain_id=chain_id,
        nonce=nonce,
        issued_at=now,
        expires_at=now + LIFETIME,
        request_id=str(user_id),
    )


async def link(
    db: AsyncSession,
    rpc: RpcPool,
    site: RelyingParty,
    chain_id: int,
    user_id: UUID,
    text: str,
    signature: str,
) -> Link:
    """Link the address that signed. Its nonce is used up, whatever comes of it.

    Raises MessageRefused, SignatureWrong, AddressTaken, TooManyLinks, ChainUnavailable.
    """
    try:
        message = parse(text)
    except MalformedMessageError as error:
        raise MessageRefused(f"This is no message of EIP-4361: {error}.") from None
    issued_at = await _take_nonce(db, user_id, message.nonce)
    fault = Expectation(site, chain_id, user_id, datetime.now(UTC), issued_at).fault(message)
    if fault is not None:
        raise MessageRefused(f"The message cannot link a wallet: {fault}. Ask for a new one.")
    await db.commit()  # the nonce is used up; asking the chain may take long
    kind = await signer_kind(rpc, message.address, text, from_hex(signature))
    if kind is None:
        raise SignatureWrong(
            f"The signature is not {message.address}'s over this message. Ask for a new message and sign it."
        )
    return await _store(db, user_id, message.address, kind)


async def links_of(db: AsyncSession, user_id: UUID) -> list[Link]:
    """Oldest first."""
    return list(
        await db.scalars(select(Link).where(Link.user_id == user_id).order_by(Link.created_at, Link.id))
    )


async def unlink(db: AsyncSession, user_id: UUID, link_id: UUID) -> None:
    """Forget a linked wallet; raises LinkNotFound."""
    address: bytes | None = await db.scalar(
        delete(Link).where(Link.id == link_id, Link.user_id == user_id).returning(Link.address)
    )
    if address is None:
        raise LinkNotFound(f"You have no linked wallet {link_id}.")
    await tell(db, user_id, "link.removed", address=checksum(address))


async def _take_nonce(db: AsyncSession, user_id: UUID, nonce: str) -> datetime:
    """Use the nonce up; returns when it was issued."""
    issued_at: datetime | None = await db.scalar(
        delete(LinkNonce)
        .where(
            LinkNonce.nonce == nonce, LinkNonce.user_id == user_id, LinkNonce.expires_at > datetime.now(UTC)
        )
        .returning(LinkNonce.issued_at)
    )
    if issued_at is None:
        raise MessageRefused(
            "The message cannot link a wallet: its nonce was used, is too old, or was not given to you. "
            "Ask for a new one."
        )
    return issued_at


async def _store(db: AsyncSession, user_id: UUID, address: str, kind: str) -> Link:
    raw = address_bytes(address)
    if await db.scalar(select(exists().where(Wallet.address == raw))):
        raise AddressTaken(f"{address} is a wallet in our keeping; it needs no link.")
    # Locked, so that links at once do not pass the limit together.
    await db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    count = await db.scalar(select(func.count()).select_from(Link).where(Link.user_id == user_id)) or 0
    if count >= MOST_LINKS:
        raise TooManyLinks(
            f"The account has {count} linked wallets, the most it may have. Unlink one first.", most=count
        )
    made: Link | None = await db.scalar(
        insert(Link).values(user_id=user_id, address=raw, kind=kind).on_conflict_do_nothing().returning(Link)
    )
    if made is None:
        mine = await db.scalar(select(exists().where(Link.address == raw, Link.user_id == user_id)))
        raise AddressTaken(
            f"{address} is linked to your account already."
            if mine
            else f"{address} is linked to another account. Unlink it there first."
        )
    await tell(db, user_id, "link.added", address=address)
    return made
