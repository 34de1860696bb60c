"""Providers that fail, fall behind, hang or serve another chain: the mirror goes on with the others."""

import random
import time
from functools import partial
from typing import Any

import pytest

from listener.chain.rpc import RpcPool
from listener.start import StartError
from tests.listener.fake_chain import NULL, Block, Call, FakeChain, Refusal, Reply
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, traffic


def twin(chain: FakeChain) -> FakeChain:
    """Another provider of the same chain, always at the same block."""
    served = FakeChain()
    served.blocks = chain.blocks
    return served


def test_broken_answers__are_asked_again(chain: FakeChain, rig: Rig) -> None:
    """A fifth of all answers is no answer, of every kind there is."""
    chain.mine(*traffic(120, seed=19))
    rng = random.Random(20)
    broken = [
        Reply(502, "bad gateway"),
        Reply(500, ""),
        Reply(404, "nothing here"),
        Reply(200, "<html>Just a moment</html>"),
        Reply(200, '[{"id":0,"resu'),
        Reply(200, "null"),
        Reply(200, "[]"),
        Reply(200, '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}'),
        Reply(200, "x" * 100, manner="reset"),
    ]

    def break_some(calls: list[Call]) -> Reply | None:
        return rng.choice(broken) if rng.random() < 0.2 else None

    def refuse_some(call: Call) -> Any:
        if call.method == "eth_getBlockByNumber" and rng.random() < 0.02:
            raise Refusal("header not found")
        if rng.random() < 0.01:
            raise Refusal("words that nobody has heard before")
        return None

    chain.on_request, chain.on_call = break_some, refuse_some
    chain.on_answers = lambda answers: answers[1:] if rng.random() < 0.03 else answers
    rig.mirror_until(chain.head, chain.url, timeout=60.0)
    assert_exact(rig, chain)


@pytest.mark.parametrize("nothing", ["latest", "header", "logs"])
def test_null__is_no_answer(chain: FakeChain, rig: Rig, nothing: str) -> None:
    """The first provider answers null where there is something; the second is honest."""
    chain.mine(*traffic(40, seed=21))

    def is_meant(call: Call) -> bool:
        if call.method == "eth_getLogs":
            return nothing == "logs"
        return call.method == "eth_getBlockByNumber" and (call.params[0] == "latest") == (nothing == "latest")

    with twin(chain) as liar:
        liar.on_call = lambda call: NULL if is_meant(call) else None
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)


def test_dies__the_other_takes_over_and_it_is_used_again(chain: FakeChain, rig: Rig) -> None:
    with twin(chain) as first, rig.listener(first.url, chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        first.on_request = lambda calls: Reply(500, "gone")
        chain.mine(*traffic(5, seed=24))
        process.wait_until(lambda: rig.cursor() == chain.head)
        first.on_request, chain.on_request = None, lambda calls: Reply(500, "gone")
        chain.mine(*traffic(5, seed=25))
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_all_die__and_come_back__goes_on(
    chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An outage longer than the patience with one span says nothing about the size of spans."""
    monkeypatch.setattr("listener.sync.logs._SPAN_PATIENCE", 0.3)
    chain.mine(*traffic(100, seed=26))
    died: list[float] = []

    def die(calls: list[Call]) -> Reply | None:
        if chain.requests == 12:
            died.append(time.monotonic())
        return Reply(502, "") if died and time.monotonic() < died[0] + 1.5 else None

    chain.on_request = die
    rig.mirror_until(chain.head, chain.url, arguments=("--max-span", "4"))
    assert_exact(rig, chain)
    assert died
    assert "span halved" not in capsys.readouterr().out


def test_hangs__the_other_is_asked(chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts every request and never answers."""
    monkeypatch.setitem(RpcPool.__init__.__kwdefaults__, "timeout", 0.3)
    chain.mine(*traffic(40, seed=27))
    with twin(chain) as silent:
        silent.on_request = lambda calls: Reply(200, "{}", manner="never")
        rig.mirror_until(chain.head, silent.url, chain.url)
    assert_exact(rig, chain)


def test_behind__is_not_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(90, seed=23))
    with FakeChain() as behind:
        behind.blocks = chain.blocks[:40]
        rig.mirror_until(chain.head, behind.url, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("seed", [1, 2])
def test_load_balancer__each_call_at_another_node__one_is_behind(
    chain: FakeChain, rig: Rig, seed: int
) -> None:
    """One of three nodes lacks the last three blocks: it answers null, unknown block, and empty lists."""
    rng = random.Random(seed)
    chain.mine(*traffic(40, seed=28))

    def balance(call: Call) -> Any:
        if rng.randrange(3):
            return None
        behind: list[Block] = chain.blocks[:-3]
        above = [hex(block.number) for block in chain.blocks[-3:]]
        if call.method == "eth_getBlockByNumber" and call.params[0] == "latest":
            return behind[-1].header
        if call.method == "eth_getBlockByNumber" and call.params[0] in above:
            raise Refusal("header not found")
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return [log for log in chain.answer(call) if int(log["blockNumber"], 16) < len(behind)]
        if call.method == "eth_getLogs" and all(b.hash != call.params[0]["blockHash"] for b in behind):
            raise Refusal("unknown block")
        return None

    chain.on_call = balance
    with rig.listener(chain.url) as process:
        for step in range(4):
            chain.mine(*traffic(4, seed=100 * seed + step))
            process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_other_chain__one_of_several__is_refused(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=25))
    with FakeChain(chain_id=5) as wrong:
        wrong.mine(*traffic(50, seed=26))
        with rig.listener(wrong.url, chain.url) as process:
            process.wait_until(lambda: rig.cursor() == chain.head)
        assert wrong.calls["eth_getLogs"] == 0
    assert "provider refused" in process.text
    assert_exact(rig, chain)


def test_other_chain__after_an_outage__stops(chain: FakeChain, rig: Rig) -> None:
    """Somebody starts a node of another chain at the address of the only one."""
    chain.mine(*traffic(20, seed=29))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        before = rig.rows()
        chain.on_request = lambda calls: Reply(502, "")
        asked = chain.requests
        process.wait_until(lambda: chain.requests > asked + 3)
        chain.chain_id = 5
        chain.fork(15, traffic(40, seed=30))
        chain.on_request = None
        assert process.wait() == 1
    assert "serves chain 5, not chain 31337" in process.text
    assert rig.rows() == before


def test_key_is_bad__at_start__says_so(chain: FakeChain, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("listener.start._PATIENCE", 0.3)
    chain.on_request = lambda calls: Reply(401, '{"error":"invalid project id"}')
    with pytest.raises(StartError, match="refuses this key or address; correct RPC_URLS"):
        rig.mirror_until(chain.head, chain.url)


def test_key_is_bad__of_one__the_other_is_used(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=31))
    with twin(chain) as locked:
        locked.on_request = lambda calls: Reply(403, "forbidden")
        rig.mirror_until(chain.head, locked.url, chain.url)
    assert_exact(rig, chain)


def final_above_head(chain: FakeChain, call: Call) -> Any:
    """The answer of a provider whose finalized block is far above its head."""
    if call.method == "eth_getBlockByNumber" and call.params[0] == "finalized":
        return {**chain.answer(call), "number": hex(chain.head + 1000)}
    return None


def test_final_above_the_head__another_provider_is_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=31))
    with twin(chain) as liar:
        liar.on_call = partial(final_above_head, liar)
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)
    assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.final,)]


