"""`listener check`: what it reports, and what it must not take for a difference."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest

from tests.listener.abis import NAMED, RAFFLE, REGISTRY, log
from tests.listener.fake_chain import Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import traffic
from tests.support.processes import Process

CONTRACTS: dict[str, Any] = copy.deepcopy(dict(REGISTRY)["contracts"])  # type: ignore[arg-type]
PLAIN = [log(RAFFLE, NAMED, 7, "a"), log(RAFFLE, NAMED, 8, "b\0c")]


def check(rig: Rig, chain: FakeChain, *arguments: str) -> Process:
    return rig.command("check", *arguments, RPC_URLS=chain.url)


def execute(rig: Rig, statement: str) -> None:
    with psycopg.connect(rig.database_url, autocommit=True) as db:
        db.execute(statement.encode())


@pytest.fixture
def mirrored(chain: FakeChain, rig: Rig) -> Rig:
    chain.mine(*traffic(20, seed=100), PLAIN, *traffic(30, seed=101))
    rig.mirror_until(chain.head, chain.url)
    return rig


def test_check__nothing_wrong__exit_code_0(chain: FakeChain, mirrored: Rig) -> None:
    process = check(mirrored, chain)
    assert process.wait() == 0
    events = sum(map(len, mirrored.rows().values()))
    assert f"52 blocks, {events} events compared, 0 differences" in process.text


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (
            "DELETE FROM mirror.raffle_named WHERE id = 7",
            "mirror.raffle_named, block 21, log 0: the row is missing",
        ),
        (
            "UPDATE mirror.raffle_named SET label = 'x' WHERE id = 7",
            "mirror.raffle_named, block 21, log 0: label is x, the chain has a",
        ),
        (
            "UPDATE mirror.raffle_named SET block_hash = '', id = 9 WHERE id = 7",
            "log 0: block_hash is \\x, the chain has \\x",
        ),
        (
            "INSERT INTO mirror.raffle_named SELECT block_number, block_hash, block_time, 900, transaction_hash,"
            " address, id, label FROM mirror.raffle_named WHERE id = 7",
            "mirror.raffle_named, block 21, log 900: the chain has no such event",
        ),
        (
            "DELETE FROM mirror.problem WHERE block_number = 21",
            "mirror.problem, block 21, log 1, of mirror.raffle_named: the row is missing",
        ),
        (
            "UPDATE mirror.problem SET data = '' WHERE block_number = 21",
            "mirror.problem, block 21, log 1, of mirror.raffle_named: the row is different",
        ),
        (
            "UPDATE mirror.block SET hash = '\\x01' WHERE number = 48",
            "block 48: the mirror has hash 0x01, the",
        ),
    ],
)
def test_check__mirror_was_changed__says_where_and_what(
    chain: FakeChain, mirrored: Rig, harm: str, words: str
) -> None:
    execute(mirrored, harm)
    process = check(mirrored, chain)
    assert process.wait() == 1
    assert words in process.text
    assert "1 differences" in process.text


def test_check__many_differences__few_are_shown_all_are_counted(chain: FakeChain, mirrored: Rig) -> None:
    rows = len(mirrored.rows()["raffle_named"])
    execute(mirrored, "DELETE FROM mirror.raffle_named")
    process = check(mirrored, chain, "--last", "40", "--report", "3")
    assert process.wait() == 1
    assert process.text.count("the row is missing") == 3
    left = rows - sum(len([e for e in b.logs if e["address"] == RAFFLE]) for b in chain.blocks[41:])
    assert "more; --report shows more of them" in process.text
    assert left > 3


def test_check__a_range_and_a_sample__only_those_blocks(chain: FakeChain, mirrored: Rig) -> None:
    execute(mirrored, "DELETE FROM mirror.raffle_named WHERE id = 7")
    assert check(mirrored, chain, "--first", "22").wait() == 0
    assert check(mirrored, chain, "--first", "21", "--last", "21").wait() == 1
    sample = check(mirrored, chain, "--sample", "3")
    assert sample.wait() == 1
    assert "52 blocks" in sample.text


def test_check__listener_runs_forks_and_fills__no_differences(chain: FakeChain, rig: Rig) -> None:
    """A contract is being filled; the check's provider is on a branch that chain and mirror have left already."""
    chain.mine(*traffic(80, seed=102))
    rig.write({"chain_id": 31337, "contracts": {"Raffle": CONTRACTS["Raffle"]}})
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)

    def is_late(call: Call) -> bool:
        wanted = call.params[0] if call.method == "eth_getLogs" else {}
        return "fromBlock" in wanted and RAFFLE not in wanted["address"] and int(wanted["fromBlock"], 16) > 30

    chain.hold = lambda calls: any(map(is_late, calls))
    with FakeChain() as behind, rig.listener(chain.url, arguments=("--max-span", "9")) as listener:
        behind.blocks = list(chain.blocks)
        chain.fork(6, traffic(7, seed=103))
        listener.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        listener.wait_until(lambda: rig.query("SELECT 1 FROM mirror.source WHERE missing_from > 20"))
        asked: list[int] = []

        def come_round(call: Call) -> None:
            """From the second question about the last block on, it answers as the chain is now."""
            if call.method == "eth_getBlockByNumber" and call.params[0] == hex(80):
                behind.blocks = chain.blocks if asked else behind.blocks
                asked.append(80)

        behind.on_call = come_round
        process = check(rig, behind, "--max-span", "9", "--last", "80")
        assert process.wait() == 0, process.text
        assert behind.blocks is chain.blocks, "it looked again"
        assert rig.query("SELECT 1 FROM mirror.source WHERE missing_from < 50"), "it was being filled"
        chain.hold = None


def test_check__chain_forked_and_nobody_follows__says_which_block(chain: FakeChain, mirrored: Rig) -> None:
    chain.fork(3, traffic(3, seed=104))
    process = check(mirrored, chain)
    assert process.wait() == 1
    assert f"block {chain.head}: the mirror has hash" in process.text


def test_check__rows_of_an_earlier_registry__are_no_differences(chain: FakeChain, mirrored: Rig) -> None:
    """An address that left and a first block that was raised: their rows stay."""
    document: dict[str, Any] = copy.deepcopy(dict(REGISTRY))
    document["contracts"]["Raffle"]["first_block"] = 30
    mirrored.write(document)
    mirrored.mirror_until(chain.head, chain.url)
    assert check(mirrored, chain, "--first", "0").wait() == 0
    document["contracts"]["Raffle"]["address"] = "0x" + "77" * 20
    mirrored.write(document)
    mirrored.mirror_until(chain.head, chain.url)
    assert check(mirrored, chain, "--first", "0").wait() == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda raffle: raffle.update(address=[RAFFLE, "0x" + "77" * 20]),
        lambda raffle: raffle["abi"].append({**NAMED, "name": "Renamed"}),
    ],
)
def test_check__registry_newer_than_the_mirror__says_so(
    chain: FakeChain, mirrored: Rig, change: Callable[[dict[str, Any]], None]
) -> None:
    document: dict[str, Any] = copy.deepcopy(dict(REGISTRY))
    change(document["contracts"]["Raffle"])
    mirrored.write(document)
    process = check(mirrored, chain)
    assert process.wait() == 1
    assert "no listener has taken this registry over" in process.text


def test_check__mirror_of_another_chain__exit_code_1(mirrored: Rig) -> None:
    mirrored.write({**REGISTRY, "chain_id": 5})
    with FakeChain(chain_id=5) as other:
        process = check(mirrored, other)
        assert process.wait() == 1
    assert "mirrors chain 31337, the registry is of chain 5" in process.text
