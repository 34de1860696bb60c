"""Webhooks: signed, at least once under one id, given up in the end; their routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, get_args
from uuid import UUID

import pytest
from aiohttp import web
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks import Webhook, WebhookVerificationError

from backend.app import create_app
from backend.outbox import events
from backend.outbox.service import publish
from backend.services import Services
from backend.settings import Settings
from backend.webhooks.schemas import EventName
from tests.backend import stubs
from tests.backend.test_auth import register, sign_in
from tests.backend.test_measuring import value as measured
from tests.backend.working import comes_true, value, worker
from tests.support.anvil import Anvil
from tools.ports import free_port

EVENTS = ["intent.created", "intent.confirmed"]


@dataclass
class Receiver:
    """Somebody's server: what came, and what it answers next (200 when nothing is set)."""

    url: str
    came: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[Callable[[], web.Response]] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.came]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    port = free_port()
    found = Receiver(f"http://127.0.0.1:{port}/hook")

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): text for name, text in request.headers.items()}
        found.came.append((headers, await request.text()))
        return found.answers.pop(0)() if found.answers else web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found
    await runner.cleanup()


@pytest.fixture
async def app(settings: Settings, chain: Anvil) -> AsyncIterator[FastAPI]:
    """An application whose webhooks may stay on this machine and give up quickly."""
    stubs.install(chain)
    quick = {
        "webhook_private_targets": True,
        "webhook_retry_seconds": (0.05, 0.05),
        "worker_poll_seconds": 0.05,
    }
    made = create_app(settings.model_copy(update=quick))
    async with LifespanManager(made):
        yield made


@pytest.fixture
async def ann(client: AsyncClient) -> dict[str, Any]:
    """A signed-in person: id and headers."""
    user = await register(client)
    token = await sign_in(client)
    client.cookies.clear()
    return {"id": UUID(user["id"]), "headers": {"authorization": f"Bearer {token}"}}


async def make(client: AsyncClient, ann: dict[str, Any], receiver: Receiver) -> dict[str, Any]:
    body = {"url": receiver.url, "events": EVENTS}
    answer = await client.post("/api/v1/webhooks", json=body, headers=ann["headers"])
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def happen(
    services: Services, user: UUID, event: str = "intent.confirmed", subject: str = "one"
) -> None:
    async with AsyncSession(services.engine) as db, db.begin():
        await publish(db, user, event, subject, {"n": "1"})


def is_signed(secret: str, headers: dict[str, str], body: str) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_a_webhook_may_ask_for_every_event_there_is() -> None:
    assert set(get_args(EventName)) == set(events.EVENTS)


async def test_event__delivered_signed_and_only_what_was_chosen(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    made = await make(client, ann, receiver)
    async with worker(services):
        await happen(services, ann["id"], "intent.mined")
        await happen(services, ann["id"], subject="seven")
        await comes_true(services, "SELECT count(*) FROM app.webhook_delivery WHERE state = 'delivered'")
    ((headers, body),) = receiver.came
    told = Webhook(made["secret"]).verify(body, headers)
    assert (told["type"], told["data"]) == ("intent.confirmed", {"subject": "seven", "n": "1"})
    assert not is_signed(made["secret"], headers, body.replace("seven", "eight"))
    path = f"/api/v1/webhooks/{made['id']}"
    (delivery,) = (await client.get(f"{path}/deliveries", headers=ann["headers"])).json()["items"]
    assert (delivery["state"], delivery["answer_status"], delivery["attempts"]) == ("delivered", 200, 1)
    assert delivery["message_id"] == headers["webhook-id"]
    assert "secret" not in (await client.get(path, headers=ann["headers"])).json()
    assert made["secret"].encode() not in await value(services, "SELECT secret FROM app.webhook")


async def test_failures__tried_again_under_the_same_id__then_delivered(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    counted = {one: measured("tombola_webhook_attempts_total", outcome=one) for one in ("refused", "taken")}
    made = await make(client, ann, receiver)
    receiver.answers = [
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"location": "/elsewhere"}),
    ]
    async with worker(services):
        await happen(services, ann["id"])
        await comes_true(services, "SELECT count(*) FROM app.webhook_delivery WHERE state = 'delivered'")
    assert len(receiver.came) == 3, "a redirect is not followed"
    assert len(set(receiver.ids())) == 1
    assert len({body for _, body in receiver.came}) == 1
    assert all(is_signed(made["secret"], *one) for one in receiver.came)
    now = {one: measured("tombola_webhook_attempts_total", outcome=one) for one in counted}
    assert (now["refused"] - counted["refused"], now["taken"] - counted["taken"]) == (2, 1)


