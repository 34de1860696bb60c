"""Against anvil: its own reorgs, its own blooms and answers, blocks every second."""

from collections.abc import Iterator
from functools import partial

import pytest

from tests.listener.abis import NAMED, PICKED, RAFFLE, encode_event, event
from tests.listener.rig import Rig
from tests.support.anvil import Anvil, dev_account
from tests.support.waiting import wait_until

# calldata = topic0 ‖ data → LOG1: CALLDATACOPY(0, 32, n - 32), LOG1(0, n - 32, CALLDATALOAD(0))
EMITTER = "0x3660209003806020600037600035906000a100"
NOTED = event("Noted", ("uint256", "id"), ("string", "label"))


@pytest.fixture
def own_anvil() -> Iterator[Anvil]:
    """A chain whose last 64 blocks can be replaced."""
    with Anvil(slots_in_an_epoch=32) as chain:
        chain.call("anvil_setCode", RAFFLE, EMITTER)
        yield chain


@pytest.fixture
def rig_of_anvil(rig: Rig) -> Rig:
    rig.write(
        {
            "chain_id": 31337,
            "contracts": {"Raffle": {"address": RAFFLE, "first_block": 0, "abi": [NOTED, NAMED, PICKED]}},
        }
    )
    return rig


def note(chain: Anvil, number: int, label: str) -> str:
    """Send a transaction that emits `Noted`."""
    encoded = encode_event(NOTED, number, label)
    data = encoded["topics"][0] + encoded["data"][2:]
    sent = {"from": dev_account(0).address, "to": RAFFLE, "data": data}
    result = chain.call("eth_sendTransaction", sent)
    assert isinstance(result, str)
    return result


def labels(rig: Rig) -> list[str]:
    return [
        row[0] for row in rig.query("SELECT label FROM mirror.raffle_noted ORDER BY block_number, log_index")
    ]


def test_anvil__events_and_reorgs__only_the_canonical_rows(own_anvil: Anvil, rig_of_anvil: Rig) -> None:
    rig = rig_of_anvil
    with rig.listener(own_anvil.url) as process:
        for number in range(6):
            note(own_anvil, number, f"n{number}")
        process.wait_until(lambda: rig.cursor() == 6)
        assert labels(rig) == [f"n{number}" for number in range(6)]
        own_anvil.call("anvil_reorg", 3, [])
        process.wait_until(lambda: labels(rig) == ["n0", "n1", "n2"])
        note(own_anvil, 9, "after")
        process.wait_until(lambda: labels(rig) == ["n0", "n1", "n2", "after"])
        head = own_anvil.call("eth_getBlockByNumber", "latest", False)
        wait_until(
            lambda: rig.query("SELECT block_hash FROM mirror.cursor") == [(bytes.fromhex(head["hash"][2:]),)]
        )


def test_anvil__mined_to_visible__block_after_block(own_anvil: Anvil, rig_of_anvil: Rig) -> None:
    rig = rig_of_anvil
    process = rig.command("run", RPC_URLS=own_anvil.url)
    with process:
        process.wait_for_output("at the head")
        for number in range(5):
            note(own_anvil, number, f"n{number}")
            wait_until(partial(rig.is_past, number + 1))
