"""Subscriptions: the tier follows what Stripe says, in whatever order and however often its events come."""

from __future__ import annotations

import random
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run
from backend.payments.gateway.subscriptions import look_up_subscription
from backend.payments.leaving import leave_stripe
from backend.payments.service import ChangedMeanwhileError
from backend.payments.subscriptions import follow, times_looked_up
from backend.payments.tasks import ask_stripe_again, follow_subscription, tell_of_renewals
from tests.backend.payments.buyer import Buyer, session_of, work
from tests.backend.payments.stripe_server import StripeServer, tell
from tests.backend.working import value


async def test_subscribe__paid__pro_and_no_credits(ada: Buyer, stripe_server: StripeServer) -> None:
    assert (await ada.tier())["tier"] == "free"
    begun = await ada.does("POST", "/payments/subscription", json={"interval": "month"})
    assert (begun["code"], begun["amount"], begun["state"]) == ("pro/month", "2900", "open")
    stripe_server.account.pay(session_of(begun))
    await ada.hears()
    found = await ada.tier()
    assert (found["tier"], found["limits"]["participants"]) == ("pro", 1_000_000)
    assert (found["subscription"]["status"], found["subscription"]["ends_at"]) == ("active", None)
    assert (await ada.does("GET", f"/payments/checkouts/{begun['id']}"))["state"] == "paid"
    assert await ada.credits() == 0
    assert await value(ada.services, "SELECT count(*) FROM app.payment") == 0, "its payment buys no credits"


async def test_declined__free_and_nothing_under_way(ada: Buyer, stripe_server: StripeServer) -> None:
    begun = await ada.does("POST", "/payments/subscription", json={"interval": "year"})
    stripe_server.account.pay(session_of(begun), "declined")
    await ada.hears()
    assert await ada.tier() | {"limits": None} == {"tier": "free", "limits": None, "subscription": None}


