"""The application's routes, and what each one checks, read from the application itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from backend.app import PREFIX
from backend.auth import roles
from backend.auth.current_user import current_user
from backend.auth.step_up import stepped_up
from backend.auth.viewer import _member

SIGNED_IN = frozenset({current_user, _member})


@dataclass(frozen=True)
class AppRoute:
    """One operation: `name` as in the table of access, `checks` every dependency called for it, `reads_body` whether the
    framework reads its body."""

    name: str
    method: str
    path: str
    checks: frozenset[Callable[..., Any]]
    reads_body: bool = False

    @property
    def who(self) -> str:
        """Whom the route lets in, in the words of the table."""
        step_up = "+" if stepped_up in self.checks else ""
        for word, check in (
            ("admin", roles.admin),
            ("support", roles.support),
            ("organiser", roles.organiser),
        ):
            if check in self.checks:
                return word + step_up
        return f"signed_in{step_up}" if self.checks & SIGNED_IN else "anyone"


def app_routes(app: FastAPI) -> list[AppRoute]:
    """Every operation that the API describes, and every WebSocket."""
    return list(_routes(app))


def _routes(app: FastAPI) -> Iterator[AppRoute]:
    for route in iter_route_contexts(app.routes):
        path = re.sub(r"{(\w+):\w+}", r"{\1}", route.path or "")  # {session_id:uuid} → {session_id}
        kind = route.original_route
        if isinstance(kind, APIWebSocketRoute):
            yield _route("WS", path, kind.dependant)
        elif isinstance(kind, APIRoute) and kind.include_in_schema:
            for method in sorted(route.methods or ()):
                yield _route(method, path, kind.dependant, kind.body_field is not None)


def _route(method: str, path: str, dependant: Dependant, reads_body: bool = False) -> AppRoute:
    name = f"{method} {path.removeprefix(PREFIX)}"
    return AppRoute(name, method, path, frozenset(_calls(dependant)), reads_body)


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)
