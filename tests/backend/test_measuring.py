"""What the metrics say, beside what really is."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.app import create_app
from backend.db import make_engine
from backend.jobs.enqueue import enqueue
from backend.metrics import mirror, system
from backend.metrics.requests import METHODS, NO_ROUTE
from backend.metrics.snapshot import Snapshot
from backend.policies import service as policies
from backend.settings import Settings, schema_settings
from backend.status import readings
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.world import World
from tests.support.waiting import wait_until_async
from tools.metrics_page import PAGE, page, registered
from tools.run.postgres import DatabaseUris

BOUNDED = {
    "route": "templates of this program's routes",
    "method": "known methods of HTTP, or of the chain's nodes that this program calls",
    "status": "1xx to 5xx",
    "rule": "limits of backend/throttling",
    "read": "names of reads in this program",
    "how": "caching.metrics.How",
    "pool": "applications of this program",
    "provider": "RPC_URLS",
    "task": "tasks of this program",
    "state": "states of intents, jobs, providers",
    "outcome": "words of this program",
    "ended": "sender.metrics.Ended",
    "purpose": "bump, noop, cancel",
    "role": "roles of wallets",
    "by": "sender, people",
    "kind": "kinds of reconciliation, pushes, faults of providers, webhooks of Stripe: new or repeated",
    "why": "words of this program",
    "direction": "words of this program",
    "contract": "contracts of the registry that draw",
    "currency": "native, link",
    "reading": "providers, vrf",
    "slot": "replication slots that the operator made",
    "target": "primary, replica",
}
"""Every label, with what its values are: none that an outsider chooses."""


def value(name: str, **labels: str) -> float:
    """What a scrape says now; 0 where there is no such series."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def series(family: str) -> set[tuple[str, ...]]:
    """Labels' values of all series of a counter."""
    found = next(one for one in REGISTRY.collect() if one.name == family)
    return {tuple(one.labels.values()) for one in found.samples if one.name == f"{family}_total"}


def test_page__is_what_is_registered() -> None:
    assert PAGE.read_text() == page(), "docs/metrics.md is stale: run `python -m tools.metrics_page`"


def test_labels__have_values_that_nobody_outside_chooses() -> None:
    found = registered()
    assert len(found) > 40
    assert {label for one in found for label in one.labels} == BOUNDED.keys()


def test_routes__each_has_its_name() -> None:
    names = create_app(schema_settings()).state.route_names
    assert "/api/v1/raffles/{raffle_id}" in names.values()
    assert len(names) > 150
    assert all(path.startswith("/") for path in names.values())


async def test_requests__counted_by_template_whatever_is_asked(client: AsyncClient) -> None:
    here = {"route": "/api/v1/raffles/{raffle_id}", "method": "GET", "status": "5xx"}
    before, took = (
        value("tombola_http_requests_total", **here),
        value("tombola_http_request_duration_seconds_count", route=here["route"]),
    )
    for number in (1, 2, 3):
        assert (await client.get(f"/api/v1/raffles/{number}")).status_code == 503  # there is no mirror
    assert value("tombola_http_requests_total", **here) == before + 3
    assert value("tombola_http_request_duration_seconds_count", route=here["route"]) == took + 3
    assert (await client.head("/healthz")).status_code == 200
    assert value("tombola_http_requests_total", route="/healthz", method="HEAD", status="2xx") > 0
    assert value("tombola_http_requests_in_flight") == 0

    for number in range(30):
        await client.get(f"/api/v1/nothing-{number}")
        await client.get(f"/page-{number}")
        await client.request(f"WORD{number}", "/api/v1/raffles/1", headers={"host": f"h{number}"})
    names = set(client._transport.app.state.route_names.values())  # type: ignore[attr-defined]
    found = series("tombola_http_requests")
    assert {route for route, _, _ in found} <= names | {NO_ROUTE}
    assert {method for _, method, _ in found} <= METHODS | {"other"}
    assert (NO_ROUTE, "GET", "4xx") in found
    assert ("/{path:page}", "GET", "4xx") in found, "the web app is not built here"


async def test_mirror__its_age_as_the_api_sees_it(
    settings: Settings, database: DatabaseUris, world: World
) -> None:
    with pytest.raises(Exception, match="mirror"):
        await mirror.look(world.services.engine)
    facts = ChainOfFacts(database.listener)
    try:
        facts.block()
    finally:
        facts.close()
    async with world.services.engine.connect() as db:
        at = await db.scalar(text("SELECT CAST(extract(epoch FROM block_time) AS float8) FROM mirror.cursor"))
    await mirror.look(world.services.engine)
    assert value("tombola_mirror_age_seconds") == pytest.approx(max(0.0, time.time() - at), abs=30)
    assert REGISTRY.get_sample_value("tombola_mirror_behind_blocks") == 0


def lose(db: psycopg.Connection[tuple[Any, ...]], slot: str) -> None:
    """Let the server give up what it keeps for this slot."""
    db.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    try:
        db.execute("SELECT pg_reload_conf()")
        status = "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s"
        while db.execute(status, [slot]).fetchone() != ("lost",):
            db.execute("SELECT pg_logical_emit_message(true, 'a', 'b'), pg_switch_wal()")
            db.execute("CHECKPOINT")
    finally:
        db.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        db.execute("SELECT pg_reload_conf()")


