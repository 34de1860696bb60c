"""The wish for a copy of one's data: asked for, made once, taken by its owner, gone after some days."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import IO
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.auth.current_user import SignedIn
from backend.data_export.collect import collect
from backend.data_export.errors import DataExportNotFound, DataExportPending, DataExportTooOften
from backend.data_export.tables import DataExport, file_of
from backend.files.store import PIECE
from backend.jobs.enqueue import enqueue
from backend.outbox.service import mail
from backend.policies.clock import database_time
from backend.services import Services
from backend.settings import Settings
from backend.users.tables import User

MAKE_DATA_EXPORT = "make_data_export"
QUEUE = "imports"
"""Where long work waits; mail has workers of its own."""
DAY = timedelta(days=1)
GIVEN_UP = DAY
"""A copy that was not made by then is not made any more: another may be asked for."""
LINK = timedelta(minutes=5)
_MAKING = DataExport.finished_at.is_(None)


async def ask(db: AsyncSession, settings: Settings, user: SignedIn) -> DataExport:
    """Have a copy made. Raises DataExportPending, DataExportTooOften."""
    now = await database_time(db)
    await db.execute(
        update(DataExport)
        .where(DataExport.user_id == user.id, _MAKING, DataExport.requested_at < now - GIVEN_UP)
        .values(finished_at=now, expires_at=now)
    )
    await _require_none_made(db, user.id)
    recent = DataExport.requested_at > now - DAY
    made = await db.scalars(
        select(DataExport.requested_at)
        .where(DataExport.user_id == user.id, recent)
        .order_by(DataExport.requested_at)
    )
    times = list(made)
    if len(times) >= settings.data_exports_per_day:
        wait = max(1, int((times[0] + DAY - now).total_seconds()))
        raise DataExportTooOften(
            f"You asked for {len(times)} copies in the last 24 hours. Ask again later, or take the last one.",
            headers={"Retry-After": str(wait)},
        )
    wish = DataExport(user_id=user.id, requested_at=now)
    db.add(wish)
    try:
        await db.flush()
    except IntegrityError:
        # Asked for twice at once.
        await db.rollback()
        await _require_none_made(db, user.id)
        raise
    await enqueue(db, MAKE_DATA_EXPORT, {"export_id": str(wish.id)}, queue=QUEUE)
    await _audit(db, user.id, "data_export.request", wish.id)
    return wish


async def newest(db: AsyncSession, user_id: UUID) -> DataExport:
    """The last one asked for. Raises DataExportNotFound."""
    wish = await db.scalar(
        select(DataExport)
        .where(DataExport.user_id == user_id)
        .order_by(DataExport.requested_at.desc())
        .limit(1)
    )
    if wish is None:
        raise DataExportNotFound("You have not asked for a copy of your data.")
    return wish


async def link(db: AsyncSession, services: Services, user_id: UUID) -> tuple[str, datetime]:
    """Where the copy can be downloaded, and until when. Raises DataExportNotFound, FilesUnavailable."""
    now = await database_time(db)
    wish = await db.scalar(
        select(DataExport)
        .where(DataExport.user_id == user_id, DataExport.file_key.is_not(None), DataExport.expires_at > now)
        .order_by(DataExport.requested_at.desc())
        .limit(1)
    )
    if wish is None or wish.file_key is None or wish.expires_at is None:
        raise DataExportNotFound("There is no copy to download: ask for one, and wait for the mail.")
    lifetime = min(LINK, wish.expires_at - now)
    name = f"tombola-{wish.requested_at:%Y-%m-%d}.zip"
    url = await services.files.link(wish.file_key, name, "application/zip", lifetime)
    await _audit(db, user_id, "data_export.download", wish.id)
    return url, now + lifetime


async def make(services: Services, export_id: UUID) -> None:
    """Make the copy and tell its owner; however often it is run or killed, there is one file and one mail.

    Raises FilesUnavailable, CertificateFailed.
    """
    async with AsyncSession(services.engine) as db:
        wish = await db.scalar(select(DataExport).where(DataExport.id == export_id, _MAKING))
        if wish is None:
            return
        user_id = wish.user_id
    key = file_of(export_id)
    # Without a name: whatever ends this process, nothing of it stays on the disk.
    with tempfile.TemporaryFile() as file:
        await collect(services, user_id, file)
        size = await services.files.write(key, _pieces(file))
    async with AsyncSession(services.engine) as db, db.begin():
        kept = await _keep(db, services.settings, export_id, key, size)
    if not kept:
        await services.files.delete(key)


async def _keep(db: AsyncSession, settings: Settings, export_id: UUID, key: str, size: int) -> bool:
    """Note that the copy is there and write the mail; False when nobody wants it any more."""
    # The account stays until this commits, or it is gone already and the wish with it.
    owner = (
        await db.execute(
            select(User.id, User.email)
            .join(DataExport, DataExport.user_id == User.id)
            .where(DataExport.id == export_id)
            .with_for_update(of=User, read=True, key_share=True)
        )
    ).one_or_none()
    if owner is None:
        return False
    wish = await db.scalar(select(DataExport).where(DataExport.id == export_id).with_for_update())
    if wish is None:
        return False
    if wish.finished_at is not None:
        return wish.file_key == key
    now = await database_time(db)
    wish.finished_at, wish.expires_at = now, now + timedelta(days=settings.data_export_days)
    wish.file_key, wish.bytes = key, size
    told = {
        "link": f"{settings.site}/account/privacy",
        "expires": wish.expires_at.isoformat(timespec="seconds"),
    }
    await mail(db, owner.id, owner.email, "data_export", told, once=f"data_export {export_id}")
    return True


async def expire(services: Services) -> int:
    """Let go of copies whose time is over; how many. Killed in between, the daily look at all files deletes them."""
    async with AsyncSession(services.engine) as db, db.begin():
        due = select(DataExport).where(
            DataExport.file_key.is_not(None), DataExport.expires_at <= func.clock_timestamp()
        )
        wishes = list(await db.scalars(due.with_for_update(skip_locked=True)))
        keys = [wish.file_key for wish in wishes if wish.file_key is not None]
        for wish in wishes:
            wish.file_key = None
    for key in keys:
        await services.files.delete(key)
    return len(keys)


async def files_of(db: AsyncSession, user_id: UUID) -> list[str]:
    """Keys of the copies that are there, and of one that is being made."""
    found = await db.scalars(
        select(DataExport.id).where(DataExport.user_id == user_id, DataExport.file_key.is_not(None) | _MAKING)
    )
    return [file_of(export_id) for export_id in found]


async def _require_none_made(db: AsyncSession, user_id: UUID) -> None:
    since = await db.scalar(select(DataExport.requested_at).where(DataExport.user_id == user_id, _MAKING))
    if since is not None:
        raise DataExportPending(
            f"A copy was asked for at {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC and is being made: wait for the mail."
        )


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, PIECE):
        yield piece


async def _audit(db: AsyncSession, user_id: UUID, action: str, export_id: UUID) -> None:
    await record(db, f"user:{user_id}", action, f"user:{user_id}", {"export": str(export_id)})
