"""Routes of one's own consents."""

from __future__ import annotations

from backend.audit.service import record
from backend.auth.current_user import CurrentUser, NotSignedIn
from backend.auth.origin import ForeignOrigin
from backend.caching.reads import tagged
from backend.consents import service
from backend.consents.schemas import (
    ConsentsOut,
    Document,
    DocumentIn,
    DocumentList,
    DocumentVersion,
    Optional,
    OptionalIn,
)
from backend.consents.service import DocumentNotFound, DocumentOutdated
from backend.db import Db
from backend.errors import errors
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["privacy"])


@router.get("/privacy/documents", summary="Terms and privacy notice", responses=errors())
@tagged
async def list_documents(services: ServicesDep) -> DocumentList:
    """The versions that count now."""
    return DocumentList(
        items=[
            DocumentVersion(subject=name, version=current.version, url=current.url)
            for name, current in service.documents(services.settings).items()
        ]
    )


@router.get("/account/consents", summary="What I agreed to", responses=errors(NotSignedIn))
async def read_consents(user: CurrentUser, services: ServicesDep, db: Db) -> ConsentsOut:
    """Versions of the operator's documents, and what I allow."""
    return await service.read(db, services.settings, user.id)


@router.put(
    "/account/consents/documents/{document}",
    summary="Agree to a document",
    responses=errors(NotSignedIn, ForeignOrigin, DocumentNotFound, DocumentOutdated),
)
async def accept_document(
    document: Document, body: DocumentIn, user: CurrentUser, services: ServicesDep, db: Db
) -> ConsentsOut:
    """The version that counts now. It ends with the account."""
    await service.accept(db, services.settings, user.id, document, body.version)
    detail = {"subject": document, "version": body.version}
    await record(db, f"user:{user.id}", "consent.accept", f"user:{user.id}", detail)
    return await service.read(db, services.settings, user.id)


@router.put(
    "/account/consents/optional/{consent}",
    summary="Allow something, or take it back",
    responses=errors(NotSignedIn, ForeignOrigin),
)
async def choose_consent(
    consent: Optional, body: OptionalIn, user: CurrentUser, services: ServicesDep, db: Db
) -> ConsentsOut:
    """Counts at once, both ways."""
    await service.choose(db, user.id, consent, body.given)
    action = "consent.give" if body.given else "consent.withdraw"
    await record(db, f"user:{user.id}", action, f"user:{user.id}", {"subject": consent})
    return await service.read(db, services.settings, user.id)