async def test_renewals__a_card_that_fails_once_keeps_the_tier_twice_ends_it(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    name = await ada.subscribes()
    first = (await ada.tier())["subscription"]["period_end"]
    stripe_server.account.renew(name)
    await ada.hears()
    assert (await ada.tier())["subscription"]["period_end"] > first
    stripe_server.account.renew(name, arrives=False)
    await ada.hears()
    found = await ada.tier()
    assert (found["tier"], found["subscription"]["status"]) == ("pro", "past_due")
    stripe_server.account.renew(name, arrives=True)
    await ada.hears()
    assert (await ada.tier())["subscription"]["status"] == "active"
    for _ in range(2):
        stripe_server.account.renew(name, arrives=False)
    await ada.hears()
    assert await ada.tier() | {"limits": None} == {"tier": "free", "limits": None, "subscription": None}


async def test_end_with_what_is_paid__and_go_on_after_all(ada: Buyer, stripe_server: StripeServer) -> None:
    name = await ada.subscribes()
    ending = await ada.does("PATCH", "/payments/subscription", json={"renews": False})
    assert ending["ends_at"] == ending["period_end"]
    assert (await ada.tier())["tier"] == "pro", "it is paid until then"
    assert (await ada.does("PATCH", "/payments/subscription", json={"renews": True}))["ends_at"] is None
    await ada.does("PATCH", "/payments/subscription", json={"renews": False})
    stripe_server.account.renew(name)
    await ada.hears()
    assert (await ada.tier())["tier"] == "free"
    again = await ada.send("PATCH", "/payments/subscription", json={"renews": True})
    assert (again.status_code, again.json()["code"]) == (404, "subscription_not_found")
    await ada.subscribes("year")
    assert (await ada.tier())["subscription"]["interval"] == "year"


async def test_another_interval__billed_at_once_by_our_price(ada: Buyer, stripe_server: StripeServer) -> None:
    await ada.subscribes()
    changed = await ada.does("PATCH", "/payments/subscription", json={"interval": "year"})
    assert (changed["interval"], changed["amount"]) == ("year", "29000")
    paid = [one["total"] for one in stripe_server.account.all("invoice")]
    assert sum(paid) <= 29_000 + 2_900
    assert len(paid) == 2
    same = await ada.does("PATCH", "/payments/subscription", json={"interval": "year"})
    assert same["period_end"] == changed["period_end"]
    assert len(stripe_server.account.all("invoice")) == 2, "nothing was changed, nothing billed"


async def test_change__an_answer_was_lost__the_same_key_bills_once(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    await ada.subscribes()
    stripe_server.faults.next = [None, "lost", "late_500", "lost"]
    change = {"json": {"interval": "year"}}
    assert (await ada.send("PATCH", "/payments/subscription", "wish", **change)).status_code == 503
    assert (await ada.does("PATCH", "/payments/subscription", "wish", **change))["interval"] == "year"
    assert len(stripe_server.account.all("invoice")) == 2


@pytest.mark.parametrize(
    "body", [{}, {"renews": True, "interval": "year"}, {"tier": "pro"}, {"interval": "day"}]
)
async def test_change__malformed__422(ada: Buyer, body: dict[str, Any]) -> None:
    assert (await ada.send("PATCH", "/payments/subscription", json=body)).status_code == 422


async def test_subscribe__twice__refused(ada: Buyer) -> None:
    await ada.subscribes()
    again = await ada.send("POST", "/payments/subscription", json={"interval": "year"})
    assert (again.status_code, again.json()["code"]) == (409, "subscription_active")


async def test_subscribed_on_two_pages__said_to_the_operator(ada: Buyer, stripe_server: StripeServer) -> None:
    begun = [await ada.does("POST", "/payments/subscription", json={"interval": "month"}) for _ in range(2)]
    for one in begun:
        stripe_server.account.pay(session_of(one))
    with structlog.testing.capture_logs() as logs:
        await ada.hears()
    assert "subscribed_twice" in [one["event"] for one in logs if one["log_level"] == "error"]
    assert (await ada.tier())["tier"] == "pro"


async def test_events__any_order_late_and_doubled__end_as_stripe_says(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    rng = random.Random(41)
    name = await ada.subscribes()
    bodies: list[bytes] = []
    for step in range(12):
        stripe_server.account.renew(name, arrives=rng.random() < 0.7 or step < 3)
        bodies += stripe_server.take_events()
        if stripe_server.account.get("subscription", name)["status"] == "canceled":
            break
    bodies += rng.choices(bodies, k=10)
    rng.shuffle(bodies)
    for body in bodies:
        assert (await tell(ada.client, body)).status_code == 200
        if rng.random() < 0.3:
            await work(ada.services)
    await work(ada.services)
    stored = await value(ada.services, "SELECT status FROM app.subscription WHERE id = :id", id=name)
    assert stored == stripe_server.account.get("subscription", name)["status"]


async def test_older_answer_after_a_newer_one__is_not_kept(ada: Buyer, stripe_server: StripeServer) -> None:
    name = await ada.subscribes()
    older = await look_up_subscription(ada.services.settings, name)
    async with AsyncSession(ada.services.engine) as db:
        before = await times_looked_up(db, name)
    stripe_server.account.cancel(name)
    await ada.hears()
    async with AsyncSession(ada.services.engine) as db:
        with pytest.raises(ChangedMeanwhileError):
            await follow(db, older, before)
    assert (await ada.tier())["tier"] == "free"


async def test_webhooks_lost__asked_for_again_when_the_period_is_over(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    name = await ada.subscribes()
    stripe_server.account.cancel(name)
    stripe_server.take_events()
    await ask_stripe_again(Run(ada.services, 0, 0))
    await work(ada.services)
    assert (await ada.tier())["tier"] == "pro", "not due yet"
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.subscription SET period_end = now() - interval '1 minute'"))
    await ask_stripe_again(Run(ada.services, 0, 0))
    await work(ada.services)
    assert (await ada.tier())["tier"] == "free"


async def test_renews_within_a_week__told_once_for_each_renewal(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    told = "SELECT count(*) FROM app.event WHERE event = 'subscription.renews'"
    name = await ada.subscribes()
    await tell_of_renewals(Run(ada.services, 0, 0))
    assert await value(ada.services, told) == 0, "a month away"
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.subscription SET period_end = now() + interval '6 days'"))
    for _ in range(2):
        await tell_of_renewals(Run(ada.services, 0, 0))
    said = await value(ada.services, "SELECT payload FROM app.event WHERE event = 'subscription.renews'")
    assert (said["plan"], said["amount"]) == ("pro/month", "29.00 EUR")
    assert await value(ada.services, told) == 1
    stripe_server.account.renew(name)
    await ada.hears()
    await ada.does("PATCH", "/payments/subscription", json={"renews": False})
    async with ada.services.engine.begin() as db:
        await db.execute(text("UPDATE app.subscription SET period_end = now() + interval '5 days'"))
    await tell_of_renewals(Run(ada.services, 0, 0))
    assert await value(ada.services, told) == 1, "it ends instead"


async def test_erased__stripe_forgets_the_person_and_the_subscription_ends(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    name = await ada.subscribes()
    async with AsyncSession(ada.services.engine) as db, db.begin():
        await leave_stripe(db, ada.id)
        await db.execute(text('DELETE FROM app."user" WHERE id = :id'), {"id": ada.id})
    stripe_server.faults.next = [500]
    await work(ada.services)
    assert stripe_server.account.get("subscription", name)["status"] == "canceled"
    (customer,) = stripe_server.account.all("customer")
    assert customer.get("deleted")
    assert "ada@example.org" not in str(stripe_server.account.objects)
    assert len(stripe_server.account.all("invoice")) == 1, "invoices stay"
    await ada.hears()
    assert await value(ada.services, "SELECT count(*) FROM app.subscription") == 0


async def test_subscribed_while_being_erased__ended_when_it_is_heard_of(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    begun = await ada.does("POST", "/payments/subscription", json={"interval": "month"})
    async with ada.services.engine.begin() as db:
        await db.execute(text('DELETE FROM app."user" WHERE id = :id'), {"id": ada.id})
    name = stripe_server.account.pay(session_of(begun))["subscription"]
    await follow_subscription(Run(ada.services, 0, 0), name)
    assert stripe_server.account.get("subscription", name)["status"] == "canceled"
    await follow_subscription(Run(ada.services, 0, 0), name)


async def test_invoices_and_portal__ones_own(ada: Buyer, ben: Buyer, stripe_server: StripeServer) -> None:
    nothing = await ben.send("POST", "/payments/portal")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_invoices")
    assert (await ben.does("GET", "/payments/invoices"))["items"] == []
    await ada.buys("small")
    await ada.subscribes()
    first = await ada.does("GET", "/payments/invoices?limit=1")
    second = await ada.does("GET", f"/payments/invoices?limit=1&cursor={first['next_cursor']}")
    assert [one["total"] for one in (*first["items"], *second["items"])] == ["2900", "900"]
    assert second["next_cursor"] is None
    assert second["items"][0]["page_url"].startswith(stripe_server.url)
    assert second["items"][0]["pdf_url"].endswith("/pdf")
    assert (await ada.does("POST", "/payments/portal"))["url"].startswith(f"{stripe_server.url}/portal/bps_")
    await ben.buys()
    foreign = await ben.send("GET", f"/payments/invoices?cursor={first['items'][0]['id']}")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "no_invoices")


async def test_customer_gone_at_stripe__portal_says_so_and_buying_makes_another(
    ada: Buyer, stripe_server: StripeServer
) -> None:
    await ada.buys()
    (customer,) = stripe_server.account.all("customer")
    stripe_server.account.delete_customer(customer["id"])
    answer = await ada.send("POST", "/payments/portal")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_invoices")
    await ada.buys()
    assert await ada.credits() == 200
    assert len(stripe_server.account.all("customer")) == 2
