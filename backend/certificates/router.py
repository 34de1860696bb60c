"""The route of certificates."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from backend.auth.current_user import NotSignedIn
from backend.auth.viewer import Viewer
from backend.certificates import service
from backend.certificates.errors import CertificateFailed, ContestNotFinal
from backend.certificates.gather import facts_of
from backend.contests import store
from backend.contests.errors import ContestNotDrawn, ContestNotFound
from backend.errors import errors
from backend.files.store import FilesUnavailable
from backend.languages import Language
from backend.mirror import MirrorNotReady, open_snapshot
from backend.routing import Router
from backend.services import ServicesDep

router = Router(prefix="/contests", tags=["contests"])


@router.get(
    "/{contest_id}/certificate.pdf",
    summary="The certificate of the draw",
    response_class=Response,
    responses={
        200: {"description": "PDF/A; the same facts give the same bytes", "content": {"application/pdf": {}}},
        **errors(
            NotSignedIn,
            ContestNotFound,
            ContestNotDrawn,
            ContestNotFinal,
            CertificateFailed,
            FilesUnavailable,
            MirrorNotReady,
        ),
    },
)
async def read_certificate(
    contest_id: UUID,
    viewer: Viewer,
    services: ServicesDep,
    language: Annotated[
        Language | None, Query(description="The contest's own without it", examples=["de"])
    ] = None,
) -> Response:
    """List, randomness, winners and how to check them, with a QR code to the public page. Public once drawn."""
    async with open_snapshot(services.engine) as mirror:
        row, fact = await store.visible(mirror.db, contest_id, viewer)
        if fact is None or not fact.is_drawn:
            raise ContestNotDrawn("The contest is not drawn yet: there is nothing to certify.")
        if not mirror.as_of.is_final([fact]):
            raise ContestNotFinal("The draw is a few blocks old and may still change. Try again in a minute.")
        url = f"{services.settings.site}/contests/{contest_id}"
        facts = await facts_of(mirror.db, row, fact, url)
    made = await service.certificate(services.files, facts, language or row["language"])
    return Response(
        made,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="certificate-{contest_id}.pdf"'},
    )
