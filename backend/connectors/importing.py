"""An import of a post's comments: asked for here, fetched by a worker (`fetching`)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.current_user import SignedIn
from backend.connectors import service
from backend.connectors.schemas import FetchIn
from backend.connectors.tasks import enqueue_fetch
from backend.errors import InvalidInput
from backend.participants import service as imports
from backend.participants.tables import ContestImport
from backend.services import Services


async def import_post(
    db: AsyncSession, services: Services, user: SignedIn, contest_id: UUID, asked: FetchIn
) -> ContestImport:
    """Look the post up at the platform, and have its comments fetched.

    Raises InvalidInput, ConnectionNotFound, the refusals of `errors.refusal`, and those of an import's beginning.
    """
    connection = await service.find(db, user.id, asked.connection_id)
    if connection.platform != asked.source:
        raise InvalidInput(
            "body.connection_id", f"is a connection to {connection.platform}, not {asked.source}"
        )
    await db.commit()  # gives the connection back: the platform is asked meanwhile
    post = await service.post(services, connection, asked.post)
    options = {
        "connection_id": str(connection.id),
        "account": connection.account_name,
        "post": post.id,
        "url": post.url,
        "replies": asked.replies,
    }
    row = await imports.begin(db, user, contest_id, asked.source, options, None)
    row.reported = post.reported
    await enqueue_fetch(db, row.id)
    await db.flush()
    return row
