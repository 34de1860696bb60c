"""Nonces: answers that are wrong, replicas that lag, an original that is mined after its bump. Each ends with the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.backend import proxy as faults
from tests.backend.proxy import FaultProxy, Handler
from tests.backend.test_sender_faults import SEND, attempts, faulty, proxy
from tests.backend.test_sender_gas import with_treasury
from tests.backend.world import POL, Person, World, make_settings, open_world
from tests.support.anvil import Anvil, dev_account
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

__all__ = ["faulty", "proxy"]
COUNT = "eth_getTransactionCount"
RECEIPT = "eth_getTransactionReceipt"
BLOCK = "eth_getBlockByNumber"
LAG = 3  # blocks
PATIENCE = 180.0  # seconds, for a machine where everybody works


def off_by(shift: int) -> Handler:
    """A count of transactions that is wrong."""

    async def fault(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await forward()
        answer["result"] = hex(max(0, int(answer["result"], 16) + shift))
        return answer

    return fault


def seen(proxy: FaultProxy, method: str, more: int) -> Any:
    """A condition: the provider was asked so often from now on."""
    before = proxy.seen[method]

    async def often() -> bool:
        return proxy.seen[method] >= before + more

    return often


async def scalar(world: World, query: str) -> Any:
    async with world.services.engine.connect() as db:
        return await db.scalar(text(query))


async def pay(world: World, person: Person, count: int) -> None:
    for _ in range(count):
        await world.transfer(person, POL // 100)


@pytest.mark.parametrize("shift", [50, -50])
async def test_nonce_answers_off_by_fifty__same_slots_nothing_signed_anew(
    faulty: World, proxy: FaultProxy, shift: int
) -> None:
    """Three final transactions below, three that no node has: what the counts say changes neither."""
    person = await faulty.person()
    async with faulty.sender():
        await pay(faulty, person, 3)
        await faulty.settled()
        proxy.faults = {COUNT: off_by(shift), SEND: faults.swallow}
        await pay(faulty, person, 3)
        await wait_until_async(seen(proxy, COUNT, 6), PATIENCE, what="six wrong counts")
        del proxy.faults[SEND]
        await faulty.settled(PATIENCE)
        await pay(faulty, person, 3)
        await faulty.settled(PATIENCE)
    assert [purpose for _, purpose in await attempts(faulty)] == ["call"] * 9
    assert await scalar(faulty, "SELECT count(*) FROM app.wallet WHERE frozen_at IS NOT NULL") == 0


def lagging() -> dict[str, Handler]:
    """A replica that is some blocks behind: its head, its finalized block, its counts, its receipts."""
    head = [0]

    async def block(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        newest: dict[str, Any] = await forward()
        if call["params"][0] not in ("latest", "finalized"):
            return newest
        number = max(0, int(newest["result"]["number"], 16) - LAG)
        if call["params"][0] == "latest":
            head[0] = number
        call["params"][0] = hex(number)
        answer: dict[str, Any] = await forward()
        return answer

    async def count(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if call["params"][1] == "latest":
            call["params"][1] = hex(head[0])
        answer: dict[str, Any] = await forward()
        return answer

    async def receipt(_call: dict[str, Any], forward: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await forward()
        if answer.get("result") and int(answer["result"]["blockNumber"], 16) > head[0]:
            answer["result"] = None
        return answer

    return {BLOCK: block, COUNT: count, RECEIPT: receipt}


async def test_replica_lags__nothing_signed_anew_and_final_when_it_has_it_too(
    proxy: FaultProxy, database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    proxy.faults = lagging()
    async with open_world(make_settings(database.backend, [proxy.url, chain.url], tmp_path), chain) as world:
        person = await world.person()
        async with world.sender():
            for _ in range(3):
                await pay(world, person, 3)
                await world.settled(PATIENCE)
        assert [purpose for _, purpose in await attempts(world)] == ["call"] * 9
        assert await scalar(world, "SELECT count(*) FROM app.wallet WHERE frozen_at IS NOT NULL") == 0


async def test_first_nonce_of_a_platform_wallet__not_by_one_providers_word(
    proxy: FaultProxy, database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    """A wallet that was used elsewhere before: what one provider says would be a gap for ever."""
    proxy.faults[COUNT] = off_by(50)
    async with with_treasury(database, chain, tmp_path, urls=[proxy.url, chain.url]) as world:
        before = int(chain.call(COUNT, dev_account(7).address, "latest"), 16)
        await world.transfer(await world.person(POL), POL)
        with capture_logs() as lines:
            async with world.sender():
                await wait_until_async(seen(proxy, COUNT, 5), PATIENCE, what="five wrong counts")
                proxy.faults = {}
                await world.settled(PATIENCE)
        assert "providers_disagree" in [line["event"] for line in lines]
        assert await scalar(world, "SELECT first_nonce FROM app.wallet WHERE role = 'treasury'") == before


async def test_original_mined_after_its_bump__it_wins_and_the_bump_is_left(
    faulty: World, proxy: FaultProxy
) -> None:
    intent = await faulty.transfer(await faulty.person())
    proxy.faults[SEND] = faults.swallow
    async with faulty.sender(bump_after_seconds=0.5):

        async def bumped() -> bool:
            return len(await attempts(faulty)) >= 2

        await wait_until_async(bumped, PATIENCE, what="a bump")
        original = await scalar(faulty, "SELECT raw FROM app.attempt ORDER BY created_at LIMIT 1")
        faulty.anvil.call(SEND, "0x" + bytes(original).hex())  # a node that had it all the time
        await faulty.reaches(intent, "confirmed", PATIENCE)
        proxy.faults = {}
        await faulty.reaches(await faulty.transfer(faulty.people[0]), "confirmed", PATIENCE)
        await faulty.settled()
    winner = (
        "SELECT a.purpose FROM app.slot s JOIN app.attempt a ON a.hash = s.winner ORDER BY s.nonce LIMIT 1"
    )
    assert await scalar(faulty, winner) == "call"
