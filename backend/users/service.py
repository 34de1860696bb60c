"""Registration, sign-in, and the life of a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.passwords import Passwords
from backend.auth.tokens import new_refresh_token, refresh_hash
from backend.consents.service import accept, require_all
from backend.errors import AppError, ServiceUnavailable
from backend.factors.ticket import require_second_factor
from backend.hexes import checksum
from backend.intents.service import Call, create_platform_intent
from backend.languages import DEFAULT_LANGUAGE, Language
from backend.mailed_links.service import send_link
from backend.settings import Settings
from backend.throttling.failures import SignInFailures
from backend.users.client import Client
from backend.users.schemas import Credentials, Registration, UserOut
from backend.users.tables import RefreshToken, Session, User
from backend.users.view import show_user
from backend.wallets.keys import create_user_wallet
from backend.wallets.kms import Kms
from backend.wallets.tables import Wallet

REUSE_GRACE = timedelta(seconds=5)


class EmailTaken(AppError):
    """An account with this e-mail address exists; sign in instead"""

    status = 409


class CredentialsWrong(AppError):
    """E-mail address or password is wrong; which one is not said"""

    status = 401


class AccountSuspended(AppError):
    """The account is suspended; said only to who knows its password"""

    status = 403


class RefreshRefused(AppError):
    """The refresh token is missing, unknown, expired or revoked; sign in again"""

    status = 401


class RefreshReused(AppError):
    """The refresh token was used before: the whole session is revoked; sign in again"""

    status = 401
    keep_changes = True


class RefreshJustUsed(AppError):
    """Another tab refreshed a moment ago; repeat the request with the new cookies"""

    status = 409


@dataclass(frozen=True)
class NewSession:
    """A session that was just opened or refreshed, with its next refresh token."""

    user_id: UUID
    session_id: UUID
    refresh_token: str


async def register(
    db: AsyncSession,
    kms: Kms,
    passwords: Passwords,
    body: Registration,
    settings: Settings,
    language: Language = DEFAULT_LANGUAGE,
) -> UserOut:
    """Create an account and its wallet, and mail the link that confirms its address.

    Raises DocumentsNotAccepted, EmailTaken. With a welcome grant the treasury sends the wallet its first POL.
    """
    require_all(settings, body.accepts)
    encoded = await passwords.hash(body.password.get_secret_value())
    user = await db.scalar(
        insert(User)
        .values(email=body.email, password_hash=encoded, locale=language)
        .on_conflict_do_nothing()
        .returning(User)
    )
    if user is None:
        raise EmailTaken(f"An account for {body.email} exists. Sign in instead.", email=body.email)
    for subject, version in body.accepts.items():
        await accept(db, settings, user.id, subject, version)
    wallet = await create_user_wallet(db, kms, user.id)
    address = checksum(wallet.address)
    if settings.welcome_grant_wei > 0:
        await _welcome(db, user.id, address, settings.welcome_grant_wei)
    await send_link(db, settings, user.id, "verify_email", user.email)
    return show_user(user, address)


async def sign_in(
    db: AsyncSession,
    passwords: Passwords,
    failures: SignInFailures,
    body: Credentials,
    client: Client,
    lifetime_seconds: int,
) -> NewSession:
    """Open a session for somebody.

    Raises CredentialsWrong after the same work whether or not the account exists, SecondFactorRequired,
    AccountSuspended, TooManyAttempts.
    """
    await failures.check(body.email, client.network)
    user = await db.scalar(select(User).where(User.email == body.email))
    await db.commit()  # gives the connection back: hashing takes long
    right = await passwords.matches(body.password.get_secret_value(), user.password_hash if user else None)
    if user is None or not right:
        await failures.record(body.email, client.network)
        raise CredentialsWrong("The e-mail address or the password is wrong.")
    if passwords.is_outdated(user.password_hash):
        user.password_hash = await passwords.hash(body.password.get_secret_value())
    await require_second_factor(db, user.id)
    return await open_session(db, user.id, lifetime_seconds, client)


async def open_session(db: AsyncSession, user_id: UUID, lifetime_seconds: int, client: Client) -> NewSession:
    """A new session for somebody who has proved who they are; raises AccountSuspended, CredentialsWrong."""
    # The account stays until this transaction ends: hashing took long, and it may have been erased meanwhile.
    query = select(User).where(User.id == user_id).with_for_update(read=True, key_share=True)
    user = await db.scalar(query, execution_options={"populate_existing": True})
    if user is None:
        raise CredentialsWrong("The e-mail address or the password is wrong.")
    if user.suspended_at is not None:
        raise AccountSuspended("This account is suspended. Write to support.")
    session = Session(user_id=user_id, device=client.device, network=client.network)
    db.add(session)
    await db.flush()
    await record(db, f"user:{user_id}", "session.begin", f"user:{user_id}", {"session": str(session.id)})
    return NewSession(user_id, session.id, await _next_token(db, session.id, lifetime_seconds))


async def refresh(db: AsyncSession, token: str | None, lifetime_seconds: int, client: Client) -> NewSession:
    """Exchange a refresh token for its successor. A used one revokes its session: someone has a copy."""
    row = (
        await db.execute(
            select(RefreshToken, Session)
            .join(Session, Session.id == RefreshToken.session_id)
            .where(RefreshToken.token_hash == refresh_hash(token or ""))
            .with_for_update()
        )
    ).one_or_none()
    now = datetime.now(UTC)
    if row is None or row.Session.revoked_at is not None or row.RefreshToken.expires_at <= now:
        raise RefreshRefused("The session has ended. Sign in again.")
    if row.RefreshToken.used_at is not None:
        if now - row.RefreshToken.used_at < REUSE_GRACE:
            raise RefreshJustUsed(
                "The session was refreshed a moment ago. Repeat the request with the new cookies."
            )
        row.Session.revoked_at = now
        raise RefreshReused("The refresh token was used twice, so the session is revoked. Sign in again.")
    row.RefreshToken.used_at = now
    row.Session.last_used_at, row.Session.network = now, client.network
    successor = await _next_token(db, row.Session.id, lifetime_seconds)
    return NewSession(row.Session.user_id, row.Session.id, successor)


async def sign_out(db: AsyncSession, session_id: UUID) -> None:
    """Revoke a session: its access and refresh tokens end now."""
    await db.execute(
        update(Session)
        .where(Session.id == session_id, Session.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )


async def _next_token(db: AsyncSession, session_id: UUID, lifetime_seconds: int) -> str:
    token = new_refresh_token()
    expires = datetime.now(UTC) + timedelta(seconds=lifetime_seconds)
    db.add(RefreshToken(token_hash=refresh_hash(token), session_id=session_id, expires_at=expires))
    await db.flush()
    return token


async def _welcome(db: AsyncSession, user_id: UUID, address: str, amount: int) -> None:
    treasury = await db.scalar(select(Wallet.id).where(Wallet.role == "treasury"))
    if treasury is None:
        raise ServiceUnavailable("The treasury is not set up yet. Try again in a moment.")
    await create_platform_intent(
        db,
        treasury,
        "welcome_grant",
        {"to": address, "amount": str(amount)},
        [Call(to=address, value=amount)],
        dedupe_key=f"welcome_grant:{user_id}",
    )
