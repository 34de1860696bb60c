"""What moves under the sender: blocks that go again, and a database that restarts. Each test ends with the oracle."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.intents.service import Call, Spending
from backend.migrate import migrate
from backend.process import DATABASE_TROUBLE
from backend.sender import lease, steps
from backend.sender.context import Context
from tests.backend import stubs
from tests.backend.world import POL, World, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.postgres import temporary_postgres
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

FINAL = 8
"""Blocks that make what is mined final, with four slots in an epoch."""


def slow_chain() -> Anvil:
    """A chain that mines when it is told to."""
    return Anvil(arguments=("--no-mining",), slots_in_an_epoch=FINAL // 2)


async def sent_again(chain: Anvil, count: int) -> None:
    """Wait until so many transactions are pending."""

    async def pending() -> bool:
        return int(chain.call("txpool_status")["pending"], 16) == count

    await wait_until_async(pending, 10, what="the same bytes sent again")


async def all_sent(world: World) -> bool:
    """Whether no intent waits for its signature or its first broadcast."""
    async with world.services.engine.connect() as db:
        query = "SELECT count(*) FROM app.intent WHERE state IN ('created', 'signed')"
        return await db.scalar(text(query)) == 0


async def test_reorg_of_three_blocks__all_sent_again_and_confirmed(
    database: DatabaseUris, tmp_path: Path
) -> None:
    """One transfer in each of the three blocks that go."""
    with slow_chain() as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(FINAL + 4)
            person = await world.person()
            intents = []
            async with world.sender():
                for _ in range(3):
                    intents.append(await world.transfer(person, POL // 10))
                    await world.reaches(intents[-1], "broadcast")
                    chain.mine(1)
                    await world.reaches(intents[-1], "mined")
                chain.call("anvil_reorg", 3, [])
                for intent in intents:
                    await world.reaches(intent, "broadcast")
                await sent_again(chain, 3)
                chain.mine(1)
                for intent in intents:
                    await world.reaches(intent, "mined")
                chain.mine(FINAL)
                await world.settled()
            for intent in intents:
                assert (await world.stages(intent))[-4:] == ["mined", "broadcast", "mined", "confirmed"]
            async with world.services.engine.connect() as db:
                assert await db.scalar(text("SELECT count(*) FROM app.attempt")) == 3


async def test_money_that_a_fork_gives_back__is_not_promised_twice(
    database: DatabaseUris, tmp_path: Path
) -> None:
    """What was mined is gone, nobody has noticed yet, and the wallet seems to have its money still."""
    with slow_chain() as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(FINAL + 4)
            person = await world.person(POL + POL // 100)
            first = await world.transfer(person)
            async with world.sender():
                await world.reaches(first, "broadcast")
                chain.mine(1)
                await world.reaches(first, "mined")
            chain.call("anvil_reorg", 1, [])
            second = await world.transfer(person)
            lane = await lease.claim(world.services.engine, uuid4(), 60, 1)
            await steps.advance(Context(world.services), lane)
            assert (await world.intent(second)).state == "created"
            await lease.release(world.services.engine, lane, 0.0)
            async with world.sender():
                await sent_again(chain, 1)
                chain.mine(1)
                await world.reaches(first, "mined")
                chain.mine(FINAL)
                await world.settled()
            assert (await world.intent(first)).state == "confirmed"
            assert (await world.intent(second)).error_code == "balance_too_low"


async def test_reverted_then_reorged_into_success__confirmed(database: DatabaseUris, tmp_path: Path) -> None:
    with slow_chain() as chain:
        async with open_world(make_settings(database.backend, [chain.url], tmp_path), chain) as world:
            chain.mine(FINAL + 4)
            call = Call(stubs.TOKEN, b"\1\2\3\4")
            intent = await world.intend(await world.person(), "claim_prize", {}, [call], [Spending(None, 7)])
            async with world.sender():
                await world.reaches(intent, "broadcast")
                chain.call("anvil_setCode", stubs.TOKEN, stubs.refuses(stubs.NOT_OPEN))
                chain.mine(1)
                await world.reaches(intent, "mined")
                async with world.services.engine.connect() as db:
                    assert await db.scalar(text("SELECT succeeded FROM app.slot")) is False
                chain.call("anvil_reorg", 1, [])
                await world.reaches(intent, "broadcast")
                await sent_again(chain, 1)
                stubs.install(chain)
                chain.mine(1)
                await world.reaches(intent, "mined")
                chain.mine(FINAL)
                found = await world.reaches(intent, "confirmed")
                await world.settled()
            assert found.error_code is None


async def test_postgres_restarts_under_work__sender_goes_on(tmp_path: Path) -> None:
    """Stopped with transfers to sign and others that are mined meanwhile; all are confirmed in the end."""
    with temporary_postgres() as server, slow_chain() as chain:
        uri = server.create_database().backend
        migrate(uri)
        async with open_world(make_settings(uri, [chain.url], tmp_path), chain) as world:
            chain.mine(FINAL + 4)
            person = await world.person()
            async with world.sender() as sender:
                sent = [await world.transfer(person, POL // 100) for _ in range(10)]
                await world.reaches(sent[-1], "broadcast")
                for _ in range(10):
                    await world.transfer(person, POL // 100)
                await asyncio.to_thread(server.stop)
                for _ in range(2):  # a connection of the pool that breaks, then one that cannot be made
                    with pytest.raises(DATABASE_TROUBLE):
                        await lease.claim(world.services.engine, sender.owner, 1, 1)
                chain.mine(1)
                await asyncio.to_thread(server.start)
                for intent in sent:
                    await world.reaches(intent, "mined")
                await wait_until_async(lambda: all_sent(world), 10, what="the rest signed and sent")
                chain.mine(1 + FINAL)
                await world.settled(30)
