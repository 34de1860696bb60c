"""Having an account connected: the whole way at each platform, and everything that may not work."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import tokens
from backend.connectors.choice import connector
from backend.connectors.faults import AccessEnded, Away
from backend.connectors.tables import Connection
from backend.services import Services
from tests.backend.connectors.using import (
    API,
    NAMES,
    ORIGIN,
    Platforms,
    agree,
    begin,
    come_back,
    connect,
    each,
    rows,
    sign_up,
)
from tests.platforms.stand_in import CLIENT_SECRET, answer

PKCE = {"x", "youtube"}


async def listed(client: AsyncClient, name: str | None = None) -> list[dict[str, object]]:
    """Connections, of one platform or all."""
    found: list[dict[str, object]] = (await client.get(f"{API}/connections")).json()["items"]
    return [one for one in found if name is None or one["platform"] == name]


@each("name", of=NAMES)
async def test_connect__account_and_scopes_known__tokens_sealed(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    url = await begin(client, name)
    asked = parse_qs(urlsplit(url).query)
    assert asked["redirect_uri"][0].endswith(f"/api/v1/connections/callback/{name}")
    assert ("code_challenge" in asked) is (name in PKCE)
    back = await come_back(client, url)
    assert "/connections?" in back.headers["location"]
    assert f"platform={name}" in back.headers["location"]
    found = await listed(client, name)
    assert len(found) == (2 if name == "facebook" else 1)
    assert platforms[name].account_id in [one["account_id"] for one in found]
    assert {one["state"] for one in found} == {"active"}
    # The whole row as text, the envelope in hex.
    stored = await rows(services, "SELECT c::text AS whole FROM app.connection c")
    assert stored
    for secret in platforms[name].issued:
        assert not any(secret in row["whole"] or secret.encode().hex() in row["whole"] for row in stored)


async def test_connect_again__same_connection_with_new_access(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    first = await connect(client, "instagram")
    before = await rows(services, "SELECT sealed FROM app.connection")
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.connection SET ended_at = now()"))
    assert await connect(client, "instagram") == first
    assert [one["state"] for one in await listed(client)] == ["active"]
    assert await rows(services, "SELECT sealed FROM app.connection") != before


@each("name", of=NAMES)
async def test_code_or_state_used_twice__refused(
    name: str, client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    url = await begin(client, name)
    back = await agree(url)
    kept = {"Cookie": f"connecting={client.cookies.get('connecting')}"}
    assert "connected=" in (await client.get(back)).headers["location"]
    again = await client.get(back, headers=kept)
    assert "connection_refused=attempt_unknown" in again.headers["location"]
    # A code of another attempt: the platform itself refuses it.
    spent = parse_qs(urlsplit(back).query)["code"][0]
    fresh = parse_qs(urlsplit(await agree(await begin(client, name))).query)["state"][0]
    again = await client.get(f"{API}/connections/callback/{name}", params={"state": fresh, "code": spent})
    assert "connection_refused=" in again.headers["location"]
    assert len(await listed(client, name)) == (2 if name == "facebook" else 1)


async def test_other_browser__refused_and_used_up(
    client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    """Somebody who is made to open an attempt of somebody else's gives nothing away."""
    back = await agree(await begin(client, "x"))
    async with AsyncClient(
        transport=ASGITransport(app=client._transport.app),
        base_url="http://tombola.test",  # type: ignore[attr-defined]
    ) as victim:
        assert "connection_refused=other_browser" in (await victim.get(back)).headers["location"]
    assert "connection_refused=attempt_unknown" in (await client.get(back)).headers["location"]
    assert await listed(client) == []


