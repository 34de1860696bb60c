"""The last step of a deployment: the proof finds every way in which a deployer could keep something."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from eth_utils import keccak, to_checksum_address

from listener.chain.encode import encode_call
from scripts._deployment import DeploymentError
from scripts._proof import IMPLEMENTATION_SLOT, PROXY_ADMIN_SLOT
from tests.scripts.deploying import Act, Deploying, Stop, restored
from tests.support.anvil import Anvil, dev_account
from tools.storage_layout import snapshot

HOLDER, ACCOMPLICE, GUARDIAN = (dev_account(index).address for index in (1, 5, 8))
ADMIN = bytes(32)
PROPOSER, EXECUTOR = keccak(text="PROPOSER_ROLE"), keccak(text="EXECUTOR_ROLE")
NO_PREDECESSOR = bytes(32)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    """A finished deployment."""
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path_factory.mktemp("proof"))
        made.run()
        yield made


def as_timelock(name: str, function: str, *arguments: object) -> Act:
    """What the deployer could have had the timelock do while it was his."""

    def act(made: Deploying) -> None:
        filled = [made.deployer if argument == "deployer" else argument for argument in arguments]
        made.send(made.address("Timelock"), name, function, *filled)

    return act


def _offers_subscription(made: Deploying) -> None:
    subscription = int(made.record.document["vrf"]["subscription_id"])
    timelock = made.address("Timelock")
    made.send(timelock, "VRFCoordinator", "requestSubscriptionOwnerTransfer", subscription, made.deployer)


def _owns_subscription(made: Deploying) -> None:
    _offers_subscription(made)
    subscription = int(made.record.document["vrf"]["subscription_id"])
    made.send(made.deployer, "VRFCoordinator", "acceptSubscriptionOwnerTransfer", subscription)


def _adds_consumer(made: Deploying) -> None:
    subscription = int(made.record.document["vrf"]["subscription_id"])
    made.send(made.address("Timelock"), "VRFCoordinator", "addConsumer", subscription, ACCOMPLICE)


def _schedules(made: Deploying) -> None:
    """An operation that waits for its day."""
    data = encode_call(made.registry.contract("Raffle").abi, "transferOwnership", [made.deployer])
    call = (made.address("Raffle"), 0, data, NO_PREDECESSOR, bytes(32), 3)
    as_timelock("Timelock", "grantRole", PROPOSER, "deployer")(made)
    made.send(made.deployer, "Timelock", "schedule", *call)
    as_timelock("Timelock", "revokeRole", PROPOSER, "deployer")(made)


def _acts_before(made: Deploying) -> None:
    """Something was done as the owner beside the hand-over, and no trace of it is left but the operation."""
    for role in (PROPOSER, EXECUTOR):
        as_timelock("Timelock", "grantRole", role, "deployer")(made)
    data = encode_call(made.registry.contract("Raffle").abi, "setFee", [1, made.address("Timelock")])
    call = (made.address("Raffle"), 0, data, NO_PREDECESSOR, bytes(32))
    made.send(made.deployer, "Timelock", "schedule", *call, 3)
    made.anvil.call("evm_increaseTime", 4)
    made.send(made.deployer, "Timelock", "execute", *call)
    for role in (PROPOSER, EXECUTOR):
        as_timelock("Timelock", "revokeRole", role, "deployer")(made)


def _has_tokens(made: Deploying) -> None:
    made.send(HOLDER, "Token", "transfer", made.deployer, 1, at=made.token)


def _has_votes(made: Deploying) -> None:
    made.send(HOLDER, "Token", "delegate", made.deployer, at=made.token)


def _slot(slot: int, value: str, contract: str = "Raffle") -> Act:
    def act(made: Deploying) -> None:
        _store(made, made.address(contract), slot, value)

    return act


def _store(made: Deploying, address: str, slot: int, value: str) -> None:
    word = "0x" + value[2:].rjust(64, "0").lower()
    made.anvil.call("anvil_setStorageAt", address, hex(slot), word)


def _owns(name: str) -> Act:
    """The deployer owns one of the contracts."""

    def act(made: Deploying) -> None:
        as_timelock(name, "transferOwnership", "deployer")(made)
        made.send(made.deployer, name, "acceptOwnership")

    return act


def _left_open(made: Deploying) -> None:
    """What the proxy runs was never initialised, nor closed."""
    _store(made, str(made.registry.contract("Vesting").extra["implementation"]), INITIALIZABLE, "0x0")


def _set_up_again(made: Deploying) -> None:
    """The proxy's own initialiser would do its work once more."""
    _store(made, made.address("Vesting"), INITIALIZABLE, "0x0")


