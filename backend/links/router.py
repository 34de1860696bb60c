"""Routes of linked wallets."""

from __future__ import annotations

from uuid import UUID

from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.auth.step_up import SteppedUp, StepUpRequired
from backend.chain import ChainUnavailable
from backend.db import Db
from backend.errors import errors
from backend.factors.relying_party import relying_party
from backend.hexes import checksum
from backend.links import service
from backend.links.schemas import LinkIn, LinkList, LinkOut, MessageIn, MessageOut
from backend.links.service import AddressTaken, LinkNotFound, MessageRefused, SignatureWrong, TooManyLinks
from backend.links.tables import Link
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/links", tags=["links"])


@router.get("", summary="My linked wallets", responses=errors(NotSignedIn))
async def list_links(user: CurrentUser, db: Db) -> LinkList:
    """Wallets of your own that you proved to hold."""
    return LinkList(items=[_shown(link) for link in await service.links_of(db, user.id)])


@router.post(
    "/message",
    summary="Begin to link a wallet",
    responses=errors(NotSignedIn, ForeignOrigin),
)
async def compose_message(body: MessageIn, user: CurrentUser, services: ServicesDep, db: Db) -> MessageOut:
    """The message of EIP-4361 that the wallet is to sign, within ten minutes."""
    site = relying_party(services.settings)
    message = await service.compose(db, site, services.contracts.chain_id, user.id, body.address)
    return MessageOut(message=str(message), expires_at=message.issued_at + service.LIFETIME)


@router.post(
    "",
    status_code=201,
    summary="Link a wallet",
    responses=errors(
        NotSignedIn,
        ForeignOrigin,
        MessageRefused,
        SignatureWrong,
        AddressTaken,
        TooManyLinks,
        ChainUnavailable,
    ),
)
async def link_wallet(body: LinkIn, user: CurrentUser, services: ServicesDep, db: Db) -> LinkOut:
    """By its signature over a message that was asked for a moment ago. An address belongs to one account."""
    made = await service.link(
        db,
        services.rpc,
        relying_party(services.settings),
        services.contracts.chain_id,
        user.id,
        body.message,
        body.signature,
    )
    return _shown(made)


@router.delete(
    "/{link_id:uuid}",
    status_code=204,
    summary="Unlink a wallet",
    responses=errors(NotSignedIn, ForeignOrigin, StepUpRequired, LinkNotFound),
)
async def unlink_wallet(link_id: UUID, user: SteppedUp, db: Db) -> None:
    """It may be linked again, to any account."""
    await service.unlink(db, user.id, link_id)


def _shown(link: Link) -> LinkOut:
    return LinkOut.model_validate(
        {
            "id": link.id,
            "address": checksum(link.address),
            "kind": link.kind,
            "created_at": link.created_at,
        }
    )
