"""Fetching comments, and keeping accesses alive."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import tokens
from backend.connectors.apps import what_to_do
from backend.connectors.choice import connector
from backend.connectors.faults import AccessEnded, Fault, Wait
from backend.connectors.fetching import LostError, fetch
from backend.connectors.instagram import Instagram
from backend.connectors.tables import Connection
from backend.jobs.app import Run, task
from backend.jobs.enqueue import enqueue
from backend.jobs.errors import LaterError
from backend.services import Services

FETCH_COMMENTS = "fetch_comments"
FETCHES_QUEUE = "fetches"
RENEW_CONNECTION = "renew_connection"


async def enqueue_fetch(db: AsyncSession, import_id: UUID) -> None:
    """Have an import of a platform's comments fetched, once the caller's transaction commits."""
    key = f"{FETCH_COMMENTS} {import_id}"
    await enqueue(db, FETCH_COMMENTS, {"import_id": str(import_id)}, queue=FETCHES_QUEUE, key=key)


@task(FETCH_COMMENTS, limit=600, attempts=10, queue=FETCHES_QUEUE)
async def fetch_comments(run: Run, import_id: str) -> None:
    """One turn of a fetch. Any number of times, by any number of workers."""
    try:
        more = await fetch(run.services, UUID(import_id))
    except LostError:
        return
    except Wait as fault:
        raise LaterError(fault.detail, fault.seconds) from None
    if more:
        async with AsyncSession(run.services.engine) as db, db.begin():
            await enqueue_fetch(db, UUID(import_id))


@task("renew_connections", limit=60, attempts=3)
async def renew_connections(run: Run) -> None:
    """A job for each access that cannot be renewed any more once it has ended: Instagram's."""
    soon = datetime.now(UTC) + Instagram.renew_before
    async with AsyncSession(run.services.engine) as db, db.begin():
        due = select(Connection.id).where(
            Connection.platform == Instagram.platform,
            Connection.ended_at.is_(None),
            Connection.expires_at < soon,
        )
        for connection_id in await db.scalars(due):
            await enqueue(
                db,
                RENEW_CONNECTION,
                {"connection_id": str(connection_id)},
                key=f"{RENEW_CONNECTION}:{connection_id}",
            )


@task(RENEW_CONNECTION, limit=60, attempts=8)
async def renew_connection(run: Run, connection_id: str) -> None:
    """Renew if it is due; a platform that is away is asked again later."""
    await _renew(run.services, UUID(connection_id))


async def _renew(services: Services, connection_id: UUID) -> None:
    async with AsyncSession(services.engine) as db:
        platform = await db.scalar(select(Connection.platform).where(Connection.id == connection_id))
    if platform is None or what_to_do(services.settings, platform):
        return
    async with connector(services.settings, platform) as asked:
        try:
            await tokens.access(services, asked, connection_id)
        except Wait as fault:
            raise LaterError(fault.detail, fault.seconds) from None
        except AccessEnded:
            return
        except Fault as fault:
            raise RuntimeError(fault.detail) from None
