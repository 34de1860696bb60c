"""An account's access: sealed, opened on the line that uses it, renewed before it ends.

A renewal holds the connection's row: X spends a refresh token with each, so two at once would end the access. Killed
between the platform's answer and the commit, an access of X is lost and has to be connected again; nothing tells that
from a revoked one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.faults import AccessEnded, Away, Fault, Wait
from backend.connectors.platform import Connector, Platform, Tokens
from backend.connectors.tables import Connection
from backend.services import Services
from backend.wallets.kms import Kms, KmsError, KmsUnavailable

log = structlog.get_logger(__name__)


def context(connection_id: UUID, user_id: UUID, platform: str) -> dict[str, str]:
    """What sealed tokens are bound to."""
    return {
        "kind": "connection",
        "owner": str(user_id),
        "platform": platform,
        "connection": str(connection_id),
    }


async def seal(kms: Kms, connection_id: UUID, user_id: UUID, platform: Platform, tokens: Tokens) -> bytes:
    """Raises KmsError."""
    secret = json.dumps({"access": tokens.access, "refresh": tokens.refresh}).encode()
    return await kms.seal(secret, context(connection_id, user_id, platform))


async def opened(kms: Kms, connection: Connection) -> Tokens:
    """Raises KmsError."""
    secret = await kms.open(
        connection.sealed, context(connection.id, connection.user_id, connection.platform)
    )
    known: Mapping[str, str | None] = json.loads(secret)
    return Tokens(known["access"] or "", known["refresh"], connection.expires_at, tuple(connection.scopes))


async def access(
    services: Services, connector: Connector, connection_id: UUID, refused: str | None = None
) -> str:
    """The access token to use now; `refused` is one that the platform did not take a moment ago.

    Raises AccessEnded (the connection is marked so), Away also for a key service that is, and what `renew` raises.
    """
    try:
        return await _access(services, connector, connection_id, refused)
    except KmsUnavailable:
        raise Away("The key service does not answer.") from None
    except KmsError as error:
        log.error("kms_failed", connection=str(connection_id), error=str(error))
        raise Fault("The stored access does not open: connect the account again.") from None


async def _access(services: Services, connector: Connector, connection_id: UUID, refused: str | None) -> str:
    async with AsyncSession(services.engine, expire_on_commit=False) as db, db.begin():
        found = await db.scalar(select(Connection).where(Connection.id == connection_id).with_for_update())
        if found is None:
            raise AccessEnded("The connection was removed: connect the account again.")
        if found.ended_at is not None:
            raise _ended(found)
        tokens = await opened(services.kms, found)
        due = found.expires_at is not None and found.expires_at - connector.renew_before <= datetime.now(UTC)
        # Somebody else may have renewed it while ours was on its way.
        if tokens.access != refused and not due:
            return tokens.access
        try:
            fresh = await connector.renew(tokens)
        except AccessEnded:
            found.ended_at = datetime.now(UTC)
            log.warning("connection_ended", connection=str(found.id), platform=found.platform)
            fault = _ended(found)
        except (Away, Wait):
            if tokens.access == refused or found.expires_at is None or found.expires_at <= datetime.now(UTC):
                raise
            # Renewed early enough that a platform may be away for a while.
            return tokens.access
        else:
            found.sealed = await seal(services.kms, found.id, found.user_id, found.platform, fresh)
            found.expires_at, found.renewed_at = fresh.expires_at, datetime.now(UTC)
            return fresh.access
    raise fault


def _ended(connection: Connection) -> AccessEnded:
    return AccessEnded(
        f"{connection.account_name} took the access back, or it has expired: connect the account again."
    )
