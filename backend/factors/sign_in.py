"""Routes that complete a sign-in by second factor, or sign in by passkey alone."""

from __future__ import annotations

from fastapi import Request, Response

from backend.auth.origin import ForeignOrigin, require_same_origin
from backend.auth.step_up import step_up
from backend.db import Db
from backend.errors import ServiceUnavailable, errors
from backend.factors import passkeys, ticket
from backend.factors.errors import CodesThrottled, ProofWrong
from backend.factors.proof import prove
from backend.factors.relying_party import relying_party
from backend.factors.schemas import OptionsOut, PasskeySignInIn, SecondFactorIn, TicketIn
from backend.factors.ticket import TicketRefused
from backend.routing import Router
from backend.services import ServicesDep
from backend.users import service
from backend.users.client import client_of
from backend.users.router import answer
from backend.users.schemas import AccessOut

router = Router(tags=["users"])


@router.post(
    "/sessions/second-factor",
    summary="Complete a sign-in by second factor",
    responses=errors(
        TicketRefused, ProofWrong, service.AccountSuspended, ForeignOrigin, CodesThrottled, ServiceUnavailable
    ),
)
async def complete_sign_in(
    body: SecondFactorIn, request: Request, response: Response, services: ServicesDep, db: Db
) -> AccessOut:
    """The ticket came with `second_factor_required`; it takes five tries and one success."""
    require_same_origin(request, needs_origin=False)
    held = await ticket.holder(db, body.ticket)
    held.tries += 1  # kept when the proof is wrong
    way = await prove(db, services, held.user_id, body.proof)
    await db.delete(held)
    session = await service.open_session(
        db, held.user_id, services.settings.refresh_token_seconds, client_of(request)
    )
    await step_up(db, session.session_id, way)
    return answer(response, services, session)


@router.post(
    "/sessions/second-factor/passkey-options",
    summary="Begin to complete a sign-in by passkey",
    responses=errors(TicketRefused, ForeignOrigin),
)
async def second_factor_options(
    body: TicketIn, request: Request, services: ServicesDep, db: Db
) -> OptionsOut:
    """What `navigator.credentials.get` is to be given."""
    require_same_origin(request, needs_origin=False)
    held = await ticket.holder(db, body.ticket)
    site = relying_party(services.settings)
    return OptionsOut(public_key=await passkeys.request_options(db, site, held.user_id))


@router.post(
    "/sessions/passkey/options",
    summary="Begin to sign in by passkey",
    responses=errors(ForeignOrigin),
)
async def sign_in_options(request: Request, services: ServicesDep, db: Db) -> OptionsOut:
    """What `navigator.credentials.get` is to be given; the authenticator knows whose passkey it has."""
    require_same_origin(request, needs_origin=False)
    return OptionsOut(public_key=await passkeys.request_options(db, relying_party(services.settings), None))


@router.post(
    "/sessions/passkey",
    summary="Sign in by passkey",
    responses=errors(ProofWrong, service.AccountSuspended, ForeignOrigin),
)
async def sign_in_by_passkey(
    body: PasskeySignInIn, request: Request, response: Response, services: ServicesDep, db: Db
) -> AccessOut:
    """A passkey that verified its user is both factors at once; no password is asked for."""
    require_same_origin(request, needs_origin=False)
    user_id = await passkeys.use(db, relying_party(services.settings), None, body.credential)
    session = await service.open_session(
        db, user_id, services.settings.refresh_token_seconds, client_of(request)
    )
    await step_up(db, session.session_id, "passkey")
    return answer(response, services, session)
