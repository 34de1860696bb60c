"""`ape run governance`: a proposal from a file to its effect, and what is said where it cannot go on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ape
import pytest

from listener.chain.encode import encode_call
from listener.chain.registry import Registry
from scripts._chain import ChainReader
from scripts._find_registry import asked
from scripts._governing import Governing
from scripts._proposal import ProposalError, parse_proposal
from scripts._sending import Sender, SendError
from tests.scripts.daily import invoke
from tests.scripts.deploying import Deploying, restored
from tests.support.anvil import Anvil, dev_account

ELSEWHERE = dev_account(7).address
HOLDER, STRANGER, GUARDIAN = 1, 4, 8
FEE = {
    "description": "Raffle fee 2.5 %",
    "calls": [{"contract": "Raffle", "function": "setFee", "arguments": [250, "Timelock"]}],
}
Run = Callable[..., tuple[bool, str]]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    """A finished deployment whose token's holder votes for himself."""
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path_factory.mktemp("governance"))
        made.run()
        made.own_clock()
        holder = dev_account(HOLDER).address
        made.send(holder, "Token", "delegate", holder, at=made.token)
        yield made


@pytest.fixture
def fresh(deployed: Deploying) -> Iterator[Deploying]:
    """As deployed, whatever tests before did."""
    with restored(deployed.anvil):
        deployed.skip(1)
        yield deployed


@pytest.fixture
def run(fresh: Deploying) -> Run:
    """A step of the fee's proposal, or of another; whether it went well, and what was said."""

    def step(name: str, *more: Any, by: int = HOLDER, document: Any = FEE) -> tuple[bool, str]:
        said: list[str] = []
        with ape.networks.parse_network_choice(f"ethereum:local:{fresh.anvil.url}") as provider:
            chain = ChainReader(lambda method, params: asked(provider, method, params))
            proposal = parse_proposal(document, fresh.registry)
            account = ape.accounts.test_accounts[by]
            governing = Governing(chain, fresh.registry, proposal, said.append, Sender(account, provider))
            try:
                found = getattr(governing, name)(*more)
            except (ProposalError, SendError) as error:
                return False, str(error)
        return True, "\n".join([*said, *(found or [])])

    return step


def queued(run: Run, made: Deploying, **what: Any) -> None:
    """Proposed, voted for and in the timelock."""
    for step, seconds in ((("propose",), 5), (("vote", "for", None), 25), (("queue",), 0)):
        done, output = run(*step, **what)
        assert done, output
        made.skip(seconds)


def fee(made: Deploying) -> int:
    contract = made.registry.contract("Raffle")
    data = "0x" + encode_call(contract.abi, "feeConfig").hex()
    raw = made.anvil.call("eth_call", {"to": contract.address, "data": data}, "latest")
    return int(raw[2:66], 16)


def test_govern__whole_way__does_what_the_file_says(run: Run, fresh: Deploying) -> None:
    assert "not proposed" in run("lines")[1]
    output = run("lines")[1]
    assert f'Raffle.setFee(250, "Timelock") at {fresh.address("Raffle")}' in output
    assert "Raffle fee 2.5 %" in output
    done, output = run("propose")
    assert (done, "voting starts" in output) == (True, True), output
    assert "pending" in run("lines")[1]
    fresh.skip(5)
    done, output = run("vote", "for", "Costs rose.")
    assert (done, f"Voted for with {10**27}." in output) == (True, True), output
    assert f"{10**27} for, 0 against, 0 abstain" in run("lines")[1]
    fresh.skip(25)
    done, output = run("queue", by=STRANGER)
    assert (done, "it can be executed from" in output) == (True, True), output
    assert "due " in run("lines")[1]
    fresh.skip(5)
    assert fee(fresh) == 100
    done, output = run("execute", by=STRANGER)
    assert (done, "Executed." in output) == (True, True), output
    assert fee(fresh) == 250
    assert "executed" in run("lines")[1]


