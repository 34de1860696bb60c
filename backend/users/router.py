"""Routes of accounts and sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import Cookie, Request, Response

from backend.auth.cookies import REFRESH_COOKIE, clear_cookies, set_cookies
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin, require_same_origin
from backend.auth.throttle import TooManyAttempts
from backend.auth.tokens import Access
from backend.consents.service import DocumentNotFound, DocumentsNotAccepted
from backend.db import Db
from backend.errors import ServiceUnavailable, errors
from backend.factors.ticket import SecondFactorRequired
from backend.languages import preferred_language
from backend.routing import Router
from backend.services import Services, ServicesDep
from backend.users import service
from backend.users.client import client_of
from backend.users.schemas import AccessOut, Credentials, Registration, UserOut
from backend.wallets.kms.refusal import KeysUnavailable

router = Router(tags=["users"])


@router.post(
    "/users",
    status_code=201,
    summary="Register",
    responses=errors(
        service.EmailTaken,
        DocumentsNotAccepted,
        DocumentNotFound,
        ForeignOrigin,
        ServiceUnavailable,
        KeysUnavailable,
    ),
)
async def register_user(body: Registration, request: Request, services: ServicesDep, db: Db) -> UserOut:
    """Create an account and its custodial wallet. Sign in afterwards. Its language is the one the browser asks for."""
    require_same_origin(request, needs_origin=False)
    language = preferred_language(request.headers.get("accept-language"))
    return await service.register(db, services.kms, services.passwords, body, services.settings, language)


@router.post(
    "/sessions",
    summary="Sign in",
    responses=errors(
        service.CredentialsWrong,
        SecondFactorRequired,
        service.AccountSuspended,
        ForeignOrigin,
        TooManyAttempts,
    ),
)
async def sign_in(
    body: Credentials, request: Request, response: Response, services: ServicesDep, db: Db
) -> AccessOut:
    """Answers an access token and sets the session's cookies."""
    require_same_origin(request, needs_origin=False)
    session = await service.sign_in(
        db,
        services.passwords,
        services.sign_in_failures,
        body,
        client_of(request),
        services.settings.refresh_token_seconds,
    )
    return answer(response, services, session)


@router.post(
    "/sessions/refresh",
    summary="Refresh the session",
    responses=errors(service.RefreshRefused, service.RefreshReused, service.RefreshJustUsed, ForeignOrigin),
)
async def refresh_session(
    request: Request,
    response: Response,
    services: ServicesDep,
    db: Db,
    token: Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=200)] = None,
) -> AccessOut:
    """Exchange the refresh cookie for a new pair of tokens. Each refresh token works once."""
    require_same_origin(request, needs_origin=False)
    session = await service.refresh(db, token, services.settings.refresh_token_seconds, client_of(request))
    return answer(response, services, session)


@router.delete("/sessions", status_code=204, summary="Sign out", responses=errors(NotSignedIn, ForeignOrigin))
async def sign_out(user: CurrentUser, response: Response, services: ServicesDep, db: Db) -> None:
    """Revoke this session and clear its cookies."""
    await service.sign_out(db, user.session_id)
    clear_cookies(response, services.settings)


def answer(response: Response, services: Services, session: service.NewSession) -> AccessOut:
    """Hand over a session: its cookies, and an access token."""
    access = services.access_tokens.issue(Access(session.user_id, session.session_id))
    set_cookies(response, services.settings, access, session.refresh_token)
    return AccessOut(access_token=access, expires_in=services.settings.access_token_seconds)