def _exchanged(made: Deploying) -> None:
    """The proxy runs a copy of vesting that nobody recorded."""
    code = made.anvil.call("eth_getCode", made.registry.contract("Vesting").extra["implementation"], "latest")
    made.anvil.call("anvil_setCode", ACCOMPLICE, code)
    _store(made, made.address("Vesting"), IMPLEMENTATION_SLOT, ACCOMPLICE)


def _no_proxy(made: Deploying) -> None:
    """Vesting's own code at its address: what it is can never be exchanged, and its state is empty."""
    code = made.anvil.call("eth_getCode", made.registry.contract("Vesting").extra["implementation"], "latest")
    made.anvil.call("anvil_setCode", made.address("Vesting"), code)
    _store(made, made.address("Vesting"), IMPLEMENTATION_SLOT, "0x0")


def _administers_token(made: Deploying) -> None:
    """The token names no admin; here its storage does."""
    layout = snapshot()["Token"]["storage"]
    roles = next(int(line.split("+")[0]) for line in layout if line.endswith(" _roles"))
    of_admin = keccak(ADMIN + roles.to_bytes(32))
    held = keccak(bytes(12) + bytes.fromhex(made.deployer[2:]) + of_admin)
    _store(made, made.token, int.from_bytes(held), "0x1")


def _own_randomness(made: Deploying) -> None:
    """A coordinator of the deployer's choice decides the raffle's draws."""
    config = (ACCOMPLICE, 1, b"\1" * 32, 100_000, 3, True)
    made.anvil.call("anvil_setCode", ACCOMPLICE, "0x00")
    as_timelock("Raffle", "setVrfConfig", config)(made)


