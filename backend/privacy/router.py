"""Routes of the erasure of one's own account."""

from __future__ import annotations

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.chain import ChainUnavailable
from backend.db import Db
from backend.errors import errors
from backend.mirror import MirrorNotReady
from backend.privacy import service
from backend.privacy.errors import ErasureNotFound, ErasurePending, ErasureRefused
from backend.privacy.schemas import MEANING, ErasureOut, ObstacleOut
from backend.privacy.tables import Erasure
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/privacy/erasure", tags=["users"])


@router.post(
    "",
    status_code=202,
    summary="Ask for my account to be erased",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        StepUpRequired,
        ErasurePending,
        ErasureRefused,
        ChainUnavailable,
        MirrorNotReady,
    ),
)
async def ask_for_erasure(user: SteppedUp, services: ServicesDep, db: Db) -> ErasureOut:
    """Begins a waiting time of which the account's e-mail address is told. Refused while money is there."""
    return _show(await service.ask(db, services, user))


@router.get("", summary="The erasure of my account", responses=errors(NotSignedIn, ErasureNotFound))
async def read_erasure(user: CurrentUser, db: Db) -> ErasureOut:
    """When it is due, and what was in the way when it was tried."""
    return _show(await service.current(db, user.id))


@router.delete(
    "",
    status_code=204,
    summary="Withdraw the erasure of my account",
    responses=errors(NotSignedIn, ForeignOrigin, ErasureNotFound),
)
async def withdraw_erasure(user: CurrentUser, db: Db) -> None:
    """The account stays; a mail says so."""
    await service.withdraw(db, user)


def _show(wish: Erasure) -> ErasureOut:
    return ErasureOut(
        requested_at=wish.requested_at,
        due_at=wish.due_at,
        obstacles=[ObstacleOut.model_validate(one) for one in wish.obstacles],
        meaning=MEANING,
    )
