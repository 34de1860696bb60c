"""The next version of vesting: looked at, tried on a fork, deployed once, voted for and recorded."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ape
import pytest
from eth_utils.crypto import keccak

from scripts._chain import ChainReader
from scripts._creation import DEFAULT_SALT
from scripts._find_registry import asked
from scripts._governing import Governing
from scripts._proposal import ProposalError, read_proposal
from scripts._sending import Sender
from scripts._upgrade import Making, Version, check_layout, upgrade_proposal
from scripts._upgrading import Upgrading
from tests.scripts.deploying import Deploying, restored
from tests.scripts.test_deploy_killed import Dying
from tests.scripts.world import ape_run
from tests.support.anvil import Anvil, dev_account
from tools.storage_layout import snapshot

HOLDER, BENEFICIARY, GUARDIAN = 1, 2, 8
DAY = 24 * 3_600
YEAR = 365 * DAY
AMOUNT = 10**21
GRANT = 1 << 64
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploying]:
    """A finished deployment whose token's holder votes for himself."""
    with Anvil() as anvil:
        made = Deploying(anvil, tmp_path_factory.mktemp("upgrade"))
        made.run()
        made.own_clock()
        holder = dev_account(HOLDER).address
        made.send(holder, "Token", "delegate", holder, at=made.token)
        _grant(made, holder)
        yield made


def _grant(made: Deploying, holder: str) -> None:
    """Two grants on a plan of a year, half of it over, the first paid; the second is in a campaign's file too."""
    start = now(made) - YEAR // 2
    made.send(holder, "Token", "approve", made.address("Vesting"), 3 * AMOUNT, at=made.token)
    made.send(holder, "Vesting", "createPlan", (made.token, start, 0, YEAR, 1, 0))
    people = [dev_account(index).address for index in (BENEFICIARY, BENEFICIARY + 1)]
    made.send(holder, "Vesting", "grant", 1, [(who, AMOUNT) for who in people])
    made.send(holder, "Vesting", "createCampaign", (1, b"\x07" * 32, 9, AMOUNT, start + YEAR), bytes(32))
    made.send(people[0], "Vesting", "release", GRANT)
    made.send(people[1], "Vesting", "delegate", [GRANT + 1], people[1])


def grown(layout: dict[str, Any]) -> dict[str, Any]:
    """A layout with one number more at the end of vesting's namespace."""
    later = copy.deepcopy(layout)
    later["namespaces"]["erc7201:tombola.vesting"].append("99+0 uint256 more")
    return later


def shrunk(layout: dict[str, Any]) -> None:
    layout["namespaces"]["erc7201:tombola.vesting"].pop()


def renamed(layout: dict[str, Any]) -> None:
    spaces = layout["namespaces"]
    spaces["erc7201:tombola.later"] = spaces.pop("erc7201:tombola.vesting")


def retyped(layout: dict[str, Any]) -> None:
    lines = layout["namespaces"]["erc7201:tombola.vesting"]
    lines[0] = lines[0].replace("uint48", "uint64")


def moved(layout: dict[str, Any]) -> None:
    lines = layout["namespaces"]["erc7201:tombola.vesting"]
    lines[1], lines[2] = lines[2], lines[1]


@pytest.mark.parametrize("change", [shrunk, renamed, retyped, moved])
def test_check_layout__next_version_would_misread__refused(deployed: Deploying, change: Change) -> None:
    layout = copy.deepcopy(snapshot()["Vesting"])
    change(layout)
    with pytest.raises(ProposalError, match="would misread what is stored"):
        check_layout(deployed.record, layout)


def test_check_layout__grown_at_the_end__goes_on(deployed: Deploying) -> None:
    check_layout(deployed.record, grown(snapshot()["Vesting"]))


def test_check_layout__record_without_layout__says_so(deployed: Deploying) -> None:
    record = deployed.record
    del record.document["vesting_implementation"]["layout"]
    with pytest.raises(ProposalError, match="does not tell how"):
        check_layout(record, snapshot()["Vesting"])


