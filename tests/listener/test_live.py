"""Following the head: heads announced over WebSocket, and polling where they are not.

A poll interval of 30 s shows that a notice ended the pause; one of 0.05 s that polling goes on.
"""

import asyncio
import json
import random
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from tests.listener.abis import CREATED, FACTORY, NAMED, RAFFLE, TRANSFER, log
from tests.listener.fake_chain import Block, Call, FakeChain, Refusal
from tests.listener.push import PushServer, busy, notice
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, token, traffic
from tests.support.anvil import Anvil
from tests.support.processes import Process

RARELY = ("--poll-interval", "30")


@pytest.fixture
def push(chain: FakeChain) -> Iterator[PushServer]:
    with PushServer(chain) as served:
        yield served


def stands_at_head(rig: Rig, chain: FakeChain) -> bool:
    return rig.cursor() == chain.head and rig.stands_at(bytes.fromhex(chain.blocks[-1].hash[2:]))


def wait_for_head(process: Process, rig: Rig, chain: FakeChain) -> None:
    process.wait_until(partial(stands_at_head, rig, chain))


def wait_for_requests(process: Process, chain: FakeChain, count: int) -> None:
    """Until it has asked so many times more."""
    asked = chain.requests
    process.wait_until(lambda: chain.requests >= asked + count)


