"""Carrying an erasure out: one transaction, so it is done whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.service import record
from backend.contests.tables import Contest
from backend.data_export.service import files_of
from backend.outbox.service import mail
from backend.participants.store import drop_files
from backend.payments.leaving import leave_stripe
from backend.privacy.obstacles import Obstacle, obstacles, stored
from backend.privacy.tables import OPEN, Erasure
from backend.profile.pictures import remove_avatar
from backend.services import Services
from backend.users.tables import User

ACTOR = "job:erase_account"
# Less than the second after which PostgreSQL looks for a deadlock: it is always the erasure that gives way.
_YIELD = text("SET LOCAL lock_timeout = '500ms'")
_LOCK_NOT_AVAILABLE, _DEADLOCK = "55P03", "40P01"
_LOCK_WALLET = text("SELECT id FROM app.wallet WHERE user_id = :user FOR UPDATE")

# What refers to the pseudonym or the wallet and is of no use to anybody but the person. Everything that refers to the
# account itself goes by its foreign key.
_OWN = (
    # Drafts, cancelled contests, and lists that never came on chain: no proof needs them.
    """
    DELETE FROM app.contest c WHERE c.owner_id = :user AND (c.contest_key IS NULL OR EXISTS (
        SELECT FROM app.intent i WHERE i.id = c.intent_id AND i.state IN ('reverted', 'rejected', 'cancelled')))
    """,
    # Of published contests, what is not part of the proof.
    """
    DELETE FROM app.contest_import i USING app.contest c
    WHERE c.owner_id = :user AND i.contest_id = c.id
    """,
    "UPDATE app.contest SET file_name = '' WHERE owner_id = :user",
    "DELETE FROM app.freeze WHERE wallet_id = :wallet",
    "DELETE FROM app.wallet_export WHERE wallet_id = :wallet",
    # Nobody is left who may use it.
    "DELETE FROM app.wallet_key WHERE wallet_id = :wallet",
    'DELETE FROM app."user" WHERE id = :user',
)


class AccountBusyError(Exception):
    """Somebody is using the account right now; the erasure waits."""


@dataclass(frozen=True)
class Outcome:
    """`done`: the account is gone. Else what is in the way, or nothing when there is nothing (more) to do."""

    done: bool
    obstacles: list[Obstacle]


async def carry_out(services: Services, erasure_id: UUID) -> Outcome:
    """Erase if it is due, not withdrawn, and nothing is in the way; tell the owner once what is.

    Raises AccountBusyError, ChainUnavailable, MirrorNotReady; any number of times, by any number of processes.
    """
    async with AsyncSession(services.engine) as db:
        user_id = await db.scalar(select(Erasure.user_id).where(Erasure.id == erasure_id, _DUE))
    if user_id is None:
        return Outcome(False, [])
    found = await obstacles(services, user_id)
    try:
        async with AsyncSession(services.engine) as db, db.begin():
            return await _within(db, services, erasure_id, found)
    except DBAPIError as error:
        state = getattr(getattr(error.orig, "__cause__", None), "sqlstate", None)
        if state in (_LOCK_NOT_AVAILABLE, _DEADLOCK):
            raise AccountBusyError("the account is being used right now") from None
        raise


_DUE = OPEN & (Erasure.due_at <= func.clock_timestamp())


async def _within(db: AsyncSession, services: Services, erasure_id: UUID, found: list[Obstacle]) -> Outcome:
    await db.execute(_YIELD)
    wish = await db.scalar(select(Erasure).where(Erasure.id == erasure_id, _DUE).with_for_update())
    if wish is None:
        return Outcome(False, [])
    # Signing in and accepting an intent keep the account from here on, or find it gone.
    user = (await db.scalars(select(User).where(User.id == wish.user_id).with_for_update())).one()
    wallet_id = (await db.execute(_LOCK_WALLET, {"user": user.id})).scalar_one()
    found = list({one.code: one for one in (*found, *await stored(db, user.id))}.values())
    wish.obstacles = [one.stored() for one in found]
    if found:
        why = {"obstacles": " ".join(f"obstacle.{one.code}" for one in found)}
        await mail(db, user.id, user.email, "erasure_blocked", why, once=f"erasure {wish.id}")
        return Outcome(False, found)
    avatar, copies = user.avatar_key, await files_of(db, user.id)
    await leave_stripe(db, user.id)
    await drop_files(db, list(await db.scalars(select(Contest.id).where(Contest.owner_id == user.id))))
    for statement in _OWN:
        await db.execute(text(statement), {"user": user.id, "wallet": wallet_id})
    wish.carried_out_at = func.clock_timestamp()
    await record(db, ACTOR, "erasure.carry_out", f"user:{wish.user_id}", {"erasure": str(wish.id)})
    await db.flush()
    if avatar is not None:
        # Before the commit: killed in between, the next attempt erases an account whose picture is gone already.
        await remove_avatar(services.files, avatar)
    for copy in copies:
        await services.files.delete(copy)
    return Outcome(True, [])
