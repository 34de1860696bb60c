"""Beginning imports, and giving them up."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.datastructures import UploadFile

from backend.auth.current_user import SignedIn
from backend.contests.changing import to_fill
from backend.contests.tables import Contest
from backend.files.store import write_whole
from backend.participants import store
from backend.participants.errors import ImportNotFound, ImportRunning, TooManyImports
from backend.participants.schemas import ColumnsIn, PasteIn
from backend.participants.tables import ContestImport
from backend.participants.tasks import enqueue_read
from backend.participants.upload import file_name, pieces
from backend.services import Services

MOST_IMPORTS = 50
"""Of a contest."""


async def begin(
    db: AsyncSession, user: SignedIn, contest_id: UUID, source: str, options: dict[str, Any], name: str | None
) -> ContestImport:
    """An import that waits, in the session's transaction.

    Raises what `to_fill` does, TooManyImports.
    """
    await to_fill(db, user, contest_id)
    count = select(func.count()).select_from(ContestImport).where(ContestImport.contest_id == contest_id)
    if ((await db.scalar(count)) or 0) >= MOST_IMPORTS:
        raise TooManyImports(
            f"This contest has {MOST_IMPORTS} imports, and may not have more. Delete one you do not need, "
            "or put lists together.",
            most=MOST_IMPORTS,
        )
    row = ContestImport(id=uuid4(), contest_id=contest_id, source=source, file_name=name, options=options)
    db.add(row)
    await db.flush()
    return row


async def import_file(
    db: AsyncSession,
    services: Services,
    user: SignedIn,
    contest_id: UUID,
    columns: ColumnsIn,
    file: UploadFile,
) -> ContestImport:
    """Store an uploaded list and have it read. The row comes first: no file is without one that names it."""
    row = await begin(db, user, contest_id, "file", {"columns": columns.asked()}, file_name(file))
    row.file_key = f"imports/{row.id}"
    await db.commit()
    sha256 = hashlib.sha256()
    size = await services.files.write(row.file_key, pieces(file, sha256))
    return await _stored(db, row.id, size, sha256.digest())


async def import_paste(
    db: AsyncSession, services: Services, user: SignedIn, contest_id: UUID, paste: PasteIn
) -> ContestImport:
    """As `import_file`, of a text."""
    data = paste.text.encode()
    row = await begin(db, user, contest_id, "paste", {"columns": paste.asked()}, None)
    row.file_key = f"imports/{row.id}"
    await db.commit()
    await write_whole(services.files, row.file_key, data)
    return await _stored(db, row.id, len(data), hashlib.sha256(data).digest())


async def _stored(db: AsyncSession, import_id: UUID, size: int, sha256: bytes) -> ContestImport:
    found = await store.locked(db, import_id)
    if found is None:
        raise ImportNotFound("The import was deleted while its file was stored.")
    _, row = found
    row.bytes_total, row.sha256 = size, sha256
    if row.state == "waiting":
        await enqueue_read(db, row.id)
    else:
        await store.drop_file(db, row)
    await db.flush()
    return row


async def remove(db: AsyncSession, user: SignedIn, contest_id: UUID, import_id: UUID) -> None:
    """Cancel an import that has not ended, or delete one that has; what it brought goes either way.

    Raises what `to_fill` does, ImportNotFound.
    """
    contest = await to_fill(db, user, contest_id)
    query = select(ContestImport).where(ContestImport.id == import_id, ContestImport.contest_id == contest_id)
    row = await db.scalar(query.with_for_update(key_share=True))
    if row is None:
        raise ImportNotFound(f"The contest has no import {import_id}.")
    if row.state not in store.ENDED:
        await store.cancel(db, contest, row)
        return
    await store.drop_file(db, row)
    await db.execute(delete(ContestImport).where(ContestImport.id == import_id))
    await store.recount(db, contest)


async def give_up_running(db: AsyncSession, contest: Contest) -> None:
    """Cancel every import of the contest, which is locked, that has not ended."""
    query = select(ContestImport).where(
        ContestImport.contest_id == contest.id, ContestImport.state.not_in(store.ENDED)
    )
    for row in await db.scalars(query.with_for_update(key_share=True)):
        await store.cancel(db, contest, row)


async def require_ended(db: AsyncSession, contest_id: UUID) -> None:
    """Raise ImportRunning while an import of the contest, which is locked, has not ended."""
    query = select(ContestImport.id).where(
        ContestImport.contest_id == contest_id, ContestImport.state.not_in(store.ENDED)
    )
    if (running := await db.scalar(query.limit(1))) is not None:
        raise ImportRunning(
            f"Import {running} has not ended yet: wait for it, or cancel it. Then commit.",
            import_id=str(running),
        )


async def of_contest(db: AsyncConnection, contest_id: UUID, import_id: UUID | None = None) -> list[Any]:
    """A contest's imports, oldest first, or the one asked for."""
    query = select(ContestImport.__table__).where(ContestImport.contest_id == contest_id)
    if import_id is not None:
        query = query.where(ContestImport.id == import_id)
    return list((await db.execute(query.order_by(ContestImport.seq))).all())
