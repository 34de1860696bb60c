"""Links that end notices without a sign-in. They work for as long as the account is there (RFC 8058 wants them to).

A link is signed with the account's own key, so that it outlives rotations of JWT_SECRET and goes with the account.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backend.errors import NotFound
from backend.notices.kinds import MUTABLE, Mutable
from backend.settings import Settings
from backend.users.tables import User

_TOKEN = re.compile(r"([0-9a-f]{32})\.([a-z_]{1,40})\.([0-9a-f]{32})")


class NoticeLinkInvalid(NotFound):
    """The link ends no notices; it may have been cut off"""


async def unsubscribe_link(db: AsyncSession, settings: Settings, user_id: UUID, kind: str) -> str:
    """Where notices of this kind are ended: a page for people, and one click for mail programs."""
    key = (await db.execute(select(User.remark_key).where(User.id == user_id))).scalar_one()
    return f"{settings.site}/api/v1/notices/unsubscribe/{user_id.hex}.{kind}.{_seal(key, kind)}"


async def read_link(db: AsyncSession, token: str) -> tuple[User, Mutable]:
    """Whose notices, and which, a link ends, with the account's row locked. Raises NoticeLinkInvalid."""
    parts = _TOKEN.fullmatch(token)
    if parts is not None and parts[2] in MUTABLE:
        kind = cast(Mutable, parts[2])
        query = select(User).where(User.id == UUID(parts[1])).options(undefer(User.remark_key))
        user = await db.scalar(query.with_for_update(key_share=True))
        if user is not None and hmac.compare_digest(_seal(user.remark_key, kind), parts[3]):
            return user, kind
    raise NoticeLinkInvalid(
        "This link ends no notices. Take it from the mail whole, or look into your account."
    )


def mute(user: User, kind: Mutable) -> None:
    """No more mails of this kind."""
    user.muted_notices = sorted({*user.muted_notices, kind})


def _seal(key: bytes, kind: str) -> str:
    return hmac.new(key, f"unsubscribe {kind}".encode(), hashlib.sha256).hexdigest()[:32]
