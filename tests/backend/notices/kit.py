"""What was told to whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.hexes import checksum
from backend.services import Services
from backend.users.tables import User
from backend.wallets.keys import create_user_wallet


async def run(services: Services, statement: str, **values: Any) -> Any:
    """The rows of one statement in a transaction of its own, or None where it has none."""
    async with services.engine.begin() as db:
        done = await db.execute(text(statement), values)
        return done.all() if done.returns_rows else None


async def somebody(services: Services, *, locale: str = "en", confirmed: bool = True) -> tuple[UUID, str]:
    """A new account, and the address of its wallet."""
    async with AsyncSession(services.engine) as db, db.begin():
        user = User(id=uuid4(), email=f"{uuid4().hex}@example.org", password_hash="-", locale=locale)
        db.add(user)
        await db.flush()
        wallet = await create_user_wallet(db, services.kms, user.id)
        found = user.id, checksum(wallet.address)
    if confirmed:
        await confirm(services)
    return found


async def confirm(services: Services) -> None:
    """Everybody's address is confirmed."""
    await run(services, 'UPDATE app."user" SET email_verified_at = coalesce(email_verified_at, now())')


async def mails(services: Services, template: str) -> list[tuple[UUID, dict[str, str]]]:
    """Whose, and with which values, oldest first."""
    rows = await run(
        services,
        "SELECT user_id, data FROM app.mail WHERE template = :name ORDER BY created_at, id",
        name=template,
    )
    return [(user_id, data) for user_id, data in rows]


async def events(services: Services, event: str) -> list[tuple[UUID, str, dict[str, Any]]]:
    """Whose, of what, and what they say, oldest first."""
    rows = await run(
        services,
        "SELECT user_id, subject, payload FROM app.event WHERE event = :event ORDER BY id",
        event=event,
    )
    return [tuple(row) for row in rows]
