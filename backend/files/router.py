"""The route behind links to files of the folder. Links to files in S3 lead to S3."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from fastapi.responses import StreamingResponse

from backend.errors import AppError, errors
from backend.files.links import as_attachment
from backend.files.store import FileMissing, FilesUnavailable
from backend.routing import Router
from backend.services import ServicesDep

router = Router(tags=["files"])
Token = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9_.-]+$",
        max_length=2000,
        description="From the link",
        examples=["eyJhbGciOiJIUzI1NiJ9.eyJrZXkiOiJjZXJ0aWZpY2F0ZXMvMS5wZGYifQ.c2lnbmF0dXJl"],
    ),
]
_FILE = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


class DownloadExpired(AppError):
    """The link has run out, or its file is gone; ask for another"""

    status = 410


@router.get(
    "/files/{token}",
    summary="Download a file by its link",
    response_class=StreamingResponse,
    responses={
        200: {"description": "The file, to be saved", "content": _FILE},
        **errors(DownloadExpired, FilesUnavailable),
    },
)
async def download_file(token: Token, services: ServicesDep) -> StreamingResponse:
    """For whoever was given the link, until it runs out."""
    link = services.file_links.read(token)
    if link is None:
        raise DownloadExpired("The link has run out, or it is not whole. Ask for another.")
    try:
        size = await services.files.size(link.key)
    except FileMissing:
        raise DownloadExpired("The file of this link was deleted. Ask for another link.") from None
    return StreamingResponse(
        services.files.read(link.key),
        media_type=link.media_type,
        headers={
            "Content-Disposition": as_attachment(link.name),
            "Content-Length": str(size),
            "Cache-Control": "private, no-store",
        },
    )
