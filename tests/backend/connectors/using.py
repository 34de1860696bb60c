"""Connecting accounts of stand-ins, and importing from them, as tests do it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.fetching import fetch
from backend.participants.tables import ContestImport
from backend.services import Services
from tests.backend.test_auth import register, sign_in
from tests.platforms.stand_in import CLIENT_ID, CLIENT_SECRET, StandIn

API = "/api/v1"
ORIGIN = {"Origin": "http://tombola.test"}
Platforms = dict[str, StandIn]
Test = Callable[..., Awaitable[None]]
NAMES = ("instagram", "facebook", "x", "tiktok", "youtube")


def registrations() -> dict[str, str]:
    """Settings of a site that is registered everywhere."""
    return {f"{name}_client_id": CLIENT_ID for name in NAMES} | {
        f"{name}_client_secret": CLIENT_SECRET for name in NAMES
    }


def each(*names: str, of: Iterable[Any]) -> Callable[[Test], Test]:
    """Run a test once for each case in one application: starting one takes longer than most tests."""

    def over(test: Test) -> Test:
        async def run(**fixtures: Any) -> None:
            for values in of:
                case = dict(zip(names, values if len(names) > 1 else (values,), strict=True))
                try:
                    await test(**case, **fixtures)
                except BaseException as error:
                    error.add_note(f"at {case}")
                    raise

        signature = inspect.signature(test)
        kept = [one for name, one in signature.parameters.items() if name not in names]
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
        return run

    return over


async def sign_up(client: AsyncClient, email: str = "ada@example.org") -> str:
    """Somebody new in this browser; their id."""
    made = await register(client, email)
    await sign_in(client, email)
    return str(made["id"])


async def begin(client: AsyncClient, platform: str) -> str:
    """The URL to open."""
    answer = await client.post(f"{API}/connections", json={"platform": platform}, headers=ORIGIN)
    assert answer.status_code == 201, answer.text
    url: str = answer.json()["url"]
    return url


async def agree(url: str) -> str:
    """Open the platform's page and agree; where the platform sends the browser, as path and query."""
    async with AsyncClient() as browser:
        answer = await browser.get(url)
    assert answer.status_code == 302, answer.text
    back = answer.headers["location"]
    return back[back.index(API) :]


async def come_back(client: AsyncClient, url: str) -> Response:
    """Follow the platform's redirect; the answer is ours, to the web app."""
    answer = await client.get(await agree(url))
    assert answer.status_code == 303, answer.text
    return answer


async def connect(client: AsyncClient, platform: str) -> UUID:
    """A connection, the whole way."""
    answer = await come_back(client, await begin(client, platform))
    _, _, made = answer.headers["location"].partition("connected=")
    assert made, answer.headers["location"]
    return UUID(made.split("%2C")[0])


async def new_contest(db: AsyncSession, owner: str) -> UUID:
    """A draft of somebody's."""
    made = uuid4()
    await db.execute(
        text(
            "INSERT INTO app.contest (id, owner_id, title, rules, post_reference, winners, alternates)"
            " VALUES (:id, :owner, 'Win', '-', 'p', 1, 0)"
        ),
        {"id": made, "owner": owner},
    )
    return made


async def import_post(
    services: Services, owner: str, connection: UUID, platform: str, post: str, **options: Any
) -> UUID:
    """An import of a fresh contest, as the route stores it."""
    async with AsyncSession(services.engine) as db, db.begin():
        contest = await new_contest(db, owner)
        return await import_again(db, contest, connection, platform, post, **options)


async def import_again(
    db: AsyncSession, contest: UUID, connection: UUID, platform: str, post: str, **options: Any
) -> UUID:
    """One more import of a contest."""
    row = ContestImport(
        id=uuid4(),
        contest_id=contest,
        source=platform,
        options={"connection_id": str(connection), "post": post, **options},
    )
    db.add(row)
    await db.flush()
    return row.id


async def whole(services: Services, import_id: UUID) -> ContestImport:
    """Fetch to the end, as a worker's turns do."""
    while await fetch(services, import_id):
        pass
    return await stored(services, import_id)


async def stored(services: Services, import_id: UUID) -> ContestImport:
    async with AsyncSession(services.engine) as db:
        return await db.get_one(ContestImport, import_id)


async def comment_ids(services: Services, import_id: UUID) -> list[str]:
    """In order of arrival."""
    query = "SELECT comment_id FROM app.participant WHERE import_id = :id ORDER BY number"
    async with services.engine.connect() as db:
        return list(await db.scalars(text(query), {"id": import_id}))


async def rows(services: Services, query: str, **values: Any) -> list[dict[str, Any]]:
    async with services.engine.connect() as db:
        return [dict(one) for one in (await db.execute(text(query), values)).mappings()]
