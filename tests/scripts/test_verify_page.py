"""The web app's own verification, run on a draw of a local chain: Chainlink's coordinator, real proofs."""

import json

from tests.scripts.world import World
from tests.support.processes import ROOT, Process

FRONTEND = ROOT / "frontend"


def test_page__draw_of_a_local_chain__everything_right_and_cheats_found(world: World) -> None:
    raffle, coordinator = (world.registry.contract(name) for name in ("Raffle", "VRFCoordinator"))
    question = {
        "kind": "raffle",
        "node": {"url": world.anvil.url, "chainId": world.registry.chain_id},
        "contract": raffle.address,
        "raffleId": str(world.drawn_raffle()),
        "fromBlock": raffle.first_block,
        "coordinator": coordinator.address,
        "server": None,
    }
    vitest = [FRONTEND / "node_modules" / ".bin" / "vitest", "run", "--reporter=verbose"]

    with Process(vitest, env={"TOMBOLA_DRAW": json.dumps(question)}, cwd=FRONTEND) as process:
        code = process.wait(120)

    assert code == 0, process.text
    assert "5 passed" in process.text
