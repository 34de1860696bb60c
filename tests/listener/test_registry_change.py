"""The registry changes under a running listener: it follows, reads only what is new, and no block waits for it."""

import copy
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from listener import service
from listener.chain.rpc import RpcPool
from listener.options import parse_options
from listener.registry_watch import RegistryWatch
from listener.sync.metrics import Metrics
from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, REGISTRY, TRANSFER, event, log
from tests.listener.fake_chain import Call, FakeChain, Refusal
from tests.listener.rig import Rig, actual_keys, expected_keys
from tests.listener.test_run import assert_exact, token, traffic
from tests.support.processes import Process

APPROVAL = event("Approval", ("address", "owner", True), ("uint256", "value"))
OTHER = "0x" + "b2" * 20


def registry(**contracts: Any) -> dict[str, Any]:
    return {"chain_id": 31337, "contracts": contracts}


def raffle(*abi: dict[str, Any], address: Any = RAFFLE, first_block: int = 0) -> dict[str, Any]:
    return {"address": address, "first_block": first_block, "abi": list(abi)}


FULL: dict[str, Any] = copy.deepcopy(dict(REGISTRY)["contracts"])  # type: ignore[arg-type]
ONLY_RAFFLE = registry(Raffle=FULL["Raffle"])


class Ranges:
    """Remembers the ranges asked for by `eth_getLogs`, and holds those that start up to 40 blocks above one."""

    def __init__(self, chain: FakeChain) -> None:
        self.asked: list[tuple[int, int, frozenset[str]]] = []
        self.held_above: int | None = None
        self.is_held = False
        chain.on_call, chain.hold = self._note, self._hold

    def _note(self, call: Call) -> None:
        if call.method == "eth_getLogs" and "fromBlock" in call.params[0]:
            wanted = call.params[0]
            addresses = frozenset(wanted["address"])
            self.asked.append((int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16), addresses))

    def _hold(self, calls: list[Call]) -> bool:
        limit = self.held_above
        starts = [int(c.params[0].get("fromBlock", "0x0"), 16) for c in calls if c.method == "eth_getLogs"]
        is_held = limit is not None and any(limit < start <= limit + 40 for start in starts)
        self.is_held = self.is_held or is_held
        return is_held

    @property
    def addresses(self) -> set[str]:
        return {address for _, _, addresses in self.asked for address in addresses}


@pytest.fixture
def ranges(chain: FakeChain) -> Iterator[Ranges]:
    watched = Ranges(chain)
    yield watched
    watched.held_above = None


def follow(process: Process, rig: Rig, chain: FakeChain) -> None:
    process.wait_until(lambda: rig.cursor() == chain.head)


def change(process: Process, rig: Rig, wanted: dict[str, Any], words: str = "registry taken over") -> None:
    """Write a registry and wait until the listener has said what it makes of it."""
    before = process.text.count(words)
    rig.write(wanted)
    process.signal(signal.SIGHUP)
    process.wait_until(lambda: process.text.count(words) > before, what=words)


def filled(process: Process, rig: Rig) -> None:
    wanting = "SELECT 1 FROM mirror.source WHERE missing_from IS NOT NULL AND stopped_at IS NULL"
    process.wait_until(lambda: not rig.query(wanting), what="all sources complete")


def test_factory_added__live_blocks_go_on_and_only_the_new_is_read(
    chain: FakeChain, rig: Rig, ranges: Ranges
) -> None:
    """A factory whose children exist already, found by looking at the file; the filling is held half-way."""
    child = token(9)
    chain.mine([log(FACTORY, CREATED, child, "T")], *traffic(199, seed=60))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        follow(process, rig, chain)
        ranges.asked.clear()
        ranges.held_above = 60
        rig.write(REGISTRY)
        process.wait_until(lambda: ranges.is_held)
        for block in traffic(15, seed=61):
            chain.mine(block)
            follow(process, rig, chain)
        assert rig.query("SELECT DISTINCT missing_from <= 70 FROM mirror.source WHERE missing_from > 0") == [
            (True,)
        ]
        ranges.held_above = None
        filled(process, rig)
        chain.mine([log(child, TRANSFER, token(1), token(2), 7)], *traffic(5, seed=62))
        follow(process, rig, chain)
        assert_exact(rig, chain)
        assert "reading again" not in process.text
    assert RAFFLE not in ranges.addresses
    assert FACTORY in ranges.addresses
    starts = sorted(first for first, _, addresses in ranges.asked if FACTORY in addresses)
    assert starts == sorted(set(starts)), "a range was read twice"


