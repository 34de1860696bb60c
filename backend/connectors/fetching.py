"""Bringing a post's comments into a contest: page by page, each with its position in one transaction.

Killed anywhere, the next attempt goes on at the stored position; two attempts at once cannot both move it. A comment
counts once for its import, whatever the platform shows twice. All comments are read, replies too, because that is what
platforms count; a reply takes part only where the import says `replies`.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import storing
from backend.connectors.choice import connector
from backend.connectors.faults import AccessEnded, Away, CursorLost, Fault, PostGone, Wait
from backend.connectors.platform import Connector, Page, Position, Post
from backend.connectors.service import with_access
from backend.connectors.tables import Connection, FetchedComment
from backend.contests.tables import Contest
from backend.participants import store
from backend.participants.tables import ContestImport
from backend.policies.clock import database_time
from backend.services import Services

Found = TypeVar("Found")

TURN_SECONDS = 120.0
"""After so long a job makes room for others and is enqueued again."""
QUICK_TRIES = 3
FIRST_PAUSE = 0.5
MOST_MISSES = 8
"""Turns in a row without a page; the pauses between them double from 15 s to 16 min: about half an hour."""
MISS_PAUSE = 15.0
MOST_RESTARTS = 3
"""How often a platform may forget the position before the import fails."""
MOST_AGE = timedelta(days=7)
"""An import that waits for a platform's limits longer than this fails."""


@dataclass(frozen=True)
class Turn:
    """What a turn of work knows of its import. `state` is the stored position as JSON."""

    import_id: UUID
    connection_id: UUID | None
    post: str
    state: dict[str, Any]

    @property
    def position(self) -> Position | None:
        """None: everything was read, only the end is to be written."""
        return None if self.state.get("done") else Position.of(self.state.get("at"))


class TooMany(Fault):
    """The contest is full."""

    code = "too_many_participants"


class LostError(Exception):
    """The import was cancelled, deleted, or moved on by another worker: nothing is left to do here."""


async def fetch(services: Services, import_id: UUID) -> bool:
    """Fetch for a turn; True where more is left. Raises Wait and Away for another time; LostError."""
    turn = await _begin(services, import_id)
    if turn is None:
        return False
    try:
        return await _turn(services, turn)
    except Wait as fault:
        await _wait(services, turn, fault)
        raise
    except Away as fault:
        raise await _missed(services, turn, fault) from None
    except CursorLost as fault:
        return await _restart(services, turn, fault)
    except Fault as fault:
        await _fail(services, turn, fault)
        return False


async def _turn(services: Services, turn: Turn) -> bool:
    async with AsyncSession(services.engine) as db:
        known = await db.get(Connection, turn.connection_id) if turn.connection_id else None
    if known is None:
        raise AccessEnded("The connection was removed: connect the account again, and import again.")
    connection, account = known.id, known.account_id
    until = time.monotonic() + TURN_SECONDS
    async with connector(services.settings, known.platform) as asked:
        post = await _asked(
            services, asked, connection, lambda access: asked.post(access, account, turn.post)
        )
        await _report(services, turn, post.reported)
        position = turn.position
        while position is not None:
            page = await _page(services, asked, connection, account, post, position)
            turn = await _store(services, turn, page)
            position = page.next
            if position is None:
                break
            if page.pause:
                raise Wait("The platform's limit of requests is nearly reached.", page.pause)
            if time.monotonic() > until:
                return True
        # Asked again at the end: comments came and went while we read, and the post may be gone.
        post = await _asked(
            services, asked, connection, lambda access: asked.post(access, account, turn.post)
        )
    await _finish(services, turn, post.reported)
    return False


async def _page(
    services: Services, asked: Connector, connection: UUID, account: str, post: Post, position: Position
) -> Page:
    try:
        return await _asked(
            services, asked, connection, lambda access: asked.comments(access, account, post, position)
        )
    except PostGone:
        if not position.threads:
            raise
    # Only the comment may be gone, and its replies with it. The post itself says so when it is asked for.
    await _asked(services, asked, connection, lambda access: asked.post(access, account, post.id))
    return Page([], position.after_thread(None))


async def _asked(
    services: Services, asked: Connector, connection: UUID, ask: Callable[[str], Awaitable[Found]]
) -> Found:
    """Ask, a few times where the platform does not answer. Raises faults."""
    for attempt in range(QUICK_TRIES):
        try:
            return await with_access(services, asked, connection, ask)
        except Away:
            if attempt + 1 == QUICK_TRIES:
                raise
            await asyncio.sleep(FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.0))
    raise AssertionError("unreachable")


