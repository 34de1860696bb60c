"""Cancelling: at once before the signature, a race for the same nonce after it. Each test ends with the oracle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from backend.intents.cancel import IntentTooLateToCancel
from backend.intents.service import Call
from backend.sender import signing
from tests.backend import proxy as faults
from tests.backend import stubs
from tests.backend.proxy import FaultProxy
from tests.backend.test_api import bearer, post, transfer
from tests.backend.world import POL, World, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

__all__ = ["bearer"]
SEND = "eth_sendRawTransaction"


@pytest.fixture
async def still(database: DatabaseUris, tmp_path: Path) -> AsyncIterator[tuple[World, FaultProxy]]:
    """A world on a chain that mines when told, behind a provider that can misbehave."""
    with Anvil(arguments=("--no-mining",)) as chain:
        async with (
            FaultProxy(chain.url) as proxy,
            open_world(make_settings(database.backend, [proxy.url], tmp_path), chain) as world,
        ):
            chain.mine(5)
            yield world, proxy


async def purposes(world: World) -> list[tuple[int, str]]:
    """(nonce, purpose) of every attempt, oldest first."""
    async with world.services.engine.connect() as db:
        rows = await db.execute(
            text("""
                SELECT s.nonce, a.purpose FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id
                ORDER BY s.nonce, a.created_at
            """)
        )
        return [(row.nonce, row.purpose) for row in rows]


async def test_not_signed__cancelled_at_once_and_money_free(world: World) -> None:
    person = await world.person()
    unwanted, wanted = await world.transfer(person), await world.transfer(person)
    assert (await world.cancel(person, unwanted)).state == "cancelled"
    async with world.services.engine.connect() as db:
        outcome = await db.scalar(text("SELECT outcome FROM app.hold ORDER BY id LIMIT 1"))
    assert outcome == "released"
    async with world.sender():
        await world.reaches(wanted, "confirmed")
        await world.settled()
    assert await world.stages(unwanted) == ["created", "cancelled"]
    assert await purposes(world) == [(0, "call")]


async def test_cancelled_while_it_is_being_signed__nothing_stored_and_others_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await world.person()
    unwanted, wanted = await world.transfer(person), await world.transfer(person)
    sign_wallet = signing._sign_wallet

    async def cancelled_meanwhile(*arguments: Any) -> Any:
        signed = await sign_wallet(*arguments)
        await world.cancel(person, unwanted)
        return signed

    monkeypatch.setattr(signing, "_sign_wallet", cancelled_meanwhile)
    with capture_logs() as lines:
        async with world.sender():
            await world.reaches(wanted, "confirmed")
            await world.settled()
    assert "lane_failed" not in [line["event"] for line in lines]
    assert (await world.intent(unwanted)).state == "cancelled"
    assert await purposes(world) == [(0, "call")]


async def test_sent__empty_transaction_wins__cancelled_when_final(still: tuple[World, FaultProxy]) -> None:
    world, _ = still
    person = await world.person()
    unwanted, following = await world.transfer(person), await world.transfer(person)
    async with world.sender():
        await world.reaches(following, "broadcast")
        found = await world.cancel(person, unwanted)
        assert found.state == "broadcast"
        assert found.cancel_requested_at is not None
        await wait_until_async(lambda: _attempts(world, 3), 10, what="the empty transaction")
        await _pending_without(world, unwanted)
        world.mine(1)
        await world.reaches(unwanted, "mined")
        with pytest.raises(IntentTooLateToCancel):
            await world.cancel(person, following)
        world.mine(3)
        await world.reaches(following, "confirmed")
        await world.settled()
    assert (await world.intent(unwanted)).state == "cancelled"
    assert await world.stages(unwanted) == ["created", "signed", "broadcast", "mined", "cancelled"]
    assert await purposes(world) == [(0, "call"), (0, "cancel"), (1, "call")]


async def _attempts(world: World, count: int) -> bool:
    return len(await purposes(world)) >= count


async def _pending_without(world: World, intent_id: Any) -> None:
    """Wait until the node holds another transaction at the nonce of the intent's first attempt."""
    async with world.services.engine.connect() as db:
        first = await db.scalar(
            text("""
                SELECT a.hash FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id
                WHERE s.intent_id = :id AND a.purpose = 'call'
            """),
            {"id": intent_id},
        )

    async def replaced() -> bool:
        return world.anvil.call("eth_getTransactionByHash", "0x" + bytes(first).hex()) is None

    await wait_until_async(replaced, 10, what="the call replaced in the node's pool")