def test_killed_in_mid_fill__goes_on_where_it_was(chain: FakeChain, rig: Rig, ranges: Ranges) -> None:
    chain.mine(*traffic(150, seed=63))
    rig.write(ONLY_RAFFLE)
    rig.mirror_until(chain.head, chain.url)
    rig.write(REGISTRY)
    ranges.held_above = 70
    process = rig.listener(chain.url, arguments=("--max-span", "9"))
    process.wait_until(lambda: rig.query("SELECT 1 FROM mirror.source WHERE missing_from > 50"))
    process.kill()
    ranges.asked.clear()
    ranges.held_above = None
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert min(first for first, _, _ in ranges.asked) > 50


def test_fork_in_mid_fill__rows_of_the_new_branch(chain: FakeChain, rig: Rig, ranges: Ranges) -> None:
    chain.mine(*traffic(100, seed=64))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        follow(process, rig, chain)
        ranges.held_above = 30
        change(process, rig, REGISTRY)
        process.wait_until(lambda: ranges.is_held)
        chain.fork(9, traffic(11, seed=65))
        process.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        ranges.held_above = None
        filled(process, rig)
        chain.fork(5, traffic(6, seed=66))
        process.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        assert_exact(rig, chain)
    assert rig.query("SELECT 1 FROM mirror.source WHERE stopped_at IS NOT NULL") == []


def test_old_blocks_refused__live_blocks_go_on_and_it_is_said(chain: FakeChain, rig: Rig) -> None:
    """A provider whose history is pruned: what was added late has to wait for another one, nothing else."""
    chain.mine(*traffic(60, seed=87))
    rig.write(ONLY_RAFFLE)

    def pruned(call: Call) -> Any:
        if call.method == "eth_getLogs" and int(call.params[0].get("fromBlock", "0xffff"), 16) < 40:
            raise Refusal("history has been pruned", -32601)
        return None

    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        chain.on_call = pruned
        change(process, rig, REGISTRY)
        process.wait_for_output("the providers refuse to fill new sources")
        chain.mine(*traffic(5, seed=88))
        follow(process, rig, chain)
        chain.on_call = None
        filled(process, rig)
        assert_exact(rig, chain)


def test_fork_while_the_last_blocks_are_filled__never_rows_of_the_old_branch(
    chain: FakeChain, rig: Rig
) -> None:
    """The filler asks for a block by hash; the chain leaves that branch before the answer is written."""
    chain.mine(*traffic(60, seed=67))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        forks = iter((3, 5, 8))

        def fork_now(call: Call) -> Any:
            asked = call.params[0] if call.method == "eth_getLogs" else {}
            if FACTORY in asked.get("address", ()) and "blockHash" in asked:
                answer = chain.answer(call)
                depth = next(forks, 0)
                if depth:
                    chain.fork(depth, traffic(depth + 1, seed=68 + depth))
                return answer
            return None

        chain.on_call = fork_now
        change(process, rig, REGISTRY)
        process.wait_until(lambda: next(forks, None) is None)
        chain.on_call = None
        filled(process, rig)
        process.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        assert_exact(rig, chain)


def test_filler_is_shown_another_branch__nothing_of_it_is_written(chain: FakeChain, rig: Rig) -> None:
    """Its headers and logs are of a branch that the live blocks never see: they agree with each other only."""
    chain.mine(*traffic(60, seed=58))
    rig.write(ONLY_RAFFLE)
    other = FakeChain()
    other.blocks = list(chain.blocks)
    other.fork(6, traffic(6, seed=59))
    numbers = {hex(block.number) for block in other.blocks[-6:]}
    hashes = {block.hash for block in other.blocks[-6:]}

    def other_branch(call: Call) -> Any:
        of_block = call.method == "eth_getBlockByNumber" and call.params[0] in numbers
        of_logs = call.method == "eth_getLogs" and call.params[0].get("blockHash") in hashes
        return other.answer(call) if of_block or of_logs else None

    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        chain.on_call = other_branch
        change(process, rig, REGISTRY)
        process.wait_for_output("became final or was replaced while it was being filled")
        chain.on_call = None
        filled(process, rig)
        assert_exact(rig, chain)


def test_child_abi_gets_an_event__children_known_before_are_read_for_it(
    chain: FakeChain, rig: Rig, ranges: Ranges
) -> None:
    child = token(9)
    chain.mine(
        [log(FACTORY, CREATED, child, "T"), log(child, TRANSFER, token(1), token(2), 5)],
        [log(child, APPROVAL, token(1), 6)],
        *traffic(40, seed=69),
    )
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        ranges.asked.clear()
        more = copy.deepcopy(FULL)
        more["Token"]["abi"].append(APPROVAL)
        change(process, rig, registry(**more))
        filled(process, rig)
        chain.mine([log(child, APPROVAL, token(1), 7), log(child, TRANSFER, token(1), token(2), 8)])
        follow(process, rig, chain)
    assert rig.query("SELECT block_number, value FROM mirror.token_approval ORDER BY 1") == [
        (2, 6),
        (chain.head, 7),
    ]
    assert FACTORY not in ranges.addresses
    assert RAFFLE not in ranges.addresses


