"""`ape run vrf`: how the subscription stands, topping it up once, and proposing its consumers to a vote."""

import json
import re
from pathlib import Path

from listener.chain.encode import encode_call
from scripts._proposal import read_proposal
from tests.scripts.daily import done, refused
from tests.scripts.world import World
from tests.support.anvil import dev_account

OTHER = 4


def test_vrf__status__owner_balance_and_consumers(world: World) -> None:
    told = done(world, "vrf", "status")
    registry = world.registry
    assert f"subscription {registry.extra['vrf']['subscription_id']}" in told
    assert f"owner       {registry.contract('Timelock').address} (Timelock)" in told
    for name in ("Raffle", "Contest"):
        assert f"consumer    {registry.contract(name).address} ({name})" in told
    assert "MISSING" not in told
    assert "OTHER" not in told


def test_vrf__fund__pays_what_is_missing_once(world: World) -> None:
    subscription = int(world.registry.extra["vrf"]["subscription_id"])
    before = world.view("VRFCoordinator", "getSubscription", subscription)[1]
    wanted = before // 10**18 + 3
    block = world.anvil.rpc.block_number
    dry = done(world, "vrf", "fund", wanted, "--dry-run", account=OTHER)
    assert re.search(r"would send  pay [\d.]+ POL into subscription \d+: [\d,]+ gas", dry), dry
    assert world.anvil.rpc.block_number == block
    done(world, "vrf", "fund", wanted, account=OTHER)
    assert world.view("VRFCoordinator", "getSubscription", subscription)[1] == wanted * 10**18
    assert "Nothing was sent." in done(world, "vrf", "fund", wanted, account=OTHER)
    assert "are missing." in refused(world, "vrf", "fund", 10**9, account=OTHER)


def test_vrf__timelock_owns_it__consumers_go_to_a_vote(world: World, tmp_path: Path) -> None:
    registry, file = world.registry, tmp_path / "add.json"
    subscription = int(registry.extra["vrf"]["subscription_id"])
    assert f"{registry.contract('Raffle').address} (Raffle) is a consumer already." in done(
        world, "vrf", "add", "Raffle", account=OTHER
    )
    assert "'Rafle' is no address and no contract" in refused(world, "vrf", "add", "Rafle", account=OTHER)
    block = world.anvil.rpc.block_number
    assert '"function": "addConsumer"' in done(world, "vrf", "add", "Attestations", account=OTHER)
    output = done(world, "vrf", "add", "Attestations", "--file", file, "--why", "Proofs draw", account=OTHER)
    assert f"Next: ape run governance propose {file}" in output
    assert world.anvil.rpc.block_number == block
    proposal = read_proposal(file, registry)
    consumer = registry.contract("Attestations").address
    coordinator = registry.contract("VRFCoordinator")
    assert proposal.description == "Proofs draw"
    assert proposal.what == (
        [coordinator.address],
        [0],
        [encode_call(coordinator.abi, "addConsumer", [subscription, consumer])],
    )
    done(world, "vrf", "remove", "Contest", "--file", file, account=OTHER)
    assert json.loads(file.read_text())["calls"][0]["function"] == "removeConsumer"


def test_vrf__another_one__made_used_and_handed_over(world: World, tmp_path: Path) -> None:
    file, registry = tmp_path / "vrf.json", world.registry
    block = world.anvil.rpc.block_number
    assert "would send  create a subscription: " in done(world, "vrf", "create", "--dry-run", account=OTHER)
    assert world.anvil.rpc.block_number == block
    output = done(world, "vrf", "create", account=OTHER)
    own = int(re.findall(r"^subscription (\d+)$", output, re.M)[0])
    which = ("--subscription", own)
    assert f"next        ape run vrf add Raffle --subscription {own}" in output
    told = done(world, "vrf", "status", *which)
    assert f"MISSING     Raffle is no consumer: ape run vrf add Raffle --subscription {own}" in told
    assert "OTHER       Raffle asks subscription" in told
    assert "NOTHING is answered" in told
    assert "Only the subscription's owner" in refused(world, "vrf", "add", "Raffle", *which, account=0)
    assert "Only the subscription's owner" in refused(world, "vrf", "hand-over", *which, account=0)
    done(world, "vrf", "fund", 1, *which, account=0)
    done(world, "vrf", "add", "Raffle", *which, account=OTHER)
    told = refused(world, "vrf", "hand-over", *which, account=OTHER)
    assert "Contest could not ask it: `ape run vrf add` first." in told
    done(world, "vrf", "add", "Contest", *which, account=OTHER)
    done(world, "vrf", "remove", "Contest", *which, account=OTHER)
    raffle, contest = (registry.contract(name).address.lower() for name in ("Raffle", "Contest"))
    assert world.view("VRFCoordinator", "getSubscription", own)[1:] == (
        10**18,
        0,
        dev_account(OTHER).address.lower(),
        (raffle,),
    )
    done(world, "vrf", "add", "Contest", *which, account=OTHER)

    give = ("vrf", "hand-over", *which, "--file", file)
    assert "Done: 1 transaction sent." in done(world, *give, account=OTHER)
    assert "Nothing was sent." in done(world, *give, account=OTHER), "it is offered already"
    proposal = read_proposal(file, registry)
    coordinator, timelock = registry.contract("VRFCoordinator"), registry.contract("Timelock").address
    for name in ("Raffle", "Contest"):
        config = world.view(name, "vrfConfig")
        wanted = encode_call(registry.contract(name).abi, "setVrfConfig", [(config[0], own, *config[2:])])
        assert (registry.contract(name).address, wanted) in zip(*proposal.what[::2], strict=True)
    take = {"from": timelock, "to": coordinator.address, "data": "0x" + proposal.calls[0].data.hex()}
    assert world.anvil.call("eth_call", take, "latest") == "0x"
    assert contest in world.view("VRFCoordinator", "getSubscription", own)[4]
