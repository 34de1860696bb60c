"""`ape run deploy`: everything on a fresh chain, nothing on a second run, the rest after a stop."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from listener.chain.draw.terms import ZERO_ADDRESS
from listener.chain.registry import load_registry
from tests.scripts.daily import invoke
from tests.scripts.world import World, ape_run
from tests.support.anvil import Anvil, dev_account
from tools.chainlink import coordinator
from tools.oracle import prover
from tools.oracle.__main__ import deployment_info

PROXY = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
GOVERNANCE = {"Timelock", "Governor"}
NAMES = {
    "DrandBeacon",
    "VRFCoordinator",
    "TokenFactory",
    "Token",
    "Vesting",
    "Raffle",
    "Contest",
    "Attestations",
    *GOVERNANCE,
}


def test_deploy__fresh_chain__everything_stands_and_is_recorded(world: World) -> None:
    registry = world.registry

    assert set(registry.contracts) == NAMES
    assert registry.chain_id == 31337
    assert registry.extra["drand"] == world.key.deployment_info()
    assert registry.contract("Token").created_by is not None
    for name in NAMES - {"Token"}:
        contract = registry.contract(name)
        receipt = world.anvil.call("eth_getTransactionReceipt", contract.extra["transaction_hash"])
        assert int(receipt["blockNumber"], 16) == contract.first_block == contract.extra["block_number"]
        assert (receipt["contractAddress"] or by_proxy(world, receipt)).lower() == contract.address.lower()
        assert receipt["from"].lower() == contract.extra["deployer"].lower()


def by_proxy(world: World, receipt: dict[str, Any]) -> str:
    """What the deterministic-deployment proxy made of a transaction (EIP-1014)."""
    assert receipt["to"] == PROXY
    sent = bytes.fromhex(
        world.anvil.call("eth_getTransactionByHash", receipt["transactionHash"])["input"][2:]
    )
    salt, code = sent[:32], sent[32:]
    return "0x" + keccak(b"\xff" + bytes.fromhex(PROXY[2:]) + salt + keccak(code))[12:].hex()


def test_deploy__fresh_chain__contracts_know_each_other(world: World) -> None:
    registry = world.registry
    beacon = registry.contract("DrandBeacon").address.lower()
    coordinator = registry.contract("VRFCoordinator").address.lower()
    subscription = int(registry.extra["vrf"]["subscription_id"])
    key_hash = prover.load_or_create(world.folder / "state").hash

    for name in ("Raffle", "Contest"):
        assert world.view(name, "beacon") == beacon
        assert (world.view(name, "revealDelay"), world.view(name, "vrfMargin")) == (8, 2)
        vrf = world.view(name, "vrfConfig")
        assert vrf[:2] == (coordinator, subscription)
        assert vrf[2] == key_hash
    _, balance, _, owner, consumers = world.view("VRFCoordinator", "getSubscription", subscription)
    assert balance > 0
    assert owner == registry.contract("Timelock").address.lower()
    assert consumers == tuple(registry.contract(name).address.lower() for name in ("Raffle", "Contest"))
    assert world.view("VRFCoordinator", "s_provingKeys", key_hash)[0] is True


def test_deploy__fresh_chain__raffles_in_pol_can_be_priced_in_dollars(world: World) -> None:
    feed, max_age = world.view("Raffle", "priceFeedOf", ZERO_ADDRESS)
    assert feed == world.registry.extra["price_feed"]["address"].lower()
    assert max_age == 366 * 86_400


def test_deploy__fresh_chain__coordinator_is_chainlinks_unchanged(world: World) -> None:
    contract = world.registry.contract("VRFCoordinator")

    sent = world.anvil.call("eth_getTransactionByHash", contract.extra["transaction_hash"])["input"]

    assert sent == "0x" + coordinator().bytecode.hex() + "00" * 32  # no store of block hashes


def test_deploy__again__changes_nothing_and_says_so(world: World) -> None:
    before = Path(world.env["REGISTRY"]).read_bytes()
    block = world.anvil.rpc.block_number

    code, output = world.deploy("--vrf-fund", "0")

    assert code == 0, output
    assert "Nothing to do." in output
    assert "Raffle: already at" in output
    assert Path(world.env["REGISTRY"]).read_bytes() == before
    assert world.anvil.rpc.block_number - block <= 1  # the oracle may answer a draw meanwhile


def test_deploy__other_beacon_than_recorded__refused(world: World, tmp_path: Path) -> None:
    other = tmp_path / "drand.json"
    other.write_text(json.dumps({**deployment_info(world.folder / "state"), "genesis_time": 5}))
    arguments = ["deploy", "--network", world.network, "--account", "TEST::0", "--drand-info", str(other)]

    code, output = ape_run(*arguments, env=world.env)

    assert code == 1, output
    assert "another drand beacon" in output


@pytest.mark.parametrize("option", ["--guardian", "--token-holder", "--treasury", "--publisher"])
def test_deploy__address_with_a_typing_error__refused_before_anything(option: str) -> None:
    wrong = dev_account(1).address.swapcase().replace("X", "x")
    arguments = ["--network", "polygon:amoy:http://127.0.0.1:1", "--account", "TEST::0", option, wrong]
    code, output = invoke("deploy", *arguments, env={})
    assert (code, f"{option}': '{wrong}' is no address" in output) == (2, True), output


def test_deploy__rehearsal_of_amoy__dry_run_then_as_on_amoy_and_again_nothing(tmp_path: Path) -> None:
    """The whole live path against a development chain with Amoy's id: quicknet, delays, a subscription.

    Without the proxy that anvil has from the start: a chain of one's own may lack it.
    """
    with Anvil(chain_id=80002, arguments=("--disable-default-create2-deployer",)) as amoy:
        env = {"AMOY_RPC": amoy.url, "DEPLOYMENTS_DIR": str(tmp_path)}
        arguments = ["deploy", "--network", "polygon:amoy:node", "--account", "TEST::0"]
        deployer = dev_account(0).address
        amoy.call("anvil_setBalance", deployer, "0x1")

        code, dry = ape_run(*arguments, "--dry-run", env=env)
        assert code == 0, dry
        assert (amoy.rpc.block_number, list(tmp_path.iterdir())) == (0, [])
        assert "It lacks " in dry
        amoy.call("anvil_setBalance", deployer, hex(10**22))

        code, output = ape_run(*arguments, env=env)
        assert code == 0, output
        held = int(amoy.call("eth_getBalance", deployer, "latest"), 16)
        again, told = ape_run(*arguments, env=env)
        assert again == 0, told
        code, dry_again = ape_run(*arguments, "--dry-run", env=env)

    assert "Nothing to do." in told
    assert (code, "0 transactions would need 0 gas" in dry_again) == (0, True), dry_again
    registry = load_registry(tmp_path / "80002.json")
    assert set(registry.contracts) == NAMES
    assert registry.extra["network"] == "Polygon Amoy"
    assert registry.extra["drand"]["period_seconds"] == 3
    assert registry.contract("Raffle").extra["arguments"][2:4] == ["900", "60"]
    for name in ("Timelock", "DrandBeacon", "Vesting", "TokenFactory"):
        assert f"rehearsed   {name}: deployed at {registry.contract(name).address}" in dry, "known before"
    sent = int(re.search(r"Done: (\d+) transactions", output)[1])  # type: ignore[index]
    assert f"{sent} transactions would need" in dry
    assert dry.count("would send  ") == sent
    needed = int(re.search(r"would need ([\d,]+) gas", dry)[1].replace(",", ""))  # type: ignore[index]
    assert 15_000_000 < needed < 60_000_000
    assert held < 10**22
