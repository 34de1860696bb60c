"""Ctrl-C loses nothing; the next start continues."""

import os
from typing import Any

import pytest

from tests.flow.system import System


def _facts(system: System) -> dict[str, Any]:
    """What must be the same before and after."""
    raffles = system.get("/raffles?limit=100")["items"]
    contests = system.get("/contests?limit=100")["items"]
    return {
        "raffles": [(raffle["id"], raffle["state"], raffle["tickets_sold"]) for raffle in raffles],
        "contests": [(contest["id"], contest["state"]) for contest in contests],
        "grants": [
            (grant["id"], grant["released"]) for grant in system.get("/vesting/grants?limit=100")["items"]
        ],
        "first block": system.w3.eth.get_block(1)["hash"],
    }


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_stop__ctrl_c__ends_every_process_and_the_next_start_goes_on(system: System) -> None:
    if not system.running:
        pytest.skip("somebody else runs this system (FLOW_STATE)")
    before = _facts(system)
    block = system.w3.eth.block_number
    processes = system.processes
    assert {"api", "listener", "anvil"} <= processes.keys()
    assert system.stop() == 0
    assert [name for name, pid in processes.items() if _is_alive(pid)] == []
    system.start(timeout=90)
    assert _facts(system) == before
    assert system.w3.eth.block_number >= block
