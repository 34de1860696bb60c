"""The HTTP face: refusals as problem details, idempotency, headers, the web app, the description."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from backend.app import create_app
from backend.auth.access import ACCESS
from backend.services import Services, import_platform_wallets
from backend.settings import Settings, schema_settings
from tests.backend import stubs
from tests.backend.app_routes import app_routes
from tests.backend.test_auth import register, sign_in, step_up
from tests.backend.world import POL, fresh_address
from tests.support.anvil import Anvil


@pytest.fixture
async def bearer(client: AsyncClient, chain: Anvil) -> dict[str, str]:
    """A signed-in person with 100 POL, who stepped up."""
    user = await register(client)
    chain.call("anvil_setBalance", user["wallet_address"], hex(100 * POL))
    token = await sign_in(client)
    client.cookies.clear()
    return await step_up(client, {"authorization": f"Bearer {token}"})


def transfer(amount: int = POL, to: str | None = None) -> dict[str, Any]:
    return {"kind": "transfer", "token": None, "to": to or fresh_address(), "amount": str(amount)}


async def post(client: AsyncClient, bearer: dict[str, str], body: Any, key: str = "one") -> Any:
    return await client.post("/api/v1/intents", json=body, headers={**bearer, "Idempotency-Key": key})


async def count(services: Services, table: str) -> int:
    async with services.engine.connect() as db:
        return int(await db.scalar(text(f"SELECT count(*) FROM app.{table}")))


async def test_intent__accepted_held_and_listed(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    answer = await post(client, bearer, transfer(3 * POL))
    assert answer.status_code == 202
    intent = answer.json()
    assert (intent["state"], intent["nonce"], intent["transaction_hash"]) == ("created", None, None)
    assert [stage["state"] for stage in intent["stages"]] == ["created"]
    assert (await client.get("/api/v1/intents", headers=bearer)).json()["items"] == [intent]
    assert (await client.get(f"/api/v1/intents/{intent['id']}", headers=bearer)).json() == intent
    (pol,) = (await client.get("/api/v1/wallet", headers=bearer)).json()["balances"]
    assert (pol["held"], pol["available"]) == (str(3 * POL), str(97 * POL))


async def test_wallet__token_from_elsewhere__decimals_unknown(
    client: AsyncClient, bearer: dict[str, str]
) -> None:
    await post(client, bearer, transfer(7) | {"token": stubs.TOKEN})
    pol, token = (await client.get("/api/v1/wallet", headers=bearer)).json()["balances"]
    assert (pol["decimals"], pol["token"]) == (18, None)
    assert (token["token"], token["decimals"]) == (stubs.TOKEN, None)
    assert (token["amount"], token["held"]) == (str(10**30), "7")


async def test_same_key_fifty_times_at_once__one_effect_identical_answers(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    body = transfer()
    answers = await asyncio.gather(*(post(client, bearer, body) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert await count(services, "intent") == 1
    assert await count(services, "hold") == 1


async def test_same_key_other_body__422(client: AsyncClient, bearer: dict[str, str]) -> None:
    await post(client, bearer, transfer(1))
    answer = await post(client, bearer, transfer(2))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_same_key_other_user__independent(
    client: AsyncClient, bearer: dict[str, str], chain: Anvil, services: Services
) -> None:
    body = transfer()
    await post(client, bearer, body)
    other = await register(client, "bob@example.org")
    chain.call("anvil_setBalance", other["wallet_address"], hex(100 * POL))
    token = await sign_in(client, "bob@example.org")
    client.cookies.clear()
    other_bearer = await step_up(client, {"authorization": f"Bearer {token}"})
    assert (await post(client, other_bearer, body)).status_code == 202
    assert await count(services, "intent") == 2


async def test_refused_first__the_same_key_may_try_again(
    client: AsyncClient, bearer: dict[str, str], chain: Anvil
) -> None:
    body = transfer(200 * POL)
    refused = await post(client, bearer, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_too_low")
    address = (await client.get("/api/v1/wallet", headers=bearer)).json()["address"]
    chain.call("anvil_setBalance", address, hex(300 * POL))
    assert (await post(client, bearer, body)).status_code == 202


async def test_holds_at_once__never_more_than_there_is(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    bodies = [transfer(30 * POL) for _ in range(8)]
    answers = await asyncio.gather(*(post(client, bearer, body, f"k{n}") for n, body in enumerate(bodies)))
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [409] * 5


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "buy_tickets", "raffle_id": "1", "count": "0"}, "body.buy_tickets.count"),
        ({"kind": "buy_tickets", "raffle_id": "1", "count": str(2**64)}, "body.buy_tickets.count"),
        ({"kind": "buy_tickets", "raffle_id": "-1", "count": "1"}, "body.buy_tickets.raffle_id"),
        ({"kind": "buy_tickets", "raffle_id": "1e3", "count": "1"}, "body.buy_tickets.raffle_id"),
        ({"kind": "buy_tickets", "raffle_id": 1, "count": "1"}, "body.buy_tickets.raffle_id"),
        ({"kind": "transfer", "to": "0x12", "amount": "1"}, "body.transfer.to"),
        ({"kind": "transfer", "to": "0x" + "aB" * 20, "amount": "1"}, "body.transfer.to"),
        ({"kind": "transfer", "to": "0x" + "11" * 20, "amount": "1" * 79}, "body.transfer.amount"),
        ({"kind": "steal"}, "body"),
    ],
    ids=str,
)
async def test_intent__malformed__422_names_the_field(
    client: AsyncClient, bearer: dict[str, str], body: Any, field: str
) -> None:
    answer = await post(client, bearer, body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


async def test_intent__no_key__422(client: AsyncClient, bearer: dict[str, str]) -> None:
    answer = await client.post("/api/v1/intents", json=transfer(), headers=bearer)
    assert answer.json()["errors"][0]["field"] == "header.Idempotency-Key"


async def test_buy_tickets__pol_raffle__holds_the_price(
    client: AsyncClient, bearer: dict[str, str], services: Services
) -> None:
    body = {"kind": "buy_tickets", "raffle_id": "1", "count": "3"}
    assert (await post(client, bearer, body)).status_code == 202
    async with services.engine.connect() as db:
        assert await db.scalar(text("SELECT amount FROM app.hold")) == 3 * stubs.TICKET_PRICE
        (call,) = await db.scalar(text("SELECT calls FROM app.intent"))
        assert (call["to"], call["value"]) == (stubs.RAFFLE, str(3 * stubs.TICKET_PRICE))


async def test_buy_tickets__token_raffle__approves_exactly_then_buys(
    client: AsyncClient, bearer: dict[str, str], services: Services, chain: Anvil
) -> None:
    stubs.install(chain, stubs.TOKEN)
    assert (
        await post(client, bearer, {"kind": "buy_tickets", "raffle_id": "1", "count": "3"})
    ).status_code == 202
    async with services.engine.connect() as db:
        approve, buy = await db.scalar(text("SELECT calls FROM app.intent"))
        assert approve["to"] == stubs.TOKEN
        assert int(approve["data"][-64:], 16) == 3 * stubs.TICKET_PRICE
        assert (buy["to"], buy["value"]) == (stubs.RAFFLE, "0")
        assert await db.scalar(text("SELECT token FROM app.hold")) == bytes.fromhex(stubs.TOKEN[2:])


async def test_somebody_elses_intent__404(client: AsyncClient, bearer: dict[str, str]) -> None:
    intent = (await post(client, bearer, transfer())).json()
    await register(client, "eve@example.org")
    token = await sign_in(client, "eve@example.org")
    client.cookies.clear()
    answer = await client.get(f"/api/v1/intents/{intent['id']}", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "intent_not_found")


async def test_intents__pages(client: AsyncClient, bearer: dict[str, str]) -> None:
    made = [(await post(client, bearer, transfer(1), f"k{n}")).json()["id"] for n in range(5)]
    first = (await client.get("/api/v1/intents?limit=3", headers=bearer)).json()
    rest = (await client.get(f"/api/v1/intents?cursor={first['next_cursor']}", headers=bearer)).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_intents__of_some_states__only_those(client: AsyncClient, bearer: dict[str, str]) -> None:
    kept, dropped = [(await post(client, bearer, transfer(1), f"k{n}")).json()["id"] for n in range(2)]
    await client.post(f"/api/v1/intents/{dropped}/cancel", headers=bearer)

    async def listed(*states: str) -> list[str]:
        answer = await client.get("/api/v1/intents", params={"state": list(states)}, headers=bearer)
        return [item["id"] for item in answer.json()["items"]]

    assert await listed("created", "signed") == [kept]
    assert await listed("cancelled") == [dropped]
    assert await listed("created", "cancelled") == [dropped, kept]
    unknown = await client.get("/api/v1/intents", params={"state": "lost"}, headers=bearer)
    assert unknown.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("POST", "/api/v1/nothing", 404, "not_found"),
        ("PATCH", "/api/v2/me", 404, "not_found"),
        ("DELETE", "/api", 404, "not_found"),
        ("PUT", "/api/v1/raffles/1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/me", 405, "method_not_allowed"),
        ("GET", "/api/v1/me", 401, "not_signed_in"),
        ("GET", "/api/v1/intents/not-a-uuid", 401, "not_signed_in"),
    ],
)
async def test_refusals__are_problem_details(
    client: AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"], body["instance"]) == (
        status,
        status,
        code,
        path,
    )
    assert body["detail"]


async def test_our_bug__500_without_details(app: FastAPI, client: AsyncClient) -> None:
    app.state.services.kms = None
    answer = await client.post("/api/v1/users", json={"email": "a@example.org", "password": "correct horse"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "NoneType" not in answer.text


async def test_welcome_grant__treasury_pays_once(settings: Settings, chain: Anvil, tmp_path: Path) -> None:
    from asgi_lifespan import LifespanManager
    from httpx import ASGITransport

    from backend.migrate import migrate
    from tests.support.anvil import dev_account

    key_file = tmp_path / "treasury.key"
    key_file.write_text(dev_account(7).private_key)
    key_file.chmod(0o600)
    await asyncio.to_thread(migrate, settings.database_url)
    app = create_app(
        settings.model_copy(update={"treasury_key_file": key_file, "welcome_grant_wei": 5 * POL})
    )
    transport = ASGITransport(app=app)
    async with LifespanManager(app), AsyncClient(transport=transport, base_url="http://t") as client:
        await import_platform_wallets(app.state.services)
        user = await register(client)
        async with app.state.services.engine.connect() as db:
            row = (
                await db.execute(
                    text(
                        "SELECT i.kind, i.params, w.role"
                        " FROM app.intent i JOIN app.wallet w ON w.id = i.wallet_id"
                    )
                )
            ).one()
        assert row == (
            "welcome_grant",
            {"to": user["wallet_address"], "amount": str(5 * POL)},
            "treasury",
        )


async def test_pages__spa_fallback_headers_and_no_escape(
    client: AsyncClient, settings: Settings, tmp_path: Path
) -> None:
    dist = settings.frontend_dist
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>app")
    (dist / "assets" / "a.js").write_text("1")
    (tmp_path / "secret.txt").write_text("hidden")
    for path in ("/", "/raffles/1", "/verify"):
        answer = await client.get(path)
        assert (answer.status_code, answer.text) == (200, "<!doctype html>app")
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy
        assert "style-src 'self';" in policy
        assert "'unsafe-inline'" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in (await client.get("/assets/a.js")).headers["cache-control"]
    assert (await client.get("/assets/missing.js")).status_code == 404
    escapes = ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt")
    for path in escapes:
        assert "hidden" not in (await client.get(path)).text


async def test_pages__what_a_page_loads_is_named_in_its_head(client: AsyncClient, settings: Settings) -> None:
    dist = settings.frontend_dist
    dist.mkdir(parents=True)
    (dist / "index.html").write_text("<head></head>")
    reads = ["/api/v1/config", "/api/v1/raffles/$id?a=1&b=2"]
    pages = [{"path": "/raffles/$id", "scripts": ["/assets/raffle.js"], "reads": reads}]
    (dist / "ahead.json").write_text(json.dumps(pages))
    script = '<link rel="modulepreload" href="/assets/raffle.js" />'
    read = '<link rel="preload" as="fetch" crossorigin href="/api/v1/{}" />'
    whole = f"<head>{script}{read.format('config')}{read.format('raffles/7?a=1&amp;b=2')}</head>"
    # Another question asks for other data; what is no name is written into no address.
    for path, html in (
        ("/raffles/7", whole),
        ("/raffles/7?x=1", f"<head>{script}</head>"),
        ("/raffles/7/more", "<head></head>"),
        ("/raffles/%22%3E%3Cb%3E", "<head></head>"),
        ("/raffles/..", "<head></head>"),
        ("/other", "<head></head>"),
    ):
        assert (await client.get(path)).text == html, path
    (dist / "ahead.json").unlink()
    (dist / "index.html").write_text("<head>new</head>")
    assert (await client.get("/raffles/7")).text == "<head>new</head>"


async def test_pages__packed_where_the_browser_unpacks(client: AsyncClient, settings: Settings) -> None:
    assets = settings.frontend_dist / "assets"
    assets.mkdir(parents=True)
    (assets / "a.js").write_text("plain")
    (assets / "a.js.gz").write_bytes(gzip.compress(b"zipped"))
    (assets / "b.js").write_text("small")
    for accepted, coding, words in (
        ("gzip, deflate", "gzip", "zipped"),
        ("identity", None, "plain"),
        ("gzip;q=0", None, "plain"),
        ("br", None, "plain"),
    ):
        answer = await client.get("/assets/a.js", headers={"accept-encoding": accepted})
        assert (answer.headers.get("content-encoding"), answer.text) == (coding, words), accepted
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    assert "vary" not in (await client.get("/assets/b.js")).headers


async def test_docs__page_and_its_files(client: AsyncClient) -> None:
    for path, kind in (("docs", "text/html"), ("docs.js", "text/javascript"), ("docs.css", "text/css")):
        answer = await client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert (await client.get("/api/v1/openapi.json")).json()["openapi"].startswith("3.")


async def test_readyz__ready_and_says_what_is_missing(client: AsyncClient, services: Services) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    answer = await client.get("/readyz")
    assert answer.json()["checks"]["migrations"] == "ok"
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.alembic_version SET version_num = '0000'"))
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert "python -m backend migrate" in answer.json()["checks"]["migrations"]
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.alembic_version SET version_num = '9999'"))
    # A release is going out: until its processes are there, this one carries the traffic.
    assert (await client.get("/readyz")).json()["checks"]["migrations"] == "ok"


def test_openapi__every_route_is_described() -> None:
    document = create_app(schema_settings()).openapi()
    tags = {tag["name"] for tag in document["tags"]}
    assert {"bearer", "cookie"} <= set(document["components"]["securitySchemes"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert set(operation["tags"]) <= tags, where
            success = [status for status in operation["responses"] if status.startswith(("2", "303"))]
            assert success, where
            for status, answer in operation["responses"].items():
                content = answer.get("content", {})
                if status.startswith("2") and status != "204":
                    assert content.get("application/json", {"schema": True})["schema"], where
                elif status >= "400" and path.startswith("/api/"):
                    assert "application/problem+json" in content, f"{where} {status}"


def test_openapi__names_for_clients__two_words_or_more_and_none_twice() -> None:
    """They are methods and classes of the generated clients: `list_raffles`, `RaffleOut`."""
    document = create_app(schema_settings()).openapi()
    names = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert [name for name, count in Counter(names).items() if count > 1] == [], "rename the route's function"
    unclear = [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+){1,4}", name)]
    assert unclear == [], "name the route's function so that it is understood without its module"
    # FastAPI puts the module before the names of classes that share one.
    assert [name for name in document["components"]["schemas"] if "__" in name] == [], "rename the class"


def test_access__every_route_has_its_line_and_checks_what_the_line_says() -> None:
    found = {route.name: route.who for route in app_routes(create_app(schema_settings()))}
    assert found == ACCESS
