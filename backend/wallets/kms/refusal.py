"""What a request is told when the key service fails: not now. Why is in the log, where operators look."""

from __future__ import annotations

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse

from backend.errors import ServiceUnavailable, problem
from backend.route_names import route_of

log = structlog.get_logger(__name__)


class KeysUnavailable(ServiceUnavailable):
    """The key service does not answer right now; try again shortly"""

    def __init__(self) -> None:
        super().__init__("The key service does not answer right now. Try again shortly.")


async def answer(request: Request, raised: Exception) -> JSONResponse:
    """Every KmsError that reaches the edge."""
    log.error("kms_failed", route=route_of(request.scope), error=str(raised))
    refused = KeysUnavailable()
    return problem(request, refused.status, refused.code, refused.title, refused.detail, refused.headers)
