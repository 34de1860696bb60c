"""A person's connections: looking one up, its posts, and its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.connectors import tokens
from backend.connectors.apps import what_to_do
from backend.connectors.choice import connector
from backend.connectors.errors import ConnectionEnded, ConnectionNotFound, ConnectorNotConfigured, refusal
from backend.connectors.faults import AccessEnded, Fault
from backend.connectors.platform import Connector, Post, PostPage
from backend.connectors.tables import Connection
from backend.services import Services
from backend.wallets.kms import KmsError

log = structlog.get_logger(__name__)
Found = TypeVar("Found")


async def find(db: AsyncSession, user_id: UUID, connection_id: UUID) -> Connection:
    """One of the user's; raises ConnectionNotFound."""
    found = await db.scalar(
        select(Connection).where(Connection.id == connection_id, Connection.user_id == user_id)
    )
    if found is None:
        raise ConnectionNotFound(f"You have no connection {connection_id}.")
    return found


async def of(db: AsyncSession, user_id: UUID) -> list[Connection]:
    """Oldest first."""
    query = select(Connection).where(Connection.user_id == user_id)
    return list(
        await db.scalars(query.order_by(Connection.created_at, Connection.account_name, Connection.id))
    )


async def posts(services: Services, connection: Connection, cursor: str | None) -> PostPage:
    """The account's posts, newest first. Raises the refusals of `errors.refusal`, ConnectorNotConfigured."""
    return await _asked(
        services, connection, lambda asked, access: asked.posts(access, connection.account_id, cursor)
    )


async def post(services: Services, connection: Connection, reference: str) -> Post:
    """The post behind a link or an id, as it stands now. Raises as `posts`."""

    async def look(asked: Connector, access: str) -> Post:
        return await asked.post(access, connection.account_id, asked.post_id(reference))

    return await _asked(services, connection, look)


async def remove(db: AsyncSession, services: Services, user_id: UUID, connection_id: UUID) -> None:
    """End the access at the platform where that is possible, and forget it. Raises ConnectionNotFound."""
    found = await find(db, user_id, connection_id)
    try:
        access = await tokens.opened(services.kms, found)
    except KmsError:
        # Forgetting must work also when the key does not open: then nobody can use it either.
        access = None
    account, platform = found.id, found.platform
    others = await db.scalar(
        select(
            exists().where(
                Connection.user_id == user_id, Connection.platform == platform, Connection.id != account
            )
        )
    )
    await db.delete(found)
    await record(db, f"user:{user_id}", "connection.remove", f"connection:{account}", {"platform": platform})
    await db.commit()  # forgotten, whatever the platform says
    if access is None or what_to_do(services.settings, platform):
        return
    async with connector(services.settings, platform) as asked:
        if asked.grants_are_shared and others:
            return
        try:
            await asked.revoke(access)
        except Fault as fault:
            log.warning("not_revoked", connection=str(account), platform=platform, error=fault.detail)


async def _asked(
    services: Services, connection: Connection, ask: Callable[[Connector, str], Awaitable[Found]]
) -> Found:
    """Ask with a good access; one that is refused is renewed once."""
    lacks = what_to_do(services.settings, connection.platform)
    if lacks:
        raise ConnectorNotConfigured(lacks)
    if connection.ended_at is not None:
        raise ConnectionEnded(
            "The platform took the access back, or it has expired: connect the account again."
        )
    async with connector(services.settings, connection.platform) as asked:
        try:
            return await with_access(services, asked, connection.id, lambda access: ask(asked, access))
        except Fault as fault:
            raise refusal(fault) from None


async def with_access(
    services: Services, asked: Connector, connection_id: UUID, ask: Callable[[str], Awaitable[Found]]
) -> Found:
    """Ask with the access as it is; where the platform refuses it, once more with a renewed one. Raises faults."""
    access = await tokens.access(services, asked, connection_id)
    try:
        return await ask(access)
    except AccessEnded:
        return await ask(await tokens.access(services, asked, connection_id, refused=access))
