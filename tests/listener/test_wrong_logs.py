"""Logs and headers that are wrong: never mirrored as they are, and the mirror goes on."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, RAFFLE, TRANSFER, log
from tests.listener.fake_chain import GENESIS_TIME, NULL, Call, FakeChain, Refusal
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token, traffic

Logs = list[dict[str, Any]]


def each(**changes: Any) -> Callable[[Logs], Any]:
    """Every log with these members replaced; None takes one out."""
    return lambda logs: [
        {name: value for name, value in {**entry, **changes}.items() if value is not None} for entry in logs
    ]


WRONG: dict[str, Callable[[Logs], Any]] = {
    "of another block": each(blockHash="0x" + "ab" * 32),
    "of a block that was not asked for": each(blockNumber="0xfffff"),
    "of no block": each(blockNumber="pending"),
    "removed": each(removed=True),
    "two at one place": each(logIndex="0x0"),
    "index is no number": each(logIndex="first"),
    "index is giant": each(logIndex="0x" + "f" * 20),
    "hash of the transaction is short": each(transactionHash="0x12"),
    "hash of the transaction is no hex": each(transactionHash="0x" + "zz" * 32),
    "data is no hex": each(data="0xzz"),
    "data has half a byte": each(data="0x123"),
    "without data": each(data=None),
    "without topics": each(topics=None),
    "topics are null": lambda logs: [{**entry, "topics": None} for entry in logs],
    "without an address": each(address=None),
    "a list of lists": lambda logs: [logs],
    "an object": lambda logs: {"logs": logs},
    "a text": lambda logs: "logs",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_logs__wrong_at_the_first_provider__the_second_is_believed(
    chain: FakeChain, rig: Rig, wrong: str
) -> None:
    chain.mine(*traffic(60, seed=1))
    with FakeChain() as liar:
        liar.blocks = chain.blocks
        liar.on_call = lambda call: (
            WRONG[wrong](copy.deepcopy(liar.answer(call))) if call.method == "eth_getLogs" else None
        )
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)
    assert rig.query("SELECT count(*) FROM mirror.problem") == [(0,)]


@pytest.mark.parametrize("wrong", WRONG)
def test_logs__wrong_for_a_while__asked_again(chain: FakeChain, rig: Rig, wrong: str) -> None:
    """There is only one provider: it is asked until it is well again."""
    chain.mine(*traffic(40, seed=2))

    def lie(call: Call) -> Any:
        if call.method == "eth_getLogs" and chain.calls[call.method] <= 4:
            return WRONG[wrong](copy.deepcopy(chain.answer(call)))
        return None

    chain.on_call = lie
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert rig.query("SELECT count(*) FROM mirror.problem") == [(0,)]


HARMLESS: dict[str, Callable[[Logs], Any]] = {
    "in reverse": lambda logs: logs[::-1],
    "each twice": lambda logs: [entry for entry in logs for _ in (0, 1)],
    "addresses in capitals": lambda logs: [{**e, "address": "0x" + e["address"][2:].upper()} for e in logs],
    "topics in capitals": lambda logs: [
        {**e, "topics": ["0x" + topic[2:].upper() for topic in e["topics"]]} for e in logs
    ],
    "hashes in capitals": lambda logs: [{**e, "blockHash": "0x" + e["blockHash"][2:].upper()} for e in logs],
    "numbers with zeros before": lambda logs: [
        {**e, "blockNumber": f"0x{int(e['blockNumber'], 16):06X}"} for e in logs
    ],
    "more than asked for": lambda logs: [
        part
        for e in logs
        for part in (
            e,
            {**e, "address": "0x" + "99" * 20, "logIndex": "0x7777"},
            {**e, "topics": ["0x" + "88" * 32], "logIndex": "0x7778"},
            {**e, "topics": [], "logIndex": "0x7779"},
        )
    ],
    "members nobody knows": each(blockTimestamp="0x1", extra={"deep": [1, 2]}),
}


@pytest.mark.parametrize("odd", HARMLESS)
def test_logs__odd_but_right__mirrored(chain: FakeChain, rig: Rig, odd: str) -> None:
    chain.mine(*traffic(60, seed=3))

    def answer(call: Call) -> Any:
        if call.method != "eth_getLogs":
            return None
        logs = HARMLESS[odd](copy.deepcopy(chain.answer(call)))
        seen: dict[Any, Any] = {}
        return (
            [seen.setdefault((e["blockNumber"], e["logIndex"]), e) for e in logs] if "asked" in odd else logs
        )

    chain.on_call = answer
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("hashes", [True, False])
def test_logs__all_there_are_whatever_was_asked__mirrored_once(
    chain: FakeChain, rig: Rig, hashes: bool
) -> None:
    """A provider that does not look at the filter gives each level of contracts the logs of all of them."""
    chain.mine(*traffic(60, seed=3))

    def answer(call: Call) -> Any:
        if call.method != "eth_getLogs":
            return None
        wanted = {name: value for name, value in call.params[0].items() if name not in ("address", "topics")}
        if "blockHash" in wanted and not hashes:
            raise Refusal("blockHash is not supported")
        return chain.answer(Call(call.method, [wanted]))

    chain.on_call = answer
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


HEADERS: dict[str, dict[str, Any]] = {
    "another number": {"number": "0x3"},
    "a number that is none": {"number": "latest"},
    "another hash": {"hash": "0x" + "cd" * 32},
    "a short hash": {"hash": "0x1234"},
    "no hash": {"hash": None},
    "a hash that is no hex": {"hash": "0x" + "zz" * 32},
    "another parent": {"parentHash": "0x" + "cd" * 32},
    "a time before its parent": {"timestamp": "0x1"},
    "a time that no calendar has": {"timestamp": "0xffffffffffffffff"},
    "a time that is none": {"timestamp": "soon"},
}


@pytest.mark.parametrize("position", ["inside", "end of a span", "head"])
@pytest.mark.parametrize("wrong", HEADERS)
def test_header__wrong_once__asked_again(chain: FakeChain, rig: Rig, wrong: str, position: str) -> None:
    """Blocks without events, so that no log gives the lie away; the spans are eight blocks long."""
    chain.mine(*traffic(20, seed=4), *[[] for _ in range(30)])
    tag = {"inside": hex(45), "end of a span": hex(31), "head": "latest"}[position]
    told: list[Call] = []

    def lie(call: Call) -> Any:
        if call.method == "eth_getBlockByNumber" and call.params[0] == tag and not told:
            told.append(call)
            return {**chain.answer(call), **HEADERS[wrong]}
        return None

    chain.on_call = lie
    rig.mirror_until(chain.head, chain.url, arguments=("--max-span", "8"))
    chain.mine([])
    rig.mirror_until(chain.head, chain.url)
    assert told
    assert_exact(rig, chain)
    remembered = [
        (b.number, bytes.fromhex(b.hash[2:]), bytes.fromhex(b.parent[2:]), GENESIS_TIME + b.number)
        for b in chain.blocks[chain.final :]
    ]
    query = "SELECT number, hash, parent_hash, extract(epoch FROM time)::bigint FROM mirror.block ORDER BY 1"
    assert rig.query(query) == remembered


def test_creation__of_a_malformed_log__asked_again(chain: FakeChain, rig: Rig) -> None:
    """The factory's own event comes with broken data at first."""
    chain.mine([log(FACTORY, CREATED, token(1), "T")], [log(token(1), TRANSFER, token(1), token(2), 5)])

    def lie(call: Call) -> Any:
        if call.method == "eth_getLogs" and chain.calls[call.method] <= 2:
            return [{**entry, "data": "0xz"} for entry in chain.answer(call)]
        return None

    chain.on_call = lie
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_left_out_by_range__bloom_filter_tells(chain: FakeChain, rig: Rig) -> None:
    """By range the provider drops all logs of every third block; by hash it is complete."""
    chain.mine(*traffic(60, seed=21))

    def forget_some(call: Call) -> Any:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return [entry for entry in chain.answer(call) if int(entry["blockNumber"], 16) % 3]
        return None

    chain.on_call = forget_some
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_left_out_by_one__the_other_is_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=22))
    with FakeChain() as liar:
        liar.blocks = chain.blocks
        liar.on_call = lambda call: [] if call.method == "eth_getLogs" else None
        rig.mirror_until(chain.head, liar.url, chain.url)
    assert_exact(rig, chain)


