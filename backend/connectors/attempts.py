"""Having an account connected: somebody is sent to the platform with a state, and comes back with a code.

The state is worth one return, within ten minutes, to the browser that began (a cookie with PKCE's verifier, of which
only the hash is stored). So nobody can be made to connect somebody else's account, nor to give theirs to another user.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.connectors import oauth
from backend.connectors.apps import what_to_do
from backend.connectors.choice import connector
from backend.connectors.errors import ConnectorNotConfigured, TooManyConnections
from backend.connectors.faults import Fault, NotAllowed
from backend.connectors.http import placed
from backend.connectors.platform import Connector, Grant, Platform
from backend.connectors.tables import Connection, ConnectionAttempt
from backend.connectors.tokens import seal
from backend.factors.relying_party import relying_party
from backend.services import Services
from backend.settings import Settings

log = structlog.get_logger(__name__)
LIFETIME = timedelta(minutes=10)
MOST_CONNECTIONS = 50
_MOST_ATTEMPTS = 10
_LOCK_USER = text('SELECT FROM app."user" WHERE id = :id FOR NO KEY UPDATE')


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and what it keeps meanwhile. Never printed."""

    url: str
    verifier: str

    def __repr__(self) -> str:
        return "Begun()"


class AttemptRefusedError(Exception):
    """The return is worth nothing: `code` goes to the web app."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def begin(db: AsyncSession, services: Services, user_id: UUID, platform: Platform) -> Begun:
    """Write the attempt down. Raises ConnectorNotConfigured, TooManyConnections."""
    lacks = what_to_do(services.settings, platform)
    if lacks:
        raise ConnectorNotConfigured(lacks)
    await db.execute(_LOCK_USER, {"id": user_id})
    await _require_place(db, user_id)
    now = datetime.now(UTC)
    mine = ConnectionAttempt.user_id == user_id
    await db.execute(delete(ConnectionAttempt).where(mine, ConnectionAttempt.expires_at <= now))
    newest = (
        select(ConnectionAttempt.state_hash)
        .where(mine)
        .order_by(ConnectionAttempt.expires_at.desc())
        .offset(_MOST_ATTEMPTS - 1)
    )
    await db.execute(delete(ConnectionAttempt).where(ConnectionAttempt.state_hash.in_(newest)))
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    db.add(
        ConnectionAttempt(
            state_hash=_hash(state),
            user_id=user_id,
            platform=platform,
            verifier_hash=_hash(verifier),
            expires_at=now + LIFETIME,
        )
    )
    await db.flush()
    async with connector(services.settings, platform) as asked:
        url = asked.authorisation_url(
            state, oauth.challenge(verifier), redirect_uri(services.settings, platform)
        )
    return Begun(placed(services.settings.connector_hosts, url), verifier)


async def finish(services: Services, platform: Platform, state: str, verifier: str, code: str) -> list[UUID]:
    """Keep what was granted; returns the connections. The state is used up, whatever comes of it.

    Raises AttemptRefusedError; what the key service raises.
    """
    async with AsyncSession(services.engine, expire_on_commit=False) as db, db.begin():
        attempt = await db.scalar(
            delete(ConnectionAttempt)
            .where(ConnectionAttempt.state_hash == _hash(state), ConnectionAttempt.platform == platform)
            .returning(ConnectionAttempt)
        )
    if attempt is None or attempt.expires_at <= datetime.now(UTC):
        raise AttemptRefusedError("attempt_unknown")
    if not hmac.compare_digest(attempt.verifier_hash, _hash(verifier)):
        raise AttemptRefusedError("other_browser")
    if not code:
        raise AttemptRefusedError("denied")
    try:
        async with connector(services.settings, platform) as asked:
            grants = await asked.exchange(code, verifier, redirect_uri(services.settings, platform))
            for grant in grants:
                _require_scopes(asked, grant)
    except Fault as fault:
        log.warning("not_connected", platform=platform, error=fault.detail)
        raise AttemptRefusedError(fault.code) from None
    async with AsyncSession(services.engine) as db, db.begin():
        await db.execute(_LOCK_USER, {"id": attempt.user_id})
        return [await _keep(db, services, attempt.user_id, platform, grant) for grant in grants]


def redirect_uri(settings: Settings, platform: Platform) -> str:
    """What has to be registered at the platform, letter by letter."""
    return f"{relying_party(settings).origin}/api/v1/connections/callback/{platform}"


def _require_scopes(asked: Connector, grant: Grant) -> None:
    """People may untick permissions; without all of ours nothing works, so say so at once."""
    given = set(grant.tokens.scopes)
    if given and not given.issuperset(asked.scopes):
        raise NotAllowed("A permission was not granted: begin again and grant all of them.")


async def _keep(
    db: AsyncSession, services: Services, user_id: UUID, platform: Platform, grant: Grant
) -> UUID:
    """A new connection, or the old one of this account with its new access. Raises AttemptRefusedError."""
    known = await db.scalar(
        select(Connection)
        .where(
            Connection.user_id == user_id,
            Connection.platform == platform,
            Connection.account_id == grant.account.id,
        )
        .with_for_update()
    )
    if known is None:
        try:
            await _require_place(db, user_id)
        except TooManyConnections:
            raise AttemptRefusedError("too_many_connections") from None
        known = Connection(id=uuid4(), user_id=user_id, platform=platform, account_id=grant.account.id)
        db.add(known)
    known.account_name = grant.account.name
    known.scopes = list(grant.tokens.scopes)
    known.sealed = await seal(services.kms, known.id, user_id, platform, grant.tokens)
    known.expires_at, known.renewed_at = grant.tokens.expires_at, datetime.now(UTC)
    known.ended_at = None
    await db.flush()
    await record(
        db, f"user:{user_id}", "connection.connect", f"connection:{known.id}", {"platform": platform}
    )
    return known.id


async def _require_place(db: AsyncSession, user_id: UUID) -> None:
    count = await db.scalar(select(func.count()).where(Connection.user_id == user_id)) or 0
    if count >= MOST_CONNECTIONS:
        raise TooManyConnections(
            f"You have {count} connections, which is as many as one may have. Remove one first.", most=count
        )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
