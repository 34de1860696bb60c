"""Several providers: who is believed, who is left out, and what a disagreement changes (nothing)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from backend.sender import track
from backend.sender.model import Receipt
from backend.sender.witnesses import Report, judge
from listener.chain.faults import RpcError
from tests.backend import proxy as faults
from tests.backend.proxy import FaultProxy
from tests.backend.world import POL, World, make_settings, open_world
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"
HASH, BLOCK, FORK = b"h" * 32, b"b" * 32, b"f" * 32
GOOD = Receipt(HASH, 8, BLOCK, True)
ELSEWHERE = Receipt(HASH, 8, FORK, True)
FAILED = Receipt(HASH, 8, BLOCK, False)


def report(name: str, finalized: int, receipt: Receipt | None) -> Report:
    return Report(name, finalized, {} if receipt is None else {HASH: receipt})


@pytest.mark.parametrize(
    ("reports", "needed", "believed", "final"),
    [
        ([report("a", 9, GOOD)], 1, GOOD, True),
        ([report("a", 7, GOOD)], 1, GOOD, False),
        ([report("a", 9, GOOD)], 2, None, False),
        ([report("a", 9, GOOD), report("b", 9, None)], 2, None, False),
        ([report("a", 9, GOOD), report("b", 9, ELSEWHERE)], 2, None, False),
        ([report("a", 9, GOOD), report("b", 9, FAILED)], 2, None, False),
        ([report("a", 9, GOOD), report("b", 7, GOOD)], 2, GOOD, False),
        ([report("a", 9, GOOD), report("b", 8, GOOD)], 2, GOOD, True),
        ([report("a", 9, GOOD), report("b", 9, None), report("c", 9, GOOD)], 2, GOOD, True),
        ([report("a", 9, GOOD), report("b", 9, None), report("c", 7, GOOD)], 2, GOOD, False),
        ([report("a", 9, ELSEWHERE), report("b", 9, GOOD), report("c", 9, GOOD)], 2, GOOD, True),
        (
            [
                report("a", 9, ELSEWHERE),
                report("b", 9, ELSEWHERE),
                report("c", 9, GOOD),
                report("d", 9, GOOD),
            ],
            2,
            None,
            False,
        ),
    ],
)
def test_judge__believes_enough_equal_reports(
    reports: list[Report], needed: int, believed: Receipt | None, final: bool
) -> None:
    verdict = judge(reports, needed)
    assert verdict.receipts.get(HASH) == believed
    assert (HASH in verdict.final) == final


@asynccontextmanager
async def providers(
    count: int, database: DatabaseUris, chain: Anvil, folder: Path, **changes: Any
) -> AsyncIterator[tuple[World, list[FaultProxy]]]:
    """A world with so many providers of one chain, each of which can misbehave."""
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(FaultProxy(chain.url)) for _ in range(count)]
        urls = [proxy.url for proxy in proxies]
        settings = make_settings(database.backend, urls, folder, **changes)
        yield await stack.enter_async_context(open_world(settings, chain)), proxies


async def elsewhere(call: dict[str, Any], forward: Any) -> dict[str, Any]:
    """The receipt, with a block hash that is not the chain's."""
    answer: dict[str, Any] = await forward()
    if answer.get("result"):
        answer["result"]["blockHash"] = "0x" + "ab" * 32
    return answer


async def down(_call: dict[str, Any], _forward: Any) -> dict[str, Any]:
    raise faults.DroppedError


def asked(proxy: FaultProxy, method: str, times: int) -> Any:
    """A condition: the provider was asked so often from now on."""
    before = proxy.seen[method]

    async def often() -> bool:
        return proxy.seen[method] >= before + times

    return often


@pytest.mark.parametrize("fault", [elsewhere, faults.empty], ids=["another block", "none"])
async def test_two_disagree__nothing_changes_and_it_is_logged(
    database: DatabaseUris, chain: Anvil, tmp_path: Path, fault: Any
) -> None:
    async with providers(2, database, chain, tmp_path) as (world, (_, second)):
        second.faults[RECEIPT] = fault
        intent = await world.transfer(await world.person())
        with capture_logs() as lines:
            async with world.sender():
                await world.reaches(intent, "broadcast")
                await wait_until_async(asked(second, RECEIPT, 20), 20, what="twenty looks at the receipts")
                assert (await world.intent(intent)).state == "broadcast"
                second.faults = {}
                await world.settled()
        assert "providers_disagree" in [line["event"] for line in lines]


