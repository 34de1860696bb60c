"""Routes that end notices, and the texts an organiser posts."""

from __future__ import annotations

from html import escape
from typing import Annotated
from uuid import UUID

from fastapi import Path
from fastapi.responses import HTMLResponse

from backend.auth.current_user import NotSignedIn
from backend.auth.viewer import Member
from backend.contests import reveal, store
from backend.contests.errors import ContestNotDrawn, ContestNotFound
from backend.db import Db
from backend.errors import errors
from backend.languages import Language, language_of
from backend.mirror import Mirror, MirrorNotReady
from backend.notices.announcement import AnnouncementOut, announce
from backend.notices.unsubscribe import NoticeLinkInvalid, mute, read_link
from backend.outbox.templates.texts import texts_of
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["notices"])
Token = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        description="From the mail",
        examples=["0b5bbd6c6a564e0a9f42ad5dd9c74d6f.credits_low.00112233445566778899aabbccddeeff"],
    ),
]


@router.get(
    "/notices/unsubscribe/{token}",
    summary="Page that ends notices of a kind",
    response_class=HTMLResponse,
    responses=errors(NoticeLinkInvalid),
)
async def show_unsubscribe_page(token: Token, db: Db) -> HTMLResponse:
    """What the link at the foot of a mail opens. It asks first: mail scanners follow links."""
    user, kind = await read_link(db, token)
    language = language_of(user.locale)
    words = texts_of(language).unsubscribe
    return HTMLResponse(
        _page(language, words[kind], f'<form method="post"><button>{escape(words["button"])}</button></form>')
    )


@router.post(
    "/notices/unsubscribe/{token}",
    summary="End notices of a kind",
    response_class=HTMLResponse,
    responses=errors(NoticeLinkInvalid),
)
async def unsubscribe_from_notices(token: Token, db: Db) -> HTMLResponse:
    """One click in a mail program (RFC 8058), or the button of the page; nobody has to sign in."""
    user, kind = await read_link(db, token)
    mute(user, kind)
    language = language_of(user.locale)
    words = texts_of(language).unsubscribe
    return HTMLResponse(_page(language, words["done"], ""))


@router.get(
    "/contests/{contest_id}/announcement",
    summary="Texts about the winners, ready to post",
    responses=errors(NotSignedIn, ContestNotFound, ContestNotDrawn, MirrorNotReady),
)
async def read_announcement(
    contest_id: UUID, user: Member, services: ServicesDep, mirror: Mirror, language: Language | None = None
) -> AnnouncementOut:
    """For the organiser: one post that names the winners that stand, and a message to each.

    In the contest's language, or in `language`.
    """
    row, fact = await store.owned(mirror.db, contest_id, user.id)
    if fact is None or not fact.is_drawn:
        raise ContestNotDrawn("This contest is not drawn yet: there are no winners to announce.")
    drawn = await reveal.winners(
        mirror.db, contest_id, fact, limit=fact.winners + fact.alternates, after=None
    )
    return announce(
        row["title"],
        row["entry_count"],
        f"{services.settings.site}/contests/{contest_id}",
        [winner for winner in drawn if winner.standing],
        language or row["language"],
    )


def _page(language: Language, heading: str, rest: str) -> str:
    return _PAGE.format(language=language, heading=escape(heading), rest=rest)


_PAGE = """<!doctype html>
<html lang="{language}">
  <head><meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><title>Tombola</title></head>
  <body>
    <h1>{heading}</h1>
    {rest}
  </body>
</html>
"""
