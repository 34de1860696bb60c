"""What scripts that send transactions have in common: their options, asking before a live network, and the sending.

sender = Sender(account, provider, click.echo, dry_run)
receipt = sender.send("buy 3 tickets", raffle.buy, 1, 3, value=price)    # None in a dry run
click.echo(sender.summary())
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI, ReceiptAPI
from ape.contracts.base import ContractTransactionHandler
from ape.exceptions import ApeException, CustomError
from eth_abi.abi import decode
from eth_utils.crypto import keccak
from ethpm_types.abi import ErrorABI

DEVELOPMENT_NODES = ("anvil", "hardhat", "ethereumjs")
GWEI, POL = 10**9, 10**18
SHOWN = 1_000_000
"""A cost is shown in millionths of a POL."""

DryRun = click.option(
    "--dry-run", is_flag=True, help="Say what would be sent and what it would cost; send nothing."
)
Yes = click.option("--yes", is_flag=True, help="Do not ask before a live network.")


class SendError(Exception):
    """A transaction that is refused; the message says which and why."""


class Sender:
    """Sends for one account and counts what it costs; in a dry run it only asks the node what would happen.

    A dry run judges each transaction against the chain as it is now: one that needs an earlier one of the same script
    has to be rehearsed on a fork instead.
    """

    def __init__(
        self, account: AccountAPI, provider: ProviderAPI, say: Callable[[str], None], dry_run: bool = False
    ) -> None:
        self._account = account
        self._provider = provider
        self._say = say
        self.dry_run = dry_run
        self.gas = 0
        self.cost = 0
        """Wei for gas: what was paid, or what it would be at the present price."""
        self.value = 0
        """Wei sent along."""
        self.sent: list[tuple[str, int]] = []
        """What, and its gas."""

    @property
    def count(self) -> int:
        """Transactions that were sent, or would be."""
        return len(self.sent)

    def send(
        self, what: str, call: ContractTransactionHandler, *args: Any, value: int = 0, **kwargs: Any
    ) -> ReceiptAPI | None:
        """The receipt; None in a dry run. Raises SendError where the transaction is refused."""
        to, data = str(call.contract.address), bytes(call.encode_input(*args))
        with _told(what):
            if self.dry_run:
                self._estimate(what, to, data, value, call.contract.contract_type.errors)
                return None
            return self._counted(what, call(*args, sender=self._account, value=value, **kwargs), value)

    def send_data(self, what: str, to: str | None, data: bytes, value: int = 0) -> ReceiptAPI | None:
        """The same with call data as it is; `to` None makes a contract."""
        with _told(what):
            if self.dry_run:
                self._estimate(what, to, data, value, ())
                return None
            ecosystem = self._provider.network.ecosystem
            target = {} if to is None else {"receiver": to}
            transaction = ecosystem.create_transaction(
                sender=self._account.address, data=data, value=value, **target
            )
            return self._counted(what, self._account.call(transaction), value)

    def summary(self) -> str:
        """One sentence for the end."""
        plus = f" and {pol(self.value)} sent along" * bool(self.value)
        if self.dry_run:
            return (
                f"Dry run: nothing was sent. {self.count} transactions would need {self.gas} gas, "
                f"{pol(self.cost)} at the present price{plus}."
            )
        return f"{self.count} transactions sent: {self.gas} gas, {pol(self.cost)}{plus}."

    def _estimate(
        self, what: str, to: str | None, data: bytes, value: int, errors: Iterable[ErrorABI]
    ) -> None:
        """By the node itself: ape's preparing would refuse an account that has no money yet."""
        transaction = {
            "from": str(self._account.address),
            "data": "0x" + data.hex(),
            "value": hex(value),
            **({} if to is None else {"to": to}),
        }
        gas = int(self._asked("eth_estimateGas", [transaction], errors), 16)
        price = int(self._asked("eth_gasPrice", [], ()), 16)
        self._count(what, gas, price, value)
        self._say(would_send(what, gas, price))

    def _asked(self, method: str, params: list[Any], errors: Iterable[ErrorABI]) -> str:
        """ape's own `make_request` drops the data of a refusal, which names the contract's error."""
        answer = self._provider.web3.provider.make_request(method, params)
        if "error" in answer:
            told = answer["error"]
            raise ApeException(
                _custom_error(errors, told.get("data")) or told.get("message", "no reason given")
            )
        return str(answer["result"])

    def _counted(self, what: str, receipt: ReceiptAPI, value: int) -> ReceiptAPI:
        self._count(what, int(receipt.gas_used), int(receipt.gas_price), value)
        return receipt

    def _count(self, what: str, gas: int, price: int, value: int) -> None:
        self.sent.append((what, gas))
        self.gas += gas
        self.cost += gas * price
        self.value += value


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A refusal in one sentence."""
    try:
        yield
    except CustomError as error:
        raise SendError(f"{what}: refused: {error!r}") from error
    except ApeException as error:
        raise SendError(f"{what}: refused: {error}") from error


def would_send(what: str, gas: int, price: int) -> str:
    """A line of a dry run; `price` in wei per gas."""
    return f"would send  {what}: {gas} gas, {pol(gas * price)} at {price / GWEI:.3f} gwei"


def is_development_node(provider: ProviderAPI) -> bool:
    """Whether the node is a development chain, whatever chain id it claims: nothing is at stake there."""
    version = str(provider.make_request("web3_clientVersion", [])).lower()
    return version.startswith(DEVELOPMENT_NODES)


def agree(
    provider: ProviderAPI,
    account: AccountAPI | None,
    *,
    yes: bool,
    dry_run: bool = False,
    question: str = "Send this to a live network?",
) -> None:
    """Ask where something is at stake; after a yes the account signs without asking each time. Aborts on a no."""
    if dry_run:
        return
    if not yes and not is_development_node(provider):
        click.confirm(question, abort=True)
    sign_without_asking = getattr(account, "set_autosign", None)
    if sign_without_asking:
        sign_without_asking(True)


def _custom_error(errors: Iterable[ErrorABI], data: object) -> str | None:
    """A refusal as the contract's own error with its arguments; None where it is none of its errors."""
    raw = bytes.fromhex(data[2:]) if isinstance(data, str) and data.startswith("0x") else b""
    for error in errors:
        if raw and keccak(text=error.selector)[:4] == raw[:4]:
            values = decode([one.canonical_type for one in error.inputs], raw[4:])
            told = (f"{one.name}={value}" for one, value in zip(error.inputs, values, strict=True))
            return f"{error.name}({', '.join(told)})"
    return None


def pol(wei: int) -> str:
    """Millionths of a POL, rounded up: a cost is never shown smaller than it is."""
    shown = -(-wei * SHOWN // POL)
    return f"{shown // SHOWN}.{shown % SHOWN:06} POL"


__all__ = ["DryRun", "SendError", "Sender", "Yes", "agree", "is_development_node"]
