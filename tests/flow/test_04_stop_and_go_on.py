"""Ctrl-C loses nothing; the next start continues."""

import time
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


def test_stop__ctrl_c__ends_within_seconds_and_the_next_start_goes_on(system: System) -> None:
    if not system.running:
        pytest.skip("somebody else runs this system (FLOW_STATE)")
    before = _facts(system)
    block = system.w3.eth.block_number
    started = time.monotonic()
    assert system.stop() == 0
    assert time.monotonic() - started < 8, "five seconds are promised, and some slack for a busy machine"
    system.start(timeout=90)
    assert _facts(system) == before
    assert system.w3.eth.block_number >= block
