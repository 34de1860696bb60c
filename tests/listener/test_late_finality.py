"""A block of ours is final only when the chain has it: what became final meanwhile may be on the branch that won."""

import copy

import pytest

from listener.sync import syncer
from tests.listener.abis import REGISTRY
from tests.listener.fake_chain import Call, FakeChain
from tests.listener.rig import Rig
from tests.listener.test_run import assert_exact, traffic


def test_forked_while_down__final_since__rolled_back(chain: FakeChain, rig: Rig) -> None:
    """Nothing mirrored was final when the listener went; blocks at the same heights are when it comes back."""
    registry = copy.deepcopy(REGISTRY)
    for contract in registry["contracts"].values():  # type: ignore[attr-defined]
        if "address" in contract:
            contract["first_block"] = 3
    rig.write(registry)
    chain.mine([], [], *traffic(6, seed=1))
    rig.mirror_until(chain.head, chain.url)
    chain.fork(6, traffic(30, seed=2))
    rig.mirror_until(chain.head, chain.url)
    assert_exact(rig, chain)


def test_forked_between_reading_and_commit__final_since__rolled_back(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look between two commits tells of a final block above what was read from the branch that lost."""
    monkeypatch.setattr(syncer, "_TIP_AGE", 0.0)
    with FakeChain(final_depth=3) as chain:
        chain.mine(*traffic(12, seed=3))

        def fork_once(call: Call) -> object:
            if call.method == "eth_getLogs" and call.params[0].get("blockHash") == chain.blocks[-1].hash:
                answer = chain.answer(call)
                chain.on_call = None
                chain.fork(2, traffic(10, seed=4))
                return answer
            return None

        chain.on_call = fork_once
        rig.mirror_until(20, chain.url, arguments=("--max-span", "1"))
        assert_exact(rig, chain)
