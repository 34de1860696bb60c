"""Every route that is kept or tagged may be: nobody's own, and what is kept rests on the mirror alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import AsyncClient

from backend.app import ROUTERS
from backend.auth.access import ACCESS
from backend.caching.reads import KEPT, TAGGED
from tests.backend.reads.caching_kit import follows, statements
from tests.backend.reads.facts import ChainOfFacts, address, shown
from tests.backend.reads.stories import (
    granted,
    plan_created,
    proposal_created,
    raffle_created,
    tickets_bought,
    token_created,
    vote_cast,
)

ANA, MEAD = address(0xB1), address(0x70)


def _decorated(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """The read below what its router put around it."""
    while endpoint not in [*KEPT, *TAGGED] and hasattr(endpoint, "__wrapped__"):
        endpoint = endpoint.__wrapped__
    return endpoint


ROUTES = {
    f"{router.prefix}{route.path.removeprefix(router.prefix)}": _decorated(route.endpoint)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.methods == {"GET"}
}
OUR_TABLES = re.compile(r"\bapp\.")


def test_routes__kept_and_tagged__are_everybodys() -> None:
    found = [path for path, endpoint in ROUTES.items() if endpoint in [*KEPT, *TAGGED]]
    assert len(found) == len(KEPT) + len(TAGGED) > 30
    assert {ACCESS[f"GET {path}"] for path in found} == {"anyone"}


async def test_kept_reads__rest_on_the_mirror_alone__and_are_asked_again_by_nobody(
    app: FastAPI, client: AsyncClient, facts: ChainOfFacts
) -> None:
    facts.block(
        raffle_created(),
        tickets_bought(0, 2, ANA, 0),
        token_created(MEAD),
        plan_created(1, MEAD),
        granted(1, 0, ANA, 100),
        proposal_created(1),
        vote_cast(1, ANA, 1, 5),
    )
    await follows(app)
    (grant,) = (await client.get("/api/v1/vesting/grants?limit=1")).json()["items"]
    values = {"raffle_id": "1", "plan_id": "1", "grant_id": grant["id"], "proposal_id": "1"}
    kept = [path for path, endpoint in ROUTES.items() if endpoint in KEPT]
    assert len(kept) == len(KEPT)
    for path in kept:
        whose = {**values, "address": shown(MEAD if path.startswith("/tokens") else ANA)}
        query: dict[str, Any] = {"token": shown(MEAD)} if path.startswith("/governance") else {}
        url = f"/api/v1{path.format_map(whose)}"
        with statements(app) as sent:
            first = await client.get(url, params=query)
            assert (first.status_code, first.headers["cache-control"]) == (200, "public, no-cache"), url
            assert sent, url
            assert not [one for one in sent if OUR_TABLES.search(one)], url
            sent.clear()
            again = await client.get(url, params=query)
            assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"]), url
            assert sent == [], url
            assert again.headers["content-type"] == "application/json"
