"""Limits on requests and bodies, other sites' pages, and the headers of every answer."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from asgi_lifespan import LifespanManager
from httpx import ASGITransport, AsyncClient

from backend import shared_redis
from backend.app import create_app
from backend.auth.throttle import TooManyAttempts
from backend.body_limits import DEFAULT_BYTES
from backend.settings import Settings, SettingsError, load_settings
from backend.throttling import memory
from backend.throttling.counters import Counters
from backend.throttling.failures import FAILURE_WINDOW, SignInFailures, StepUpFailures
from backend.throttling.memory import Memory
from backend.throttling.rules import Count, Rule
from tests.backend.redis_server import Redis
from tests.backend.test_auth import PASSWORD, register, sign_in

STATUS = "/api/v1/config"


@asynccontextmanager
async def api(settings: Settings, **changes: Any) -> AsyncIterator[AsyncClient]:
    """An API process with these settings, and a browser."""
    made = create_app(settings.model_copy(update=changes))
    async with (
        LifespanManager(made),
        AsyncClient(
            transport=ASGITransport(made, raise_app_exceptions=False), base_url="http://tombola.test"
        ) as c,
    ):
        yield c


def from_address(client: AsyncClient, host: str) -> AsyncClient:
    transport = client._transport
    assert isinstance(transport, ASGITransport)
    return AsyncClient(
        transport=ASGITransport(transport.app, client=(host, 1)), base_url="http://tombola.test"
    )


async def test_requests_of_an_address__beyond_the_limit_429_and_others_go_on(settings: Settings) -> None:
    async with api(settings, requests_per_minute_per_network=3) as client:
        answers = [await client.get(STATUS) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"network";q=3;w=60'
        assert answers[0].headers["ratelimit"].startswith('"network";r=2;t=')
        refused = answers[3]
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too_many_attempts"
        assert "More than 3 requests in 60 seconds came from your network address" in refused.json()["detail"]
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit"].startswith('"network";r=0;t=')
        assert refused.headers["x-content-type-options"] == "nosniff"
        async with from_address(client, "203.0.113.9") as elsewhere:
            assert (await elsewhere.get(STATUS)).status_code == 200


async def test_requests_of_an_account__counted_over_addresses_and_sessions(settings: Settings) -> None:
    async with api(settings, requests_per_minute_per_user=4) as client:
        await register(client)
        tokens = []
        for _ in range(2):
            tokens.append(await sign_in(client))
            client.cookies.clear()
        seen = []
        for number in range(5):
            async with from_address(client, f"203.0.113.{number}") as somewhere:
                header = {"authorization": f"Bearer {tokens[number % 2]}"}
                seen.append((await somewhere.get("/api/v1/me", headers=header)).status_code)
        assert seen == [200] * 4 + [429]
        assert (await client.get(STATUS)).status_code == 200


async def test_changes__have_a_limit_of_their_own(settings: Settings) -> None:
    async with api(settings, changes_per_minute_per_user=2) as client:
        await register(client)
        header = {"authorization": f"Bearer {await sign_in(client)}"}
        client.cookies.clear()
        steps = [
            (await client.post("/api/v1/step-up", json={"password": PASSWORD}, headers=header)).status_code
            for _ in range(3)
        ]
        assert steps == [200, 200, 429]
        assert (await client.get("/api/v1/me", headers=header)).status_code == 200


async def test_credential_routes__per_address_and_route(settings: Settings) -> None:
    async with api(settings, sign_in_attempts_per_minute=2) as client:
        body = {"email": "ada@example.org", "password": "wrong"}
        codes = [(await client.post("/api/v1/sessions", json=body)).status_code for _ in range(3)]
        assert codes == [401, 401, 429]
        await register(client)


async def test_redis__two_processes_share_one_count(settings: Settings, redis_server: Redis) -> None:
    changes = {"redis_url": redis_server.url, "requests_per_minute_per_network": 4}
    async with api(settings, **changes) as one, api(settings, **changes) as two:
        codes = [(await client.get(STATUS)).status_code for client in (one, two, one, two, one, two)]
        assert codes == [200] * 4 + [429] * 2


async def test_memory__each_process_counts_for_itself(settings: Settings) -> None:
    async with (
        api(settings, requests_per_minute_per_network=2) as one,
        api(settings, requests_per_minute_per_network=2) as two,
    ):
        codes = [(await client.get(STATUS)).status_code for client in (one, two, one, two, one)]
        assert codes == [200] * 4 + [429]


async def test_redis_away__requests_go_on_with_a_warning_and_the_count_is_shared_again_later(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared_redis, "RETRY_SECONDS", 0.0)
    rule = Rule("network", "network", 3)
    here, there = Counters(redis_server.url), Counters(redis_server.url)
    assert (await here.hit(rule, "a")).remaining == 2
    assert (await there.hit(rule, "a")).remaining == 1
    redis_server.stop()
    alone = await here.hit(rule, "a")
    assert (alone.is_allowed, alone.remaining) == (True, 2)
    assert "redis_away" in capsys.readouterr().out
    redis_server.start()
    for counter in (here, there):
        await counter.hit(rule, "finds its old connection closed")
    await here.hit(rule, "b")
    assert (await there.hit(rule, "b")).remaining == 1
    await here.close()
    await there.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clocks that windows are counted by, to be set."""
    now = [1_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    monkeypatch.setattr(memory, "monotonic", lambda: now[0])
    return now


async def refused_for(check: Awaitable[None]) -> str | None:
    """Retry-After of a refusal, None where there is none."""
    try:
        await check
    except TooManyAttempts as refusal:
        return refusal.headers["Retry-After"]
    return None


def with_failures(settings: Settings, per_address: int, per_account: int) -> Settings:
    bounds = {"sign_in_failures_per_address": per_address, "sign_in_failures_per_account": per_account}
    return settings.model_copy(update=bounds)


async def test_sign_in_failures__many_networks__each_may_fail_once_and_a_new_one_is_never_refused(
    settings: Settings, clock: list[float]
) -> None:
    failures = SignInFailures(Counters(), with_failures(settings, 3, 5))
    for number in range(5):
        assert await refused_for(failures.check("ada", f"net {number}")) is None
        await failures.record("ada", f"net {number}")
    clock[0] += 20
    assert await refused_for(failures.check("ada", "net 0")) == "280"
    assert await refused_for(failures.check("ada", "home")) is None
    assert await refused_for(failures.check("bob", "net 0")) is None
    await failures.record("ada", "home")
    assert await refused_for(failures.check("ada", "home")) == "300"
    clock[0] += FAILURE_WINDOW - 20
    assert await refused_for(failures.check("ada", "net 0")) is None
    assert await refused_for(failures.check("ada", "home")) is None


async def test_sign_in_failures__one_network__its_own_bound(settings: Settings) -> None:
    failures = SignInFailures(Counters(), with_failures(settings, 2, 100))
    await failures.record("ada", "a")
    assert await refused_for(failures.check("ada", "a")) is None
    await failures.record("ada", "a")
    assert await refused_for(failures.check("ada", "a")) == "300"
    assert await refused_for(failures.check("ada", "b")) is None


async def test_step_up_failures__window_passed__allowed_again(settings: Settings, clock: list[float]) -> None:
    failures = StepUpFailures(Counters(), with_failures(settings, 2, 100))
    await failures.record("a")
    await failures.record("a")
    assert await refused_for(failures.check("a")) == "300"
    assert await refused_for(failures.check("b")) is None
    clock[0] += FAILURE_WINDOW
    assert await refused_for(failures.check("a")) is None


async def test_wrong_passwords__two_processes_share_one_count(
    settings: Settings, redis_server: Redis
) -> None:
    changes = {"redis_url": redis_server.url, "sign_in_failures_per_address": 3}
    async with api(settings, **changes) as one, api(settings, **changes) as two:
        await register(one)
        token = await sign_in(one)
        one.cookies.clear()
        header = {"authorization": f"Bearer {token}"}

        async def sign_in_with(client: AsyncClient, password: str) -> int:
            body = {"email": "ada@example.org", "password": password}
            return (await client.post("/api/v1/sessions", json=body)).status_code

        async def step_up_with(client: AsyncClient, password: str) -> int:
            body = {"password": password}
            return (await client.post("/api/v1/step-up", json=body, headers=header)).status_code

        for attempt, wrong in ((sign_in_with, 401), (step_up_with, 403)):
            seen = [await attempt(client, "wrong") for client in (one, two, one, two)]
            assert seen == [wrong] * 3 + [429], attempt
            assert [await attempt(client, PASSWORD) for client in (one, two)] == [429, 429], attempt
        with redis.Redis.from_url(redis_server.url) as there_is:
            names = there_is.keys()
        assert any(b"sign-in failures" in name for name in names)
        assert not [name for name in names if b"@" in name]


async def test_wrong_passwords__redis_away__this_process_counts(
    settings: Settings, redis_server: Redis
) -> None:
    failures = SignInFailures(Counters(redis_server.url), with_failures(settings, 2, 100))
    await failures.record("ada", "a")
    redis_server.stop()
    assert await refused_for(failures.check("ada", "a")) is None
    await failures.record("ada", "a")
    await failures.record("ada", "a")
    assert await refused_for(failures.check("ada", "a")) is not None


async def test_redis_hangs__a_request_waits_half_a_second_at_most(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        waiting = Counters(url)
        assert (await waiting.hit(Rule("network", "network", 3), "a")).is_allowed
        assert (await waiting.hit(Rule("network", "network", 3), "a")).remaining == 1
        await waiting.close()


async def body_of(size: int, chunk: int = 8192) -> AsyncIterator[bytes]:
    """A body without Content-Length."""
    for start in range(0, size, chunk):
        yield b"x" * min(chunk, size - start)


@pytest.mark.parametrize("make", [lambda size: b"x" * size, body_of], ids=["with length", "chunked"])
async def test_body__beyond_the_limit__413_names_it(client: AsyncClient, make: Callable[[int], Any]) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/api/v1/users", content=make(DEFAULT_BYTES + 1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["limit_bytes"] == DEFAULT_BYTES
    assert answer.headers["x-content-type-options"] == "nosniff"
    within = await client.post("/api/v1/users", content=make(DEFAULT_BYTES), headers=headers)
    assert within.status_code == 422


async def test_body__length_understated__still_ends_at_the_limit(client: AsyncClient) -> None:
    headers = {"content-type": "application/json", "content-length": "10"}
    answer = await client.post("/api/v1/users", content=body_of(DEFAULT_BYTES + 1), headers=headers)
    assert answer.status_code == 413


async def test_cors__no_other_site_by_default(client: AsyncClient) -> None:
    headers = {"origin": "https://app.example.org", "access-control-request-method": "POST"}
    preflight = await client.options("/api/v1/intents", headers=headers)
    assert "access-control-allow-origin" not in preflight.headers
    answer = await client.get(STATUS, headers=headers)
    assert "access-control-allow-origin" not in answer.headers


async def test_cors__named_sites_only_and_never_with_cookies(settings: Settings) -> None:
    async with api(settings, cors_origins=("https://app.example.org",)) as client:
        wish = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        named = await client.options("/api/v1/intents", headers={"origin": "https://app.example.org", **wish})
        assert named.headers["access-control-allow-origin"] == "https://app.example.org"
        assert "access-control-allow-credentials" not in named.headers
        other = await client.options("/api/v1/intents", headers={"origin": "https://evil.example", **wish})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("value", ["*", "https://app.example.org/", "app.example.org", "https://a/b"])
def test_cors__setting_that_is_no_origin__refuses_to_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for name in ("database_url", "registry"):
        monkeypatch.setenv(name.upper(), str(getattr(settings, name)))
    monkeypatch.setenv("RPC_URLS", "http://127.0.0.1:1")
    monkeypatch.setenv("CORS_ORIGINS", value)
    with pytest.raises(SettingsError, match="is no origin: write it as"):
        load_settings()


async def test_headers__of_api_answers_and_refusals(client: AsyncClient) -> None:
    for path in (STATUS, "/api/v1/nothing", "/api/v1/me"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("public, no-cache" if path == STATUS else "no-store")
        assert "ratelimit" in headers
    assert "script-src 'self'" in (await client.get("/api/v1/docs")).headers["content-security-policy"]


def test_memory__window_slides_and_the_client_seen_longest_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    windows, rule = Memory(), Rule("network", "network", limit=2, seconds=60)
    assert [windows.hit(rule, "a").remaining for _ in range(2)] == [1, 0]
    clock[0] += 59.5
    assert windows.hit(rule, "a") == Count(rule, is_allowed=False, remaining=0, reset_seconds=1)
    assert windows.look(rule, "b") == Count(rule, is_allowed=True, remaining=2, reset_seconds=1)
    clock[0] += 0.5
    assert windows.hit(rule, "a").remaining == 1
    monkeypatch.setattr(memory, "MOST_CLIENTS", 2)
    for client in ("b", "a", "c"):
        windows.hit(rule, client)
    assert [windows.look(rule, client).remaining for client in ("a", "b", "c")] == [0, 2, 1]