async def _begin(services: Services, import_id: UUID) -> Turn | None:
    """Take the import up; None where it is at its end, or gone."""
    async with AsyncSession(services.engine) as db, db.begin():
        found = await store.locked(db, import_id)
        if found is None or found[1].state in store.ENDED:
            return None
        _, row = found
        row.state, row.started_at = "running", row.started_at or await database_time(db)
        row.waits_until = row.waits_because = None
        connection = row.options.get("connection_id")
        known = UUID(connection) if connection else None
        return Turn(import_id, known, str(row.options["post"]), dict(row.position or {}))


async def _report(services: Services, turn: Turn, reported: int | None) -> None:
    """How many the platform says there are, as soon as it is known. Raises LostError."""
    async with AsyncSession(services.engine) as db, db.begin():
        (await _running(db, turn))[1].reported = reported


async def _store(services: Services, turn: Turn, page: Page) -> Turn:
    """Write a page and the position after it. Raises LostError, Fault where the contest is full."""
    state = _moved(turn.state, page.next)
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        stored = row.position or {}
        if (stored.get("at"), bool(stored.get("done"))) != (
            turn.state.get("at"),
            bool(turn.state.get("done")),
        ):
            raise LostError
        try:
            await storing.write(db, contest, row, page.comments, state)
        except store.TooManyParticipantsError:
            raise TooMany(
                f"A contest takes at most {store.MOST_PARTICIPANTS:,} participants: make another one."
            ) from None
    return Turn(turn.import_id, turn.connection_id, turn.post, state)


def _moved(before: dict[str, Any], position: Position | None) -> dict[str, Any]:
    """What is stored of a new position. Raises CursorLost where the platform leads round in a circle.

    Brent's way of finding cycles: the position at each power of two steps is compared with those after it.
    """
    at = None if position is None else position.stored()
    steps, mark = int(before.get("steps", 0)) + 1, before.get("mark")
    if at is not None and at == mark:
        raise CursorLost("The platform's list leads round in a circle.")
    if steps & (steps - 1) == 0:
        mark = at
    restarts = before.get("restarts", 0)
    return {"at": at, "done": at is None, "restarts": restarts, "steps": steps, "mark": mark}


async def _wait(services: Services, turn: Turn, fault: Wait) -> None:
    """Say until when, or give up what has waited too long. Raises LostError."""
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        now = await database_time(db)
        is_over = row.started_at is not None and now - row.started_at > MOST_AGE
        if is_over:
            await _fail_locked(db, contest, row, fault)
        else:
            row.waits_until, row.waits_because = now + timedelta(seconds=fault.seconds), fault.detail
    if is_over:
        raise LostError


async def _missed(services: Services, turn: Turn, fault: Away) -> Exception:
    """Count a turn without an answer; what to raise: another try later, or the end. Raises LostError."""
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        state = dict(row.position or {})
        misses = int(state.get("misses", 0)) + 1
        if misses >= MOST_MISSES:
            await _fail_locked(db, contest, row, fault)
            return LostError()
        row.position = {**state, "misses": misses}
        pause = MISS_PAUSE * 2 ** (misses - 1) * random.uniform(0.5, 1.0)
        row.waits_until = await database_time(db) + timedelta(seconds=pause)
        row.waits_because = fault.detail
    return Wait(fault.detail, pause)


async def _restart(services: Services, turn: Turn, fault: CursorLost) -> bool:
    """Begin at the first page again: what is there already is not added twice. Raises LostError."""
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        restarts = int((row.position or {}).get("restarts", 0)) + 1
        if restarts > MOST_RESTARTS:
            await _fail_locked(db, contest, row, fault)
            return False
        row.position = {"at": None, "done": False, "restarts": restarts}
    return True


async def _finish(services: Services, turn: Turn, reported: int | None) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        row.reported = reported
        await _forget_seen(db, row)
        await store.finish(db, contest, row)


async def _fail(services: Services, turn: Turn, fault: Fault) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        contest, row = await _running(db, turn)
        await _fail_locked(db, contest, row, fault)


async def _fail_locked(db: AsyncSession, contest: Contest, row: ContestImport, fault: Fault) -> None:
    """What came so far stays in the contest; the organiser decides."""
    await _forget_seen(db, row)
    await store.fail(db, contest, row, fault.code, fault.detail, keep=True)


async def _forget_seen(db: AsyncSession, row: ContestImport) -> None:
    await db.execute(delete(FetchedComment).where(FetchedComment.import_id == row.id))


async def _running(db: AsyncSession, turn: Turn) -> tuple[Contest, ContestImport]:
    """The contest and the import, locked, while it runs. Raises LostError."""
    found = await store.locked(db, turn.import_id)
    if found is None or found[1].state != "running":
        raise LostError
    return found
