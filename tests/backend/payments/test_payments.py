"""Payments: whatever order, however often, whoever dies: the ledger ends with what Stripe says."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger.comparison import compare_database
from backend.ledger.errors import FundsTooLow
from backend.payments.gateway.payments import Paid, look_up
from backend.payments.service import ChangedMeanwhileError, settle, settlements
from backend.services import Services
from tests.backend.ledger.moving import credits_of, move
from tests.backend.payments.stripe_server import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    Purchase,
    StripeServer,
    event,
    signature,
    tell,
)
from tests.backend.test_auth import register
from tests.backend.working import value, worker
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

SETTLING = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE task_name = 'settle_payment'"


async def buyer(client: AsyncClient, email: str = "ada@example.org") -> UUID:
    return UUID((await register(client, email))["id"])


async def idle(services: Services) -> None:
    """Wait until no job is waiting or running."""
    query = f"{SETTLING} AND status IN ('todo', 'doing')"

    async def done() -> bool:
        return await value(services, query) == 0

    await wait_until_async(done, 90, what="the jobs")


async def test_paid__credited_once_with_its_statement(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    user_id = await buyer(client)
    purchase = stripe_server.sell(user_id, bought=120, amount=999)
    async with worker(services):
        await tell(client, event(purchase, "payment_intent.created"))
        await idle(services)
        assert await credits_of(services, user_id) == 0, "nothing was captured yet"
        purchase.capture()
        await tell(client, event(purchase, "payment_intent.succeeded"))
        await idle(services)
    assert await credits_of(services, user_id) == 120
    memo = await value(services, "SELECT memo FROM app.ledger_entry WHERE purpose = 'payment'")
    assert memo == f"Stripe {purchase.id}"


def _happens(rng: random.Random, purchase: Purchase) -> str:
    """Something that can happen to a payment; the type of the webhook that tells of it."""
    charge, choice = purchase.charge, rng.randrange(4)
    lost = any(one["status"] == "lost" for one in purchase.disputes)
    if choice == 0 and charge["amount_captured"] < purchase.amount:
        purchase.capture(rng.randint(1, purchase.amount - charge["amount_captured"]))
        return "charge.captured"
    if choice == 1 and purchase.left > 0 and not lost:
        purchase.refund(rng.randint(1, purchase.left))
        return "charge.refunded"
    if choice == 2 and purchase.left > 0:
        purchase.server.account.dispute(purchase.id, rng.randint(1, purchase.left))
        return "charge.dispute.created"
    if choice == 3 and purchase.disputes:
        ends = ["under_review", "won", "lost", "warning_closed"]
        purchase.server.account.close_dispute(rng.choice(purchase.disputes)["id"], rng.choice(ends))
        return "charge.dispute.closed"
    return "charge.updated"


async def test_captures_refunds_disputes__any_order__the_ledger_ends_with_what_stripe_says(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    """Webhooks late, doubled, in another order than what happened; Stripe fails now and then. Credits are spent
    meanwhile, so what goes back may be owed."""
    rng = random.Random(27)
    user_id = await buyer(client)
    spent = 0
    sold = [stripe_server.sell(user_id, bought, 1000) for bought in (100, 7, 1000) * 4]
    bodies = []
    for _ in range(8):
        for purchase in sold:
            bodies.append(event(purchase, _happens(rng, purchase)))
    bodies += rng.choices(bodies, k=20)
    rng.shuffle(bodies)
    async with worker(services):
        for number, body in enumerate(bodies):
            assert (await tell(client, body)).status_code == 200
            if number % 10 == 0:
                stripe_server.faults.next.append(rng.choice([500, 429]))
            if number % 15 == 0 and (has := await credits_of(services, user_id)) > 1:
                with suppress(FundsTooLow):  # the worker took credits back since they were counted
                    await move(services, user_id, -(has // 2))
                    spent += has // 2
            if number % 25 == 0:
                purchase = rng.choice(sold)
                bodies.append(event(purchase, _happens(rng, purchase)))
        await idle(services)
    due = sum(purchase.due for purchase in sold)
    owed = await value(services, "SELECT coalesce(sum(booked - due), 0)::bigint FROM app.payment")
    assert await value(services, "SELECT sum(due)::bigint FROM app.payment") == due
    assert await credits_of(services, user_id) == due + owed - spent
    assert owed == 0 or await credits_of(services, user_id) == 0
    outside = await value(services, "SELECT balance FROM app.ledger_account WHERE kind = 'payments'")
    assert outside == -(due + owed)
    assert await compare_database(services.engine) == []


async def test_money_back_after_credits_were_spent__owed_and_taken_later(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    user_id = await buyer(client)
    first, second = stripe_server.sell(user_id, 100), stripe_server.sell(user_id, 50)
    first.capture()
    async with worker(services):
        await tell(client, event(first))
        await idle(services)
        await move(services, user_id, -80)
        first.refund()
        await tell(client, event(first, "charge.refunded"))
        await idle(services)
        assert await credits_of(services, user_id) == 0
        assert await value(services, "SELECT booked - due FROM app.payment") == 80
        second.capture()
        await tell(client, event(second))
        await idle(services)
        async with services.engine.begin() as db:
            await db.execute(
                text(
                    "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args)"
                    " VALUES ('default', 'collect_owed_payments', '{}')"
                )
            )

        async def collected() -> bool:
            return await value(services, "SELECT sum(booked - due)::bigint FROM app.payment") == 30

        await wait_until_async(collected, 10, what="what is owed")
    assert await credits_of(services, user_id) == 0


async def test_duplicates__stored_once_and_settled_once(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    user_id = await buyer(client)
    purchase = stripe_server.sell(user_id)
    purchase.capture()
    body = event(purchase)
    answers = await asyncio.gather(*(tell(client, body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await value(services, "SELECT count(*) FROM app.payment_event") == 1
    async with worker(services):
        await idle(services)
    assert stripe_server.requests == 2, "one look-up: the payment, and its disputes"
    assert await credits_of(services, user_id) == 100


async def test_forged_and_stale__refused_and_nothing_kept(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    purchase = stripe_server.sell(await buyer(client))
    body = event(purchase)
    now = time.time()
    headers = [
        "",
        "t=1,v1=00",
        "v1=" + "0" * 64,
        signature(body, "whsec_another"),
        signature(body, at=now - 301),
        signature(body + b" "),
        signature(body).replace("v1=", "v0="),
        "t=x,v1=y",
    ]
    for header in headers:
        answer = await tell(client, body, header)
        assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid"), header
    assert await value(services, "SELECT count(*) FROM app.payment_event") == 0
    assert await value(services, SETTLING) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"{}",
        b'{"id": "", "type": "x", "data": {}}',
        b'{"id": 1, "type": "x", "data": {}}',
    ],
)
async def test_signed_but_no_event__refused(client: AsyncClient, services: Services, body: bytes) -> None:
    answer = await tell(client, body)
    assert (answer.status_code, answer.json()["code"]) in [
        (400, "webhook_malformed"),
        (400, "signature_invalid"),
    ]
    assert await value(services, "SELECT count(*) FROM app.payment_event") == 0


async def test_unknown_type_and_strange_objects__taken_and_left_alone(
    client: AsyncClient, services: Services
) -> None:
    for number, about in enumerate(
        ('"x"', "[]", '{"payment_intent": 5}', '{"object": "payout", "id": "po_1"}', "null")
    ):
        body = f'{{"id": "evt_{number}", "type": "from.the.future", "data": {{"object": {about}}}}}'
        assert (await tell(client, body.encode())).status_code == 200
    assert await value(services, SETTLING) == 0


@pytest.mark.parametrize("metadata", [{}, {"user_id": "x", "credits": "5"}, {"credits": "5"}])
async def test_payment_that_is_not_ours__dead_job_and_nothing_booked(
    client: AsyncClient, services: Services, stripe_server: StripeServer, metadata: dict[str, str]
) -> None:
    purchase = stripe_server.sell(await buyer(client))
    purchase.intent["metadata"] = metadata
    purchase.capture()
    async with worker(services):
        await tell(client, event(purchase))
        await idle(services)
    assert (
        await value(services, "SELECT status FROM jobs.procrastinate_jobs WHERE task_name = 'settle_payment'")
        == "failed"
    )
    assert await value(services, "SELECT count(*) FROM app.ledger_entry") == 0


async def looked_up(services: Services, purchase: Purchase) -> Paid:
    found = await look_up(services.settings, purchase.id)
    assert found is not None
    return found


async def test_older_answer_after_a_newer_one__is_asked_for_again(
    client: AsyncClient, services: Services, stripe_server: StripeServer
) -> None:
    purchase = stripe_server.sell(await buyer(client))
    purchase.capture()
    older = await looked_up(services, purchase)
    purchase.refund()
    newer = await looked_up(services, purchase)
    async with AsyncSession(services.engine) as db, db.begin():
        before = await settlements(db, purchase.id)
        assert (await settle(db, purchase.id, newer, before)).due == 0
    async with AsyncSession(services.engine) as db:
        with pytest.raises(ChangedMeanwhileError):
            await settle(db, purchase.id, older, before)


async def test_worker_killed_while_stripe_answers__handled_once_by_the_next(
    client: AsyncClient,
    services: Services,
    stripe_server: StripeServer,
    database: DatabaseUris,
    tmp_path: Path,
) -> None:
    user_id = await buyer(client)
    purchase = stripe_server.sell(user_id)
    purchase.capture()
    assert (await tell(client, event(purchase))).status_code == 200
    stripe_server.faults.hold = asyncio.Event()
    env = {
        "DATABASE_URL": database.backend,
        "RPC_URLS": services.settings.rpc_urls[0],
        "REGISTRY": str(tmp_path / "registry.json"),
        "KMS_FILE": str(tmp_path / "kms.key"),
        "MAIL_DIR": str(tmp_path / "mail"),
        "STRIPE_SECRET_KEY": SECRET_KEY,
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "STRIPE_API_URL": stripe_server.url,
        "WORKER_POLL_SECONDS": "0.05",
        "WORKER_HEARTBEAT_SECONDS": "0.2",
        "WORKER_LOST_SECONDS": "1",
    }
    command = [sys.executable, "-m", "backend", "worker"]
    with Process(command, env=env) as first:
        await asyncio.wait_for(stripe_server.faults.waiting.wait(), 60)
        os.kill(first.pid, signal.SIGKILL)
        await asyncio.to_thread(first.wait, 10)
    stripe_server.faults.hold.set()
    stripe_server.faults.hold = None
    with Process(command, env=env) as second:
        await idle(services)
        await asyncio.to_thread(second.terminate)
    assert stripe_server.requests >= 2
    assert await credits_of(services, user_id) == 100
    assert await value(services, "SELECT count(*) FROM app.ledger_entry") == 1
