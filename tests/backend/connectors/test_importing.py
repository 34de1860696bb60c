"""The route: a post by link or id, its import, its progress, its refusals; what rotation and erasure do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.rotation.service import rotate
from backend.services import Services
from backend.wallets.kms.file import add_master_key
from tests.backend.connectors.using import API, ORIGIN, Platforms, connect, new_contest, rows, sign_up
from tests.backend.working import worker
from tests.platforms.stand_in import answer
from tests.support.waiting import wait_until_async

POST = "1801234567890123456"
LINK = f"https://x.com/acme/status/{POST}"


async def contest(services: Services, owner: str) -> str:
    async with AsyncSession(services.engine) as db, db.begin():
        return str(await new_contest(db, owner))


async def ask(client: AsyncClient, where: str, **body: Any) -> Response:
    return await client.post(f"{API}/contests/{where}/imports", json=body, headers=ORIGIN)


async def test_link__fetched_by_a_worker__completeness_stated(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    post = platforms["x"].publish(POST, 150)
    post.reported = 168
    made, where = await connect(client, "x"), await contest(services, ada)
    answered = await ask(client, where, source="x", connection_id=str(made), post=LINK)
    assert answered.status_code == 202, answered.text
    assert (answered.json()["state"], answered.json()["reported"]) == ("waiting", 168)
    query = "SELECT state FROM app.contest_import"

    async def done() -> bool:
        return (await rows(services, query))[0]["state"] == "done"

    async with worker(services):
        await wait_until_async(done, 60, what="the fetch")
    [row] = await rows(services, "SELECT rows, accepted, reported, options FROM app.contest_import")
    assert (row["rows"], row["accepted"], row["reported"]) == (150, 150, 168)
    [counted] = await rows(services, "SELECT participant_count, entry_count FROM app.contest")
    assert (counted["participant_count"], counted["entry_count"]) == (150, 150)
    told = await rows(
        services, "SELECT payload ->> 'reported' AS n FROM app.event WHERE event = 'import.finished'"
    )
    assert told == [{"n": "168"}]


async def test_refused__in_words(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    server = platforms["x"]
    server.publish(POST, 3)
    made, where = str(await connect(client, "x")), await contest(services, ada)
    wrong: list[tuple[dict[str, Any], int, str]] = [
        (
            {"source": "x", "connection_id": made, "post": "https://evil.test/status/1"},
            422,
            "post_link_unknown",
        ),
        ({"source": "x", "connection_id": made, "post": "999"}, 404, "post_not_found"),
        ({"source": "youtube", "connection_id": made, "post": LINK}, 422, "invalid_input"),
        ({"source": "x", "connection_id": str(uuid4()), "post": LINK}, 404, "connection_not_found"),
        ({"source": "myspace", "connection_id": made, "post": LINK}, 422, "invalid_input"),
        ({"source": "x", "connection_id": made, "post": LINK, "extra": 1}, 422, "invalid_input"),
        ({"source": "x", "connection_id": made, "post": ""}, 422, "invalid_input"),
    ]
    for body, status, code in wrong:
        answered = await ask(client, where, **body)
        assert (answered.status_code, answered.json()["code"]) == (status, code), body
    server.next("post", answer(429, {}, {"Retry-After": "99"}))
    answered = await ask(client, where, source="x", connection_id=made, post=LINK)
    assert (answered.status_code, answered.headers["retry-after"]) == (503, "99")
    answered = await ask(client, str(uuid4()), source="x", connection_id=made, post=LINK)
    assert answered.status_code == 404
    assert await rows(services, "SELECT 1 FROM app.contest_import") == []


async def test_somebody_elses_connection_or_contest__not_found(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    platforms["x"].publish(POST, 3)
    mine, hers = str(await connect(client, "x")), await contest(services, ada)
    eve = await sign_up(client, "eve@example.org")
    answered = await ask(client, await contest(services, eve), source="x", connection_id=mine, post=LINK)
    assert (answered.status_code, answered.json()["code"]) == (404, "connection_not_found")
    own = str(await connect(client, "x"))
    answered = await ask(client, hers, source="x", connection_id=own, post=LINK)
    assert (answered.status_code, answered.json()["code"]) == (404, "contest_not_found")


async def test_rotation__covers_connections(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, "tiktok")
    platforms["tiktok"].publish("7123456789012345678", 1)
    before = await rows(services, "SELECT sealed FROM app.connection")
    add_master_key(services.settings.kms_file)
    report = await rotate(services.engine, services.kms)
    assert (report.stuck, report.unfinished) == (set(), False)
    assert await rows(services, "SELECT sealed FROM app.connection") != before
    assert (await client.get(f"{API}/connections/{made}/posts")).status_code == 200


async def test_erased__connections_go_with_the_account(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    await connect(client, "youtube")
    await client.post(f"{API}/connections", json={"platform": "x"}, headers=ORIGIN)
    async with services.engine.begin() as db:
        await db.execute(text('DELETE FROM app."user" WHERE id = :id'), {"id": ada})
    assert await rows(services, "SELECT 1 FROM app.connection") == []
    assert await rows(services, "SELECT 1 FROM app.connection_attempt") == []
