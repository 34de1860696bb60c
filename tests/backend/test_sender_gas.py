"""Gas: prices above the cap, wallets that cannot pay, and the treasury that helps within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from backend.services import import_platform_wallets
from tests.backend.world import POL, World, make_settings, open_world
from tests.support.anvil import Anvil, dev_account
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

GWEI = 10**9
CAP = 50 * GWEI
HELP: dict[str, Any] = {"top_up_wallet_daily_wei": POL // 10, "top_up_daily_wei": POL}


@asynccontextmanager
async def with_treasury(
    database: DatabaseUris,
    chain: Anvil,
    folder: Path,
    funds: int = 1_000 * POL,
    urls: Sequence[str] = (),
    **changes: Any,
) -> AsyncIterator[World]:
    """A world whose treasury wallet has `funds` wei and pays gas; `urls` are providers of the chain."""
    key_file = folder / "treasury.key"
    key_file.write_text(dev_account(7).private_key)
    key_file.chmod(0o600)
    settings = make_settings(
        database.backend, urls or [chain.url], folder, treasury_key_file=key_file, **{**HELP, **changes}
    )
    chain.call("anvil_setBalance", dev_account(7).address, hex(funds))
    async with open_world(settings, chain) as world:
        await import_platform_wallets(world.services)
        yield world


async def scalar(world: World, query: str) -> Any:
    async with world.services.engine.connect() as db:
        return await db.scalar(text(query))


TOP_UPS = "SELECT count(*) FROM app.intent WHERE kind = 'top_up' AND state = 'confirmed'"


async def test_fees_spike_above_the_cap__nothing_signed_nor_bumped_until_they_fall(
    database: DatabaseUris, tmp_path: Path
) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        settings = make_settings(
            database.backend, [chain.url], tmp_path, max_fee_per_gas_wei=CAP, bump_after_seconds=0.3
        )
        async with open_world(settings, chain) as world:
            chain.mine(5)
            person = await world.person()
            before = await world.transfer(person)
            async with world.sender():
                await world.reaches(before, "broadcast")
                for _ in range(5):  # blocks pass it by, at a price above everything we offer
                    chain.call("anvil_setNextBlockBaseFeePerGas", hex(3 * CAP))
                    chain.mine(1)
                    await asyncio.sleep(0.3)
                later = await world.transfer(person)
                await asyncio.sleep(1)
                assert (await world.intent(later)).state == "created"
                assert await scalar(world, "SELECT max(max_fee) FROM app.attempt") <= CAP
                chain.call("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
                for intent in (before, later):
                    await wait_until_async(lambda one=intent: _mined(world, one), 10, what="a block with it")
                chain.mine(3)
                await world.settled()
            assert await scalar(world, "SELECT max(max_fee) FROM app.attempt") <= CAP


async def _mined(world: World, intent: Any) -> bool:
    world.anvil.call("anvil_setNextBlockBaseFeePerGas", hex(GWEI))
    world.mine(1)
    return (await world.intent(intent)).state in ("mined", "confirmed")


async def test_only_gas_is_lacking__treasury_pays_it(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with with_treasury(database, chain, tmp_path) as world:
        person = await world.person(POL)
        first, second = await world.transfer(person, POL // 2), await world.transfer(person, POL // 2)
        async with world.sender():
            await world.reaches(first, "confirmed", 20)
            await world.reaches(second, "confirmed", 20)
            await world.settled()
        assert await scalar(world, TOP_UPS) >= 1


async def test_gas_on_its_way_is_late__the_next_intent_waits_for_it(
    database: DatabaseUris, tmp_path: Path
) -> None:
    """The first one's gas comes out of what the second one pays, until the treasury's transaction is there."""
    with Anvil(arguments=("--no-mining",)) as chain:
        async with with_treasury(database, chain, tmp_path) as world:
            person = await world.person(POL)
            first, second = await world.transfer(person, POL // 2), await world.transfer(person, POL // 2)
            query = "SELECT id FROM app.intent WHERE kind = 'top_up' AND state = 'broadcast'"
            async with world.sender():
                await world.reaches(first, "broadcast")
                top_up = await wait_until_async(lambda: scalar(world, query), what="gas on its way")
                slots = f"SELECT id FROM app.slot WHERE intent_id = '{top_up}'"
                hashes = f"SELECT encode(hash, 'hex') FROM app.attempt WHERE slot_id IN ({slots})"
                chain.call("anvil_dropTransaction", "0x" + await scalar(world, hashes))
                chain.mine(1)
                await world.reaches(first, "mined")
                await wait_until_async(lambda: _sent(chain), what="the treasury's transaction, sent again")
                assert (await world.intent(second)).state == "created"
                chain.mine(1)
                await world.reaches(second, "broadcast")


async def _sent(chain: Anvil) -> bool:
    return int(chain.call("txpool_status")["pending"], 16) > 0


async def test_money_is_lacking_too__rejected_and_nothing_given(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with with_treasury(database, chain, tmp_path) as world:
        intent = await world.transfer(await world.person(POL), 2 * POL)
        async with world.sender():
            await world.reaches(intent, "rejected")
            await world.settled()
        assert await scalar(world, "SELECT count(*) FROM app.intent WHERE kind = 'top_up'") == 0


async def test_limit_of_a_day_for_all__never_passed_by_wallets_together(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    """Eight wallets at once; the gas of a transfer is 21,000 times some gwei, half again as margin."""
    async with with_treasury(database, chain, tmp_path, top_up_daily_wei=150_000 * GWEI) as world:
        intents = [await world.transfer(await world.person(POL), POL) for _ in range(8)]
        async with world.sender(), world.sender():
            await world.settled(30)
        given = "SELECT sum((params ->> 'amount')::numeric) FROM app.intent WHERE kind = 'top_up'"
        assert 0 < await scalar(world, given) <= 150_000 * GWEI
        states = [(await world.intent(intent)).state for intent in intents]
        assert set(states) == {"confirmed", "rejected"}


async def test_treasury_is_empty__rejected_without_a_flood(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with with_treasury(database, chain, tmp_path, funds=0) as world:
        intent = await world.transfer(await world.person(POL), POL)
        async with world.sender():
            found = await world.reaches(intent, "rejected")
            await world.settled()
        assert found.error_code == "balance_too_low"
        assert await scalar(world, "SELECT count(*) FROM app.intent WHERE kind = 'top_up'") == 1


async def test_gas_drained_after_signing__topped_up_in_the_same_slot(
    database: DatabaseUris, tmp_path: Path
) -> None:
    with Anvil(arguments=("--no-mining",)) as chain:
        async with with_treasury(database, chain, tmp_path) as world:
            chain.mine(5)
            person = await world.person()
            intent = await world.transfer(person, POL)
            async with world.sender():
                await world.reaches(intent, "broadcast")
                chain.call("anvil_dropAllTransactions")
                chain.call("anvil_setBalance", person.address, hex(POL))
                await wait_until_async(lambda: _topped_up(world), 20, what="the treasury's payment")

                async def confirmed() -> bool:
                    world.mine(1)
                    return (await world.intent(intent)).state == "confirmed"

                await wait_until_async(confirmed, 20, interval=0.2, what="the transfer confirmed")
                await world.settled()
            assert (
                await scalar(
                    world,
                    "SELECT count(*) FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id"
                    " JOIN app.intent i ON i.id = s.intent_id WHERE i.kind = 'transfer'",
                )
                == 1
            )


async def _topped_up(world: World) -> bool:
    world.mine(1)
    return bool(await scalar(world, TOP_UPS) >= 1)
