"""Routes of the export of one's own key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.db import Db
from backend.errors import errors
from backend.exports import service
from backend.exports.errors import ExportNotFound, ExportNotReady, ExportPending
from backend.exports.schemas import MEANING, ExportOut, KeystoreOut, RetrievalIn, State
from backend.intents.policy import WalletFrozen
from backend.policies.clock import database_time
from backend.policies.service import UserFrozen
from backend.routing import Router
from backend.services import ServicesDep
from backend.wallets.kms.refusal import KeysUnavailable
from backend.wallets.tables import WalletExport

router = Router(prefix="/wallet/export", tags=["wallet"])
Token = Annotated[
    str, Query(min_length=20, max_length=100, pattern=r"^[\w-]+$", description="From the notice's link")
]


@router.post(
    "",
    status_code=202,
    summary="Ask for my wallet's key",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, ExportPending, UserFrozen, WalletFrozen),
)
async def ask_for_wallet_export(user: SteppedUp, services: ServicesDep, db: Db) -> ExportOut:
    """Begins a waiting time of which the account's e-mail address is told, with a link that cancels it."""
    return await _show(db, await service.start(db, services.settings, user))


@router.get("", summary="My newest export", responses=errors(NotSignedIn, ExportNotFound))
async def read_wallet_export(user: CurrentUser, db: Db) -> ExportOut:
    """How far it is."""
    return await _show(db, await service.latest(db, user.wallet_id))


@router.delete(
    "",
    status_code=204,
    summary="Cancel my export",
    responses=errors(NotSignedIn, ForeignOrigin, ExportNotFound),
)
async def cancel_wallet_export(user: CurrentUser, db: Db) -> None:
    """The key stays here."""
    await service.cancel(db, user)


@router.post(
    "/retrieve",
    summary="Take my wallet's key",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        StepUpRequired,
        ExportNotFound,
        ExportNotReady,
        UserFrozen,
        WalletFrozen,
        KeysUnavailable,
    ),
)
async def retrieve_key(body: RetrievalIn, user: SteppedUp, services: ServicesDep, db: Db) -> KeystoreOut:
    """Once, when the waiting time is over: the key, encrypted with a passphrase of your own."""
    keystore = await service.retrieve(db, services.kms, user, body.passphrase.get_secret_value())
    return KeystoreOut(address=user.wallet_address, keystore=keystore, meaning=MEANING)


@router.get("/cancel", summary="Page that cancels an export", response_class=HTMLResponse, responses=errors())
async def show_cancel_page(token: Token) -> HTMLResponse:
    """The same as the web app's page that the notice links to, without a script. It asks first."""
    return HTMLResponse(_PAGE.format(action=f"cancel?token={token}"))


@router.post(
    "/cancel", status_code=204, summary="Cancel an export by its notice", responses=errors(ExportNotFound)
)
async def cancel_wallet_export_by_token(token: Token, db: Db) -> None:
    """For whoever got the notice, signed in or not."""
    await service.cancel_by_token(db, token)


async def _show(db: Db, wish: WalletExport) -> ExportOut:
    now = await database_time(db)
    state: State = "waiting"
    if wish.retrieved_at is not None:
        state = "retrieved"
    elif wish.cancelled_at is not None:
        state = "cancelled"
    elif wish.expires_at <= now:
        state = "expired"
    elif wish.ready_at <= now:
        state = "ready"
    return ExportOut(
        state=state,
        requested_at=wish.requested_at,
        ready_at=wish.ready_at,
        expires_at=wish.expires_at,
    )


_PAGE = """<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Cancel the export of your key</title></head>
  <body>
    <h1>Cancel the export of your wallet's key?</h1>
    <form method="post" action="{action}"><button>Cancel the export</button></form>
    <p>When the page does not change after that, the export is cancelled. Then choose a new password.</p>
  </body>
</html>
"""
