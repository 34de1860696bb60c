"""The next version of vesting: looked at, deployed, and proposed. Who does that gets no power; the vote decides.

The record keeps the storage layout of what the proxy runs, as it was when that was deployed: the next version is compared
with it, not with whatever is committed by now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ape.api import AccountAPI, ProviderAPI
from ape.contracts import ContractContainer
from eth_utils.address import to_checksum_address

from listener.chain.registry import RegisteredContract
from scripts._chain import ChainReader
from scripts._code_checks import masked
from scripts._creation import Creation
from scripts._proof import IMPLEMENTATION_SLOT
from scripts._proposal import ProposalError
from scripts._registry_file import RegistryFile
from scripts._sending import Sender
from tools.storage_layout import Layout, broken

RUNS, NEXT = "vesting_implementation", "vesting_next"
MAKING = "Vesting, next version"
"""What the record says is being sent."""


@dataclass(frozen=True)
class Version:
    """What is to follow: its code, how it lays out its storage, and what is called as it begins to run."""

    container: ContractContainer
    layout: Layout
    call: bytes = b""

    @property
    def runtime(self) -> bytes:
        """The compiled code, with zeros where its constructor writes."""
        return bytes.fromhex(str(self.container.contract_type.runtime_bytecode.bytecode).removeprefix("0x"))

    @property
    def abi(self) -> list[dict[str, Any]]:
        return [
            part.model_dump(mode="json", by_alias=True, exclude_none=True)
            for part in self.container.contract_type.abi
        ]


@dataclass
class Making:
    """Makes the next version, once, however often it is killed; `sender` counts what that took."""

    provider: ProviderAPI
    account: AccountAPI
    record: RegistryFile
    version: Version
    salt: str
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self.sender = Sender(self.account, self.provider, self.say)
        self._creation = Creation(self.sender, self.provider, self.record, self.salt)

    @property
    def address(self) -> str:
        """Where it stands or will stand."""
        return self._creation.address_of(bytes(self.version.container().data))

    def make(self, *, development: bool) -> None:
        """Deploy it and note it beside the one that runs. Raises CreationError."""
        self._creation.prepare(self.say, development=development)
        address, facts = self.address, dict[str, Any]()
        if self.record.document.get(NEXT, {}).get("address") == address:
            self.say(f"Vesting: {address} was deployed before")
            return
        if self._is_begun or not self._stands:
            address, facts = self._creation.make(MAKING, self.version.container, [])
        entry = {"address": address, "layout": self.version.layout, "abi": self.version.abi, **facts}
        self.record.set(NEXT, entry, MAKING)
        self.say(f"Vesting: {address} is there to follow")

    @property
    def _is_begun(self) -> bool:
        return bool(self.record.document.get("sending", {}).get("what") == MAKING)

    @property
    def _stands(self) -> bool:
        """An earlier version, or one that somebody else made: by its address it can only be this very code."""
        return len(self.provider.get_code(self.address)) > 0


def check_layout(registry: RegistryFile, layout: Layout) -> None:
    """Raises ProposalError when the next version would misread what the proxy has stored."""
    known = registry.document.get(RUNS, {}).get("layout")
    if known is None:
        raise ProposalError(f"{registry.path} does not tell how the vesting that runs is laid out.")
    wrong = broken({"Vesting": known}, {"Vesting": layout})
    if wrong:
        raise ProposalError("The new version would misread what is stored. " + "; ".join(wrong))


def runs_already(chain: ChainReader, vesting: RegisteredContract, version: Version) -> bool:
    """Whether the proxy runs this very code."""
    live = chain.code(running(chain, vesting))
    return masked(live, version.runtime) == version.runtime


def running(chain: ChainReader, vesting: RegisteredContract) -> str:
    """The address of the code that the proxy runs."""
    return address_in("0x" + chain.storage(vesting.address, IMPLEMENTATION_SLOT).hex())


def address_in(slot: str) -> str:
    """The address in a word of storage; a pause stands in the same word (`contracts/vesting/Brake.sol`)."""
    return to_checksum_address("0x" + f"{int(slot, 16):064x}"[-40:])


def upgrade_proposal(implementation: str, why: str, call: bytes = b"") -> dict[str, Any]:
    """As a file of `ape run governance`: from its execution on the proxy runs the next version."""
    arguments = [implementation, "0x" + call.hex()]
    calls = [{"contract": "Vesting", "function": "upgradeToAndCall", "arguments": arguments}]
    return {"description": why, "calls": calls}


def note_upgrade(provider: ProviderAPI, registry: RegistryFile, say: Callable[[str], None]) -> None:
    """Record what the proxy runs once the vote on the next version was executed."""
    waiting, entry = registry.document.get(NEXT), registry.contracts["Vesting"]
    if waiting is None or waiting["address"] == entry.get("implementation"):
        return
    slot = provider.make_request("eth_getStorageAt", [entry["address"], hex(IMPLEMENTATION_SLOT), "latest"])
    if address_in(slot) != waiting["address"]:
        say(f"Vesting: {waiting['address']} was deployed to follow; no vote has made it run yet")
        return
    kept = {key: value for key, value in waiting.items() if key != "abi"}
    registry.document[RUNS] = kept
    del registry.document[NEXT]
    registry.record("Vesting", {**entry, "implementation": waiting["address"], "abi": waiting["abi"]})
    say(f"Vesting: runs {waiting['address']} now")


__all__ = ["Making", "Version", "check_layout", "note_upgrade", "running", "runs_already", "upgrade_proposal"]
