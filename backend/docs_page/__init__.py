"""GET /api/v1/docs: a page drawn from openapi.json in the browser, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse

_FOLDER = Path(__file__).parent
_KINDS = {"docs.js": "text/javascript", "docs.css": "text/css"}


def install(app: FastAPI, prefix: str) -> None:
    """Serve the page and its two files below the API's prefix."""

    @app.get(f"{prefix}/docs", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_FOLDER / "docs.html", media_type="text/html")

    for name, kind in _KINDS.items():
        app.add_api_route(f"{prefix}/{name}", _file(name, kind), include_in_schema=False)


def _file(name: str, kind: str) -> Callable[[], Awaitable[FileResponse]]:
    async def serve() -> FileResponse:
        return FileResponse(_FOLDER / name, media_type=kind)

    return serve