def test_left_out_by_the_only_one__receipts_tell__not_believed(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(30, seed=23))
    chain.on_call = lambda call: [] if call.method == "eth_getLogs" else None
    with rig.listener(chain.url) as process:
        process.wait_for_output("its bloom filter shows more")
        assert not any(rig.rows().values())
        chain.on_call = None
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_left_out_by_the_only_one__no_receipts_no_hashes__the_whole_block_tells(
    chain: FakeChain, rig: Rig
) -> None:
    """It refuses every other question about a block, and leaves logs out of its first answers by range."""
    chain.mine(*traffic(30, seed=23))
    lies = itertools.count()

    def lie_at_first(call: Call) -> Any:
        if call.method == "eth_getBlockReceipts":
            raise Refusal("not supported", -32602)
        if call.method != "eth_getLogs":
            return None
        asked = call.params[0]
        if "blockHash" in asked:
            raise Refusal("not supported", -32602)
        return [] if asked["fromBlock"] != asked["toBlock"] and next(lies) < 4 else None

    chain.on_call = lie_at_first
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert next(lies) > 4


def test_left_out_partly__all_of_one_address(chain: FakeChain, rig: Rig) -> None:
    """Of every block the provider drops what one address emitted, others stay: no block is without logs."""
    chain.mine(*[[log(RAFFLE, NAMED, n, "x"), log(FACTORY, CREATED, token(n), "T")] for n in range(1, 30)])

    def forget(call: Call) -> Any:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return [entry for entry in chain.answer(call) if entry["address"] != RAFFLE]
        return None

    chain.on_call = forget
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_left_out_partly__again_when_asked_again__receipts_tell(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*[[log(RAFFLE, NAMED, n, "x"), log(FACTORY, CREATED, token(n), "T")] for n in range(1, 30)])

    def forget(call: Call) -> Any:
        if call.method == "eth_getLogs":
            return [entry for entry in chain.answer(call) if entry["address"] != RAFFLE]
        return None

    chain.on_call = forget
    with rig.listener(chain.url) as process:
        process.wait_for_output("with 1 logs, its bloom filter shows more")
        assert not any(rig.rows().values())
        chain.on_call = None
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


