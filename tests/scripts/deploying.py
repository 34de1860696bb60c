"""The deployment in this process, on a chain of its own: faster than the command, and it can be stopped at any step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ape

from listener.chain.encode import encode_call
from listener.chain.registry import Registry, parse_registry
from scripts._deployment import ZERO_ADDRESS, Deployment, Plan, governance_of
from scripts._evidence import CannotTellError, Check
from scripts._governance import power_of
from scripts._networks import QUICKNET, network_of
from scripts._proof import prove
from scripts._registry_file import RegistryFile
from scripts._sending import Sender
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until
from tools.rpc import RpcError

GAS_MONEY = hex(10**20)
GAS = hex(10**7)
"""More than an estimate: histories of balances cost more in a later second."""


class Stop(Exception):  # noqa: N818 - no error
    """The deployment was interrupted: a transaction is mined and nothing has been noted yet."""


class Interrupted(Sender):
    """Ends with Stop right after its transaction number `stop_after`."""

    stop_after = 0

    def _carry_out(self, *arguments: Any) -> Any:
        receipt = super()._carry_out(*arguments)
        if self.count == self.stop_after:
            raise Stop
        return receipt


@dataclass
class Deploying:
    """A chain, a folder for the record, and the deployment between them."""

    anvil: Anvil
    folder: Path
    said: list[str] = field(default_factory=list)

    def run(self, stop_after: int = 0, account: int = 0, **governance: Any) -> int:
        """Deploy what is missing; how many transactions that took."""
        with ape.networks.parse_network_choice(f"ethereum:local:{self.anvil.url}") as provider:
            deployer = ape.accounts.test_accounts[account]
            plan = self._plan(provider, str(deployer.address), governance)
            sender = Interrupted(deployer, provider)
            sender.stop_after = stop_after
            Deployment(ape.project, provider, sender, plan, self.record, self.said.append).run()
            return sender.count

    def _plan(self, provider: Any, deployer: str, governance: dict[str, Any]) -> Plan:
        network = network_of(31337)
        asked: dict[str, Any] = {
            "guardian": None,
            "token": None,
            "holder": None,
            "token_name": "Tombola",
            "token_symbol": "TMB",
            "supply": 10**27,
            "proposal_threshold": None,
            "quorum_percent": 4,
        }
        treasury = governance.pop("treasury", None)
        return Plan(
            network=network,
            beacon=QUICKNET,
            deployer=deployer,
            governance=governance_of(
                provider, network.governance, development=True, **{**asked, **governance}
            ),
            treasury=treasury,
            publisher=ZERO_ADDRESS,
            fee_bps=100,
            token_fee=10**18,
            subscription=None,
            subscription_fund=10**18,
            with_vrf=True,
            stand_in=True,
            proving_key=None,
            development=True,
        )

    @property
    def record(self) -> RegistryFile:
        return RegistryFile.open(self.folder, 31337)

    @property
    def registry(self) -> Registry:
        return parse_registry(self.record.document)

    def address(self, name: str) -> str:
        return self.registry.contract(name).address

    @property
    def deployer(self) -> str:
        return str(self.registry.contract("Timelock").extra["deployer"])

    @property
    def token(self) -> str:
        return str(self.registry.contract("Governor").extra["arguments"][0])

    def own_clock(self) -> None:
        """From now on a block is a second: votes do not end because the machine is slow."""
        self.anvil.call("anvil_setBlockTimestampInterval", 1)

    def skip(self, seconds: int) -> None:
        """A block so many seconds after the last."""
        last = int(self.anvil.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        self.anvil.call("evm_setNextBlockTimestamp", last + seconds)
        self.anvil.mine()

    def failing(self) -> list[Check]:
        """What the proof finds wrong now."""
        document = self.record.document
        subscription = int(document["vrf"]["subscription_id"])
        roles = (self.address("Timelock"), self.address("Governor"), self.token, subscription)
        checks = prove(self._ask, self.registry, power_of(document, self.deployer, *roles))
        return [check for check in checks if not check.holds]

    def send(
        self, sender: str, name: str, function: str, *arguments: Any, at: str | None = None, value: int = 0
    ) -> None:
        """A transaction of anybody, contracts included."""
        contract = self.registry.contract(name)
        data = "0x" + encode_call(contract.abi, function, arguments).hex()
        self.anvil.call("anvil_setBalance", sender, GAS_MONEY)
        self.anvil.call("anvil_impersonateAccount", sender)
        call = {"from": sender, "to": at or contract.address, "data": data, "value": hex(value), "gas": GAS}
        sent = self.anvil.call("eth_sendTransaction", call)
        receipt = wait_until(lambda: self.anvil.call("eth_getTransactionReceipt", sent), what="a receipt")
        assert receipt["status"] == "0x1", f"{name}.{function} reverted"

    def _ask(self, method: str, params: list[Any]) -> Any:
        try:
            return self.anvil.call(method, *params)
        except RpcError as error:
            raise CannotTellError(str(error)) from error


@contextmanager
def restored(anvil: Anvil) -> Iterator[None]:
    """What happens inside did not happen."""
    snapshot = anvil.call("evm_snapshot")
    try:
        yield
    finally:
        anvil.call("evm_revert", snapshot)


Act = Callable[[Deploying], None]
