"""The pool: retries, limits, fail-over, chains that are not ours."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from listener.chain.faults import PermanentError, TransientError, UnavailableError, WrongChainError
from listener.chain.provider import Provider
from listener.chain.rpc import Call, RpcPool
from tests.listener.fake_chain import FakeChain, Refusal, Reply


@pytest.fixture
async def pool(chain: FakeChain, other: FakeChain) -> AsyncIterator[RpcPool]:
    async with RpcPool([chain.url, other.url], 31337, patience=3.0) as made:
        yield made


async def test_call__first_provider_answers__second_is_not_asked(pool: RpcPool, other: FakeChain) -> None:
    assert await pool.call("eth_blockNumber") == "0x0"
    assert other.requests == 0


async def test_call__first_provider_fails__second_answers(pool: RpcPool, chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(500, "no")
    assert await pool.call("eth_blockNumber") == "0x2"


async def test_call__refusal__is_raised_at_once(pool: RpcPool, other: FakeChain) -> None:
    with pytest.raises(PermanentError, match="does not exist") as found:
        await pool.call("eth_foo")
    assert found.value.code == -32601
    assert other.requests == 0


async def test_call__nobody_answers__patience_ends(pool: RpcPool, chain: FakeChain, other: FakeChain) -> None:
    chain.on_request = other.on_request = lambda calls: Reply(503, "")
    with pytest.raises(UnavailableError, match="HTTP 503"):
        await asyncio.wait_for(pool.call("eth_blockNumber", patience=0.5), 60)


async def test_call__retry_after__is_obeyed(chain: FakeChain) -> None:
    asked: list[float] = []

    def limit(calls: object) -> Reply | None:
        asked.append(time.monotonic())
        return Reply(429, "", {"Retry-After": "0.6"}) if len(asked) == 2 else None

    chain.on_request = limit
    async with RpcPool([chain.url], 31337) as pool:
        assert await pool.call("eth_blockNumber") == "0x0"
    assert asked[2] - asked[1] >= 0.6


async def test_call__other_chain__refused_and_the_rest_used(chain: FakeChain) -> None:
    with FakeChain(chain_id=1) as wrong:
        async with RpcPool([wrong.url, chain.url], 31337) as pool:
            assert await pool.call("eth_blockNumber") == "0x0"
            assert [p.is_refused for p in pool.providers] == [True, False]
        async with RpcPool([wrong.url], 31337) as pool:
            with pytest.raises(WrongChainError, match="serves chain 1, not chain 31337"):
                await pool.call("eth_blockNumber")


async def test_batch__one_call_refused__stands_in_its_place(pool: RpcPool) -> None:
    answers = await pool.batch([("eth_blockNumber", ()), ("eth_foo", ()), ("eth_chainId", ())])
    assert (answers[0], answers[2]) == ("0x0", hex(31337))
    assert isinstance(answers[1], PermanentError)


async def test_batch__too_large__is_split(chain: FakeChain) -> None:
    def limit(calls: list[object]) -> Reply | None:
        if len(calls) > 3:
            return Reply(200, '{"id":null,"error":{"code":-32600,"message":"batch too large"}}')
        return None

    chain.on_request = limit  # type: ignore[assignment]
    async with RpcPool([chain.url], 31337) as pool:
        assert await pool.batch([Call("eth_blockNumber")] * 20) == ["0x0"] * 20
        assert pool.providers[0].max_batch <= 3


async def test_batch__answers_in_another_order__are_sorted(chain: FakeChain) -> None:
    chain.on_answers = lambda answers: answers[::-1]
    async with RpcPool([chain.url], 31337) as pool:
        assert await pool.batch([("eth_chainId", ()), ("eth_blockNumber", ())]) == ["0x7a69", "0x0"]


async def test_provider__single_calls__reach_that_provider(pool: RpcPool, other: FakeChain) -> None:
    assert await pool.providers[1].call("eth_blockNumber") == "0x2"
    assert other.requests == 1


async def test_provider__name__hides_the_key() -> None:
    pool = RpcPool(["https://rpc.example.org:444/v2/secret?key=secret"])
    assert pool.providers[0].name == "https://rpc.example.org:444"
    assert "secret" not in repr(pool.providers[0])


async def test_compare_heads__a_provider_behind__is_asked_last(pool: RpcPool, other: FakeChain) -> None:
    other.mine([], [], [])
    await pool.compare_heads()
    assert await pool.call("eth_blockNumber") == hex(other.head)


async def test_call__refused_by_code_of_the_node__keeps_code_and_data(chain: FakeChain) -> None:
    def revert(call: object) -> None:
        raise Refusal("execution reverted", 3)

    async with RpcPool([chain.url]) as pool:
        chain.on_call = revert
        with pytest.raises(PermanentError) as found:
            await pool.call("eth_call", ({},))
    assert found.value.code == 3


async def test_call__many_wait_for_a_connection__waiting_is_not_the_providers_delay(chain: FakeChain) -> None:
    """Each answer takes a third of the time-out: the sixth call waits longer than that before it is sent."""

    def answer_slowly(calls: object) -> None:
        time.sleep(0.2)

    chain.on_request = answer_slowly
    async with RpcPool([chain.url], timeout=0.6, connections=1) as pool:
        answers = await asyncio.gather(*(pool.call("eth_blockNumber") for _ in range(6)))
        assert answers == ["0x0"] * 6
        assert not pool.providers[0].errors


async def test_urls__two_keys_at_one_vendor__have_names_of_their_own() -> None:
    urls = ["https://node.example/v2/key-a", "https://node.example/v2/key-b", "wss://node.example/v2/key-a"]
    async with RpcPool(urls) as pool:
        assert [p.name for p in pool.providers] == ["https://node.example", "https://node.example#2"]
        assert pool.push_urls == urls[2:]


def test_urls__only_websockets__asks_for_http_too() -> None:
    with pytest.raises(ValueError, match="only WebSocket URLs"):
        RpcPool(["ws://127.0.0.1:8545"])


async def test_errors__of_each_kind__are_counted(chain: FakeChain) -> None:
    replies = iter([Reply(429), Reply(500), Reply(200, "{"), Reply(403, "no")])
    async with RpcPool([chain.url], 31337) as pool:
        await pool.call("eth_blockNumber")
        chain.on_request = lambda calls: next(replies, None)
        await pool.call("eth_blockNumber")
        with pytest.raises(PermanentError):
            await pool.call("eth_foo")
        kinds = ("rate_limited", "http_5xx", "malformed", "http_4xx", "refused")
        assert pool.providers[0].errors == dict.fromkeys(kinds, 1)


async def test_errors__of_the_http_client__hide_the_key(chain: FakeChain) -> None:
    url = f"{chain.url}/?key=secret-key"
    chain.on_request = lambda calls: Reply(307, "", {"Location": url})
    async with RpcPool([url]) as pool:
        with pytest.raises(UnavailableError, match="TooManyRedirects") as found:
            await pool.call("eth_blockNumber", patience=0.0)
    assert "secret-key" not in str(found.value)


@pytest.mark.parametrize("url", ["htps://node.example/v2/secret-key", "node.example/v2/secret-key"])
def test_urls__no_http__said_without_the_key(url: str) -> None:
    with pytest.raises(ValueError, match=r"node\.example' is not an http") as found:
        RpcPool([url])
    assert "secret-key" not in str(found.value)


async def test_attempt__cancelled_when_a_part_fails__ends(pool: RpcPool) -> None:
    """asyncio.gather forgets a cancellation that comes between the failure of a part and its own."""
    loop = asyncio.get_running_loop()
    gate, waits, attempts = loop.create_future(), asyncio.Event(), 0

    async def part() -> None:
        waits.set()
        await gate
        raise TransientError("the part fails")

    async def once(_: Provider) -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.gather(part(), asyncio.sleep(10))

    task = asyncio.create_task(pool.attempt(once))
    await asyncio.wait_for(waits.wait(), 5)
    gate.set_result(None)
    loop.call_soon(task.cancel)
    await asyncio.wait([task], timeout=5)
    assert task.cancelled()
    assert attempts == 1
