"""Routes of connectors and connections."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.connectors import attempts, errors, service
from backend.connectors.apps import REGISTRATIONS, missing, what_to_do
from backend.connectors.platform import PLATFORMS, Platform
from backend.connectors.schemas import (
    ConnectionIn,
    ConnectionList,
    ConnectionOut,
    ConnectorList,
    ConnectorOut,
    Opening,
    PostList,
    PostOut,
)
from backend.db import Db
from backend.errors import errors as answers
from backend.factors.relying_party import relying_party
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["connections"])
COOKIE = "connecting"
COOKIE_PATH = "/api/v1/connections/callback"
PAGE = "/connections"
"""The page of the web app that people come back to."""
TELLS: dict[Platform, list[str]] = {
    "instagram": ["likes"],
    "facebook": ["likes"],
    "x": ["likes", "followers", "account_created_at"],
    "tiktok": ["likes"],
    "youtube": ["likes", "followers", "account_created_at"],
}


@router.get("/connectors", summary="Platforms whose comments can be imported")
async def list_connectors(services: ServicesDep) -> ConnectorList:
    """With what is missing where this site is not registered at a platform."""
    return ConnectorList(
        items=[
            ConnectorOut(
                platform=platform,
                title=REGISTRATIONS[platform].title,
                configured=not missing(services.settings, platform),
                missing=missing(services.settings, platform),
                what_to_do=what_to_do(services.settings, platform),
                tells=TELLS[platform],
            )
            for platform in PLATFORMS
        ]
    )


@router.post(
    "/connections",
    status_code=201,
    summary="Begin to connect an account",
    responses=answers(NotSignedIn, ForeignOrigin, errors.ConnectorNotConfigured, errors.TooManyConnections),
)
async def begin_connection(
    body: ConnectionIn, user: CurrentUser, services: ServicesDep, db: Db, response: Response
) -> Opening:
    """Open the answered URL in the same browser: the account's owner agrees there, and comes back here."""
    begun = await attempts.begin(db, services, user.id, body.platform)
    response.set_cookie(
        COOKIE,
        begun.verifier,
        max_age=int(attempts.LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        # Lax: whoever comes back comes from the platform's page.
        samesite="lax",
        secure=not services.settings.is_local,
    )
    return Opening(url=begun.url)


@router.get(
    "/connections/callback/{platform}",
    status_code=303,
    response_class=RedirectResponse,
    summary="Where platforms send people back to",
    responses={303: {"description": "To the web app: `?connected=ID` or `?connection_refused=CODE`"}},
)
async def finish_connection(
    platform: Platform,
    request: Request,
    services: ServicesDep,
    state: Annotated[str, Query(max_length=200, examples=["Tq8…"])] = "",
    code: Annotated[str, Query(max_length=4000, examples=["AQB…"])] = "",
) -> RedirectResponse:
    """Takes the code if this browser began the attempt. Nobody needs to be signed in: the attempt knows who it was."""
    verifier = request.cookies.get(COOKIE, "")
    try:
        made = await attempts.finish(services, platform, state, verifier, code)
        result = {"connected": ",".join(str(one) for one in made)}
    except attempts.AttemptRefusedError as error:
        result = {"connection_refused": error.code}
    where = f"{relying_party(services.settings).origin}{PAGE}?{urlencode({'platform': platform, **result})}"
    answer = RedirectResponse(where, status_code=303)
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer


@router.get("/connections", summary="My connections", responses=answers(NotSignedIn))
async def list_connections(user: CurrentUser, db: Db) -> ConnectionList:
    """Oldest first."""
    return ConnectionList(items=[ConnectionOut.of(one) for one in await service.of(db, user.id)])


@router.delete(
    "/connections/{connection_id}",
    status_code=204,
    summary="Remove a connection",
    responses=answers(NotSignedIn, ForeignOrigin, errors.ConnectionNotFound),
)
async def remove_connection(connection_id: UUID, user: CurrentUser, services: ServicesDep, db: Db) -> None:
    """Its access is forgotten, and ended at the platform where the platform lets us. Imports that run stop."""
    await service.remove(db, services, user.id, connection_id)


@router.get(
    "/connections/{connection_id}/posts",
    summary="Posts of a connected account",
    responses=answers(NotSignedIn, *errors.PLATFORM_REFUSALS),
)
async def list_posts(
    connection_id: UUID,
    user: CurrentUser,
    services: ServicesDep,
    db: Db,
    cursor: Annotated[
        str | None, Query(min_length=1, max_length=1000, description="From `next_cursor`")
    ] = None,
) -> PostList:
    """Asked at the platform now, newest first."""
    found = await service.find(db, user.id, connection_id)
    await db.commit()  # gives the connection back: the platform is asked meanwhile
    page = await service.posts(services, found, cursor)
    return PostList(items=[PostOut.of(one) for one in page.posts], next_cursor=page.cursor)
