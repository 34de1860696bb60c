"""Several providers: pauses that are kept, rests that end, who leads, who is left out."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator

import pytest

from listener.chain.faults import (
    PermanentError,
    RangeTooLargeError,
    UnavailableError,
    WrongChainError,
)
from listener.chain.provider import Provider
from listener.chain.rpc import RpcPool
from tests.listener.fake_chain import Call, FakeChain, Refusal, Reply


@pytest.fixture
async def pool(chain: FakeChain, other: FakeChain) -> AsyncIterator[RpcPool]:
    async with RpcPool([chain.url, other.url], 31337, patience=3.0, timeout=0.3) as made:
        yield made


def http_date(seconds: float) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("0.4", 0.4, 1.0),
        ("-5", 0.0, 0.5),
        ("nan", 0.2, 1.0),
        ("soon", 0.2, 1.0),
        ("", 0.2, 1.0),
        (None, 0.2, 1.0),
        (http_date(-3600), 0.0, 0.5),
    ],
)
async def test_429__retry_after__is_kept_for_every_request(
    chain: FakeChain, header: str | None, least: float, most: float
) -> None:
    """Twenty requests wait at once; none is sent in the pause, each is answered afterwards."""
    headers = {} if header is None else {"Retry-After": header}
    async with RpcPool([chain.url], patience=5.0) as pool:
        refused = Reply(429, "", headers)
        chain.on_request = lambda calls: refused if chain.requests == 1 else None
        await asyncio.gather(pool.call("eth_blockNumber"), *(_late(pool) for _ in range(20)))
    pause = chain.asked[1] - chain.asked[0]
    assert least <= pause <= most
    assert chain.requests == 22


async def _late(pool: RpcPool) -> None:
    await asyncio.sleep(0.05)
    await pool.call("eth_blockNumber")


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("1e9", 299, 301), ("inf", 299, 301), ("7", 6, 8), ("in 90 seconds", 80, 91)],
)
async def test_429__long_pause__is_kept_up_to_five_minutes(
    pool: RpcPool, chain: FakeChain, header: str, least: float, most: float
) -> None:
    if header == "in 90 seconds":  # a date, made now: tests are collected long before they run
        header = http_date(90)
    chain.on_request = lambda calls: Reply(429, "", {"Retry-After": header})
    assert await pool.call("eth_blockNumber") == "0x2"
    assert least <= pool.providers[0].ready_at - time.monotonic() <= most
    asked = chain.requests
    for _ in range(5):
        assert await pool.call("eth_blockNumber") == "0x2"
    assert chain.requests == asked


async def test_429__in_the_error_of_a_200__is_kept(pool: RpcPool, chain: FakeChain) -> None:
    body = (
        '{"id":null,"error":{"code":-32005,"message":"rate limited","data":{"rate":{"backoff_seconds":30}}}}'
    )
    chain.on_request = lambda calls: Reply(200, body)
    assert await pool.call("eth_blockNumber") == "0x2"
    assert 29 < pool.providers[0].ready_at - time.monotonic() < 31


async def test_all_down__retries_are_few(chain: FakeChain) -> None:
    """Fifty callers, one dead provider, two seconds: a handful of requests, not hundreds."""
    chain.on_request = lambda calls: Reply(502, "")
    async with RpcPool([chain.url], patience=2.0) as pool:
        answers = await asyncio.gather(
            *(pool.call("eth_blockNumber") for _ in range(50)), return_exceptions=True
        )
    assert all(isinstance(answer, UnavailableError) for answer in answers)
    assert chain.requests <= 50 + 5  # each caller's first question was under way before the first answer


async def test_all_down_then_up__everyone_is_answered_soon(chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(502, "") if chain.requests < 8 else None
    async with RpcPool([chain.url], patience=10.0) as pool:
        answers = await asyncio.gather(*(pool.call("eth_blockNumber") for _ in range(20)))
    assert answers == ["0x0"] * 20


async def test_outage__of_many_requests_at_once__counts_as_one(chain: FakeChain) -> None:
    """Thirty requests in flight fail together: the provider is tried again after half a second, not minutes."""
    chain.on_request = lambda calls: Reply(502, "") if chain.requests <= 30 else None
    began = time.monotonic()
    async with RpcPool([chain.url], patience=10.0) as pool:
        await asyncio.gather(*(pool.call("eth_blockNumber") for _ in range(30)))
    assert max(chain.asked) - began < 3.0


async def test_silent__leads__the_other_answers_and_leads_from_then_on(
    pool: RpcPool, chain: FakeChain
) -> None:
    chain.on_request = lambda calls: Reply(200, "{}", manner="never")
    assert await pool.call("eth_blockNumber") == "0x2"
    asked = chain.requests
    assert await pool.call("eth_blockNumber") == "0x2"
    assert chain.requests == asked


async def test_silent__comparing_heads__counts_against_it(pool: RpcPool, chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(200, "{}", manner="never")
    await pool.compare_heads(timeout=0.1)
    assert await pool.call("eth_blockNumber") == "0x2"


async def test_recovered__is_used_again(pool: RpcPool, chain: FakeChain, other: FakeChain) -> None:
    """It fails, the other leads; it is well again, and is asked when the other fails."""
    chain.on_request = lambda calls: Reply(502, "")
    for _ in range(3):
        assert await pool.call("eth_blockNumber") == "0x2"
    chain.on_request, other.on_request = None, lambda calls: Reply(502, "")
    assert await pool.call("eth_blockNumber") == "0x0"


async def test_recovered__leads_again_after_some_looks(pool: RpcPool, chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(502, "")
    assert await pool.call("eth_blockNumber") == "0x2"
    chain.on_request = None
    for _ in range(20):
        await pool.compare_heads()
    assert await pool.call("eth_blockNumber") == "0x0"


@pytest.mark.parametrize("status", [401, 403])
async def test_key_refused__by_all__says_so(chain: FakeChain, status: int) -> None:
    chain.on_request = lambda calls: Reply(status, "invalid api key")
    async with RpcPool([chain.url], 31337, patience=0.3) as pool:
        with pytest.raises(UnavailableError, match="refuses this key or address; correct RPC_URLS"):
            await pool.call("eth_blockNumber")


async def test_key_refused__by_one__the_other_is_used(pool: RpcPool, chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(403, "invalid api key")
    assert await pool.call("eth_blockNumber") == "0x2"


async def _ask(provider: Provider) -> str:
    answer: str = await provider.call("eth_blockNumber")
    return answer


async def test_refusal__where_refusals_are_not_believed__the_next_is_asked(
    pool: RpcPool, chain: FakeChain
) -> None:
    def refuse(call: Call) -> None:
        if call.method == "eth_blockNumber":
            raise Refusal("words that nobody has heard before")

    chain.on_call = refuse
    with pytest.raises(PermanentError):
        await pool.attempt(_ask)
    assert await pool.attempt(_ask, believe_refusals=False) == "0x2"


async def test_refusal__of_a_limit__is_believed(pool: RpcPool, chain: FakeChain) -> None:
    def refuse(call: Call) -> None:
        if call.method == "eth_blockNumber":
            raise Refusal("block range too large")

    chain.on_call = refuse
    with pytest.raises(RangeTooLargeError):
        await pool.attempt(_ask, believe_refusals=False)


async def test_method_unknown__to_all__is_final(pool: RpcPool) -> None:
    with pytest.raises(PermanentError, match="does not exist"):
        await pool.attempt(lambda one: one.call("eth_foo"), believe_refusals=False)


async def test_chain_swapped__during_an_outage__is_refused(chain: FakeChain) -> None:
    async with RpcPool([chain.url], 31337, patience=10.0) as pool:
        assert await pool.call("eth_blockNumber") == "0x0"
        asked = chain.requests
        chain.chain_id = 5
        chain.on_request = lambda calls: Reply(502, "") if chain.requests < asked + 4 else None
        with pytest.raises(WrongChainError, match="serves chain 5, not chain 31337"):
            await pool.call("eth_blockNumber")


async def test_chain_swapped__asked_to_look_again__is_refused(pool: RpcPool, chain: FakeChain) -> None:
    assert await pool.call("eth_blockNumber") == "0x0"
    chain.chain_id = 5
    pool.verify_again()
    assert await pool.call("eth_blockNumber") == "0x2"
    assert [p.is_refused for p in pool.providers] == [True, False]


@pytest.mark.parametrize("answer", ["0x", "polygon", None, 31337, "", {}])
async def test_chain_id__is_no_number__is_not_believed(chain: FakeChain, answer: object) -> None:
    chain.on_call = lambda call: answer if call.method == "eth_chainId" else None
    if answer is None:
        chain.on_answers = lambda answers: [{**answers[0], "result": None}]
    async with RpcPool([chain.url], 31337, patience=0.2) as pool:
        with pytest.raises(UnavailableError):
            await pool.call("eth_blockNumber")
    assert chain.calls["eth_blockNumber"] == 0


async def test_distrust__others_are_there__left_out(pool: RpcPool, chain: FakeChain) -> None:
    pool.distrust(pool.providers[0], 30.0)
    assert await pool.call("eth_blockNumber") == "0x2"
    pool.distrust(pool.providers[1], 30.0)  # nobody else is left: goes on being used
    assert await pool.call("eth_blockNumber") == "0x2"
    assert chain.requests == 0
