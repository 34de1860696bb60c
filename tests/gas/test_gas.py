"""Gas of every operation against the committed snapshot."""

from typing import Any

from benchmarks.gas import snapshot
from benchmarks.gas_scenes import Scenes

# A zero byte in an address costs 12 less than another one, and a call carries at most two addresses of ours.
ADDRESS_NOISE = 24


def test_gas__every_operation__is_what_the_snapshot_says(project: Any, chain: Any, accounts: Any) -> None:
    """After an intended change: `python -m benchmarks.gas --write`, and look at the difference."""
    expected = snapshot()
    measured = Scenes(project, chain, accounts).measure()
    assert measured.keys() == expected.keys()
    changed = {
        name: (expected[name], gas)
        for name, gas in measured.items()
        if abs(gas - expected[name]) > ADDRESS_NOISE
    }
    assert changed == {}