def test_final_above_the_head_once__asked_again_and_a_fork_is_still_followed(
    chain: FakeChain, rig: Rig
) -> None:
    """One wrong answer of the only provider must not make every block final."""
    chain.mine(*traffic(40, seed=32))

    def lie_once(call: Call) -> Any:
        answer = final_above_head(chain, call)
        if answer is not None:
            chain.on_call = None
        return answer

    chain.on_call = lie_once
    rig.mirror_until(chain.head, chain.url)
    assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.final,)]
    chain.fork(8, traffic(12, seed=33))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("finalized", ["refused", "null"])
def test_no_finalized_tag__uses_the_depth(rig: Rig, finalized: str) -> None:
    with FakeChain(final_depth=None if finalized == "refused" else 10) as chain:
        chain.mine(*traffic(60, seed=27))
        if finalized == "null":
            chain.on_call = lambda call: NULL if call.params[:1] == ["finalized"] else None
        rig.mirror_until(chain.head, chain.url, arguments=("--finality-depth", "12", "--max-span", "40"))
        assert rig.query("SELECT finalized_number FROM mirror.cursor") == [(chain.head - 12,)]
        assert_exact(rig, chain)


def test_no_logs_by_hash__asks_by_number(chain: FakeChain, rig: Rig) -> None:
    def refuse(call: Call) -> Any:
        if call.method == "eth_getLogs" and "blockHash" in call.params[0]:
            raise Refusal("blockHash is not supported", -32602)
        return None

    chain.on_call = refuse
    chain.mine(*traffic(30, seed=28))
    rig.mirror_until(chain.head, chain.url)
    chain.fork(5, traffic(6, seed=29))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_no_such_method__anywhere__stops(chain: FakeChain, rig: Rig) -> None:
    def refuse(call: Call) -> Any:
        if call.method == "eth_getLogs":
            raise Refusal("the method eth_getLogs does not exist/is not available", -32601)
        return None

    chain.on_call = refuse
    process = rig.listener(chain.url)
    assert process.wait() == 1
    assert "the method eth_getLogs does not exist" in process.text
    assert "Traceback" not in process.text


def test_chain_stands_still__nothing_happens(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=34))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        asked, logs = chain.requests, chain.calls["eth_getLogs"]
        process.wait_until(lambda: chain.requests > asked + 20)
        assert chain.calls["eth_getLogs"] == logs
        chain.mine(*traffic(2, seed=35))
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)
