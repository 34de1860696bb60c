"""The route of the look-up."""

from __future__ import annotations

from uuid import UUID

from backend.auth.current_user import NotSignedIn
from backend.auth.viewer import Viewer
from backend.contests import store
from backend.contests.errors import ContestNotCommitted, ContestNotFound
from backend.errors import errors
from backend.inclusions import service
from backend.inclusions.schemas import InclusionIn, InclusionOut
from backend.mirror import MirrorNotReady, open_snapshot
from backend.routing import Router
from backend.services import ServicesDep
from backend.wallets.kms.refusal import KeysUnavailable

router = Router(prefix="/contests", tags=["contests"])


@router.post(
    "/{contest_id}/inclusion",
    summary="Was I included?",
    responses=errors(NotSignedIn, ContestNotFound, ContestNotCommitted, MirrorNotReady, KeysUnavailable),
)
async def look_up_inclusion(
    contest_id: UUID, body: InclusionIn, viewer: Viewer, services: ServicesDep
) -> InclusionOut:
    """An account's own entry, or the reason it was left out, with salt and Merkle proof; nothing about anybody else.

    Whoever knows an account's name may ask for it. It changes nothing and is limited per network address.
    """
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.visible(mirror.db, contest_id, viewer)
    if row["contest_key"] is None:
        raise ContestNotCommitted("This contest is not committed yet: nobody is included before.")
    return await service.look_up(services, row, fact, body.account)