def test_govern__payment_from_the_treasury__arrives(run: Run, fresh: Deploying) -> None:
    to = "0x" + "5e" * 20
    fresh.anvil.call("anvil_setBalance", fresh.address("Timelock"), hex(10**18))
    document = {"description": "A prize", "calls": [{"to": to, "value": "7"}]}
    queued(run, fresh, document=document)
    fresh.skip(5)
    done, output = run("execute", document=document)
    assert done, output
    assert int(fresh.anvil.call("eth_getBalance", to, "latest"), 16) == 7


def test_propose__too_few_votes__says_how_many_are_needed(run: Run) -> None:
    done, output = run("propose", by=STRANGER)
    assert not done
    assert f"{dev_account(STRANGER).address} had 0 votes, {10**24} are needed." in output


def test_propose__again__says_where_it_is(run: Run) -> None:
    run("propose")
    done, output = run("propose")
    assert (done, "The proposal is pending, it has to be not proposed." in output) == (False, True)


def test_vote__before_the_voting__says_where_it_is(run: Run) -> None:
    run("propose")
    done, output = run("vote", "for", None)
    assert (done, "The proposal is pending, it has to be active." in output) == (False, True)


def test_vote__without_votes_or_twice__says_so(run: Run, fresh: Deploying) -> None:
    run("propose")
    fresh.skip(5)
    assert "had no votes when the voting started" in run("vote", "against", None, by=STRANGER)[1]
    assert run("vote", "against", None)[0]
    done, output = run("vote", "for", None)
    assert (done, "has voted" in output) == (False, True)


def test_queue__voted_down__says_where_it_is(run: Run, fresh: Deploying) -> None:
    run("propose")
    fresh.skip(5)
    run("vote", "against", None)
    fresh.skip(25)
    done, output = run("queue")
    assert (done, "The proposal is defeated, it has to be succeeded." in output) == (False, True)


def test_execute__too_early__says_when(run: Run, fresh: Deploying) -> None:
    queued(run, fresh)
    done, output = run("execute")
    assert (done, "It can be executed from" in output) == (False, True), output
    assert fee(fresh) == 100


def test_execute__the_call_is_refused__says_by_what(run: Run, fresh: Deploying) -> None:
    document = {
        "description": "Far too high a fee",
        "calls": [{"contract": "Raffle", "function": "setFee", "arguments": [10_000, "Timelock"]}],
    }
    queued(run, fresh, document=document)
    fresh.skip(5)
    done, output = run("execute", document=document)
    assert (done, "execute: would be refused. " in output) == (False, True), output


def test_cancel__guardian__ends_it(run: Run, fresh: Deploying) -> None:
    queued(run, fresh)
    done, output = run("cancel", by=HOLDER)
    assert (done, f"Only the guardian {dev_account(GUARDIAN).address} may cancel" in output) == (False, True)
    done, output = run("cancel", by=GUARDIAN)
    assert (done, "Canceled." in output) == (True, True), output
    assert "There is nothing to cancel: it is canceled." in run("cancel", by=GUARDIAN)[1]


def test_cancel__proposer_while_pending__ends_it(run: Run) -> None:
    run("propose")
    done, output = run("cancel")
    assert (done, "Canceled." in output) == (True, True), output