async def test_state_of_another_platform_unknown_or_old__refused(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    back = await agree(await begin(client, "x"))
    other = back.replace("/callback/x", "/callback/youtube")
    assert "attempt_unknown" in (await client.get(other)).headers["location"]
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.connection_attempt SET expires_at = now() - interval '1 second'"))
    assert "attempt_unknown" in (await client.get(back)).headers["location"]
    assert (
        "attempt_unknown"
        in (
            await client.get(f"{API}/connections/callback/x", params={"state": "made-up", "code": "c"})
        ).headers["location"]
    )


async def test_denied__said(client: AsyncClient, ada: str, platforms: Platforms) -> None:
    platforms["tiktok"].denies = True
    back = await come_back(client, await begin(client, "tiktok"))
    assert "connection_refused=denied" in back.headers["location"]


@each(
    "name",
    "granted",
    of=[
        ("instagram", "instagram_business_basic"),
        ("facebook", "pages_show_list"),
        ("x", "tweet.read users.read"),
        ("tiktok", "user.info.basic"),
        ("youtube", "openid"),
    ],
)
async def test_permission_unticked__not_connected(
    name: str, granted: str, client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    platforms[name].granted = granted
    back = await come_back(client, await begin(client, name))
    assert "connection_refused=not_allowed" in back.headers["location"]
    assert await listed(client, name) == []


async def test_platform_away_at_the_exchange__said_and_to_be_begun_again(
    client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    platforms["x"].next("token", answer(503))
    back = await come_back(client, await begin(client, "x"))
    assert "connection_refused=platform_away" in back.headers["location"]
    await connect(client, "x")


async def test_not_signed_in_or_foreign__refused(client: AsyncClient, platforms: Platforms) -> None:
    assert (
        await client.post(f"{API}/connections", json={"platform": "x"}, headers=ORIGIN)
    ).status_code == 401
    await sign_up(client, "eve@example.org")
    foreign = {"Origin": "http://evil.test"}
    assert (
        await client.post(f"{API}/connections", json={"platform": "x"}, headers=foreign)
    ).status_code == 403


async def test_somebody_elses__not_found(client: AsyncClient, ada: str, platforms: Platforms) -> None:
    mine = await connect(client, "x")
    await sign_up(client, "eve@example.org")
    for method, path in (("GET", f"/connections/{mine}/posts"), ("DELETE", f"/connections/{mine}")):
        assert (await client.request(method, API + path, headers=ORIGIN)).status_code == 404
    assert await listed(client) == []


@each("name", of=NAMES)
async def test_remove__revoked_where_possible(
    name: str, client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    server = platforms[name]
    made = await connect(client, name)
    assert server.accesses
    if name == "facebook":
        # Two pages by one person's access: it ends with the last of them.
        other = next(one["id"] for one in await listed(client, name) if one["id"] != str(made))
        assert (await client.delete(f"{API}/connections/{other}", headers=ORIGIN)).status_code == 204
        assert server.asked["revoke"] == 0
    assert (await client.delete(f"{API}/connections/{made}", headers=ORIGIN)).status_code == 204
    assert await listed(client, name) == []
    assert server.asked["revoke"] == (0 if name == "instagram" else 1)
    assert bool(server.accesses) is (name == "instagram")


async def test_remove__platform_away__forgotten_all_the_same(
    client: AsyncClient, ada: str, platforms: Platforms
) -> None:
    made = await connect(client, "x")
    platforms["x"].next("revoke", answer(500))
    assert (await client.delete(f"{API}/connections/{made}", headers=ORIGIN)).status_code == 204
    assert await listed(client) == []


async def access_of(services: Services, name: str, made: UUID, refused: str | None = None) -> str:
    async with connector(services.settings, name) as asked:  # type: ignore[arg-type]
        return await tokens.access(services, asked, made, refused)


@each("name", of=["instagram", "x", "tiktok", "youtube"])
async def test_renewed_before_it_ends(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, name)
    first = await access_of(services, name, made)
    async with services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.connection SET expires_at = :at"),
            {"at": datetime.now(UTC) + timedelta(seconds=60)},
        )
    platforms[name].expires_in = 100 * 86_400
    second = await access_of(services, name, made)
    assert second != first
    assert second in platforms[name].accesses
    assert await access_of(services, name, made) == second
    [row] = await rows(
        services,
        "SELECT expires_at > now() + interval '90 days' AS later FROM app.connection WHERE id = :id",
        id=made,
    )
    assert row["later"]


async def test_platform_away_at_an_early_renewal__the_access_that_still_is_good_is_used(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, "x")
    first = await access_of(services, "x", made)
    soon = datetime.now(UTC) + timedelta(seconds=100)
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.connection SET expires_at = :at"), {"at": soon})
    platforms["x"].next("token", answer(503), answer(503))
    assert await access_of(services, "x", made) == first
    with pytest.raises(Away):
        await access_of(services, "x", made, refused=first)
    assert await access_of(services, "x", made) != first


async def test_renewed_at_once_by_many__x_gives_each_refresh_token_once(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, "x")
    old = await access_of(services, "x", made)
    before = platforms["x"].asked["token"]
    platforms["x"].expire()
    fresh = await asyncio.gather(*(access_of(services, "x", made, refused=old) for _ in range(8)))
    assert len(set(fresh)) == 1
    assert platforms["x"].asked["token"] == before + 1


@each("name", of=NAMES)
async def test_revoked_at_the_platform__connection_ended(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, name)
    platforms[name].revoke()
    answered = await client.get(f"{API}/connections/{made}/posts")
    assert (answered.status_code, answered.json()["code"]) == (409, "connection_ended")
    assert {one["state"] for one in await listed(client, name) if one["id"] == str(made)} == {"ended"}
    with pytest.raises(AccessEnded):
        await access_of(services, name, made)


async def test_wrong_registration__our_fault_not_the_users(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, "youtube")
    platforms["youtube"].expire()
    platforms["youtube"].next("token", answer(401, {"error": "invalid_client"}))
    answered = await client.get(f"{API}/connections/{made}/posts")
    assert "registration" in answered.json()["detail"]
    assert (await listed(client))[0]["state"] == "active"


async def test_sealed_tokens_of_another_connection__do_not_open(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    one, two = await connect(client, "x"), await connect(client, "youtube")
    async with services.engine.begin() as db:
        await db.execute(
            text(
                "UPDATE app.connection SET sealed = (SELECT sealed FROM app.connection WHERE id = :one) WHERE id = :two"
            ),
            {"one": one, "two": two},
        )
    answered = await client.get(f"{API}/connections/{two}/posts")
    assert answered.status_code == 409
    assert "does not open" in answered.json()["detail"]


async def test_nothing_secret__in_answers_logs_or_reprs(
    client: AsyncClient,
    ada: str,
    platforms: Platforms,
    services: Services,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = ""
    for name in NAMES:
        made = await connect(client, name)
        platforms[name].next("posts", answer(500), answer(400, {"error": "x"}))
        for _ in range(2):
            said += (await client.get(f"{API}/connections/{made}/posts")).text
        async with AsyncSession(services.engine) as db:
            row = await db.get_one(Connection, made)
            said += repr(row) + repr(await tokens.opened(services.kms, row))
    said += json.dumps(await listed(client))
    out, err = capsys.readouterr()
    written = said + out + err + "".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    secrets = [CLIENT_SECRET, *(secret for one in platforms.values() for secret in one.issued)]
    assert [secret for secret in secrets if secret in written] == []


async def test_connectors__configured(client: AsyncClient, platforms: Platforms) -> None:
    items = (await client.get(f"{API}/connectors")).json()["items"]
    assert [(one["platform"], one["configured"], one["missing"]) for one in items] == [
        (name, True, []) for name in NAMES
    ]
