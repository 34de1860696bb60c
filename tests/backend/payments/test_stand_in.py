"""The stand-in itself: what Stripe's library makes of it, its pages, and its webhooks."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import stripe
from aiohttp import web

from tests.backend.payments.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer
from tests.support.waiting import wait_until_async
from tools.stripe_stand_in import forms, webhooks
from tools.stripe_stand_in.server import StandIn
from tools.stripe_stand_in.webhooks import Webhooks

LINE = {
    "quantity": 1,
    "price_data": {"currency": "eur", "unit_amount": 900, "product_data": {"name": "<b>100 credits</b>"}},
}
PAGES = {
    "success_url": "https://shop.test/paid?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://shop.test/back",
}


@pytest.fixture
async def library(stripe_server: StripeServer) -> AsyncIterator[stripe.StripeClient]:
    http = stripe.AIOHTTPClient()
    yield stripe.StripeClient(SECRET_KEY, base_addresses={"api": stripe_server.url}, http_client=http)
    await http.close_async()


def test_forms__nested_values_and_lists() -> None:
    pairs = [("a[0][b][c]", "1"), ("a[1][b]", "2"), ("expand[]", "x"), ("m[10]", "y"), ("plain", "[z]")]
    assert forms.parse(pairs) == {
        "a": [{"b": {"c": "1"}}, {"b": "2"}],
        "expand": ["x"],
        "m": ["y"],
        "plain": "[z]",
    }


async def test_pages__declined_then_paid_then_over(
    library: stripe.StripeClient, stripe_server: StripeServer
) -> None:
    session = await library.v1.checkout.sessions.create_async(
        {"mode": "payment", "line_items": [LINE], "invoice_creation": {"enabled": True}, **PAGES}  # type: ignore[list-item]
    )
    assert session.url is not None
    async with httpx.AsyncClient() as browser:
        shown = await browser.get(session.url)
        assert "&lt;b&gt;100 credits&lt;/b&gt;" in shown.text
        assert "9.00 EUR" in shown.text
        declined = await browser.post(session.url, data={"card": "declined"})
        assert "declined" in (await browser.get(stripe_server.url + declined.headers["location"])).text
        back = await browser.post(session.url, data={"card": "back"})
        assert back.headers["location"] == PAGES["cancel_url"]
        paid = await browser.post(session.url, data={"card": "ok"})
        assert paid.headers["location"] == f"https://shop.test/paid?s={session.id}"
        assert (await browser.post(session.url, data={"card": "ok"})).status_code == 409
        assert "over" in (await browser.get(session.url)).text
        (invoice,) = stripe_server.account.all("invoice")
        assert "paid" in (await browser.get(invoice["hosted_invoice_url"])).text
        assert (await browser.get(invoice["invoice_pdf"])).content.startswith(b"%PDF")


async def test_library__its_errors_are_stripes(
    library: stripe.StripeClient, stripe_server: StripeServer
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent"):
        await library.v1.payment_intents.retrieve_async("pi_nobodys")
    stripe_server.faults.next = [429]
    with pytest.raises(stripe.RateLimitError):
        await library.v1.payment_intents.retrieve_async("pi_nobodys")
    stripe_server.faults.next = [500]
    with pytest.raises(stripe.APIError):
        await library.v1.payment_intents.retrieve_async("pi_nobodys")
    with pytest.raises(stripe.AuthenticationError):
        await library.v1.customers.create_async({}, {"api_key": "sk_test_other"})
    await library.v1.customers.create_async({"email": "a@b.test"}, {"idempotency_key": "1"})
    again = await library.v1.customers.create_async({"email": "a@b.test"}, {"idempotency_key": "1"})
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        await library.v1.customers.create_async({"email": "c@d.test"}, {"idempotency_key": "1"})


async def test_kept_between_runs(tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    async with StandIn(SECRET_KEY, file=file) as first:
        made = first.account.make_customer("ada@example.org", {})
    async with StandIn(SECRET_KEY, file=file) as second:
        assert second.account.customer(made["id"])["email"] == "ada@example.org"


@asynccontextmanager
async def receiver(answers: list[int]) -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """An address that answers so, then 200; and what it was sent."""
    taken: list[tuple[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append((await request.text(), request.headers["Stripe-Signature"]))
        return web.Response(status=answers.pop(0) if answers else 200)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", taken
    finally:
        await runner.cleanup()


async def test_webhooks__signed_and_sent_until_they_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "FIRST_PAUSE", 0.01)
    async with (
        receiver([500, 503]) as (url, taken),
        StandIn(SECRET_KEY, webhooks=Webhooks(url, WEBHOOK_SECRET)) as server,
    ):
        server.account.make_customer("ada@example.org", {})
        server.account.make_customer("ben@example.org", {})

        async def all_came() -> bool:
            return len(taken) == 4

        await wait_until_async(all_came, 10, what="the webhooks")
    assert len({body for body, _ in taken[:3]}) == 1
    for body, header in taken:
        sent = stripe.Webhook.construct_event(body, header, WEBHOOK_SECRET)
        assert sent.type == "customer.created"
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, "whsec_other")
    assert json.loads(taken[0][0])["api_version"] == stripe.api_version


def test_session__a_day_later__expired() -> None:
    now = time.time()
    server = StandIn(SECRET_KEY, clock=lambda: now)
    made = server.account.begin_session({"mode": "payment", "line_items": [LINE], **PAGES})
    now += 86_401
    assert server.account.session(made["id"])["status"] == "expired"
    assert [one["type"] for one in server.events] == ["checkout.session.expired"]
