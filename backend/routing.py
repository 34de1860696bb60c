"""`Router`: FastAPI's, whose routes take an `Idempotency-Key` and tell when they are deprecated (docs/api.md)."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from backend.auth.origin import SAFE_METHODS
from backend.errors import AppError
from backend.idempotency.keeping import REPLAYED, claim, claim_of
from backend.idempotency.routes import SHOWN_ONCE, WITHOUT_KEY
from backend.locations import MADE
from backend.sparse import SparseList, sparse_list

_CLAIMED = inspect.Parameter(
    "_first_answer", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[Response | None, Depends(claim)]
)
HEADERS = "x-deprecation-headers"
API = "/api/v1"


def deprecated(*, since: date, sunset: date, instead: str) -> dict[str, Any]:
    """Said where a route is declared, `@router.get(…, **deprecated(…))`: RFC 9745 and RFC 8594.

    `instead`: what to use from now on, `GET /raffles`. A test sees to six months between the two days.
    """
    at = datetime.combine(since, time(), UTC)
    until = datetime.combine(sunset, time(), UTC)
    headers = {
        "Deprecation": f"@{int(at.timestamp())}",
        "Sunset": format_datetime(until, usegmt=True),
        "Link": f'<{API}/docs>; rel="deprecation"; title="{instead}"',
    }
    return {"deprecated": True, "openapi_extra": {HEADERS: headers}}


class Route(APIRoute):
    """One operation."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        place = compile_path(path)[1]
        methods = set(options.get("methods") or ["GET"])
        names = {f"{method} {place}" for method in methods}
        takes_key = not methods <= SAFE_METHODS and not names & WITHOUT_KEY.keys()
        self._is_secret = bool(names & SHOWN_ONCE)
        self._made = next((MADE[name] for name in names if name in MADE), None)
        self._headers: dict[str, str] = (options.get("openapi_extra") or {}).get(HEADERS, {})
        found = sparse_list(endpoint) if methods == {"GET"} else None
        if takes_key:
            endpoint = _once(endpoint)
        elif found is not None:
            endpoint = _sparse(endpoint, found)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Run the route, and keep its answer in its transaction, which is open until this returns."""
        handle = super().get_route_handler()

        async def handle_and_keep(request: Request) -> Response:
            try:
                response = await handle(request)
            except AppError as error:
                error.headers.update(self._headers)
                claimed = claim_of(request)
                if claimed is not None and error.keep_changes:
                    await claimed.forget()
                raise
            response.headers.update(self._headers)
            if self._made is not None and "location" not in response.headers:
                told = {**json.loads(bytes(response.body)), **request.path_params}
                response.headers["Location"] = API + self._made.format_map(told)
            claimed = claim_of(request)
            if claimed is None or REPLAYED in response.headers:
                return response
            return await claimed.keep(response, is_secret=self._is_secret)

        return handle_and_keep


class Router(APIRouter):
    """The routes of one noun."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Route, **options)


def _once(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The route, or the answer that the same request got before; looked for after every other dependency."""

    @functools.wraps(endpoint)
    async def first(*, _first_answer: Response | None, **values: Any) -> Any:
        return await endpoint(**values) if _first_answer is None else _first_answer

    return _taking(first, endpoint, _CLAIMED)


def _sparse(endpoint: Callable[..., Any], found: SparseList) -> Callable[..., Any]:
    """The list, or what was asked for of its items."""

    @functools.wraps(endpoint)
    async def chosen(*, _fields: str | None, **values: Any) -> Any:
        names = None if _fields is None else found.chosen(_fields)
        page = await endpoint(**values)
        return page if names is None else found.render(page, names)

    return _taking(chosen, endpoint, found.parameter)


def _taking(
    wrapper: Callable[..., Any], endpoint: Callable[..., Any], parameter: inspect.Parameter
) -> Callable[..., Any]:
    """The wrapper with the parameters of what it wraps, and one more."""
    signature = inspect.signature(endpoint)
    wrapper.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), parameter]
    )
    return wrapper
