"""The same request sent twice has one effect and one answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import AppError
from backend.intents.tables import Idempotency

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client, new for each wish; sending it again gives the first answer again.",
        examples=["6f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10"],
    ),
]
Answer = TypeVar("Answer", bound=BaseModel)


_CLAIM = text("""
    INSERT INTO app.idempotency (user_id, key, request_hash) VALUES (:user, :key, :hash)
    ON CONFLICT DO NOTHING RETURNING key
""")
_ANSWERED = text("""
    UPDATE app.idempotency SET answer = CAST(:answer AS jsonb) WHERE user_id = :user AND key = :key
""")


class IdempotencyKeyReused(AppError):
    """This Idempotency-Key was used for another request; choose a new one"""

    status = 422
    title = "Idempotency key reused"


async def once(
    db: AsyncSession,
    user_id: UUID,
    key: str,
    request: Any,
    answer_type: type[Answer],
    work: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Run `work` the first time this user sends `key`; afterwards repeat its answer.

    `request` is what must be equal for the key to be the same wish (route and body, JSON-able). Requests that
    arrive together wait for the first one's commit; when it was refused nothing was kept and the next one
    tries.
    """
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).digest()
    claimed = await db.execute(_CLAIM, {"user": user_id, "key": key, "hash": digest})
    mine = (Idempotency.user_id == user_id) & (Idempotency.key == key)
    if claimed.scalar_one_or_none() is None:
        stored_hash, stored = (
            await db.execute(select(Idempotency.request_hash, Idempotency.answer).where(mine))
        ).one()
        if stored_hash != digest:
            raise IdempotencyKeyReused(
                f"Idempotency-Key {key!r} was used for another request: choose a new one."
            )
        return answer_type.model_validate(stored)
    try:
        answer = await work()
    except AppError as error:
        if error.keep_changes:
            await db.execute(delete(Idempotency).where(mine))
        raise
    await db.execute(_ANSWERED, {"user": user_id, "key": key, "answer": answer.model_dump_json()})
    return answer
