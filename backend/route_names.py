"""The path of a route as it was declared, `/api/v1/raffles/{raffle_id}`: what logs, metrics and traces name a request by.
In the real path ids stand, names, and the tokens of links.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def install(app: FastAPI) -> None:
    """Note the path of each route by the function that answers it. Call it when all routes are there."""
    app.state.route_names = names = dict[object, str]()
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            names.setdefault(route.endpoint, route.path)


def route_of(scope: Mapping[str, Any]) -> str | None:
    """Of a request that was routed, by what routing left in its scope; None where no route took it."""
    found: str | None = scope["app"].state.route_names.get(scope.get("endpoint"))
    return found