# Where OpenZeppelin keeps how often a contract was initialised (ERC-7201).
INITIALIZABLE = (
    int.from_bytes(
        keccak((int.from_bytes(keccak(text="openzeppelin.storage.Initializable")) - 1).to_bytes(32))
    )
    & ~0xFF
)
FINDINGS: dict[str, tuple[Act, str, str]] = {
    "proposes in the timelock": (
        as_timelock("Timelock", "grantRole", PROPOSER, "deployer"),
        "Timelock roles",
        "{deployer} holds PROPOSER_ROLE and should not",
    ),
    "executes in the timelock": (
        as_timelock("Timelock", "grantRole", EXECUTOR, "deployer"),
        "Timelock roles",
        "{deployer} holds EXECUTOR_ROLE and should not",
    ),
    "administers the timelock": (
        as_timelock("Timelock", "grantRole", ADMIN, "deployer"),
        "Timelock roles",
        "{deployer} holds admin and should not",
    ),
    "lets everybody execute": (
        as_timelock("Timelock", "grantRole", EXECUTOR, "0x" + "00" * 20),
        "Timelock roles",
        "0x0000000000000000000000000000000000000000 holds EXECUTOR_ROLE and should not",
    ),
    "has an accomplice propose": (
        as_timelock("Timelock", "grantRole", PROPOSER, ACCOMPLICE),
        "Timelock roles",
        f"{ACCOMPLICE} holds PROPOSER_ROLE and should not",
    ),
    "made up a role": (
        as_timelock("Timelock", "grantRole", keccak(text="ANYTHING"), "deployer"),
        "Timelock roles",
        "holds 0x" + keccak(text="ANYTHING").hex() + " and should not",
    ),
    "no delay": (as_timelock("Timelock", "updateDelay", 0), "Timelock delay", "0 s"),
    "scheduled an operation": (_schedules, "Timelock operations", "was scheduled beside the hand-over"),
    "acted as the owner": (_acts_before, "Timelock operations", "was scheduled beside the hand-over"),
    "is about to own the raffle": (
        as_timelock("Raffle", "transferOwnership", "deployer"),
        "Raffle.pendingOwner",
        "{deployer}, not nobody",
    ),
    **{
        f"owns {name}": (_owns(name), f"{name}.owner", "{deployer}, not the timelock")
        for name in ("Vesting", "TokenFactory", "Raffle", "Contest")
    },
    "is about to own the factory": (
        as_timelock("TokenFactory", "transferOwnership", "deployer"),
        "TokenFactory.pendingOwner",
        "{deployer}, not nobody",
    ),
    "is about to own vesting": (
        as_timelock("Vesting", "transferOwnership", "deployer"),
        "Vesting.pendingOwner",
        "{deployer}, not nobody",
    ),
    "pauses vesting": (
        as_timelock("Vesting", "setGuardian", "deployer"),
        "Vesting.guardian",
        "{deployer} is the deployer",
    ),
    "runs other vesting": (_exchanged, "Vesting proxy", f"runs {ACCOMPLICE}, recorded is"),
    "put vesting without a proxy": (_no_proxy, "Vesting behind a proxy", "it is none"),
    "may set up what vesting runs": (_left_open, "Vesting initialiser", "{deployer} could call it"),
    "may set up vesting again": (_set_up_again, "Vesting initialiser", "{deployer} could call it"),
    "administers the token": (_administers_token, "governance token roles", "{deployer} holds admin"),
    "gets the factory's fees": (
        as_timelock("TokenFactory", "setTreasury", "deployer"),
        "addresses that contracts name",
        "TokenFactory.treasury() is the deployer",
    ),
    "decides the raffle's draws": (
        _own_randomness,
        "Raffle asks for randomness",
        f"{ACCOMPLICE}, subscription 1",
    ),
    "left the contest without owner": (
        as_timelock("Contest", "renounceOwnership"),
        "Contest.owner",
        "0x0000000000000000000000000000000000000000, not the timelock",
    ),
    "gets the fees": (
        as_timelock("Raffle", "setFee", 100, "deployer"),
        "addresses that contracts name",
        "Raffle.feeConfig() is the deployer",
    ),
    "is offered the subscription": (
        _offers_subscription,
        "VRF subscription offered",
        "{deployer} could accept",
    ),
    "owns the subscription": (_owns_subscription, "VRF subscription owner", "{deployer}, not the timelock"),
    "uses up the subscription": (_adds_consumer, "VRF subscription consumers", ACCOMPLICE),
    "holds tokens": (_has_tokens, "votes of {deployer}", "1 tokens, 0 votes"),
    "votes for others": (_has_votes, "votes of {deployer}", f"0 tokens, {10**27} votes"),
    "hid a proxy's admin": (
        _slot(PROXY_ADMIN_SLOT, ACCOMPLICE),
        "Raffle proxy",
        f"its proxy admin is {ACCOMPLICE}",
    ),
    "runs other code": (
        _slot(IMPLEMENTATION_SLOT, ACCOMPLICE),
        "Raffle proxy",
        f"runs {ACCOMPLICE}, recorded is",
    ),
}


def test_prove__finished_deployment__finds_nothing_and_is_recorded(deployed: Deploying) -> None:
    assert deployed.failing() == []
    lines = deployed.record.document["proof"]
    assert f"Raffle.owner: {deployed.address('Timelock')}, the timelock" in lines
    assert f"votes of {deployed.deployer}: 0 tokens, 0 votes" in " ".join(lines)
    assert any(line.startswith("proved     Timelock roles") for line in deployed.said)


@pytest.mark.parametrize("kept", FINDINGS)
def test_prove__deployer_kept_something__says_what(deployed: Deploying, kept: str) -> None:
    act, name, detail = FINDINGS[kept]
    with restored(deployed.anvil):
        act(deployed)
        found = {check.name: check.detail for check in deployed.failing()}
    assert detail.format(deployer=deployed.deployer) in found[name.format(deployer=deployed.deployer)]


def test_prove__second_deployer__may_hold_nothing_either(deployed: Deploying) -> None:
    """Whoever deployed any of the contracts is looked for, not only the account of this run."""

    def change(document: dict[str, Any]) -> None:
        document["contracts"]["Contest"]["deployer"] = GUARDIAN

    with recorded(deployed, change):
        found = {check.name: check.detail for check in deployed.failing()}
    assert found.keys() >= {"Governor.proposalGuardian", "addresses that contracts name"}


