"""One address that is several contracts of the registry: listed and made, or made twice, on one level or on two."""

import copy
import signal
import time
from functools import partial
from typing import Any

import pytest

from tests.listener.abis import CREATED, FACTORY, NAMED, PICKED, RAFFLE, TRANSFER, event, log
from tests.listener.fake_chain import Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import token

SPLIT = event("Split", ("address", "part", True))
SHARED = event("ShareCreated", ("address", "share", True))


def made_by(contract: str, creating: str, argument: str, *abi: dict[str, Any]) -> dict[str, Any]:
    return {"abi": list(abi), "created_by": {"contract": contract, "event": creating, "argument": argument}}


REGISTRY = {
    "chain_id": 31337,
    "contracts": {
        "Raffle": {"address": RAFFLE, "first_block": 0, "abi": [NAMED]},
        "TokenFactory": {"address": FACTORY, "first_block": 0, "abi": [CREATED, SHARED]},
        "Token": made_by("TokenFactory", "TokenCreated", "token", TRANSFER, SPLIT),
        "Share": made_by("TokenFactory", "ShareCreated", "share", PICKED),
        "Part": made_by("Token", "Split", "part", NAMED),
    },
}


@pytest.fixture(autouse=True)
def registry(rig: Rig) -> None:
    rig.write(REGISTRY)


def places(rig: Rig, table: str) -> list[tuple[int, int]]:
    """Block and log index of each row."""
    return [(row[0], row[3]) for row in rig.rows()[table]]


def test_made_on_two_levels__each_log_once_in_each_table(chain: FakeChain, rig: Rig) -> None:
    one = token(1)
    chain.mine([log(FACTORY, CREATED, one, "T"), log(one, SPLIT, one), log(one, NAMED, 1, "same block")])
    chain.mine([log(one, TRANSFER, one, one, 5), log(one, NAMED, 2, "later")])
    rig.mirror_until(chain.head, chain.url)
    assert places(rig, "token_transfer") == [(2, 0)]
    assert places(rig, "token_split") == [(1, 1)]
    assert places(rig, "part_named") == [(1, 2), (2, 1)]


def test_listed_and_made__events_of_the_block_of_its_creation_too(chain: FakeChain, rig: Rig) -> None:
    """When the creation was found, the logs of listed addresses had been read without the new topics."""
    chain.mine([log(RAFFLE, NAMED, 1, "before"), log(RAFFLE, TRANSFER, token(1), token(2), 1)])
    chain.mine([log(FACTORY, CREATED, RAFFLE, "T"), log(RAFFLE, TRANSFER, token(1), token(2), 5)])
    chain.mine([log(RAFFLE, TRANSFER, token(1), token(2), 6), log(RAFFLE, NAMED, 2, "after")])
    rig.mirror_until(chain.head, chain.url)
    assert places(rig, "token_transfer") == [(2, 1), (3, 0)]
    assert places(rig, "raffle_named") == [(1, 0), (3, 1)]


def test_made_twice__one_creation_forked_away__the_other_stays(chain: FakeChain, rig: Rig) -> None:
    one = token(1)
    chain.mine([log(FACTORY, CREATED, one, "T")], [], [log(FACTORY, SHARED, one)])
    with rig.listener(chain.url) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        chain.fork(1, [[log(one, TRANSFER, one, one, 1), log(one, PICKED, 1, [])]])
        process.wait_until(partial(rig.stands_at, bytes.fromhex(chain.blocks[-1].hash[2:])))
        assert places(rig, "token_transfer") == [(3, 0)]
        assert places(rig, "share_picked") == []


def test_made_again_earlier__found_while_it_is_filled__what_it_made_in_between_counts(
    chain: FakeChain, rig: Rig
) -> None:
    """A listed address is known as a token from block 10 on; the filling finds that it was one from block 1 on.

    Block 2 is answered before block 1: its log of a creation comes at once, and is not known to be one yet.
    """
    part, late = token(1), "0x00000000000000000000000000000000000fac70"
    chain.mine(
        [log(FACTORY, CREATED, RAFFLE, "T")],
        [log(RAFFLE, SPLIT, part)],
        [log(part, NAMED, 1, "of a part")],
        *[[]] * 6,
        [log(late, CREATED, RAFFLE, "T")],
        *[[]] * 20,
    )
    wanted, first = copy.deepcopy(REGISTRY), copy.deepcopy(REGISTRY)
    wanted["contracts"]["TokenFactory"]["address"] = [FACTORY, late]  # type: ignore[index]
    first["contracts"]["TokenFactory"]["address"] = [late]  # type: ignore[index]
    rig.write(first)
    answered: list[float] = []

    def asks(calls: list[Call], block: str) -> bool:
        return any(c.method == "eth_getLogs" and c.params[0].get("fromBlock") == block for c in calls)

    def hold(calls: list[Call]) -> bool:
        if asks(calls, "0x2") and not answered:
            answered.append(time.monotonic())
        return asks(calls, "0x1") and (not answered or time.monotonic() - answered[0] < 0.2)

    with rig.listener(chain.url, arguments=("--max-span", "1")) as process:
        process.wait_until(lambda: rig.cursor() == chain.head)
        chain.hold = hold
        rig.write(wanted)
        process.signal(signal.SIGHUP)
        process.wait_for_output("new sources are complete")
    assert places(rig, "token_split") == [(2, 0)]
    assert places(rig, "part_named") == [(3, 0)]
