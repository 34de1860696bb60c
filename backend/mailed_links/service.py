"""Making links and using them up.

The token stands behind the link's `#`: browsers send that part to nobody, so it is in no log and no Referer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.throttle import TooManyAttempts
from backend.auth.tokens import new_refresh_token, refresh_hash
from backend.errors import AppError
from backend.mailed_links.tables import MailedToken, Purpose
from backend.outbox.service import mail
from backend.settings import Settings
from backend.users.tables import User

PAUSE = timedelta(minutes=1)
"""Between two mails of one purpose to one account."""
LIFETIMES: dict[Purpose, timedelta] = {
    "verify_email": timedelta(days=1),
    "change_email": timedelta(days=1),
    "reset_password": timedelta(minutes=30),
}
_PAGES: dict[Purpose, str] = {
    "verify_email": "verify-email",
    "change_email": "verify-email",
    "reset_password": "reset-password",
}
_TEMPLATES: dict[Purpose, str] = {
    "verify_email": "verify_email",
    "change_email": "verify_email",
    "reset_password": "reset_password",
}


class LinkInvalid(AppError):
    """The link was used, has run out, or was replaced by a newer one; ask for another"""

    status = 410


async def send_link(
    db: AsyncSession, settings: Settings, user_id: UUID, purpose: Purpose, email: str
) -> None:
    """Mail a link; older ones of this purpose end. Raises TooManyAttempts within a minute of the last."""
    now = datetime.now(UTC)
    # The account's row is the lock: two requests at once send one mail.
    await db.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    is_open = (
        (MailedToken.user_id == user_id) & (MailedToken.purpose == purpose) & MailedToken.used_at.is_(None)
    )
    last = await db.scalar(select(MailedToken.created_at).where(is_open))
    if last is not None and now - last < PAUSE:
        seconds = max(1, round((last + PAUSE - now).total_seconds()))
        raise TooManyAttempts(
            f"A mail was sent a moment ago. Look into your mailbox, or ask again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
        )
    await db.execute(delete(MailedToken).where(is_open))
    token = new_refresh_token()
    expires = now + LIFETIMES[purpose]
    db.add(
        MailedToken(
            token_hash=refresh_hash(token),
            user_id=user_id,
            purpose=purpose,
            email=email,
            created_at=now,
            expires_at=expires,
        )
    )
    await db.flush()
    link = f"{settings.site}/{_PAGES[purpose]}#{token}"
    data = {"link": link, "expires": expires.isoformat(timespec="seconds")}
    await mail(db, user_id, email, _TEMPLATES[purpose], data)


async def use_link(db: AsyncSession, token: str, *purposes: Purpose) -> MailedToken:
    """Use the token up and return its row, with its account's locked; raises LinkInvalid."""
    now = datetime.now(UTC)
    found = await db.scalar(
        select(MailedToken)
        .join(User, User.id == MailedToken.user_id)
        .where(
            MailedToken.token_hash == refresh_hash(token),
            MailedToken.purpose.in_(purposes),
            MailedToken.used_at.is_(None),
            MailedToken.expires_at > now,
            User.suspended_at.is_(None),
        )
        .with_for_update()
    )
    if found is None:
        raise LinkInvalid("The link was used already, has run out, or a newer one was sent. Ask for another.")
    found.used_at = now
    await db.flush()
    return found