async def test_sent__the_call_wins__confirmed_with_the_money_spent(still: tuple[World, FaultProxy]) -> None:
    world, proxy = still
    person = await world.person()
    intent = await world.transfer(person)
    async with world.sender():
        await world.reaches(intent, "broadcast")
        proxy.faults[SEND] = faults.swallow
        await world.cancel(person, intent)
        await wait_until_async(lambda: _attempts(world, 2), 10, what="the empty transaction")
        world.mine(4)
        await world.reaches(intent, "confirmed")
        await world.settled()
    assert await purposes(world) == [(0, "call"), (0, "cancel")]


async def test_several_calls__each_slot_cancelled(still: tuple[World, FaultProxy]) -> None:
    world, _ = still
    person = await world.person()
    calls = [Call(stubs.TOKEN, b"\1\2\3\4"), Call(stubs.TOKEN, b"\1\2\3\5")]
    intent = await world.intend(person, "buy_tickets", {}, calls)
    async with world.sender():
        await world.reaches(intent, "broadcast")
        await world.cancel(person, intent)
        await wait_until_async(lambda: _attempts(world, 4), 10, what="two empty transactions")
        await _pending_without(world, intent)
        await wait_until_async(lambda: _mined_empty(world), 10, what="both empty transactions mined")
        world.mine(3)
        await world.settled()
    assert (await world.intent(intent)).state == "cancelled"


async def _mined_empty(world: World) -> bool:
    world.mine(1)
    async with world.services.engine.connect() as db:
        query = (
            "SELECT count(*) FROM app.slot s JOIN app.attempt a ON a.hash = s.winner AND a.purpose = 'cancel'"
        )
        return await db.scalar(text(query)) == 2


async def test_an_end_stays__the_schema_refuses_another(world: World) -> None:
    person = await world.person()
    intent = await world.transfer(person)
    await world.cancel(person, intent)
    assert (await world.cancel(person, intent)).state == "cancelled"
    with pytest.raises(DBAPIError, match="ended as cancelled and cannot become confirmed"):
        async with world.services.engine.begin() as db:
            await db.execute(text("UPDATE app.intent SET state = 'confirmed'"))


async def test_route__once_twice_too_late_and_not_mine(
    client: AsyncClient, bearer: dict[str, str], services: Any
) -> None:
    intent = (await post(client, bearer, transfer(3 * POL))).json()
    path = f"/api/v1/intents/{intent['id']}/cancel"
    first, second = [await client.post(path, headers=bearer) for _ in range(2)]
    assert (first.status_code, first.json()["state"], first.json()["cancel_requested"]) == (
        202,
        "cancelled",
        True,
    )
    assert second.json() == first.json()
    (pol,) = (await client.get("/api/v1/wallet", headers=bearer)).json()["balances"]
    assert (pol["held"], pol["available"]) == ("0", str(100 * POL))
    other = (await post(client, bearer, transfer(), key="two")).json()
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.intent SET state = 'mined' WHERE id = :id"), {"id": other["id"]})
    late = await client.post(f"/api/v1/intents/{other['id']}/cancel", headers=bearer)
    assert (late.status_code, late.json()["code"]) == (409, "intent_too_late_to_cancel")
    nobodys = await client.post(f"/api/v1/intents/{'0' * 8}-0000-4000-8000-{'0' * 12}/cancel", headers=bearer)
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "intent_not_found")