def test_address_given_that_a_factory_made__rows_before_its_creation_too(chain: FakeChain, rig: Rig) -> None:
    """A clone that emits before the factory says so: named by address, all of its events are wanted."""
    child = token(9)
    transfer = log(child, TRANSFER, token(1), token(2), 5)
    chain.mine([transfer], [log(FACTORY, CREATED, child, "T")], [transfer], *traffic(20, seed=89))
    more = copy.deepcopy(FULL)
    more["Token"] |= {"address": child, "first_block": 1}
    rig.write(registry(**more))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
    rows = rig.query(f"SELECT block_number FROM mirror.token_transfer WHERE address = '\\x{child[2:]}'")
    assert rows[:2] == [(1,), (3,)]
    assert rig.command("check", RPC_URLS=chain.url).wait() == 0


def test_address_list_extended__only_the_new_address_is_read(
    chain: FakeChain, rig: Rig, ranges: Ranges
) -> None:
    chain.mine(*([log(RAFFLE, NAMED, n, "one"), log(OTHER, NAMED, n, "two")] for n in range(40)))
    rig.write(registry(Raffle=raffle(NAMED)))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        ranges.asked.clear()
        change(process, rig, registry(Raffle=raffle(NAMED, address=[RAFFLE, OTHER])))
        filled(process, rig)
        chain.mine([log(RAFFLE, NAMED, 40, "one"), log(OTHER, NAMED, 40, "two")])
        follow(process, rig, chain)
    rows = rig.query("SELECT id, label FROM mirror.raffle_named ORDER BY block_number, log_index")
    assert rows == [(n, label) for n in range(41) for label in ("one", "two")]
    assert ranges.addresses == {OTHER}


def test_contract_removed_forked_and_back__no_gap(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=70))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        rows = rig.rows()["token_transfer"]
        change(process, rig, ONLY_RAFFLE)
        chain.mine(*traffic(10, seed=71))
        follow(process, rig, chain)
        assert rig.rows()["token_transfer"] == rows, "rows stay"
        chain.fork(9, traffic(12, seed=72))
        process.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        change(process, rig, REGISTRY)
        filled(process, rig)
        chain.mine(*traffic(5, seed=73))
        follow(process, rig, chain)
        assert_exact(rig, chain)


def test_contract_removed_in_mid_fill_and_back__no_gap(chain: FakeChain, rig: Rig, ranges: Ranges) -> None:
    chain.mine(*traffic(120, seed=74))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        follow(process, rig, chain)
        ranges.held_above = 40
        change(process, rig, REGISTRY)
        process.wait_until(lambda: rig.query("SELECT 1 FROM mirror.source WHERE missing_from > 30"))
        other = raffle(NAMED, address=OTHER)
        change(process, rig, registry(Raffle=FULL["Raffle"], Other=other))
        ranges.held_above = None
        chain.mine(*traffic(10, seed=75))
        follow(process, rig, chain)
        filled(process, rig)  # the other one, nothing of those that left
        change(process, rig, registry(**FULL, Other=other))
        filled(process, rig)
        follow(process, rig, chain)
        found = actual_keys(rig)
        assert found.pop("other_named") == []
        assert found == expected_keys(chain)


def test_no_logs_by_hash_anywhere__late_contracts_are_filled_all_the_same(chain: FakeChain, rig: Rig) -> None:
    """What the fill learnt of the providers is kept from one part of the gap to the next."""

    def refuse(call: Call) -> Any:
        if call.method == "eth_getLogs" and "blockHash" in call.params[0]:
            raise Refusal("blockHash is not supported", -32602)
        return None

    chain.on_call = refuse
    chain.mine(*traffic(30, seed=90))
    rig.write(ONLY_RAFFLE)
    rig.mirror_until(chain.head, chain.url)
    rig.write(registry(**FULL))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_two_changes_in_a_row__both_are_filled(chain: FakeChain, rig: Rig, ranges: Ranges) -> None:
    chain.mine(*traffic(120, seed=76))
    rig.write(registry(Raffle=raffle(NAMED)))
    with rig.listener(chain.url, arguments=("--max-span", "9")) as process:
        follow(process, rig, chain)
        ranges.held_above = 40
        change(process, rig, ONLY_RAFFLE)
        process.wait_until(lambda: ranges.is_held)
        change(process, rig, REGISTRY)
        chain.mine(*traffic(5, seed=77))
        follow(process, rig, chain)
        ranges.held_above = None
        filled(process, rig)
        assert_exact(rig, chain)


