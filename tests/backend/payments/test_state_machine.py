"""Whatever people, banks, staff, Stripe and the network do: in the end the ledger says what Stripe says."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from backend.jobs.app import Run
from backend.ledger.comparison import compare_database
from backend.ledger.errors import FundsTooLow
from backend.payments.errors import StripeUnavailable
from backend.payments.tables import ENTITLED
from backend.payments.tasks import ask_stripe_again, collect_owed_payments
from tests.backend.payments.buyer import Buyer, session_of, work
from tests.backend.payments.stripe_server import StripeServer, tell
from tests.backend.working import value
from tools.stripe_stand_in.refusal import Refusal

STEPS = 60
FAULTS: tuple[Any, ...] = (429, 500, 503, "late_500", "lost")


class Life:
    """Random steps from one seed. Webhooks that were not delivered yet wait in `mail`."""

    def __init__(self, seed: int, people: list[Buyer], admin: Buyer) -> None:
        self.rng = random.Random(seed)
        self.people = people
        self.admin = admin
        self.server = people[0].server
        self.mail: list[bytes] = []
        self.sent: list[bytes] = []
        self.keys: list[tuple[Buyer, str, str]] = []
        self.spent = dict.fromkeys((one.id for one in people), 0)

    async def step(self) -> None:
        acts = (self.begin, self.pay, self.refund, self.bank, self.subscription, self.spend, self.deliver)
        if self.rng.random() < 0.2:
            self.server.faults.next.append(self.rng.choice(FAULTS))
        with suppress(Refusal):
            await self.rng.choice(acts)()
        self.mail += self.server.take_events()

    async def begin(self) -> None:
        """A purchase, or one that was begun before, sent again."""
        buyer, key, package = self.rng.choice(self.people), str(self.rng.random()), "small"
        if self.keys and self.rng.random() < 0.4:
            buyer, key, package = self.rng.choice(self.keys)
        else:
            package = self.rng.choice(["small", "medium"])
            self.keys.append((buyer, key, package))
        answer = await buyer.send("POST", "/payments/checkouts", key, json={"package": package})
        assert answer.status_code in (201, 409, 503), answer.text

    async def pay(self) -> None:
        pages = [one for one in self.server.account.all("checkout.session") if one["status"] == "open"]
        if pages:
            card = self.rng.choice(["ok", "ok", "ok", "declined", "delayed"])
            self.server.account.pay(self.rng.choice(pages)["id"], card)
        waiting = [one for one in self.server.account.all("payment_intent") if one["status"] == "processing"]
        if waiting and self.rng.random() < 0.5:
            self.server.account.clear(self.rng.choice(waiting)["id"], self.rng.random() < 0.7)

    async def refund(self) -> None:
        """By an administrator here, or by hand in Stripe's dashboard."""
        bought = [one for one in self.server.sold() if one.left > 0]
        if not bought:
            return
        one = self.rng.choice(bought)
        amount = self.rng.randint(1, one.left)
        if self.rng.random() < 0.5:
            one.refund(amount)
            return
        path, body = f"/admin/payments/{one.id}/refunds", {"amount": str(amount), "reason": "as asked"}
        key = str(self.rng.random())
        for _ in range(self.rng.choice([1, 2])):
            answer = await self.admin.send("POST", path, key, json=body)
            assert answer.status_code in (201, 404, 409, 503), answer.text

    async def bank(self) -> None:
        """A dispute begins or ends."""
        account = self.server.account
        disputes = account.all("dispute")
        if disputes and self.rng.random() < 0.5:
            ends = ["won", "lost", "under_review", "warning_closed"]
            account.close_dispute(self.rng.choice(disputes)["id"], self.rng.choice(ends))
            return
        bought = [one for one in self.server.sold() if one.left > 0]
        if bought:
            one = self.rng.choice(bought)
            account.dispute(one.id, self.rng.randint(1, one.left))

    async def subscription(self) -> None:
        """One begins, renews, fails, ends; or a period does."""
        account = self.server.account
        running = [one["id"] for one in account.all("subscription") if one["status"] != "canceled"]
        if running and self.rng.random() < 0.7:
            account.renew(self.rng.choice(running), arrives=self.rng.random() < 0.7)
            return
        buyer = self.rng.choice(self.people)
        if running and self.rng.random() < 0.5:
            change = self.rng.choice([{"renews": False}, {"renews": True}, {"interval": "year"}])
            answer = await buyer.send("PATCH", "/payments/subscription", json=change)
            assert answer.status_code in (200, 404, 409, 503), answer.text
            return
        answer = await buyer.send("POST", "/payments/subscription", json={"interval": "month"})
        assert answer.status_code in (201, 409, 503), answer.text
        if answer.status_code == 201:
            account.pay(session_of(answer.json()))

    async def spend(self) -> None:
        buyer = self.rng.choice(self.people)
        has = await buyer.credits()
        if has > 1:
            with suppress(FundsTooLow):
                await buyer.spends(has // 2)
                self.spent[buyer.id] += has // 2

    async def deliver(self) -> None:
        """Some of what waits arrives, in any order, some of it again; some is never delivered."""
        self.rng.shuffle(self.mail)
        for _ in range(min(len(self.mail), 6)):
            body = self.mail.pop()
            if self.rng.random() < 0.15:
                continue  # lost
            for one in (body, *self.rng.sample(self.sent, min(len(self.sent), 1))):
                assert (await tell(self.admin.client, one)).status_code == 200
            self.sent.append(body)
        if self.rng.random() < 0.5:
            await self.work()

    async def work(self) -> None:
        """Jobs run; one that Stripe fails is tried again, as the worker does."""
        for _ in range(50):
            try:
                await work(self.admin.services)
            except StripeUnavailable:
                await self.wake_all()
                continue
            return

    async def wake_all(self) -> None:
        async with self.admin.services.engine.begin() as db:
            await db.execute(
                text("UPDATE jobs.procrastinate_jobs SET status = 'todo' WHERE task_name LIKE 'settle%'")
            )
            await db.execute(
                text("UPDATE jobs.procrastinate_jobs SET status = 'todo' WHERE task_name LIKE 'follow%'")
            )

    async def end(self) -> None:
        """Stripe is well again; each object's last event arrives, then what is looked up by the clock."""
        self.server.faults.next = []
        account = self.server.account
        for one in (*account.all("payment_intent"), *account.all("subscription")):
            account.emit(f"{one['object']}.updated", one)
        for body in self.server.take_events():
            await tell(self.admin.client, body)
        await self.wake_all()
        await self.work()
        services = self.admin.services
        async with services.engine.begin() as db:
            await db.execute(text("UPDATE app.checkout SET created_at = created_at - interval '1 hour'"))
        await ask_stripe_again(Run(services, 0, 0))
        await collect_owed_payments(Run(services, 0, 0))
        await work(services)


@pytest.mark.parametrize("seed", range(3))
async def test_random_lives__the_ledger_ends_with_what_stripe_says(
    seed: int, ada: Buyer, ben: Buyer, admin: Buyer, stripe_server: StripeServer
) -> None:
    life = Life(seed, [ada, ben], admin)
    for _ in range(STEPS):
        await life.step()
    await life.end()
    services = ada.services
    for buyer in life.people:
        sold = [one for one in stripe_server.sold() if one.intent["metadata"]["user_id"] == str(buyer.id)]
        due = sum(one.due for one in sold)
        owed = await value(
            services,
            "SELECT coalesce(sum(booked - due), 0)::bigint FROM app.payment WHERE user_id = :id",
            id=buyer.id,
        )
        assert (
            await value(
                services,
                "SELECT coalesce(sum(due), 0)::bigint FROM app.payment WHERE user_id = :id",
                id=buyer.id,
            )
            == due
        )
        has = await buyer.credits()
        assert has == due + owed - life.spent[buyer.id]
        assert owed == 0 or has == 0, "what is owed is taken before anything can be spent"
        running = {
            one["id"]: one["status"]
            for one in stripe_server.account.all("subscription")
            if one["metadata"]["user_id"] == str(buyer.id)
        }
        async with services.engine.connect() as db:
            query = text("SELECT id, status FROM app.subscription WHERE user_id = :id")
            rows = (await db.execute(query, {"id": buyer.id})).all()
        kept = {row.id: row.status for row in rows}
        assert kept == running
        pays = any(status in ENTITLED for status in running.values())
        assert (await buyer.tier())["tier"] == ("pro" if pays else "free")
    assert await compare_database(services.engine) == []