async def test_system__jobs_intents_wallets_funds_and_the_log(world: World, database: DatabaseUris) -> None:
    services = world.services
    person, frozen = await world.person(), await world.person()
    await world.transfer(person)
    async with services.engine.begin() as db:
        for number in (1, 2):
            await enqueue(db, "deliver_mail", {"mail_id": str(number)})
        await db.execute(
            text("""
            UPDATE jobs.procrastinate_jobs SET status = 'failed' WHERE args ->> 'mail_id' = '2'
        """)
        )
        await db.execute(
            text("UPDATE jobs.procrastinate_events SET at = at - interval '100 s'"),
        )
        await db.execute(
            text("UPDATE app.wallet SET due_at = due_at - interval '50 s' WHERE due_at IS NOT NULL")
        )
        await policies.freeze(db, frozen.wallet_id, "a transaction that is not ours", policies.SENDER)
    await readings.keep(services.engine, "vrf", [], wallets=[{"role": "keeper", "balance": str(3 * 10**18)}])

    with psycopg.connect(database.superuser, autocommit=True) as db:
        db.execute("SELECT pg_create_physical_replication_slot(%s, true)", [database.name])
        try:
            await world.person()
            await system.look(services)
            assert 0 < value("tombola_wal_kept_bytes", slot=database.name) < math.inf
            lose(db, database.name)
            await system.look(services)
            assert value("tombola_wal_kept_bytes", slot=database.name) == math.inf
        finally:
            db.execute("SELECT pg_drop_replication_slot(%s)", [database.name])
    assert REGISTRY.get_sample_value("tombola_wal_unarchived_seconds") == 0
    assert value("tombola_jobs", task="deliver_mail", state="waiting") == 1
    assert value("tombola_jobs", task="deliver_mail", state="failed") == 1
    assert 100 <= value("tombola_jobs_late_seconds", task="deliver_mail") < 160
    assert value("tombola_intents", state="created") == 1
    assert 50 <= value("tombola_wallets_late_seconds") < 110
    assert value("tombola_wallets_frozen", by="sender") == 1
    assert value("tombola_wallets_frozen", by="people") == 0
    assert value("tombola_wallets_paused") == 0
    assert value("tombola_wallet_balance_wei", role="keeper") == 3 * 10**18

    paid, done = (
        value("tombola_gas_paid_wei_total", role="user"),
        value("tombola_sender_passes_total", ended="done"),
    )
    final = value("tombola_transactions_final_total", role="user", outcome="succeeded")
    async with world.sender():
        await world.settled()
    async with services.engine.connect() as db:
        fee = await db.scalar(text("SELECT sum(fee) FROM app.slot WHERE state = 'final'"))
    assert value("tombola_gas_paid_wei_total", role="user") - paid == float(fee)
    assert value("tombola_transactions_final_total", role="user", outcome="succeeded") == final + 1
    assert value("tombola_sender_passes_total", ended="done") > done
    async with services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.wallet SET paused_until = now() + interval '1 hour' WHERE id = :id"),
            {"id": person.wallet_id},
        )
    await world.transfer(person)
    await system.look(services)
    assert value("tombola_wallets_paused") == 1
    assert value("tombola_wallets_late_seconds") == 0, "who is paused does not wait for a sender"
    assert (
        value(
            "tombola_rpc_duration_seconds_count",
            provider=services.rpc.providers[0].name,
            method="eth_chainId",
        )
        > 0
    )


async def test_pool__who_waits_for_a_connection_is_counted(database: DatabaseUris) -> None:
    engine = make_engine(database.backend, 1, "tests of pools")
    engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    labels = {"pool": "tests of pools"}
    try:
        async with engine.connect():
            waits = asyncio.create_task(engine.connect().start())

            async def waiting() -> bool:
                return value("tombola_pool_waiting", **labels) == 1

            await wait_until_async(waiting, 10, what="somebody who waits")
            assert (value("tombola_pool_size", **labels), value("tombola_pool_used", **labels)) == (1, 1)
            with pytest.raises(PoolTimeoutError):
                await waits
        assert value("tombola_pool_timeouts_total", **labels) == 1
        assert value("tombola_pool_waiting", **labels) == 0
        assert value("tombola_pool_used", **labels) == 0
        assert value("tombola_pool_wait_seconds_count", **labels) == 1
    finally:
        await engine.dispose()


def test_snapshot__old_values_are_not_said_and_unknown_ones_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, now = CollectorRegistry(), [100.0]
    monkeypatch.setattr("backend.metrics.snapshot.time.monotonic", lambda: now[0])
    snapshot = Snapshot({"tombola_x": ("x", ("a",))}, lasts=10, registry=registry)
    assert generate_latest(registry) == b"# HELP tombola_x x\n# TYPE tombola_x gauge\n"
    snapshot.take({"tombola_x": {("1",): 5.0}})
    now[0] = 110.0
    assert registry.get_sample_value("tombola_x", {"a": "1"}) == 5
    now[0] = 110.1
    assert registry.get_sample_value("tombola_x", {"a": "1"}) is None
    with pytest.raises(LookupError, match="tombola_y"):
        snapshot.take({"tombola_y": {}})