def test_first_block__lowered_or_above_the_cursor__rows_from_there_on(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*([log(RAFFLE, NAMED, n, "x"), log(OTHER, PICKED, n, [n])] for n in range(1, 31)))
    rig.write(registry(Raffle=raffle(NAMED, first_block=20)))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        other = raffle(PICKED, address=OTHER, first_block=35)
        change(process, rig, registry(Raffle=raffle(NAMED, first_block=10), Other=other))
        chain.mine(*([log(RAFFLE, NAMED, n, "x"), log(OTHER, PICKED, n, [n])] for n in range(31, 41)))
        follow(process, rig, chain)
        filled(process, rig)
    assert rig.query("SELECT id FROM mirror.raffle_named ORDER BY 1") == [(n,) for n in range(10, 41)]
    assert rig.query("SELECT id FROM mirror.other_picked ORDER BY 1") == [(n,) for n in range(35, 41)]


def test_file_broken__said_once_and_the_old_registry_goes_on(chain: FakeChain, rig: Rig) -> None:
    """Half-written, gone, of another chain, an event with other types: each is refused; mended, it is used."""
    chain.mine(*traffic(20, seed=78))
    rig.write(ONLY_RAFFLE)
    refused = "registry refused, the one in force stays"
    retyped = event("Named", ("uint40", "id", True), ("bytes", "label"))
    unindexed = event("Named", ("uint40", "id"), ("string", "label"))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        for harm, words in (
            (lambda: rig.registry.write_text('{"chain_id": 313'), "is not JSON"),
            (lambda: rig.registry.write_bytes(b"\xff\xfe"), "cannot be read"),
            (lambda: rig.registry.unlink(), "does not exist"),
            (lambda: rig.write({**REGISTRY, "chain_id": 5}), "`chain_id` changed from 31337 to 5"),
            (lambda: rig.write(registry(Raffle=raffle(retyped, PICKED))), "give the contract another name"),
            (lambda: rig.write(registry(Raffle=raffle(unindexed, PICKED))), "give the contract another name"),
        ):
            before = process.text.count(refused)
            harm()
            process.wait_until(lambda count=before: process.text.count(refused) > count, what=words)  # type: ignore[misc]
            assert words in process.text
            for _ in range(3):  # looks that must say nothing
                process.signal(signal.SIGHUP)
                chain.mine(*traffic(1, seed=79))
                follow(process, rig, chain)
            assert process.text.count(refused) == before + 1
        change(process, rig, REGISTRY)
        filled(process, rig)
        chain.mine(*traffic(3, seed=80))
        follow(process, rig, chain)
        assert_exact(rig, chain)


def test_table_of_somebody_else__refused_and_the_old_registry_goes_on(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=81))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        with psycopg.connect(rig.database_url, autocommit=True) as db:
            db.execute("CREATE TABLE mirror.token_transfer (note text)")
        change(process, rig, REGISTRY, "registry refused")
        chain.mine(*traffic(5, seed=82))
        follow(process, rig, chain)
        assert sorted(rig.rows()) == ["raffle_named", "raffle_picked"]


def test_standby_takes_over__with_the_file_of_now(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(40, seed=83))
    rig.write(ONLY_RAFFLE)
    with rig.listener(chain.url) as first:
        follow(first, rig, chain)
        with rig.listener(chain.url) as second:
            second.wait_for_output("standing by")
            change(first, rig, REGISTRY)
            filled(first, rig)
            first.kill()
            chain.mine(*traffic(10, seed=84))
            follow(second, rig, chain)
            assert "event=leading chain_id=31337 contracts=3" in second.text
            assert second.text.count("mirror opened") == 1, "it never led with the old one"
            assert_exact(rig, chain)


async def test_standby_takes_over__a_change_that_was_taken_back__is_not_used(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.write(REGISTRY)
    files = iter([ONLY_RAFFLE, REGISTRY])

    class Held:
        def try_lead(self) -> bool:
            """The lock is held while the file changes there and back."""
            file = next(files, None)
            if file is not None:
                rig.write(file)
            return file is None

    monkeypatch.setattr(service, "_STANDBY_INTERVAL", 0.0)
    options = parse_options(
        ["run", "--registry", str(rig.registry), "--database-url", "-", "--rpc-url", "http://127.0.0.1"]
    )
    watch = RegistryWatch(rig.registry)
    async with RpcPool(["http://127.0.0.1"], 31337) as pool:
        leader = service._Leader(options, watch, pool, Metrics(31337))
        monkeypatch.setattr(leader, "_store", Held())
        assert await leader._stand_by() is None


def test_same_contracts_written_otherwise__nothing_starts_again(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=85))
    with rig.listener(chain.url) as process:
        follow(process, rig, chain)
        change(process, rig, {**REGISTRY, "vrf": {"subscription_id": "7"}}, "what is mirrored stays the same")
        chain.mine(*traffic(5, seed=86))
        follow(process, rig, chain)
        assert process.text.count("mirror opened") == 1
