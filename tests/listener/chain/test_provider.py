"""One provider's answers: what is believed, what is a fault, and what a status means."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from listener.chain.faults import (
    BatchTooLargeError,
    PermanentError,
    RangeTooLargeError,
    RateLimitedError,
    RpcError,
    TransientError,
)
from listener.chain.provider import Call, Provider
from listener.chain.rpc import RpcPool
from tests.listener.fake_chain import FakeChain, Refusal, Reply

Answers = list[dict[str, Any]]


@pytest.fixture
async def provider(chain: FakeChain) -> AsyncIterator[Provider]:
    async with RpcPool([chain.url], timeout=0.4, max_batch=8) as pool:
        yield pool.providers[0]


def error_body(message: str, code: int = -32000) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}})


DEEP = '{"id":1,"result":' + "[" * 5000 + "]" * 5000 + "}"
RANGE_TEXT = "query returned more than 10000 results"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(500, "oops"), TransientError),
        (Reply(502, "<html>502 Bad Gateway</html>"), TransientError),
        (Reply(503, ""), TransientError),
        (Reply(503, error_body(RANGE_TEXT)), RangeTooLargeError),
        (Reply(500, error_body("backend response too large", -32020)), RangeTooLargeError),
        (Reply(503, "", {"Retry-After": "1"}), RateLimitedError),
        (Reply(429, error_body("slow down")), RateLimitedError),
        (Reply(400, error_body(RANGE_TEXT, -32602)), RangeTooLargeError),
        (Reply(400, error_body("invalid argument 0", -32602)), PermanentError),
        (Reply(400, "Bad Request"), TransientError),
        (Reply(413, "too large"), BatchTooLargeError),
        (Reply(413, error_body("eth_getLogs block range too large", -32614)), RangeTooLargeError),
        (Reply(401, "unknown key"), TransientError),
        (Reply(403, error_body("Archive requests require a personal token", -32701)), TransientError),
        (Reply(402, "quota"), TransientError),
        (Reply(404, "no such path"), TransientError),
        (Reply(200, "<html>Just a moment...</html>"), TransientError),
        (Reply(200, ""), TransientError),
        (Reply(200, "null"), TransientError),
        (Reply(200, "[]"), TransientError),
        (Reply(200, '{"id":1,"resu'), TransientError),
        (Reply(200, b'{"id":1,"result":"\xff"}'), TransientError),
        (Reply(200, DEEP), TransientError),
        (Reply(200, '{"jsonrpc":"2.0","id":1}'), TransientError),
        (Reply(200, '{"jsonrpc":"2.0","id":77,"result":"0x5"}'), TransientError),
        (Reply(200, '{"jsonrpc":"2.0","id":[[]],"result":"0x5"}'), TransientError),
        (Reply(200, error_body(RANGE_TEXT)), RangeTooLargeError),
        (Reply(200, "not gzip", {"Content-Encoding": "gzip"}), TransientError),
        (Reply(200, '{"id":1,"result":"0x5"}', manner="never"), TransientError),
        (Reply(200, '{"id":1,"result":"0x5"}', manner="drip"), TransientError),
        (Reply(200, '{"id":1,"result":"0x5"}', manner="reset"), TransientError),
    ],
    ids=lambda value: (
        f"{value.status} {value.manner} {value.body[:24]!r}" if isinstance(value, Reply) else ""
    ),
)
async def test_call__answer_of_a_faulty_server__class_of_error(
    provider: Provider, chain: FakeChain, reply: Reply, kind: type[RpcError]
) -> None:
    chain.on_request = lambda calls: reply
    with pytest.raises(RpcError) as found:
        await provider.call("eth_blockNumber", result=str)
    assert type(found.value) is kind


def each(change: Callable[[dict[str, Any]], Any]) -> Callable[[Answers], Answers]:
    return lambda answers: [change(answer) for answer in answers]


@pytest.mark.parametrize(
    "change",
    [
        each(lambda answer: {**answer, "id": answer["id"] + 1}),
        each(lambda answer: {**answer, "id": None}),
        each(lambda answer: {**answer, "id": {}}),
        lambda answers: answers[:1],
        lambda answers: [answers[0], answers[0]],
        lambda answers: [*answers, {**answers[0], "result": "0x99"}],
        lambda answers: [answers[0], "text"],
        lambda answers: [answers[0], None],
        lambda answers: [],
        each(lambda answer: {"id": answer["id"]}),
        each(lambda answer: {"id": None, "error": {"code": -32603, "message": "Internal error"}}),
    ],
)
async def test_batch__answers_that_do_not_fit__are_no_answers(
    provider: Provider, chain: FakeChain, change: Callable[[Answers], Any]
) -> None:
    chain.on_answers = change
    with pytest.raises(TransientError):
        await provider.batch([Call("eth_blockNumber"), Call("eth_chainId")])


async def test_batch__out_of_order__is_sorted(provider: Provider, chain: FakeChain) -> None:
    chain.on_answers = lambda answers: answers[::-1]
    assert await provider.batch([Call("eth_blockNumber"), Call("eth_chainId")]) == ["0x0", "0x7a69"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(413, ""),
        Reply(400, "batch requests are not allowed"),
        Reply(405, ""),
        Reply(200, error_body("Batch size is too large: 8 (max 3)")),
        Reply(200, error_body("Invalid Request", -32600)),
        Reply(400, error_body("Invalid Request", -32600)),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:60]!r}",
)
async def test_batch__refused_whole__sent_in_smaller_ones(
    provider: Provider, chain: FakeChain, reply: Reply
) -> None:
    chain.on_request = lambda calls: reply if len(calls) > 3 else None
    assert await provider.batch([Call("eth_blockNumber")] * 16) == ["0x0"] * 16
    assert provider.max_batch <= 3


async def test_batch__taken_again__grows_back(provider: Provider, chain: FakeChain) -> None:
    chain.on_request = lambda calls: Reply(413, "") if len(calls) > 2 else None
    await provider.batch([Call("eth_blockNumber")] * 8)
    assert provider.max_batch == 2
    chain.on_request = None
    for _ in range(16):
        await provider.batch([Call("eth_blockNumber")] * 50)
    assert provider.max_batch == 8


async def test_batch__one_error_of_a_rate__fails_all(provider: Provider, chain: FakeChain) -> None:
    def limit(call: Any) -> None:
        if call.method == "eth_chainId":
            raise Refusal("15/second request limit reached", -32007)

    chain.on_call = limit
    with pytest.raises(RateLimitedError):
        await provider.batch([Call("eth_blockNumber"), Call("eth_chainId")])


async def test_call__gzip__is_unpacked(provider: Provider, chain: FakeChain) -> None:
    packed = gzip.compress(b'{"id":1,"result":"0x5"}')
    chain.on_request = lambda calls: Reply(200, packed, {"Content-Encoding": "gzip"})
    assert await provider.call("eth_blockNumber") == "0x5"


@pytest.mark.parametrize("packed", [False, True])
async def test_call__giant_answer__is_refused_before_it_is_read(
    provider: Provider, chain: FakeChain, packed: bool
) -> None:
    body = b'{"id":1,"result":"' + b"0" * (40 * 2**20) + b'"}'
    headers = {"Content-Encoding": "gzip"} if packed else {}
    chain.on_request = lambda calls: Reply(200, gzip.compress(body, 1) if packed else body, headers)
    provider._timeout = type(provider._timeout)(total=10)
    with pytest.raises(RangeTooLargeError, match="larger than 32 MB"):
        await provider.call("eth_getLogs")


async def test_requests__waiting_for_a_connection__are_not_sent_in_a_pause(chain: FakeChain) -> None:
    """One connection, five requests; the first answer asks to wait: the other four stay here."""
    chain.on_request = lambda calls: Reply(429, "", {"Retry-After": "30"})
    async with RpcPool([chain.url], connections=1) as pool:
        provider = pool.providers[0]
        waiting = (provider.guarded(lambda one: one.call("eth_blockNumber")) for _ in range(5))
        await asyncio.gather(*waiting, return_exceptions=True)
    assert chain.requests == 1


async def test_observers__each_is_told_of_each_request__failed_ones_too(
    chain: FakeChain, provider: Provider
) -> None:
    told: list[tuple[str, str, str]] = []
    for who in ("metrics", "spans"):
        provider.observers.append(lambda name, method, _, who=who: told.append((who, name, method)))
    await provider.call("eth_chainId")
    chain.on_request = lambda _: Reply(500, "oops")
    with pytest.raises(TransientError):
        await provider.call("eth_blockNumber")
    assert told == [
        (who, chain.url, method)
        for method in ("eth_chainId", "eth_blockNumber")
        for who in ("metrics", "spans")
    ]