@contextmanager
def upgrading(
    made: Deploying, container: str, file: Path, call: bytes = b"", safe: str | None = None
) -> Iterator[Upgrading]:
    """The upgrade to a contract of the project, by the holder, in this process."""
    version = Version(getattr(ape.project, container), snapshot()["Vesting"], call)
    with ape.networks.parse_network_choice(f"ethereum:local:{made.anvil.url}") as provider:
        account = ape.accounts.test_accounts[HOLDER]
        making = Making(provider, account, made.record, version, DEFAULT_SALT, made.said.append)
        yield Upgrading(making, file, "Version 2", safe)


def now(made: Deploying) -> int:
    return int(made.anvil.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def head(made: Deploying) -> str:
    return str(made.anvil.call("eth_getBlockByNumber", "latest", False)["hash"])


def test_upgrade__voted_for_and_back_again__runs_and_is_recorded_by_the_next_deployment(
    deployed: Deploying, tmp_path: Path
) -> None:
    made, file = deployed, tmp_path / "upgrade.json"
    before = made.record.path.read_bytes()
    with restored(made.anvil):
        with upgrading(made, "TestVestingUpgrade", file) as upgrade:
            last = head(made)
            assert upgrade.is_needed()
            gas = upgrade.rehearse(100, propose=True)
            assert min(gas.values()) > 20_000
            told = "\n".join(made.said)
            assert "1 of 1 plans, 2 of their 2 grants, 1 of 1 campaigns, 1 tokens' totals" in told
            assert "rehearsed   The proof of the hand-over holds" in told
            assert "rehearsed   Proposed as" in told
            assert "Not compared" not in told, "no view is left out"
            assert (head(made), made.record.path.read_bytes()) == (last, before), "nothing was sent or noted"

            upgrade.carry_out(propose=True)
            later = upgrade.making.address
            assert json.loads(file.read_text()) == upgrade_proposal(later, "Version 2")
            last = head(made)
            upgrade.carry_out(propose=True)
            assert head(made) == last, "again: nothing more is sent"
            assert made.run() == 0
            assert f"Vesting: {later} was deployed to follow; no vote has made it run yet" in made.said
            vote_for(made, file)
        made.send(dev_account(GUARDIAN).address, "Vesting", "pauseUntil", now(made) + DAY)
        assert {check.name for check in made.failing()} == {"Vesting proxy"}
        with (
            upgrading(made, "Vesting", file) as upgrade,
            pytest.raises(ProposalError, match="Note what runs by `ape run deploy` first"),
        ):
            upgrade.is_needed()
        assert made.run() == 0
        assert f"Vesting: runs {later} now" in made.said
        assert made.failing() == []
        document = made.record.document
        assert document["contracts"]["Vesting"]["implementation"] == later
        assert "version" in {part.get("name") for part in document["contracts"]["Vesting"]["abi"]}
        assert document["vesting_implementation"]["layout"] == snapshot()["Vesting"]
        assert "vesting_next" not in document
        with upgrading(made, "TestVestingUpgrade", file) as upgrade:
            assert not upgrade.is_needed()
            assert "runs this code already" in made.said[-1]
        go_back(made, tmp_path / "back.json", file)
    made.record.path.write_bytes(before)


def go_back(made: Deploying, file: Path, other: Path) -> None:
    """To the version that was deployed first, which stands already: a dry run by the command, then all of it."""
    last, env = head(made), {"DEPLOYMENTS_DIR": str(made.folder)}
    network = ["--network", f"ethereum:local:{made.anvil.url}", "--account", f"TEST::{HOLDER}"]
    arguments = [str(file), "--why", "Version 2", "--changes", "version", "--propose", "--dry-run"]
    code, output = ape_run("upgrade", *arguments, *network, env=env)
    assert code == 0, output
    assert "rehearsed   As meant: version() was 2, would be refused with 0x (soon)" in output
    assert "rehearsed   Proposed as" in output
    assert "would send  deploy" not in output, "it stands already"
    assert "would send  let the proxy run it: " in output
    assert "Dry run: nothing was sent." in output
    assert not file.exists()
    with (
        upgrading(made, "Vesting", other) as upgrade,
        pytest.raises(ProposalError, match="holds something else: name another file"),
    ):
        upgrade.is_needed()
    with upgrading(made, "Vesting", file) as upgrade:
        assert upgrade.is_needed()
        upgrade.carry_out(propose=False)
        assert made.record.document["vesting_next"]["address"] == upgrade.making.address
        assert json.loads(file.read_text()) == upgrade_proposal(upgrade.making.address, "Version 2")
    assert head(made) == last


def sent_by_holder(made: Deploying) -> int:
    return int(made.anvil.call("eth_getTransactionCount", dev_account(HOLDER).address, "latest"), 16)


def vote_for(made: Deploying, file: Path) -> None:
    """What was proposed comes about; on the connected chain."""
    provider = ape.networks.active_provider
    chain = ChainReader(lambda method, params: asked(provider, method, params))
    proposal = read_proposal(file, made.registry)
    account = ape.accounts.test_accounts[HOLDER]
    sender = Sender(account, provider, made.said.append)
    governing = Governing(chain, made.registry, proposal, made.said.append, sender)
    made.skip(5)
    for act, seconds in (
        (lambda: governing.vote("for", None), 25),
        (governing.queue, 5),
        (governing.execute, 1),
    ):
        chain.advance()
        act()
        made.skip(seconds)


WRONG = [
    ("TestVestingTampering", "forget(uint256)", "On a fork the new version answers otherwise: "),
    ("TestVestingOpen", None, "its constructor has to call _disableInitializers()"),
    ("TestERC20", None, "has no proxiableUUID()"),
]


@pytest.mark.parametrize(("container", "function", "told"), WRONG)
def test_upgrade__wrong_on_the_fork__says_what_and_sends_nothing(
    deployed: Deploying, tmp_path: Path, container: str, function: str | None, told: str
) -> None:
    made, file = deployed, tmp_path / "upgrade.json"
    last, before = head(made), made.record.path.read_bytes()
    call = keccak(text=function)[:4] + GRANT.to_bytes(32) if function else b""
    with upgrading(made, container, file, call) as upgrade:
        assert upgrade.is_needed()
        with pytest.raises(ProposalError) as error:
            upgrade.rehearse(100, propose=False)
    assert told in str(error.value)
    if function:
        assert f"grantOf({GRANT}) was " in str(error.value)
        assert f"release({GRANT}) was " in str(error.value)
    assert (head(made), made.record.path.read_bytes()) == (last, before)


@dataclass
class Upgraded(Deploying):
    """What is killed is not a deployment but an upgrade after its rehearsal."""

    file: Path = field(default_factory=Path)

    def run(self, stop_after: int = 0, account: int = 0, **governance: Any) -> int:
        """How many transactions that took."""
        with upgrading(self, "TestVestingUpgrade", self.file) as upgrade:
            upgrade.carry_out(propose=True)
            return upgrade.making.sender.count


def test_upgrade__killed_at_every_step__makes_and_proposes_once(deployed: Deploying, tmp_path: Path) -> None:
    made = deployed
    before = made.record.path.read_bytes()
    with restored(made.anvil):
        assert ape.project.TestVestingUpgrade.contract_type
        upgraded = Upgraded(made.anvil, made.folder, file=tmp_path / "upgrade.json")
        first = 1  # so that both transactions are not mined yet as their run dies
        dying = Dying(upgraded, tmp_path / "said", account=HOLDER, deaths=first)
        sent = sent_by_holder(made)
        while dying.run(dies=True) is None:
            assert dying.deaths < 10
        assert dying.deaths - first == 4, "two writes of the record, two transactions"
        assert sent_by_holder(made) == sent + 2, "one contract, one proposal"
        assert made.record.document["vesting_next"]["transaction_hash"]
        upgraded.run()
        assert upgraded.said[-1] == "It was proposed before and is pending."
    made.record.path.write_bytes(before)
