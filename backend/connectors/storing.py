"""A page of comments as rows of its contest: what is new, what counts, and why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.platform import Comment
from backend.contests.tables import Contest
from backend.participants import store
from backend.participants.batch import Rejection, Taker
from backend.participants.tables import ContestImport

REPLY = "reply"
_WHY_NOT = "It answers another comment; only comments on the post itself take part in this import."
_NEW = text("""
    INSERT INTO app.fetched_comment (import_id, comment_id)
    SELECT :import, unnest(CAST(:ids AS text[])) ON CONFLICT DO NOTHING RETURNING comment_id
""")


async def write(
    db: AsyncSession,
    contest: Contest,
    row: ContestImport,
    comments: Sequence[Comment],
    position: dict[str, Any],
) -> None:
    """Write what is new, and the position after it, under the locks of `store.locked`.

    Raises store.TooManyParticipantsError.
    """
    of_page = {_clean(one.id): one for one in comments if one.id}
    fresh: set[str] = set()
    if of_page:
        fresh.update(await db.scalars(_NEW, {"import": row.id, "ids": list(of_page)}))
    with_replies = row.options.get("replies") is True
    taker = Taker(weighted=False, unread={})
    number = row.rows
    for name, comment in of_page.items():
        if name not in fresh:
            continue
        number += 1
        if comment.is_reply and not with_replies:
            said = _clean(f"{comment.account or ''}: {comment.text}")[:500]
            taker.batch.rejections.append(Rejection(number, REPLY, _WHY_NOT, said))
        else:
            _take(taker, number, name, comment)
    taker.batch.position = position
    await store.write(db, contest, row, taker.batch)


def _take(taker: Taker, number: int, name: str, comment: Comment) -> None:
    """By the same rules as a line of a file."""
    told: dict[Any, str | None] = {
        "comment": _clean(comment.text),
        "comment_id": name,
        "posted_at": comment.posted_at.isoformat() if comment.posted_at else None,
        "likes": None if comment.likes is None else str(comment.likes),
        "followers": None if comment.followers is None else str(comment.followers),
        "account_created_at": comment.account_created_at.isoformat() if comment.account_created_at else None,
    }
    taker.take(number, comment.account, told, lambda: _clean(comment.text))


def _clean(said: str) -> str:
    """Without what a database cannot hold: NUL and lone surrogates, which JSON can write."""
    return said.replace("\0", "").encode("utf-8", "replace").decode()