def test_announced__rows_without_waiting_for_the_next_poll(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    chain.mine(*traffic(20, seed=60))
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        wait_for_head(process, rig, chain)
        for block in traffic(12, seed=61):
            push.mine(chain, block)
            wait_for_head(process, rig, chain)
    assert_exact(rig, chain)
    assert "secret-key" not in process.text


def test_announced__one_request_a_block(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    """The poll that a notice asks for brings the logs of all levels as well."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        push.mine(chain, [log(FACTORY, CREATED, token(1), "T")])
        wait_for_head(process, rig, chain)
        before = chain.requests
        for number in range(5):
            push.mine(
                chain, [log(RAFFLE, NAMED, number, "x"), log(token(1), TRANSFER, token(2), token(3), 4)]
            )
            wait_for_head(process, rig, chain)
        assert chain.requests == before + 5
    assert_exact(rig, chain)


def test_polled__two_requests_a_block(chain: FakeChain, rig: Rig) -> None:
    """One that finds the block, one for its logs at all levels."""
    polls: list[int] = []

    def count(calls: list[Call]) -> None:
        polls.append(sum(call.params[0] == "latest" for call in calls))

    with rig.listener(chain.url) as process:
        chain.mine([log(FACTORY, CREATED, token(1), "T")])
        wait_for_head(process, rig, chain)
        chain.on_request = count
        for number in range(5):
            chain.mine([log(RAFFLE, NAMED, number, "x"), log(token(1), TRANSFER, token(2), token(3), 4)])
            wait_for_head(process, rig, chain)
        assert polls.count(0) == 5
    assert_exact(rig, chain)


def test_created_and_used_in_one_block__its_events_are_there(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    """The logs asked for early are of the contracts known before the block."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        for number in range(1, 4):
            child = token(number)
            push.mine(
                chain, [log(FACTORY, CREATED, child, "T"), log(child, TRANSFER, token(8), token(9), number)]
            )
            wait_for_head(process, rig, chain)
    assert_exact(rig, chain)
    assert len(rig.rows()["token_transfer"]) == 3


def test_early_answer_lacks_the_logs__they_are_asked_for_again(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    """What came with the poll is believed once at most: the bloom filter shows that there is more."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        empty: Iterator[list[Any]] = iter([[]])
        chain.on_call = lambda call: next(empty, None) if call.method == "eth_getLogs" else None
        push.mine(chain, [log(RAFFLE, NAMED, 1, "x")])
        wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_reorg_announced__rows_of_the_new_branch(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=62))
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        wait_for_head(process, rig, chain)
        for depth, length in ((1, 1), (4, 4), (5, 3), (3, 6)):
            chain.fork(depth, traffic(length, seed=63 + depth))
            push.announce(*chain.blocks[-length:])
            wait_for_head(process, rig, chain)
            assert_exact(rig, chain)


def test_announced_before_the_node_has_it__asked_again_soon(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    """The node answers for the block before, and knows no hash of the new one, until it was asked 5 times."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        looks = 0

        def behind(call: Call) -> object:
            nonlocal looks
            looks += call.params == ["latest", False]
            if looks > 5:
                return None
            if call.method == "eth_getLogs":
                raise Refusal("unknown block")
            return chain.blocks[-2].header if call.params == ["latest", False] else None

        chain.mine([log(RAFFLE, NAMED, 1, "late")])
        chain.on_call = behind
        push.announce(chain.blocks[-1])
        wait_for_head(process, rig, chain)
        chain.on_call = None
    assert_exact(rig, chain)
    assert "no provider answers" not in process.text


def test_cut__polls_meanwhile_and_subscribes_again(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    chain.mine(*traffic(10, seed=70))
    with rig.listener(chain.url, push.url) as process:
        for connection in range(1, 4):
            push.wait_for_subscriber(connection)
            push.mine(chain, [log(RAFFLE, NAMED, connection, "told")])
            wait_for_head(process, rig, chain)
            push.cut()
            chain.mine([log(RAFFLE, NAMED, connection, "polled")])
            wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_cut_for_good__a_block_not_announced_is_found_at_once(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    """The end of the subscription ends the pause, too, which would last 30 s."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        push.mine(chain, [])
        wait_for_head(process, rig, chain)
        chain.mine([log(RAFFLE, NAMED, 1, "unannounced")])
        push.handshake = busy
        push.cut()
        wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_two_websockets__one_is_gone__the_other_announces(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    with (
        PushServer(chain) as other,
        rig.listener(chain.url, push.url, other.url, arguments=RARELY) as process,
    ):
        push.wait_for_subscriber()
        other.wait_for_subscriber()
        process.wait_for_output("at the head")
        other.handshake = busy
        other.cut()
        for block in traffic(5, seed=76):
            push.mine(chain, block)
            wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_silent_subscription__polling_finds_the_blocks(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    with rig.listener(chain.url, push.url) as process:
        push.wait_for_subscriber()
        for block in traffic(5, seed=71):
            chain.mine(block)
            wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_refused__said_once_and_polled(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    push.refuse = {"code": -32601, "message": "the method eth_subscribe does not exist"}
    with rig.listener(chain.url, push.url) as process:
        process.wait_for_output("new heads are not announced, polling")
        for block in traffic(5, seed=72):
            chain.mine(block)
            wait_for_head(process, rig, chain)
        assert push.connections == 1
    assert process.text.count("not announced") == 1
    assert "the method eth_subscribe does not exist" in process.text
    assert_exact(rig, chain)


def test_other_chain__said_and_polled(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    push.chain_id = "0x1"
    with rig.listener(chain.url, push.url) as process:
        process.wait_for_output("it serves chain '0x1', not 0x7a69")
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        wait_for_head(process, rig, chain)
        assert push.connections == 1
    assert_exact(rig, chain)


def test_handshake_refused__said_without_the_key(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    async def refuse() -> web.Response:
        return web.Response(status=401)

    push.handshake = refuse
    with rig.listener(chain.url, push.url) as process:
        process.wait_for_output("HTTP 401 instead of a WebSocket")
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        wait_for_head(process, rig, chain)
    assert "secret-key" not in process.text
    assert_exact(rig, chain)


def test_handshake_hangs__polled_and_ends_soon(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    async def hang() -> None:
        await asyncio.sleep(60)

    push.handshake = hang
    with rig.listener(chain.url, push.url) as process:
        process.wait_for_output("at the head")
        chain.mine([log(RAFFLE, NAMED, 1, "x")])
        wait_for_head(process, rig, chain)
        assert process.terminate() == 0
    assert_exact(rig, chain)


def test_rubbish__is_ignored(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    """Frames that are no notices, then one that is, on the same connection."""
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        head = chain.blocks[-1].header
        push.say(
            "", "{", "null", "[]", "7", '"text"', "\0", b"\xff\xfe", '{"method": "eth_subscription"}',
            '{"params": null}', '{"params": {"result": []}}', '{"id": 1, "error": {"code": -32000}}',
            notice(None), notice({}), notice({**head, "number": 7}), notice({**head, "number": "seven"}),
            notice({**head, "number": "0x" + "f" * 100_000}), notice({**head, "hash": "0x1"}),
            notice({**head, "hash": None}), json.dumps({"params": {"result": {**head, "hash": ["x"]}}}),
        )  # fmt: skip
        for block in traffic(5, seed=75):
            push.mine(chain, block)
            wait_for_head(process, rig, chain)
        assert push.connections == 1
    assert_exact(rig, chain)
    assert "Traceback" not in process.text


def test_giant_message__connects_again(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        push.say('{"params": "' + "x" * 3_000_000 + '"}')
        push.wait_for_subscriber(connections=2)
        push.mine(chain, [log(RAFFLE, NAMED, 1, "x")])
        wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


def test_flood_of_false_notices__blocks_are_mirrored(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    """Ten thousand blocks that nobody has, announced as fast as they are read, above and below the head."""

    async def flood(socket: web.WebSocketResponse) -> None:
        for number in range(10_000):
            block = Block(number % 7, f"0x{number:064x}", "0x" + "00" * 32, [])
            await socket.send_str(notice(block.header))

    push.script = flood
    with rig.listener(chain.url, push.url, arguments=("--poll-interval", "0.5")) as process:
        process.wait_for_output("new heads are announced")
        for block in traffic(4, seed=73):
            chain.mine(block)
            wait_for_head(process, rig, chain)
        process.signal(signal.SIGTERM)
        assert process.wait() == 0
    assert_exact(rig, chain)


def test_sigterm__a_server_that_does_not_say_goodbye__ends_soon(
    chain: FakeChain, push: PushServer, rig: Rig
) -> None:
    async def deaf(socket: web.WebSocketResponse) -> None:
        await asyncio.sleep(30)

    push.script = deaf
    with rig.listener(chain.url, push.url) as process:
        push.wait_for_subscriber()
        process.signal(signal.SIGTERM)
        assert process.wait() == 0


def test_burst_of_blocks__none_is_lost(chain: FakeChain, push: PushServer, rig: Rig) -> None:
    with rig.listener(chain.url, push.url, arguments=RARELY) as process:
        push.wait_for_subscriber()
        process.wait_for_output("at the head")
        for block in traffic(150, seed=74):
            push.mine(chain, block)
        wait_for_head(process, rig, chain)
    assert_exact(rig, chain)


@pytest.mark.parametrize("seed", range(3))
def test_everything_at_once__rows_are_exact(chain: FakeChain, push: PushServer, rig: Rig, seed: int) -> None:
    """Blocks announced and not, forks, lost sockets, rubbish, notices of nothing, in random order."""
    rng = random.Random(seed)
    blocks = iter(traffic(400, seed=100 + seed))

    def mine() -> None:
        chain.mine(*(next(blocks) for _ in range(rng.choice((1, 1, 1, 4)))))

    def fork() -> None:
        depth = min(rng.randrange(1, 8), chain.head)
        chain.fork(depth, [next(blocks) for _ in range(depth + rng.randrange(2))])

    def announce() -> None:
        push.announce(*chain.blocks[-rng.choice((1, 1, 5)) :])

    def mislead() -> None:
        false = Block(
            chain.head + rng.randrange(-2, 3), f"0x{rng.getrandbits(256):064x}", "0x" + "00" * 32, []
        )
        push.announce(*[false] * rng.choice((1, 20)))
        push.say("rubbish", b"\xff")

    acts = (mine, mine, mine, announce, announce, announce, fork, mislead, push.cut)
    with rig.listener(chain.url, push.url, arguments=("--poll-interval", "0.2")) as process:
        process.wait_for_output("at the head")
        for number in range(60):
            rng.choice(acts)()
            if number % 10 == 9:
                wait_for_head(process, rig, chain)
                assert_exact(rig, chain)
    assert "Traceback" not in process.text


def test_idle_chain__polls_write_nothing(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(20, seed=77))
    with rig.listener(chain.url) as process:
        wait_for_head(process, rig, chain)
        wait_for_requests(process, chain, 5)  # what follows the last commit
        written = rig.query("SELECT xmin::text FROM mirror.cursor")
        wait_for_requests(process, chain, 20)
        assert rig.query("SELECT xmin::text FROM mirror.cursor") == written


def test_only_a_websocket__says_that_http_is_needed(push: PushServer, rig: Rig) -> None:
    process = rig.listener(push.url)
    assert process.wait() == 2
    assert "give an http(s) URL too" in process.text
    assert "secret-key" not in process.text


def test_anvil__announces_over_its_own_port(rig: Rig) -> None:
    with Anvil(slots_in_an_epoch=32) as anvil:
        rig.write(
            {
                "chain_id": 31337,
                "contracts": {"Raffle": {"address": RAFFLE, "first_block": 0, "abi": [NAMED]}},
            }
        )
        ws = anvil.url.replace("http", "ws")
        with rig.listener(anvil.url, ws, arguments=RARELY) as process:
            process.wait_for_output("at the head")

            def is_announced() -> bool:
                anvil.mine()  # the subscription may not stand yet, and no block is announced twice
                return "new heads are announced" in process.text

            process.wait_until(is_announced)
            head = int(anvil.call("eth_blockNumber"), 16)
            process.wait_until(partial(rig.is_past, head))
            for number in range(head + 1, head + 7):
                anvil.mine()
                process.wait_until(partial(rig.is_past, number))
