"""The next version of vesting: looked at, deployed, and proposed. Who does that gets no power; the vote decides.

The record keeps the storage layout of what the proxy runs, as it was when that was deployed: the next version is compared
with it, not with whatever is committed by now.
"""

from collections.abc import Callable
from typing import Any

from ape.api import AccountAPI, ProviderAPI
from ape.contracts import ContractContainer

from scripts._proof import IMPLEMENTATION_SLOT
from scripts._proposal import ProposalError
from scripts._registry_file import RegistryFile
from tools.storage_layout import Layout, broken

RUNS, NEXT = "vesting_implementation", "vesting_next"


def check_layout(registry: RegistryFile, layout: Layout) -> None:
    """Raises ProposalError when the next version would misread what the proxy has stored."""
    known = registry.document.get(RUNS, {}).get("layout")
    if known is None:
        raise ProposalError(f"{registry.path} does not tell how the vesting that runs is laid out.")
    wrong = broken({"Vesting": known}, {"Vesting": layout})
    if wrong:
        raise ProposalError("The new version would misread what is stored. " + "; ".join(wrong))


def deploy_next(
    account: AccountAPI, registry: RegistryFile, container: ContractContainer, layout: Layout
) -> str:
    """The next version's address, noted beside the one that runs."""
    instance = account.deploy(container)
    abi = [
        part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in container.contract_type.abi
    ]
    facts = {"transaction_hash": str(instance.txn_hash), "deployer": str(account.address)}
    registry.set(NEXT, {"address": str(instance.address), "layout": layout, "abi": abi, **facts})
    return str(instance.address)


def upgrade_proposal(implementation: str, why: str) -> dict[str, Any]:
    """As a file of `ape run govern`: from its execution on the proxy runs the next version."""
    call = {"contract": "Vesting", "function": "upgradeToAndCall", "arguments": [implementation, "0x"]}
    return {"description": why, "calls": [call]}


def note_upgrade(provider: ProviderAPI, registry: RegistryFile, say: Callable[[str], None]) -> None:
    """Record what the proxy runs once the vote on the next version was executed."""
    waiting, entry = registry.document.get(NEXT), registry.contracts["Vesting"]
    if waiting is None or waiting["address"] == entry.get("implementation"):
        return
    slot = provider.make_request("eth_getStorageAt", [entry["address"], hex(IMPLEMENTATION_SLOT), "latest"])
    if int(slot, 16) != int(waiting["address"], 16):
        say(f"Vesting: {waiting['address']} was deployed to follow; no vote has made it run yet")
        return
    kept = {key: value for key, value in waiting.items() if key != "abi"}
    registry.document[RUNS] = kept
    del registry.document[NEXT]
    registry.record("Vesting", {**entry, "implementation": waiting["address"], "abi": waiting["abi"]})
    say(f"Vesting: runs {waiting['address']} now")


__all__ = ["check_layout", "deploy_next", "note_upgrade", "upgrade_proposal"]
