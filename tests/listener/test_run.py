"""The listener as a program: backfill, live, restart, faults. Each test runs the real process on a real
PostgreSQL.
"""

import random
import signal
from typing import Any

from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, TRANSFER, log
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig, actual_keys, expected_keys


def token(number: int) -> str:
    return f"0x{number:040x}"


def traffic(blocks: int, seed: int, tokens: int = 3) -> list[list[dict[str, Any]]]:
    """Blocks with events of every kind, tokens created on the way, and some empty blocks."""
    rng = random.Random(seed)
    result: list[list[dict[str, Any]]] = []
    for number in range(blocks):
        logs = []
        for _ in range(rng.choice((0, 1, 3, 6))):
            kind = rng.randrange(4)
            if kind == 0:
                logs.append(log(RAFFLE, NAMED, rng.randrange(2**40), f"raffle {rng.random()}"))
            elif kind == 1:
                logs.append(
                    log(RAFFLE, PICKED, rng.randrange(2**256), [rng.randrange(2**200) for _ in range(3)])
                )
            elif kind == 2 and number % 5 == 0:
                logs.append(log(FACTORY, CREATED, token(rng.randrange(1, tokens + 1)), "T"))
            else:
                who = token(rng.randrange(1, tokens + 1))
                logs.append(log(who, TRANSFER, token(1), token(2), rng.randrange(2**90)))
        result.append(logs)
    return result


def assert_exact(rig: Rig, chain: FakeChain) -> None:
    assert actual_keys(rig) == expected_keys(chain)
    assert rig.cursor() == chain.head


def test_run__backfill__mirrors_every_event(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(300, seed=1))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)
    assert sum(len(rows) for rows in rig.rows().values()) > 300


def test_run__backfill_then_live__has_no_seam(chain: FakeChain, rig: Rig) -> None:
    chain.mine(*traffic(60, seed=2))
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        for block in traffic(20, seed=3):
            chain.mine(block)
        process.wait_until(lambda: rig.cursor() == chain.head)
    assert_exact(rig, chain)


def test_run__sigterm__ends_with_0_soon(chain: FakeChain, rig: Rig) -> None:
    with rig.listener(chain.url) as process:
        process.wait_for_output("at the head")
        process.signal(signal.SIGTERM)
        assert process.wait() == 0
