"""Limits of providers: the span shrinks and grows back, pauses are kept, giant answers are not taken in."""

import itertools
import time
from typing import Any

import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, TRANSFER, log
from tests.listener.fake_chain import Call, FakeChain, Refusal, Reply
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token, traffic


def blocks_asked(call: Call) -> int:
    """Blocks of a getLogs over a range; 0 for other calls."""
    if call.method != "eth_getLogs" or "fromBlock" not in call.params[0]:
        return 0
    return int(call.params[0]["toBlock"], 16) - int(call.params[0]["fromBlock"], 16) + 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("query returned more than 10000 results", -32005),
        ("exceed maximum block range: 7", -32000),
        ("Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range", -32602),
        ("words of a vendor that nobody has heard before", -32600),
    ],
)
def test_range__refused__span_shrinks_and_grows_back(
    chain: FakeChain, rig: Rig, message: str, code: int
) -> None:
    """Refused above seven blocks for a while, then not any more."""
    chain.mine(*traffic(800, seed=17))
    spans: list[int] = []

    def limited(call: Call) -> Any:
        blocks = blocks_asked(call)
        if blocks > 7 and len(spans) < 40:
            raise Refusal(message, code)
        if blocks:
            spans.append(blocks)
        return None

    chain.on_call = limited
    rig.mirror_until(chain.head, chain.url, timeout=60.0)
    assert_exact(rig, chain)
    assert max(spans[:40]) <= 7
    assert max(spans[-8:]) >= 16


def test_range__refused_by_status_and_text__span_shrinks(chain: FakeChain, rig: Rig) -> None:
    """Alchemy's way: HTTP 400, the JSON-RPC error in the body."""
    chain.mine(*traffic(60, seed=18))
    body = '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"up to a 5 block range. Upgrade"}}'
    chain.on_request = lambda calls: Reply(400, body) if max(map(blocks_asked, calls)) > 5 else None
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("above_final", [False, True])
def test_single_block__still_too_large__asked_in_parts(rig: Rig, above_final: bool) -> None:
    """No answer may have more than ten logs: then fewer addresses or topics are asked for at once."""
    with FakeChain(final_depth=100 if above_final else 0) as chain:
        crowded = [log(RAFFLE, NAMED, n, "x") for n in range(9)]
        crowded += [log(RAFFLE, PICKED, 1, [n]) for n in range(9)]
        crowded += [log(token(1 + n % 2), TRANSFER, token(1), token(2), n) for n in range(16)]
        tokens = [log(FACTORY, CREATED, token(n), "T") for n in (1, 2)]
        chain.mine(tokens, crowded, *traffic(5, seed=20))

        def limited(call: Call) -> Any:
            if call.method == "eth_getLogs" and len(chain.answer(call)) > 10:
                raise Refusal("query returned more than 10 results", -32005)
            return None

        chain.on_call = limited
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)


def test_batches__refused__sent_singly(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=21))
    refusal = (
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch requests are not supported"}}'
    )
    chain.on_request = lambda calls: Reply(200, refusal) if len(calls) > 1 else None
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_429__no_request_in_the_pause(chain: FakeChain, rig: Rig) -> None:
    """Each fourth request is answered 429; by the server's clock nothing comes before the pause is over."""
    chain.mine(*traffic(150, seed=22))
    counter, refused = itertools.count(), []

    def refuse_some(calls: list[Call]) -> Reply | None:
        if next(counter) % 4 == 1 and len(refused) < 6:
            refused.append(time.monotonic())
            return Reply(429, "slow down", {"Retry-After": "0.3"})
        return None

    chain.on_request = refuse_some
    rig.mirror_until(chain.head, chain.url, arguments=("--max-span", "5"))
    assert_exact(rig, chain)
    under_way = 0.05  # what was sent before the answer arrived
    for start in refused:
        assert not [at for at in chain.asked if start + under_way < at < start + 0.3]


def test_429__other_providers_are_used_meanwhile(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=23))
    with FakeChain() as strict:
        strict.blocks = chain.blocks
        strict.on_request = lambda calls: Reply(429, "", {"Retry-After": "60"})
        rig.mirror_until(chain.head, strict.url, chain.url)
        assert strict.requests <= 2
    assert_exact(rig, chain)


def test_giant_answer__asked_for_in_parts(
    chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are only read up to a size; here 20 kB instead of 32 MB. One block alone may be larger."""
    monkeypatch.setattr("listener.sync.logs._MOST_BYTES", 20_000)
    chain.mine(*traffic(100, seed=24), [log(RAFFLE, NAMED, 1, "x" * 40_000)])
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
