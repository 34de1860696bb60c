"""Serves the built web app: its files as they are, every other path as index.html, with security headers."""

from __future__ import annotations

import re
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.index_page import IndexPage
from backend.settings import Settings

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
CSP = b"content-security-policy"
PACKED = {"br": ".br", "gzip": ".gz"}
"""What the build packs its texts with (frontend/packed.ts), the smaller first."""
NOTHING_LOADS = (CSP, b"default-src 'none'; frame-ancestors 'none'")
NOT_BUILT = (
    "<!doctype html><title>Tombola</title><p>The web app is not built. Run <code>make setup</code>.</p>"
)


def content_security_policy(settings: Settings) -> str:
    """What pages may load: themselves, WebAssembly for hashing, the public RPC and the drand beacon."""
    others = [urlsplit(url) for url in (settings.public_rpc_url, settings.beacon_url)]
    connect = ["'self'", *(f"{url.scheme}://{url.netloc}" for url in others if url.netloc)]
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "worker-src 'self' blob:",
            f"connect-src {' '.join(connect)}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeaders:
    """Adds the headers every answer carries; a plain ASGI wrapper, so streaming stays streaming."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "x-frame-options": "DENY",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        if not settings.is_local:
            headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._of_pages = (CSP, content_security_policy(settings).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and decorate the start of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_api = str(scope["path"]).startswith("/api/")

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower(): value for name, value in message["headers"]}
                is_data = is_api and not present.get(b"content-type", b"").startswith(b"text/html")
                policy = NOTHING_LOADS if is_data else self._of_pages
                message["headers"] = [*message["headers"], *self._headers, policy]
                if is_api and b"cache-control" not in present:
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, decorated)


class PagePath(Convertor[str]):
    """A path that is not the API's, so that an unknown one below /api is unknown for every method."""

    regex = "(?!api(?:/|$)).*"

    def convert(self, value: str) -> str:
        """As it is."""
        return value

    def to_string(self, value: str) -> str:
        """As it is."""
        return value


def install(app: FastAPI, settings: Settings) -> None:
    """Serve `frontend_dist` at /; unknown paths below /api stay problem documents."""
    register_url_convertor("page", PagePath())
    root = settings.frontend_dist.resolve()
    router = APIRouter(include_in_schema=False)

    index = IndexPage(root)

    @router.get("/{path:page}")
    async def page(path: str, request: Request) -> Response:
        """A file of the web app, or its index for the app's own routes."""
        file = _inside(root, path)
        if file is not None:
            return _file(file, path, request.headers.get("accept-encoding", ""))
        if path.startswith("assets/"):
            raise HTTPException(404)
        html = index.html(path, queried=bool(request.url.query))
        if html is None:
            return HTMLResponse(NOT_BUILT, status_code=404)
        return HTMLResponse(html, headers={"Cache-Control": REVALIDATE})

    app.include_router(router)


def _file(file: Path, path: str, accepted: str) -> FileResponse:
    """As the build packed it, where the browser unpacks that."""
    headers = {"Cache-Control": IMMUTABLE if path.startswith("assets/") else REVALIDATE}
    kind = guess_type(file.name)[0] or "application/octet-stream"
    for coding, suffix in PACKED.items():
        packed = file.with_name(file.name + suffix)
        if packed.is_file():
            headers["Vary"] = "Accept-Encoding"
            if re.search(rf"\b{coding}\b(?!\s*;\s*q=0(?:\.0+)?\s*(?:,|$))", accepted):
                return FileResponse(packed, media_type=kind, headers={**headers, "Content-Encoding": coding})
    return FileResponse(file, media_type=kind, headers=headers)


def _inside(root: Path, path: str) -> Path | None:
    """The file a path names, if it lies inside the folder."""
    if "\0" in path or not path:
        return None
    file = (root / path).resolve()
    return file if file.is_relative_to(root) and file.is_file() else None
