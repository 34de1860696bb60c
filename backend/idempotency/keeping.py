"""The answer to a key is kept in the transaction of the change that it tells of: both are there, or neither.

`claim` comes after everything that decides who may, so that nobody is told an answer that is no longer theirs, and
before the route. It holds the key's row: the same request at the same moment waits, and then gets the first one's
answer. `keep` writes the answer. A route that gave its connection back in between gave the row back too, and its next
transaction begins by taking it again: of two that got so far, the second finds the first one's answer and undoes what
it did.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Request, Response
from sqlalchemy import Connection, delete, event, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import Db
from backend.errors import AppError
from backend.idempotency.tables import Idempotency

_HEADER: Any = Header(
    alias="Idempotency-Key",
    min_length=1,
    max_length=200,
    pattern=r"^[\x21-\x7e]+$",
    description="Chosen by the client, new for each wish; sending it again gives the first answer again.",
    examples=["6f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10"],
)
IdempotencyKey = Annotated[str, _HEADER]
"""For routes that do nothing without one."""
REPLAYED = "Idempotency-Replayed"
_NOT_KEPT = frozenset({"set-cookie", "content-length"})

_CLAIM = text("""
    INSERT INTO app.idempotency AS kept (user_id, key, request_hash) VALUES (:user, :key, :hash)
    ON CONFLICT (user_id, key) DO UPDATE SET request_hash = excluded.request_hash WHERE kept.status IS NULL
    RETURNING key
""")
_KEEP = text("""
    INSERT INTO app.idempotency AS kept (user_id, key, request_hash, status, headers, body)
    VALUES (:user, :key, :hash, :status, CAST(:headers AS jsonb), :body)
    ON CONFLICT (user_id, key) DO UPDATE
    SET status = excluded.status, headers = excluded.headers, body = excluded.body
    WHERE kept.status IS NULL AND kept.request_hash = excluded.request_hash
    RETURNING key
""")
_KEPT = text("""
    SELECT request_hash, status, headers, body FROM app.idempotency WHERE user_id = :user AND key = :key
""")
# Before any other row, so that requests with the same key never hold what the other waits for.
_LOCK = text("SELECT FROM app.idempotency WHERE user_id = :user AND key = :key FOR NO KEY UPDATE")


class IdempotencyKeyReused(AppError):
    """This Idempotency-Key was used for another request; choose a new one"""

    status = 422
    title = "Idempotency key reused"


class AnswerShownOnce(AppError):
    """The request was carried out before, and its answer held a secret that is not kept"""

    status = 409


@dataclass(frozen=True)
class Claim:
    """Whose key it is, and for which request."""

    db: AsyncSession
    user_id: UUID
    key: str
    request_hash: bytes

    @property
    def _row(self) -> dict[str, Any]:
        return {"user": self.user_id, "key": self.key, "hash": self.request_hash}

    async def take(self) -> Response | None:
        """None: this request is the first. Otherwise the answer that the first got.

        Raises IdempotencyKeyReused, AnswerShownOnce.
        """
        first = (await self.db.execute(_CLAIM, self._row)).scalar_one_or_none()
        if first is None:
            return await self._first_answer()
        event.listen(self.db.sync_session, "after_begin", self._lock)
        return None

    async def keep(self, response: Response, *, is_secret: bool) -> Response:
        """Keep the answer with what the session changed; another request's, where that was quicker."""
        if response.status_code >= 400:
            await self.forget()
            return response
        event.remove(self.db.sync_session, "after_begin", self._lock)
        headers = {name: value for name, value in response.headers.items() if name not in _NOT_KEPT}
        answer: dict[str, Any] = {"headers": None, "body": None}
        if not is_secret:
            answer = {"headers": json.dumps(headers), "body": bytes(response.body)}
        kept = await self.db.execute(_KEEP, {**self._row, "status": response.status_code, **answer})
        if kept.scalar_one_or_none() is not None:
            return response
        await self.db.rollback()
        return await self._first_answer()

    def _lock(self, _session: Any, _transaction: Any, connection: Connection) -> None:
        connection.execute(_LOCK, self._row)

    async def forget(self) -> None:
        """The request was refused: the key is free again."""
        mine = (Idempotency.user_id == self.user_id) & (Idempotency.key == self.key)
        await self.db.execute(delete(Idempotency).where(mine, Idempotency.status.is_(None)))

    async def _first_answer(self) -> Response:
        kept = (await self.db.execute(_KEPT, self._row)).one()
        if kept.request_hash != self.request_hash:
            raise IdempotencyKeyReused(
                f"Idempotency-Key {self.key!r} was used for another request: choose a new one."
            )
        if kept.body is None:
            raise AnswerShownOnce(
                "This request was carried out when it came first. Its answer held a secret, which is shown once"
                " and kept nowhere. If you missed it, do it anew with another Idempotency-Key."
            )
        return Response(kept.body, kept.status, {**kept.headers, REPLAYED: "true"})


async def claim(request: Request, db: Db, key: Annotated[str | None, _HEADER] = None) -> Response | None:
    """The last dependency of a route: the first answer to this key, if there is one."""
    if key is None:
        return None
    # A route without a body of its own reads none: waiting for one here would hold the connection.
    body = await request.body() if request.scope["route"].body_field is not None else b""
    secret = request.app.state.services.settings.jwt_secret.get_secret_value()
    asked = f"{request.method} {request.url.path}?{request.url.query}"
    mine = Claim(db, request.state.user_id, key, _hash(asked, body, secret))
    request.state.claim = mine
    return await mine.take()


def claim_of(request: Request) -> Claim | None:
    """What `claim` found, if the request has a key."""
    return getattr(request.state, "claim", None)


def _hash(asked: str, body: bytes, secret: str) -> bytes:
    """What must be equal for a request to be the same. Keyed, since a body may hold a password."""
    derived = hmac.digest(secret.encode(), b"tombola idempotency", hashlib.sha256)
    return hmac.digest(derived, f"{asked}\n".encode() + body, hashlib.sha256)
