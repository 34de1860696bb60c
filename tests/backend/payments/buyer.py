"""Somebody with an account who buys, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.jobs.app import TRACEPARENT, Run
from backend.payments import tasks
from backend.services import Services
from tests.backend.ledger.moving import credits_of, move
from tests.backend.ledger.test_routes import person
from tests.backend.payments.stripe_server import StripeServer, tell

ENQUEUED = text("""
    UPDATE jobs.procrastinate_jobs SET status = 'succeeded'
    WHERE status = 'todo' AND task_name = ANY (:names) RETURNING id, task_name, args
""")
TASKS = {
    "settle_payment": tasks.settle_payment,
    "settle_checkout": tasks.settle_checkout,
    "follow_subscription": tasks.follow_subscription,
    "forget_stripe_customer": tasks.forget_stripe_customer,
}


@dataclass(frozen=True)
class Buyer:
    """A bearer token, and the site with its Stripe."""

    client: AsyncClient
    services: Services
    server: StripeServer
    id: UUID
    email: str
    header: dict[str, str]

    async def send(self, method: str, path: str, key: str | None = None, **what: Any) -> Response:
        headers = {**self.header, "Idempotency-Key": key or uuid4().hex}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **what)

    async def does(self, method: str, path: str, key: str | None = None, **what: Any) -> dict[str, Any]:
        """The same, and it succeeds."""
        answer = await self.send(method, path, key, **what)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def checks_out(self, package: str = "small", key: str | None = None) -> dict[str, Any]:
        return await self.does("POST", "/payments/checkouts", key, json={"package": package})

    async def buys(self, package: str = "small") -> str:
        """Credits that arrive; the payment's id."""
        begun = await self.checks_out(package)
        paid = self.server.account.pay(session_of(begun))
        await self.hears()
        return str(paid["payment_intent"])

    async def subscribes(self, interval: str = "month") -> str:
        """A tier that is paid; the subscription's id."""
        begun = await self.does("POST", "/payments/subscription", json={"interval": interval})
        paid = self.server.account.pay(session_of(begun))
        await self.hears()
        return str(paid["subscription"])

    async def hears(self) -> None:
        """Stripe's webhooks arrive, and what they wake is done."""
        for body in self.server.take_events():
            assert (await tell(self.client, body)).status_code == 200
        await work(self.services)

    async def credits(self) -> int:
        return await credits_of(self.services, self.id)

    async def tier(self) -> dict[str, Any]:
        return await self.does("GET", "/payments/subscription")

    async def spends(self, amount: int) -> None:
        await move(self.services, self.id, -amount)


def session_of(begun: dict[str, Any]) -> str:
    """The Checkout Session's id, which the page's address ends with."""
    return str(begun["url"]).rsplit("/", 1)[1]


async def work(services: Services) -> None:
    """Do what waits, one after another, until nothing does; without a worker, so what it raises is raised here."""
    while True:
        async with services.engine.begin() as db:
            waiting = (await db.execute(ENQUEUED, {"names": list(TASKS)})).all()
        if not waiting:
            return
        for job in sorted(waiting):
            args = {name: value for name, value in job.args.items() if name != TRACEPARENT}
            await TASKS[job.task_name](Run(services, job.id, 0), **args)


async def arrive(client: AsyncClient, services: Services, server: StripeServer, email: str) -> Buyer:
    """Somebody new."""
    user_id, bearer = await person(client, email)
    return Buyer(client, services, server, UUID(user_id), email, bearer)