@contextmanager
def recorded(made: Deploying, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """The record says something else for a while."""
    path = made.record.path
    before, document = path.read_text(), made.record.document
    change(document)
    path.write_text(json.dumps(document))
    try:
        yield
    finally:
        path.write_text(before)


def test_prove__draws_ask_another_beacon_than_recorded__says_so(deployed: Deploying) -> None:
    """A second verifier, as good as the first: which of them decides is no matter of taste."""
    other = dev_account(6).address
    code = deployed.anvil.call("eth_getCode", deployed.address("DrandBeacon"), "latest")
    first = deployed.address("DrandBeacon")

    def change(document: dict[str, Any]) -> None:
        document["contracts"]["DrandBeacon"]["address"] = other

    with restored(deployed.anvil):
        deployed.anvil.call("anvil_setCode", other, code)
        with recorded(deployed, change):
            found = {check.name: check.detail for check in deployed.failing()}
    assert found.keys() == {"Raffle.beacon", "Contest.beacon"}
    assert found["Raffle.beacon"] == f"{first}, not DrandBeacon ({other})"


@pytest.mark.parametrize(
    ("key", "value"),
    [("public_key", "11" * 192), ("genesis_time", 5), ("period_seconds", 30)],
)
def test_prove__beacon_verifies_something_else__says_so(deployed: Deploying, key: str, value: Any) -> None:
    def change(document: dict[str, Any]) -> None:
        document["drand"][key] = value

    with recorded(deployed, change):
        found = {check.name: check.detail for check in deployed.failing()}
    assert found.keys() == {"DrandBeacon verifies"}
    assert found["DrandBeacon verifies"].startswith("another key or clock than")


@pytest.mark.parametrize(
    ("asked", "finding"),
    [
        ({"guardian": "deployer"}, "Governor.proposalGuardian: {deployer} is the deployer or nobody"),
        ({"holder": "deployer"}, "votes of {deployer}: " + f"{10**27} tokens"),
        ({"treasury": "deployer"}, "Raffle.feeConfig() is the deployer"),
    ],
)
def test_deploy__deployer_asks_for_something__fails_with_the_finding(
    tmp_path: Path, asked: dict[str, str], finding: str
) -> None:
    deployer = dev_account(0).address
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path)
        with pytest.raises(DeploymentError) as told:
            made.run(**dict.fromkeys(asked, deployer))
        assert finding.format(deployer=deployer) in str(told.value)
        assert "proof" not in made.record.document


def test_deploy__given_token_has_a_minter__fails_with_the_finding(tmp_path: Path) -> None:
    """A token that somebody else than governance can make more of is no token to vote with."""
    deployer = dev_account(0).address
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path)
        made.run()
        config = ("Other", "OTHER", ACCOMPLICE, HOLDER, 10**18, 10**18, 1, 1)
        salt = bytes(32)
        made.anvil.call("anvil_setBalance", deployer, hex(10**20))
        factory = made.registry.contract("TokenFactory")
        data = encode_call(factory.abi, "predictToken", [deployer, config, salt])
        asked = {"to": factory.address, "data": "0x" + data.hex()}
        token = "0x" + made.anvil.call("eth_call", asked, "latest")[-40:]
        made.send(deployer, "TokenFactory", "createToken", config, salt, 10**18, value=10**18)
        document = made.record.document
        document["contracts"]["Governor"]["arguments"][0] = to_checksum_address(token)
        made.record.path.write_text(json.dumps(document))
        found = {check.name: check.detail for check in made.failing()}
    assert f"{ACCOMPLICE} holds admin and should not" in found["governance token roles"]
    assert found["Governor.token"].endswith(f"not the governance token ({to_checksum_address(token)})")


def test_deploy__other_account_before_the_hand_over__is_told_whose_turn_it_is(tmp_path: Path) -> None:
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path)
        with pytest.raises(Stop):
            made.run(stop_after=3)
        with pytest.raises(DeploymentError, match=f"still belongs to {dev_account(0).address}"):
            made.run(account=3)
