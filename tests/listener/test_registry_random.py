"""Registries, blocks, forks and crashes in random order: at the end the mirror is what the last registry says."""

import random
from functools import partial
from typing import Any

import pytest

from tests.listener.abis import NAMED, PICKED, RAFFLE, REGISTRY
from tests.listener.fake_chain import FakeChain
from tests.listener.rig import Rig, actual_keys, expected_keys
from tests.listener.test_registry_change import FULL, OTHER, filled, raffle, registry
from tests.listener.test_run import traffic

STEPS = 14


def some_registry(rng: random.Random) -> dict[str, Any]:
    """Fewer or other events and addresses, other first blocks, with or without the factory and what it makes."""
    abi = rng.choice(([NAMED], [PICKED], [NAMED, PICKED]))
    address = rng.choice((RAFFLE, [RAFFLE, OTHER], OTHER))
    contracts: dict[str, Any] = {"Raffle": raffle(*abi, address=address, first_block=rng.choice((0, 7, 40)))}
    if rng.random() < 0.6:
        contracts["TokenFactory"] = {**FULL["TokenFactory"], "first_block": rng.choice((0, 0, 30))}
        if rng.random() < 0.7:
            contracts["Token"] = FULL["Token"]
    return registry(**contracts)


def tip_of(chain: FakeChain) -> bytes:
    return bytes.fromhex(chain.blocks[-1].hash[2:])


@pytest.mark.parametrize("seed", [1, 2])
def test_registries_in_random_order__the_last_one_is_mirrored_exactly(
    chain: FakeChain, rig: Rig, seed: int
) -> None:
    rng = random.Random(seed)
    chain.mine(*traffic(60, seed=1000 * seed))
    rig.write(some_registry(rng))
    arguments = ("--max-span", str(rng.choice((3, 9, 40))))
    process = rig.listener(chain.url, arguments=arguments)
    try:
        for step in range(STEPS):
            kind = rng.choice(("mine", "fork", "change", "change", "kill", "wait"))
            salt = 1000 * seed + 10 * step + 1
            if kind == "mine":
                chain.mine(*traffic(rng.randrange(1, 12), seed=salt))
            elif kind == "fork":
                depth = rng.randrange(1, 10)
                chain.fork(depth, traffic(depth + rng.randrange(3), seed=salt))
            elif kind == "change":
                rig.write(some_registry(rng))
            elif kind == "kill":
                process.kill()
                process = rig.listener(chain.url, arguments=arguments)
            else:
                process.wait_until(partial(rig.stands_at, tip_of(chain)))
        rig.write(REGISTRY)
        # More than finality's depth: what was not final when the mirror began cannot be filled before it is.
        chain.mine(*traffic(40, seed=1000 * seed + 999))
        process.wait_until(partial(rig.stands_at, tip_of(chain)))
        wanted = "SELECT count(*) FROM mirror.source WHERE stopped_at IS NULL AND first_block = 0 AND address <> %s"
        process.wait_until(lambda: rig.query(wanted, bytes.fromhex(OTHER[2:])) == [(4,)])
        filled(process, rig)
    finally:
        process.kill()
    ours = {
        name: [row for row in rows if row[5] != bytes.fromhex(OTHER[2:])] for name, rows in rig.rows().items()
    }
    assert {name: [(row[0], row[1], row[3]) for row in rows] for name, rows in ours.items()} == expected_keys(
        chain
    )
    assert actual_keys(rig).keys() == expected_keys(chain).keys()
