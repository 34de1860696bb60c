"""The web app's own verification, run on draws of a local chain: Chainlink's coordinator, real proofs, a real beacon."""

import base64
import json
from typing import Any

from scripts._read_draw import read_contest
from tests.scripts.world import World
from tests.support.processes import ROOT, Process

FRONTEND = ROOT / "frontend"
ACCOUNTS = [f"user{number}" for number in range(25)]
LIST = ("username\n" + "\n".join(ACCOUNTS) + "\n").encode()
SALT = b"\x07" * 32
WEIGHTED_SALT = b"\x0b" * 32
POST = "https://example.org/post/of-the-page"


def test_page__raffle_of_a_local_chain__everything_right_and_cheats_found(world: World) -> None:
    _check(world, "Raffle", {"kind": "raffle", "raffleId": str(world.drawn_raffle())})


def test_page__contest_of_a_local_chain__everything_right_and_cheats_found(world: World) -> None:
    contest = world.open_contest(LIST, ACCOUNTS, SALT, POST)
    world.await_word("Contest", contest)
    world.finalise("Contest", contest)
    bundle = json.dumps(world.bundle(contest, LIST, ACCOUNTS, SALT, POST)).encode()
    url = "data:application/json;base64," + base64.b64encode(bundle).decode()

    _check(world, "Contest", {"kind": "contest", "bundleUrl": url})


def test_page__weighted_contest_of_a_local_chain__everything_right_and_cheats_found(world: World) -> None:
    """Nine ranks among two heavy entries and seven light ones, all checked; the repeats are proved."""
    weights, accounts = [1_000_000, 3, 1_000_000, 1, 1, 7, 1, 1, 1], ACCOUNTS[:9]
    contest = world.open_weighted(LIST, accounts, weights, WEIGHTED_SALT)
    world.await_word("Contest", contest)
    world.finalise("Contest", contest)
    terms = read_contest(world.reader, world.registry, contest).terms
    world.prove_repeats(contest, terms, accounts, weights, WEIGHTED_SALT)
    bundle = json.dumps(world.weighted_bundle(contest, LIST, accounts, weights, WEIGHTED_SALT)).encode()
    url = "data:application/json;base64," + base64.b64encode(bundle).decode()

    _check(world, "Contest", {"kind": "contest", "bundleUrl": url})


def _check(world: World, name: str, subject: dict[str, Any]) -> None:
    registry = world.registry
    question = {
        **subject,
        "node": {"url": world.anvil.url, "chainId": registry.chain_id},
        "contract": registry.contract(name).address,
        "fromBlock": registry.contract(name).first_block,
        "deployed": {
            "coordinator": registry.contract("VRFCoordinator").address,
            "beaconKey": registry.extra["drand"]["public_key"],
        },
        "server": None,
    }
    vitest = [FRONTEND / "node_modules" / ".bin" / "vitest", "run", "--reporter=verbose"]

    with Process(vitest, env={"TOMBOLA_DRAW": json.dumps(question)}, cwd=FRONTEND) as process:
        code = process.wait(120)

    assert code == 0, process.text
    assert "5 passed" in process.text
