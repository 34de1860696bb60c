"""The next version of vesting: refused where it would misread the storage, else deployed, voted for and recorded."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ape
import pytest

from scripts._chain import ChainReader
from scripts._find_registry import asked
from scripts._governing import Governing
from scripts._proposal import ProposalError, parse_proposal
from scripts._sending import Sender
from scripts._upgrade import check_layout, deploy_next, upgrade_proposal
from tests.scripts.deploying import Deploying, restored
from tests.scripts.world import ape_run
from tests.support.anvil import Anvil, dev_account
from tools.storage_layout import snapshot

HOLDER = 1
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
        made.anvil.mine()
        yield made


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


def test_upgrade__voted_for__runs_and_is_recorded_by_the_next_deployment(deployed: Deploying) -> None:
    made = deployed
    layout = grown(snapshot()["Vesting"])
    before = made.record.path.read_bytes()
    with restored(made.anvil):
        network = ape.networks.parse_network_choice(f"ethereum:local:{made.anvil.url}")
        with network as provider:
            account = ape.accounts.test_accounts[HOLDER]
            later = deploy_next(account, made.record, ape.project.TestVestingUpgrade, layout)
            assert made.run() == 0
            assert f"Vesting: {later} was deployed to follow; no vote has made it run yet" in made.said
            chain = ChainReader(lambda method, params: asked(provider, method, params))
            proposal = parse_proposal(upgrade_proposal(later, "Version 2"), made.registry)
            governing = Governing(chain, made.registry, proposal, made.said.append, Sender(account, provider))
            for act, seconds in (
                (governing.propose, 5),
                (lambda: governing.vote("for", None), 25),
                (governing.queue, 5),
                (governing.execute, 1),
            ):
                act()
                made.skip(seconds)
                chain.advance()
        assert {check.name for check in made.failing()} == {"Vesting proxy"}
        assert made.run() == 0
        assert f"Vesting: runs {later} now" in made.said
        assert made.failing() == []
        document = made.record.document
        assert document["contracts"]["Vesting"]["implementation"] == later
        assert "version" in {part.get("name") for part in document["contracts"]["Vesting"]["abi"]}
        assert document["vesting_implementation"]["layout"] == layout
        assert "vesting_next" not in document
    made.record.path.write_bytes(before)


def test_upgrade__as_a_command__deploys_and_writes_the_proposal(deployed: Deploying, tmp_path: Path) -> None:
    file, before = tmp_path / "upgrade.json", deployed.record.path.read_bytes()
    network = ["--network", f"ethereum:local:{deployed.anvil.url}", "--account", "TEST::1"]
    env = {"DEPLOYMENTS_DIR": str(deployed.folder)}
    code, output = ape_run("govern", "upgrade", str(file), "--why", "Version 2", *network, env=env)
    assert (code, "stays readable" in output) == (0, True), output
    following = deployed.record.document["vesting_next"]["address"]
    assert json.loads(file.read_text()) == upgrade_proposal(following, "Version 2")
    assert following in output
    deployed.record.path.write_bytes(before)