async def test_one_of_three_lies__the_other_two_decide(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with providers(3, database, chain, tmp_path) as (world, proxies):
        proxies[0].faults[RECEIPT] = elsewhere
        intent = await world.transfer(await world.person())
        async with world.sender():
            await world.reaches(intent, "confirmed")
            await world.settled()


async def test_one_of_two_is_away__nothing_ends_until_it_is_back(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with providers(2, database, chain, tmp_path) as (world, (first, second)):
        second.faults = dict.fromkeys([RECEIPT, SEND, "eth_getBlockByNumber", "eth_estimateGas"], down)
        intent = await world.transfer(await world.person())
        async with world.sender():
            await world.reaches(intent, "broadcast")
            await wait_until_async(asked(first, RECEIPT, 10), 20, what="ten looks at the receipts")
            assert (await world.intent(intent)).state == "broadcast"
            second.faults = {}
            await world.settled()


async def test_first_provider_fails__the_other_takes_the_work(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    """With one witness wanted, a sender goes on while only one of two providers answers."""
    async with providers(2, database, chain, tmp_path, final_witnesses=1) as (world, (first, _)):
        methods = [RECEIPT, SEND, "eth_getBlockByNumber", "eth_estimateGas", "eth_getBalance", "eth_chainId"]
        first.faults = dict.fromkeys(methods, down)
        person = await world.person()
        for _ in range(3):
            await world.transfer(person, POL // 10)
        async with world.sender():
            await world.settled()


async def test_provider_of_another_chain__quarantined_before_it_gets_bytes(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    async with providers(2, database, chain, tmp_path) as (world, (first, stranger)):
        stranger.faults["eth_chainId"] = faults.answer("0x1")
        first.faults["eth_estimateGas"] = faults.times(1, down)
        intent = await world.transfer(await world.person())
        async with world.sender(resend_after_seconds=0.05):
            await world.reaches(intent, "confirmed")
            await world.settled()
        assert set(stranger.seen) == {"eth_chainId"}
        assert [one.is_refused for one in world.services.rpc.providers] == [False, True]


async def test_breaker__opens_then_one_probe_then_closes(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    """Somebody asks every few milliseconds; after three faults one request at a time goes out, after longer rests."""
    async with providers(1, database, chain, tmp_path) as (world, (proxy,)):
        intent = await world.transfer(await world.person())
        at: list[float] = []

        async def down_and_noted(_call: dict[str, Any], _forward: Any) -> dict[str, Any]:
            at.append(time.monotonic())
            raise faults.DroppedError

        async def hammer() -> None:
            while True:
                with contextlib.suppress(RpcError):
                    await world.services.rpc.call("eth_blockNumber", patience=0.0)
                await asyncio.sleep(0.01)

        async def rested_twice() -> bool:
            return len(at) > 4 and at[-2] - at[-3] > 0.4 and at[-1] - at[-2] > 0.8

        every = ["eth_chainId", "eth_getBlockByNumber", "eth_blockNumber", "eth_estimateGas", RECEIPT, SEND]
        proxy.faults = dict.fromkeys(every, down_and_noted)
        impatient = [asyncio.create_task(hammer()) for _ in range(5)]
        try:
            async with world.sender():
                await wait_until_async(rested_twice, 15, what="two rests, each ended by one probe")
                proxy.faults = {}
                await world.reaches(intent, "confirmed", 20)
                await world.settled()
        finally:
            for task in impatient:
                task.cancel()


async def test_foreign_nonce_by_one_providers_word__not_frozen(
    database: DatabaseUris, chain: Anvil, tmp_path: Path
) -> None:
    """Law 9 needs witnesses: one provider that invents a count and a block freezes nobody."""
    async with providers(2, database, chain, tmp_path) as (world, proxies):
        person = await world.person()
        invented = {"from": person.address, "nonce": "0x0", "hash": "0x" + "cd" * 32}

        async def block(call: dict[str, Any], forward: Any) -> dict[str, Any]:
            answer: dict[str, Any] = await forward()
            if call["params"][1] and answer.get("result"):
                answer["result"]["transactions"] = [invented]
            return answer

        for proxy in proxies:
            proxy.faults[SEND] = faults.swallow
        proxies[0].faults |= {"eth_getTransactionCount": faults.answer("0x1"), "eth_getBlockByNumber": block}
        intent = await world.transfer(person, POL // 10)
        async with world.sender():
            await wait_until_async(asked(proxies[1], RECEIPT, 30), 20, what="thirty looks")
            async with world.services.engine.connect() as db:
                assert await db.scalar(text("SELECT frozen_reason FROM app.wallet")) is None
            for proxy in proxies:
                proxy.faults = {}
            await world.reaches(intent, "confirmed")
            await world.settled()


async def test_one_wallet_breaks_a_later_step__the_others_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky, other = await world.person(), await world.person()
    broken, write = [True], track._write

    async def fragile(*arguments: Any) -> None:
        if broken[0] and any(slot.wallet_id == unlucky.wallet_id for slot, _ in arguments[2]):
            raise ZeroDivisionError("nobody thought of this")
        await write(*arguments)

    monkeypatch.setattr(track, "_write", fragile)
    first, second = await world.transfer(unlucky), await world.transfer(other)
    async with world.sender():
        await world.reaches(second, "confirmed")
        assert (await world.intent(first)).state == "broadcast"
        broken[0] = False
        await world.reaches(first, "confirmed")
        await world.settled()
