"""`ape run check`: a sound system passes, and each kind of deviation is found and named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ape
import pytest
from eth_utils.crypto import keccak

from scripts._chain import ChainReader
from scripts._code_checks import masked
from scripts._evidence import CannotTellError, Check
from scripts._system_checks import Floors
from scripts.check import _compiled, check_system
from tests.scripts.daily import invoke
from tests.scripts.deploying import Act, Deploying, restored
from tests.scripts.world import ape_run
from tests.support.anvil import Anvil, dev_account
from tools.rpc import RpcError

POL = 10**18
STRANGER, KEEPER = (dev_account(index).address for index in (5, 6))
FLOORS = Floors((KEEPER,), POL, POL)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    """A finished deployment."""
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path_factory.mktemp("check"))
        made.run()
        yield made


def checked(made: Deploying, floors: Floors = FLOORS) -> list[Check]:
    def ask(method: str, params: list[Any]) -> Any:
        try:
            return made.anvil.call(method, *params)
        except RpcError as error:
            raise CannotTellError(str(error)) from error

    return list(check_system(ChainReader(ask), made.record.document, _compiled(ape.project), floors))


def findings(made: Deploying, floors: Floors = FLOORS) -> dict[str, str]:
    return {check.name: check.detail for check in checked(made, floors) if check.holds is False}


def by_timelock(name: str, function: str, *arguments: Any) -> Act:
    def act(made: Deploying) -> None:
        made.send(made.address("Timelock"), name, function, *arguments)

    return act


def other_code(place: str) -> Act:
    """One byte of what stands there is another one; the last is of the compiler's note on the sources."""

    def act(made: Deploying) -> None:
        address = _place(made, place)
        code = bytearray.fromhex(made.anvil.call("eth_getCode", address, "latest")[2:])
        code[len(code) // 2] ^= 1
        made.anvil.call("anvil_setCode", address, "0x" + code.hex())

    return act


def _place(made: Deploying, place: str) -> str:
    document = made.record.document
    if place == "desk":
        reader = ChainReader(lambda method, params: made.anvil.call(method, *params))
        return str(reader.view(made.registry.contract("Raffle"), "desk"))
    return str(document[place]["address"] if place in document else made.address(place))


def no_consumer(made: Deploying) -> None:
    number = int(made.record.document["vrf"]["subscription_id"])
    made.send(made.address("Timelock"), "VRFCoordinator", "removeConsumer", number, made.address("Contest"))


def poor_keeper(made: Deploying) -> None:
    made.anvil.call("anvil_setBalance", KEEPER, hex(POL - 1))


def other_implementation(made: Deploying) -> None:
    """The proxy runs something that was not recorded, of the very same code."""
    slot = hex(int.from_bytes(keccak(text="eip1967.proxy.implementation")) - 1)
    code = made.anvil.call("eth_getCode", _place(made, "vesting_implementation"), "latest")
    made.anvil.call("anvil_setCode", STRANGER, code)
    made.anvil.call(
        "anvil_setStorageAt", made.address("Vesting"), slot, "0x" + STRANGER[2:].rjust(64, "0").lower()
    )


PROPOSER = keccak(text="PROPOSER_ROLE")
ZERO_ADDRESS = "0x" + "00" * 20
PLANTED: dict[str, tuple[Act, str, str]] = {
    "code of a contract": (other_code("Raffle"), "Raffle code", "it is not the code of this checkout"),
    "code of a proxy": (other_code("Vesting"), "Vesting code", "it is not the code of this checkout"),
    "code behind the proxy": (
        other_code("vesting_implementation"),
        "vesting implementation code",
        "it is not the code of this checkout",
    ),
    "code of the raffle's desk": (other_code("desk"), "Raffle's desk code", "it is not the code"),
    "code of a template": (other_code("token_template"), "token template code", "it is not the code"),
    "implementation slot": (other_implementation, "Vesting proxy", f"runs {STRANGER}"),
    "role of a stranger": (
        by_timelock("Timelock", "grantRole", PROPOSER, STRANGER),
        "Timelock roles",
        f"{STRANGER} holds PROPOSER_ROLE and should not",
    ),
    "owner about to change": (
        by_timelock("Contest", "transferOwnership", STRANGER),
        "Contest.pendingOwner",
        f"{STRANGER}, not nobody",
    ),
    "fee": (
        by_timelock("Raffle", "setFee", 250, STRANGER),
        "Raffle.feeConfig",
        f"250, {STRANGER}, meant is 100, ",
    ),
    "timelock's delay": (by_timelock("Timelock", "updateDelay", 7), "Timelock.getMinDelay", "7, meant is 3"),
    "guardian": (
        by_timelock("Vesting", "setGuardian", STRANGER),
        "Vesting.guardian",
        f"{STRANGER}, meant is ",
    ),
    "publisher": (
        by_timelock("Attestations", "setPublisher", STRANGER),
        "Attestations.publisher",
        f"{STRANGER}, meant is {ZERO_ADDRESS}",
    ),
    "price feed": (
        by_timelock("Raffle", "setPriceFeed", ZERO_ADDRESS, ZERO_ADDRESS, 0),
        "Raffle.priceFeedOf",
        "meant is 0x",
    ),
    "keeper's balance": (poor_keeper, f"keeper {KEEPER}", f"{POL - 1} wei, at least {POL} are wanted"),
    "consumer of randomness": (no_consumer, "VRF subscription serves", "not Contest"),
}


def test_check__as_deployed__finds_nothing(deployed: Deploying) -> None:
    assert findings(deployed) == {}


@pytest.mark.parametrize("kind", PLANTED)
def test_check__something_planted__is_found_and_named(deployed: Deploying, kind: str) -> None:
    act, name, detail = PLANTED[kind]
    with restored(deployed.anvil):
        act(deployed)
        found = findings(deployed)
    assert detail in found[name]


def test_check__empty_subscription__is_found(deployed: Deploying) -> None:
    """Nobody can take money out of it but by cancelling it: here more is wanted than there is."""
    found = findings(deployed, Floors((KEEPER,), POL, 2 * POL))
    assert found.keys() == {"VRF subscription balance"}


def test_check__as_a_command__tells_ends_with_1_and_accepts_what_a_vote_changed(
    deployed: Deploying, tmp_path: Path
) -> None:
    record = deployed.record.path.read_bytes()
    network = ["--network", f"ethereum:local:{deployed.anvil.url}", "--keeper", KEEPER]
    env = {"DEPLOYMENTS_DIR": str(deployed.folder)}
    with restored(deployed.anvil):
        by_timelock("Raffle", "setFee", 250, STRANGER)(deployed)
        code, told = ape_run("check", *network, env=env)
        assert code == 1, told
        assert told.splitlines()[-1] == "NO: Raffle.feeConfig"
        code, told = ape_run("check", "--accept", *network, env=env)
        assert (code, told.splitlines()[-1][:5]) == (0, "YES: "), told
        assert json.loads(deployed.record.path.read_text())["parameters"]["Raffle.feeConfig"][0] == "250"
    deployed.record.path.write_bytes(record)
    code, told = ape_run("check", *network, env={"DEPLOYMENTS_DIR": str(tmp_path)})
    assert (code, "no finished deployment on record" in told) == (2, True), told


@pytest.mark.parametrize("script", ["check", "verify_source"])
def test_verdict__node_that_does_not_answer__is_none(script: str) -> None:
    code, told = invoke(script, "--network", "polygon:amoy:http://127.0.0.1:1", env={})
    assert (code, told.startswith("Cannot tell: No (supported) node")) == (2, True), told


def test_masked__only_room_for_immutables_may_differ() -> None:
    """PUSH32 0 is room; 32 zeros within the data of another instruction are none, nor is a longer code."""
    room, other = b"\x7f" + bytes(32), b"\x7f" + b"\1" * 32
    assert masked(other + b"\x00", room + b"\x00") == room + b"\x00"
    hidden = b"\x61\x7f\x00" + bytes(31)
    assert masked(hidden[:3] + b"\1" + hidden[4:], hidden) != hidden
    assert masked(room + b"\x00", room) != room
