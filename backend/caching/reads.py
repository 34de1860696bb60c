"""Decorators of GET routes. Put them below the router's; what a route answers stays what its function returns.

`@kept`: a read of the mirror alone, with a parameter `mirror: Mirror`. Its answer is kept under the route's parameters,
as they were understood, and the mirror's version; a client that has it gets 304 without a statement.
`@tagged`: any other read that everybody may see. It is made each time, and sent to who has not got it. What it answers
to somebody who is signed in (a parameter `viewer`) is neither kept by anyone nor tagged.

Both give the route its snapshot, and so decide who is asked: a replica may be for what everybody sees (`backend.mirror`).
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, get_args

from fastapi import Request, Response
from pydantic import TypeAdapter

from backend.caching import metrics
from backend.caching.validators import has_already, not_modified, success, tag_of
from backend.mirror import Snapshot, open_snapshot, read
from backend.services import Services, ServicesDep

Route = Callable[..., Awaitable[Any]]
Answering = Callable[..., Awaitable[Response]]
_REQUEST, _SERVICES = "_request", "_services"
_IDENTITY = ("Cookie", "Authorization")
"""What tells who asks."""
KEPT: list[Answering] = []
TAGGED: list[Answering] = []
"""All that are decorated so. A test asks each, and sees that none is personal and no kept one looks at our tables."""


def kept(route: Route) -> Answering:
    """Keep what the route answers. Its parameters may be the snapshot, the services, and plain values."""
    signature = inspect.signature(route, eval_str=True)
    (mirror,) = (name for name, one in signature.parameters.items() if _is(one, Snapshot))
    plain = [name for name, one in signature.parameters.items() if not _is(one, Snapshot, Services)]
    json = _Json(signature.return_annotation)
    name = route.__name__

    @wraps(route)
    async def answering(**given: Any) -> Response:
        request: Request = given.pop(_REQUEST)
        services: Services = given.pop(_SERVICES)
        about = f"{route.__module__}.{name} {[given[each] for each in plain]!r}"

        async def work(snapshot: Snapshot) -> tuple[str, bytes]:
            return snapshot.version, json.bytes(await route(**given, **{mirror: snapshot}))

        async def compute() -> tuple[str, bytes]:
            return await read(services, work)

        key = await services.cache.key_now(about)
        if key is not None and request.headers.get("if-none-match") != "*" and has_already(request, key):
            metrics.ANSWERS.labels(name, "not_modified").inc()
            return not_modified(key)
        found = await services.cache.get(name, about, key, compute)
        return success(request, found.key, found.body)

    KEPT.append(answering)
    return _with_parameters(answering, signature, {_REQUEST: Request, _SERVICES: ServicesDep}, without=mirror)


def tagged(route: Route) -> Answering:
    """Tag what the route answers to everybody."""
    signature = inspect.signature(route, eval_str=True)
    is_personal = "viewer" in signature.parameters
    mirror = next((name for name, one in signature.parameters.items() if _is(one, Snapshot)), None)
    json = _Json(signature.return_annotation)

    @wraps(route)
    async def answering(**given: Any) -> Response:
        request: Request = given.pop(_REQUEST)
        services: Services = given.pop(_SERVICES)

        async def work(snapshot: Snapshot) -> Any:
            return await route(**given, **{str(mirror): snapshot})

        is_own = is_personal and given["viewer"] is not None
        if mirror is None:
            found = await route(**given)
        elif is_own:
            # Who changes things looks at them next.
            async with open_snapshot(services.engine) as snapshot:
                found = await work(snapshot)
        else:
            found = await read(services, work)
        body = json.bytes(found)
        if is_own:
            told = given["response"].headers if "response" in given else {}
            headers = {**told, "Cache-Control": "no-store"}
            return Response(body, media_type="application/json", headers=headers)
        varies = _IDENTITY if is_personal else ()
        return success(request, tag_of(body), body, *varies)

    TAGGED.append(answering)
    return _with_parameters(answering, signature, {_REQUEST: Request, _SERVICES: ServicesDep}, without=mirror)


class _Json:
    """Answers of a route as FastAPI would write them."""

    def __init__(self, model: Any) -> None:
        self._adapter = TypeAdapter(model)

    def bytes(self, answer: Any) -> bytes:
        """JSON of an answer, which has to be what the route says it returns."""
        return self._adapter.dump_json(
            self._adapter.validate_python(answer, from_attributes=True), by_alias=True
        )


def _with_parameters(
    answering: Answering, signature: inspect.Signature, own: Mapping[str, Any], without: str | None = None
) -> Answering:
    """Let FastAPI see the route's parameters, and give the decorator's own beside them."""
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in own.items()
    ]
    parameters = [
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in signature.parameters.items()
        if name != without
    ]
    answering.__signature__ = signature.replace(parameters=[*more, *parameters])  # type: ignore[attr-defined]
    return answering


def _is(parameter: inspect.Parameter, *kinds: type) -> bool:
    return (get_args(parameter.annotation) or (parameter.annotation,))[0] in kinds
