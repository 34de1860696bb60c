"""Answers with a validator: `ETag`, and 304 for who has it already (RFC 9110, 8.8.3 and 13.1.2; RFC 9111).

Validators are weak: a proxy that packs the answer may keep them, and nobody asks for parts of these. `Vary: Origin` is
added to all of them where other sites may ask (`CORS_ORIGINS`).
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode

from fastapi import Request, Response

EVERYBODY = "public, no-cache"
"""Anyone may keep it, and asks before each use whether it is still right."""
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def tag_of(content: bytes) -> str:
    """An opaque tag for these bytes, without its quotes."""
    return urlsafe_b64encode(hashlib.sha256(content).digest()[:18]).decode()


def has_already(request: Request, tag: str) -> bool:
    """Whether the client named this answer as the one it has. Call it when the answer would be a success."""
    asked = ", ".join(request.headers.getlist("if-none-match"))
    return asked.strip() == "*" or f'"{tag}"' in _TAG.findall(asked)


def not_modified(tag: str, *varies: str) -> Response:
    """304 with the headers that the answer would have."""
    return Response(status_code=304, headers=_headers(tag, varies))


def success(request: Request, tag: str, body: bytes, *varies: str) -> Response:
    """A body of JSON that is the same for all who send the same headers `varies`; 304 where the client has it."""
    if has_already(request, tag):
        return not_modified(tag, *varies)
    headers = _headers(tag, varies)
    return Response(body, media_type="application/json", headers=headers)


def _headers(tag: str, varies: tuple[str, ...]) -> dict[str, str]:
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": EVERYBODY}
    return {**headers, "Vary": ", ".join(varies)} if varies else headers
