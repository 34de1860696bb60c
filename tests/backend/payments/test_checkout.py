"""Buying credits: one page for one wish, prices of ours, and credits when the money is there, webhooks or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from backend.jobs.app import Run
from backend.payments.gateway import client as gateway_client
from backend.payments.tasks import ask_stripe_again
from backend.prices.price_list import PACKAGES, Package
from tests.backend.payments.buyer import Buyer, session_of, work
from tests.backend.payments.stripe_server import StripeServer
from tests.backend.working import value


def sessions(server: StripeServer) -> list[dict[str, Any]]:
    return server.account.all("checkout.session")


async def test_buy__paid__credits_and_state(ada: Buyer, stripe_server: StripeServer) -> None:
    begun = await ada.checks_out("medium")
    assert (begun["state"], begun["credits"], begun["amount"]) == ("open", "500", "3900")
    (session,) = sessions(stripe_server)
    assert (session["amount_total"], session["currency"]) == (3900, "eur")
    assert session["success_url"].startswith("http://localhost:8000/account/credits?checkout=")
    stripe_server.account.pay(session["id"])
    assert (await ada.does("GET", f"/payments/checkouts/{begun['id']}"))["state"] == "open"
    await ada.hears()
    assert await ada.credits() == 500
    assert (await ada.does("GET", f"/payments/checkouts/{begun['id']}"))["state"] == "paid"
    (payment,) = (await ada.does("GET", "/payments"))["items"]
    assert (payment["captured"], payment["due"], payment["owed"]) == ("3900", "500", "0")
    told = await value(
        ada.services,
        "SELECT payload FROM app.event WHERE event = 'credits.changed' AND user_id = :id",
        id=ada.id,
    )
    assert (told["amount"], told["balance"]) == ("500", "500")


async def test_buy__the_same_key__one_page_and_one_customer(ada: Buyer, stripe_server: StripeServer) -> None:
    answers = await asyncio.gather(*(ada.checks_out(key="wish") for _ in range(6)))
    assert len({one["url"] for one in answers}) == 1
    assert len(sessions(stripe_server)) == 1
    assert len(stripe_server.account.all("customer")) == 1
    other = await ada.send("POST", "/payments/checkouts", "wish", json={"package": "large"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert (await ada.checks_out(key="another-wish"))["url"] != answers[0]["url"]


async def test_buy__two_people_with_the_same_key__two_pages(
    ada: Buyer, ben: Buyer, stripe_server: StripeServer
) -> None:
    assert (await ada.checks_out(key="1"))["url"] != (await ben.checks_out(key="1"))["url"]
    await ada.buys()
    assert (await ada.credits(), await ben.credits()) == (100, 0)


@pytest.mark.parametrize(
    "body",
    [
        {"package": "free"},
        {},
        {"package": "small", "amount": "1"},
        {"package": "small", "credits": "100000"},
        {"package": None},
    ],
)
async def test_buy__price_or_credits_of_ones_own__refused(
    ada: Buyer, stripe_server: StripeServer, body: dict[str, Any]
) -> None:
    assert (await ada.send("POST", "/payments/checkouts", json=body)).status_code == 422
    assert stripe_server.requests == 0


@pytest.mark.parametrize("faults", [[429], [500, 500, 500], [503, 503, 503], ["late_500"] * 3, ["lost"] * 3])
async def test_buy__stripe_fails__503_and_the_same_key_makes_one_page(
    ada: Buyer, stripe_server: StripeServer, faults: list[Any]
) -> None:
    await ada.buys()
    before = len(sessions(stripe_server))
    stripe_server.faults.next = list(faults)
    failed = await ada.send("POST", "/payments/checkouts", "wish", json={"package": "small"})
    assert (failed.status_code, failed.json()["code"]) == (503, "stripe_unavailable")
    assert stripe_server.faults.next == []
    begun = await ada.checks_out(key="wish")
    assert len(sessions(stripe_server)) == before + 1
    stripe_server.account.pay(session_of(begun))
    await ada.hears()
    assert await ada.credits() == 200


async def test_buy__stripe_hangs__503_soon(
    ada: Buyer, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_client, "TIMEOUT", 0.2)
    stripe_server.faults.next = ["hang"] * 3
    failed = await ada.send("POST", "/payments/checkouts", "wish", json={"package": "small"})
    assert (failed.status_code, failed.json()["code"]) == (503, "stripe_unavailable")
    assert "sk_test" not in failed.text


async def test_buy__one_answer_lost__the_library_repeats_it_with_the_same_key(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    stripe_server.faults.next = ["lost", "late_500", None, "late_500", 500]
    await ada.checks_out()
    assert len(stripe_server.account.all("customer")) == 1
    assert len(sessions(stripe_server)) == 1


async def test_buy__the_key_is_refused__503_and_nothing_told(ada: Buyer, stripe_server: StripeServer) -> None:
    stripe_server.faults.next = [401]
    failed = await ada.send("POST", "/payments/checkouts", json={"package": "small"})
    assert (failed.status_code, failed.json()["code"]) == (503, "stripe_unavailable")


async def test_buy__declined__nothing_booked_and_the_page_stays_open(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    begun = await ada.checks_out()
    stripe_server.account.pay(session_of(begun), "declined")
    await ada.hears()
    assert await ada.credits() == 0
    assert (await ada.does("GET", f"/payments/checkouts/{begun['id']}"))["state"] == "open"
    stripe_server.account.pay(session_of(begun), "ok")
    await ada.hears()
    assert await ada.credits() == 100


@pytest.mark.parametrize("arrives", [True, False])
async def test_buy__by_a_debit_that_takes_days__credits_when_it_arrives(
    ada: Buyer, stripe_server: StripeServer, arrives: bool
) -> None:
    begun = await ada.checks_out()
    intent = stripe_server.account.pay(session_of(begun), "delayed")["payment_intent"]
    await ada.hears()
    assert await ada.credits() == 0, "the session is complete, the money is not there"
    stripe_server.account.clear(intent, arrives)
    await ada.hears()
    assert await ada.credits() == (100 if arrives else 0)


async def test_no_webhook_arrives__looked_up_all_the_same(ada: Buyer, stripe_server: StripeServer) -> None:
    paid, left = await ada.checks_out(), await ada.checks_out()
    stripe_server.account.pay(session_of(paid))
    stripe_server.account.expire(session_of(left))
    stripe_server.take_events()
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.checkout SET created_at = now() - interval '1 hour'"))
    await ask_stripe_again(Run(ada.services, 0, 0))
    await work(ada.services)
    assert await ada.credits() == 100
    shown = [(await ada.does("GET", f"/payments/checkouts/{one['id']}"))["state"] for one in (paid, left)]
    assert shown == ["paid", "over"]
    asked = stripe_server.requests
    await ask_stripe_again(Run(ada.services, 0, 0))
    await work(ada.services)
    assert stripe_server.requests == asked, "what is over is not asked for again"


async def test_buy__again_with_the_key_of_a_paid_checkout__its_first_answer_and_sells_nothing(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    stripe_server.account.pay(session_of(await ada.checks_out(key="wish")))
    await ada.hears()
    again = await ada.checks_out(key="wish")
    assert again["state"] == "open", "the first answer"
    assert (await ada.does("GET", f"/payments/checkouts/{again['id']}"))["state"] == "paid"
    assert len(sessions(stripe_server)) == 1


async def test_checkout__of_somebody_else__unknown(ada: Buyer, ben: Buyer) -> None:
    begun = await ada.checks_out()
    answer = await ben.send("GET", f"/payments/checkouts/{begun['id']}")
    assert (answer.status_code, answer.json()["code"]) == (404, "checkout_not_found")


async def test_the_price_list_changed_meanwhile__the_page_keeps_its_price(
    ada: Buyer, stripe_server: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await ada.checks_out(key="first")
    stripe_server.faults.next = ["late_500"] * 3
    assert (
        await ada.send("POST", "/payments/checkouts", "wish", json={"package": "small"})
    ).status_code == 503
    monkeypatch.setitem(PACKAGES, "small", Package("small", 1, 99_900))
    after = await ada.checks_out(key="wish")
    assert (after["credits"], after["amount"]) == (begun["credits"], begun["amount"]) == ("100", "900")
    stripe_server.account.pay(session_of(after))
    await ada.hears()
    assert await ada.credits() == 100


async def test_payments__pages_of_ones_own_alone(ada: Buyer, ben: Buyer) -> None:
    bought = [await ada.buys() for _ in range(3)]
    await ben.buys()
    first = await ada.does("GET", "/payments?limit=2")
    second = await ada.does("GET", f"/payments?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in (*first["items"], *second["items"])] == bought[::-1]
    assert second["next_cursor"] is None