async def test_never_taken__switched_off_with_a_mail__and_can_be_repeated(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    made = await make(client, ann, receiver)
    path = f"/api/v1/webhooks/{made['id']}"
    receiver.answers = [lambda: web.Response(status=503)] * 3
    async with worker(services):
        await happen(services, ann["id"])
        await comes_true(services, "SELECT disabled_at IS NOT NULL FROM app.webhook")
        await comes_true(services, "SELECT state = 'sent' FROM app.mail WHERE template = 'webhook_disabled'")
        shown = (await client.get(path, headers=ann["headers"])).json()
        assert (shown["enabled"], "answered 503" in shown["disabled_reason"]) == (False, True)
        (delivery,) = (await client.get(f"{path}/deliveries", headers=ann["headers"])).json()["items"]
        assert (delivery["state"], delivery["attempts"]) == ("failed", 3)
        again = f"{path}/deliveries/{delivery['id']}/retry"
        assert (await client.post(again, headers=ann["headers"])).json()["code"] == "webhook_disabled"
        await happen(services, ann["id"], subject="while off")
        await client.patch(path, json={"enabled": True}, headers=ann["headers"])
        assert (await client.post(again, headers=ann["headers"])).status_code == 202
        await comes_true(services, "SELECT count(*) FROM app.webhook_delivery WHERE state = 'delivered'")
    assert (await client.post(again, headers=ann["headers"])).json()["code"] == "delivery_waits"
    assert len(set(receiver.ids())) == 1
    assert await value(services, "SELECT count(*) FROM app.webhook_delivery") == 1
    assert (
        await value(
            services,
            "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed' AND queue_name = 'webhooks'",
        )
        == 0
    )


async def test_gone__switched_off_at_once__and_who_never_answers_later(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    off = {why: measured("tombola_webhooks_disabled_total", why=why) for why in ("gone", "silent")}
    unreachable = measured("tombola_webhook_attempts_total", outcome="unreachable")
    await make(client, ann, receiver)
    await make(client, ann, Receiver(f"http://127.0.0.1:{free_port()}/"))
    receiver.answers = [lambda: web.Response(status=410)]
    async with worker(services):
        await happen(services, ann["id"])
        await comes_true(services, "SELECT count(*) = 2 FROM app.webhook WHERE disabled_at IS NOT NULL")
    reason = "SELECT disabled_reason FROM app.webhook WHERE url = :url"
    assert await value(services, reason, url=receiver.url) == "it answered 410 Gone"
    assert len(receiver.came) == 1
    for why, count in off.items():
        assert measured("tombola_webhooks_disabled_total", why=why) == count + 1
    assert measured("tombola_webhook_attempts_total", outcome="unreachable") == unreachable + 3


async def test_secret_changed__both_sign_for_a_day_then_the_new_one_alone(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    made = await make(client, ann, receiver)
    path = f"/api/v1/webhooks/{made['id']}"
    changed = (await client.post(f"{path}/rotate", headers=ann["headers"])).json()
    assert changed["secret"] != made["secret"]
    async with worker(services):
        await happen(services, ann["id"])
        await comes_true(services, "SELECT count(*) = 1 FROM app.webhook_delivery WHERE state = 'delivered'")
        async with services.engine.begin() as db:
            await db.exec_driver_sql("UPDATE app.webhook SET previous_until = now() - interval '1 s'")
        await happen(services, ann["id"])
        await comes_true(services, "SELECT count(*) = 2 FROM app.webhook_delivery WHERE state = 'delivered'")
    assert [is_signed(made["secret"], *one) for one in receiver.came] == [True, False]
    assert [is_signed(changed["secret"], *one) for one in receiver.came] == [True, True]


async def test_endless_answer__cut_off_and_its_status_counts(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    await make(client, ann, receiver)
    receiver.answers = [lambda: web.Response(body=b"x" * 5_000_000)]
    async with worker(services):
        await happen(services, ann["id"])
        await comes_true(services, "SELECT count(*) FROM app.webhook_delivery WHERE state = 'delivered'")
    assert len(receiver.came) == 1


async def test_ping__to_this_one_alone_and_once(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    made = await make(client, ann, receiver)
    await make(client, ann, receiver)
    receiver.answers = [lambda: web.Response(status=500)]
    async with worker(services):
        answer = await client.post(f"/api/v1/webhooks/{made['id']}/ping", headers=ann["headers"])
        assert (answer.status_code, answer.json()["event"]) == (202, "webhook.ping")
        await comes_true(services, "SELECT count(*) FROM app.webhook_delivery WHERE state = 'failed'")
    assert len(receiver.came) == 1
    assert await value(services, "SELECT count(*) FROM app.webhook WHERE disabled_at IS NOT NULL") == 0


async def test_rolled_back__nothing_is_sent(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    await make(client, ann, receiver)
    async with AsyncSession(services.engine) as db:
        await publish(db, ann["id"], "intent.confirmed", "one", {})
        await db.rollback()
    assert await value(services, "SELECT count(*) FROM app.webhook_delivery") == 0
    assert (
        await value(services, "SELECT count(*) FROM jobs.procrastinate_jobs WHERE queue_name = 'webhooks'")
        == 0
    )


async def test_of_somebody_else__not_found(
    client: AsyncClient, services: Services, ann: dict[str, Any], receiver: Receiver
) -> None:
    made = await make(client, ann, receiver)
    await register(client, "bob@example.org")
    bob = {"authorization": f"Bearer {await sign_in(client, 'bob@example.org')}"}
    client.cookies.clear()
    path = f"/api/v1/webhooks/{made['id']}"
    tries = [
        ("GET", path),
        ("PATCH", path),
        ("DELETE", path),
        ("POST", f"{path}/rotate"),
        ("POST", f"{path}/ping"),
        ("GET", f"{path}/deliveries"),
        ("POST", f"{path}/deliveries/1/retry"),
    ]
    for method, where in tries:
        answer = await client.request(method, where, headers=bob, json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found"), where
    assert (await client.get("/api/v1/webhooks", headers=bob)).json() == {"items": []}
    assert (await client.delete(path, headers=ann["headers"])).status_code == 204


async def test_eleventh__refused(client: AsyncClient, ann: dict[str, Any], receiver: Receiver) -> None:
    for _ in range(10):
        await make(client, ann, receiver)
    body = {"url": receiver.url, "events": EVENTS}
    answer = await client.post("/api/v1/webhooks", json=body, headers=ann["headers"])
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "ftp://x.example.com", "events": EVENTS}, "body.url"),
        ({"url": "https://x.example.com", "events": []}, "body.events"),
        ({"url": "https://x.example.com", "events": ["everything"]}, "body.events.0"),
        ({"url": "https://x.example.com", "events": EVENTS, "secret": "mine"}, "body.secret"),
    ],
)
async def test_malformed__422_names_the_field(
    client: AsyncClient, ann: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/api/v1/webhooks", json=body, headers=ann["headers"])
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