@pytest.mark.parametrize("most", [10, 20, 25, 50])
def test_cut_off__after_so_many_logs__without_an_error(chain: FakeChain, rig: Rig, most: int) -> None:
    """Tenderly's way: a wide range answers with some of its logs. Single blocks are answered whole."""
    chain.mine(*traffic(150, seed=25))

    def cut(call: Call) -> Any:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return chain.answer(call)[:most]
        return None

    chain.on_call = cut
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_cut_off__within_the_last_block_that_has_logs(chain: FakeChain, rig: Rig) -> None:
    """No later block gives it away; the round number of logs does."""
    crowded = [log(RAFFLE, NAMED, n, "x") for n in range(14)]
    chain.mine([], crowded, *[[] for _ in range(25)])

    def cut(call: Call) -> Any:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            return chain.answer(call)[:10]
        return None

    chain.on_call = cut
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


@pytest.mark.parametrize("receipts", [True, False])
def test_false_alarm__address_and_topic_of_two_logs__goes_on(rig: Rig, receipts: bool) -> None:
    """The raffle emits what is not registered, a stranger what is: the filter shows both, no log is wanted."""
    stranger = log("0x" + "77" * 20, NAMED, 1, "x")
    other = {**log(RAFFLE, NAMED, 1, "x"), "topics": ["0x" + "66" * 32]}
    with FakeChain() as chain:
        chain.mine(*traffic(10, seed=26), [stranger, other], *[[] for _ in range(15)], [other, stranger])
        if not receipts:
            chain.on_call = lambda call: NULL if call.method == "eth_getBlockReceipts" else None
        rig.mirror_until(chain.head, chain.url)
        assert_exact(rig, chain)


def test_left_out__who_could_prove_it_is_away_for_a_while__waited_for(chain: FakeChain, rig: Rig) -> None:
    """One call refused for ever and one that fails now are no proof together either."""
    chain.mine(*traffic(30, seed=27))
    failures = itertools.count()

    def lie(call: Call) -> Any:
        if call.method == "eth_getBlockReceipts":
            raise Refusal("not supported", -32601)
        if call.method != "eth_getLogs":
            return None
        if "address" in call.params[0]:
            return []
        if next(failures) < 3:
            raise Refusal("Internal error", -32603)
        return None

    chain.on_call = lie
    with rig.listener(chain.url) as process:
        process.wait_for_output("nobody could say whether block")
        process.wait_for_output("its bloom filter shows more")
        assert not any(rig.rows().values())
        chain.on_call = None
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)
