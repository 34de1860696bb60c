"""When heads say to look at the chain again, and how a feed lives. Times asserted are only lower bounds."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from aiohttp import web

from listener.chain import feed
from listener.chain.heads import Heads
from listener.chain.rpc import RpcPool
from tests.listener.fake_chain import Block, FakeChain
from tests.listener.push import PushServer, busy, notice
from tests.support.waiting import wait_until_async


@pytest.fixture
def push(chain: FakeChain) -> Iterator[PushServer]:
    with PushServer(chain) as served:
        yield served


@pytest.fixture
async def heads(chain: FakeChain, push: PushServer) -> AsyncIterator[Heads]:
    async with RpcPool([chain.url, push.url], 31337) as pool, Heads(pool) as made:
        yield made


async def look(heads: Heads, chain: FakeChain, interval: float) -> None:
    """As a listener does that finds what the chain has now."""
    async with asyncio.timeout(10):
        await heads.pause(chain.head, chain.blocks[-1].hash, interval)


async def until(condition: Callable[[], bool]) -> None:
    async def met() -> bool:
        return condition()

    await wait_until_async(met)


def false_block(number: int) -> Block:
    return Block(number, f"0x{number:064x}", "0x" + "00" * 32, [])


async def test_notice__ends_the_pause(heads: Heads, chain: FakeChain, push: PushServer) -> None:
    await look(heads, chain, 30)  # the subscription ends this one
    pausing = asyncio.create_task(look(heads, chain, 30))
    await asyncio.to_thread(push.announce, false_block(1))
    async with asyncio.timeout(10):
        await pausing
    found = heads.announced(1)
    assert found is not None
    assert found.hash == f"0x{1:064x}"


async def test_notice_of_the_head_just_found__does_not(
    heads: Heads, chain: FakeChain, push: PushServer
) -> None:
    await look(heads, chain, 30)
    pausing = asyncio.create_task(look(heads, chain, 0.5))
    started = time.monotonic()
    await asyncio.to_thread(push.announce, chain.blocks[-1])
    await pausing
    assert heads.feeds[0].notices == 1
    assert time.monotonic() - started >= 0.4


async def test_while_announced__looks_are_ten_times_rarer(
    heads: Heads, chain: FakeChain, push: PushServer
) -> None:
    first = heads.feeds[0]
    await look(heads, chain, 30)
    assert not first.is_trusted
    chain.mine([])
    await asyncio.to_thread(push.announce, chain.blocks[-1])
    await until(lambda: first.notices == 1)
    started = time.monotonic()
    await look(heads, chain, 0.05)
    assert first.is_trusted
    assert time.monotonic() - started >= 0.49
    chain.mine([])  # and this one is not announced
    await look(heads, chain, 0.01)
    assert not first.is_trusted


async def test_another_branch_announced__is_not_trusted(
    heads: Heads, chain: FakeChain, push: PushServer
) -> None:
    await look(heads, chain, 30)
    for number in range(1, 4):
        chain.mine([])
        await asyncio.to_thread(push.announce, false_block(number))
        await look(heads, chain, 0.05)
        assert not heads.feeds[0].is_trusted


async def test_false_notices__looks_become_rarer(heads: Heads, chain: FakeChain, push: PushServer) -> None:
    """300 notices, read no faster than 100 a second, each of a block that nobody has."""

    async def flood(socket: web.WebSocketResponse) -> None:
        for number in range(1, 301):
            await socket.send_str(notice(false_block(number).header))

    push.script = flood
    looks, started = 0, time.monotonic()
    while heads.feeds[0].notices < 300:
        await look(heads, chain, 0.5)
        looks += 1
    assert looks < 30
    assert time.monotonic() - started >= 1.9


async def test_pings_unanswered__connects_again(
    heads: Heads, chain: FakeChain, push: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_HEARTBEAT", 0.2)
    push.pongs = False
    await look(heads, chain, 30)
    await until(lambda: push.connections >= 2)
    assert heads.feeds[0].losses >= 1


async def test_subscribed_and_silent_while_the_chain_goes_on__connects_again(
    heads: Heads, chain: FakeChain, push: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_SILENT", 0.2)

    async def found_by_polling() -> bool:
        chain.mine([])
        await look(heads, chain, 0.02)
        return push.connections >= 2

    async with asyncio.timeout(10):
        while not await found_by_polling():
            pass


async def test_turned_away__tries_ever_more_rarely(
    heads: Heads, chain: FakeChain, push: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_FIRST_REST", 0.2)
    push.handshake = busy
    started = time.monotonic()
    await look(heads, chain, 0.01)
    await until(lambda: push.connections == 4)
    assert time.monotonic() - started >= 0.1 + 0.2 + 0.4
    push.handshake = None
    await until(lambda: heads.feeds[0].is_subscribed)


async def test_lost_after_each_notice__connects_ever_more_rarely(
    heads: Heads, chain: FakeChain, push: PushServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def once(socket: web.WebSocketResponse) -> None:
        await socket.send_str(notice(false_block(push.connections).header))
        await socket.close()

    monkeypatch.setattr(feed, "_FIRST_REST", 0.2)
    push.script = once
    started = time.monotonic()
    await look(heads, chain, 0.01)
    await until(lambda: push.connections == 4)
    assert time.monotonic() - started >= 0.1 + 0.2 + 0.4


async def test_chain_id_with_leading_zeros__is_the_same(
    heads: Heads, chain: FakeChain, push: PushServer
) -> None:
    push.chain_id = "0x0007A69"
    await look(heads, chain, 5)
    await until(lambda: heads.feeds[0].is_subscribed)


async def test_no_websocket_url__only_sleeps(chain: FakeChain) -> None:
    async with RpcPool([chain.url], 31337) as pool, Heads(pool) as heads:
        started = time.monotonic()
        await heads.pause(chain.head, chain.blocks[-1].hash, 0.2, taken=0.1)
        await heads.pause(chain.head, chain.blocks[-1].hash, 0.2, taken=5.0)
        assert time.monotonic() - started >= 0.14
        assert heads.announced(1) is None