def test_govern__as_a_command__shows_and_sends(fresh: Deploying, tmp_path: Path) -> None:
    file = tmp_path / "proposal.json"
    file.write_text(json.dumps(FEE))
    common = {"env": {"DEPLOYMENTS_DIR": str(fresh.folder)}}
    network = ("--network", f"ethereum:local:{fresh.anvil.url}")
    holder = (*network, "--account", f"TEST::{HOLDER}")
    code, output = invoke("governance", "propose", file, *holder, "--dry-run", **common)
    assert (code, "would send  propose: " in output, "Proposed as" in output) == (0, True, False), output
    code, output = invoke("governance", "propose", file, *holder, **common)
    assert (code, "stage       not proposed" in output, "voting starts" in output) == (0, True, True), output
    assert "Done: 1 transaction sent." in output
    fresh.skip(5)
    code, output = invoke("governance", "vote", file, "for", "--reason", "Costs rose.", *holder, **common)
    assert (code, f"Voted for with {10**27}." in output) == (0, True), output
    code, output = invoke("governance", "show", file, *network, **common)
    assert (code, "stage       active" in output) == (0, True), output
    code, output = invoke("governance", "queue", file, *holder, **common)
    assert (code, "The proposal is active, it has to be succeeded." in output) == (1, True), output


def call(**changes: Any) -> dict[str, Any]:
    calls = [{"contract": "Raffle", "function": "setFee", "arguments": [250, "Timelock"]} | changes]
    return {"description": "Why", "calls": calls}


UNREADABLE: list[tuple[Any, str]] = [
    ([], "has `description` and `calls`"),
    ({**FEE, "id": 1}, "and nothing else"),
    ({**FEE, "description": " "}, "must say why"),
    ({**FEE, "calls": []}, "at least one call"),
    ({**FEE, "calls": [3]}, "Call 0: must be an object"),
    ({**FEE, "calls": [{"to": "0x" + "5e" * 20}]}, "neither `contract` and `function` nor `to` and `value`"),
    ({**FEE, "calls": [{"to": "0x5e", "value": 1}]}, "'0x5e' is no address"),
    (call(contract="Rafle"), "no contract 'Rafle' in the registry"),
    (call(contract="Token"), "'Token' is no address and no contract of the registry with one address"),
    (call(function="setFees"), "'setFees' is not in the ABI"),
    (call(arguments=[250]), "'setFee' is not in the ABI"),
    (call(arguments=["2.5", "Timelock"]), "'2.5' is no integer"),
    (call(arguments=[250, "Treasury"]), "'Treasury' is no address"),
    (call(arguments=[10**9, "Timelock"]), "Call 0: Raffle: "),
    (call(to="0x" + "5e" * 20), "`to` is for payments"),
    (call(function="setVrfConfig", arguments=[[1, 2]]), "needs 6 values, there are 2"),
    (call(function="setVrfConfig", arguments=["Raffle"]), "is no list"),
    (call(contract="Governor", function="relay", arguments=["Raffle", 0, "0xzz"]), "is no hex text"),
]


@pytest.fixture(scope="module")
def registry(deployed: Deploying) -> Registry:
    return deployed.registry


@pytest.mark.parametrize(("document", "told"), UNREADABLE)
def test_parse_proposal__unreadable__says_what_is_wrong(registry: Registry, document: Any, told: str) -> None:
    with pytest.raises(ProposalError) as error:
        parse_proposal(document, registry)
    assert told in str(error.value)


def test_parse_proposal__several_calls__are_encoded_in_order(registry: Registry) -> None:
    vrf = ["VRFCoordinator", "5", "0x" + "11" * 32, 100_000, 3, True]
    document = {
        "description": "All at once",
        "calls": [
            {"contract": "Raffle", "function": "setVrfConfig", "arguments": [vrf]},
            {
                "contract": "Token",
                "at": ELSEWHERE,
                "function": "transfer",
                "arguments": ["Raffle", "9"],
            },
            {"to": "Raffle", "value": 3},
        ],
    }
    found = parse_proposal(document, registry)
    raffle = registry.contract("Raffle")
    settings = (registry.contract("VRFCoordinator").address, 5, b"\x11" * 32, 100_000, 3, True)
    assert found.what == (
        [raffle.address, ELSEWHERE, raffle.address],
        [0, 0, 3],
        [
            encode_call(raffle.abi, "setVrfConfig", [settings]),
            encode_call(registry.contract("Token").abi, "transfer", [raffle.address, 9]),
            b"",
        ],
    )
