"""What scripts that send transactions have in common: their options, asking before a live network, and the sending.

sender = Sender(account, provider, click.echo, dry_run)
receipt = sender.send("buy 3 tickets", raffle.buy, 1, 3, value=price)    # None in a dry run
click.echo(sender.summary())
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI, ReceiptAPI
from ape.contracts.base import ContractTransactionHandler
from ape.exceptions import ApeException, CustomError, TransactionNotFoundError

from scripts._amounts import tell_amount
from scripts._call import Call, SendError
from scripts._confirming import confirmed

DEVELOPMENT_NODES = ("anvil", "hardhat", "ethereumjs")
GWEI, MILLIONTH, POL = 10**9, 10**12, 10**18
MOST_GAS = 2**24
"""Of one transaction: EIP-7825."""
SPARE_GAS = 100_000
"""Allowed beyond a quarter more than was estimated: histories of balances cost two slots more in a later second."""

DryRun = click.option(
    "--dry-run", is_flag=True, help="Say what would be sent and what it would cost; send nothing."
)
Yes = click.option("--yes", is_flag=True, help="Do not ask before a live network.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was carried out, or in a dry run would be; `price` of its gas and `value` in wei."""

    what: str
    gas: int
    price: int
    value: int


class Sender:
    """Transactions of one account, one after the other, and what they cost. In a dry run nothing is signed or sent.

    Each is estimated by the node first: what would be refused is not sent. A dry run estimates on the chain as it is now,
    so one that needs an earlier one of the same script can only be foretold, or rehearsed on a fork instead.
    """

    def __init__(
        self,
        account: AccountAPI,
        provider: ProviderAPI,
        say: Callable[[str], None] = lambda _: None,
        dry_run: bool = False,
    ) -> None:
        self.account = account
        self.dry_run = dry_run
        self.sent: list[Sent] = []
        self._provider = provider
        self._say = say
        self._foretold = 0

    @property
    def count(self) -> int:
        """Transactions that were sent, or would be."""
        return len(self.sent)

    @property
    def gas(self) -> int:
        return sum(one.gas for one in self.sent)

    @property
    def cost(self) -> int:
        """Wei for gas: what was paid, or what it would be at the present price."""
        return sum(one.gas * one.price for one in self.sent)

    @property
    def value(self) -> int:
        """Wei sent along."""
        return sum(one.value for one in self.sent)

    def send(
        self,
        what: str,
        method: ContractTransactionHandler,
        *args: Any,
        value: int = 0,
        nonce: int | None = None,
    ) -> ReceiptAPI | None:
        """Call a method of an ape contract and await its receipt; None in a dry run. Raises SendError."""
        return self._carry_out(Call.of(what, method, args, value), nonce)

    def send_data(self, what: str, to: str | None, data: bytes, value: int = 0) -> ReceiptAPI | None:
        """The same with call data as it is; `to` None makes a contract."""
        return self._carry_out(Call(what, to, data, value), None)

    def foretell(self, what: str, told: str = "its gas cannot be estimated before the approval") -> None:
        """In a dry run: say one that the node cannot estimate yet, because it needs an earlier one."""
        self._foretold += 1
        self._say(f"would send  {what}: {told}")

    def gas_of(self, what: str, method: ContractTransactionHandler, *args: Any, value: int = 0) -> int:
        """What the node says that it needs now. Raises SendError with the reason why it would be refused."""
        return Call.of(what, method, args, value).estimate(self._provider, str(self.account.address))

    def most_gas(self, percent: int) -> int:
        """This part of a block's gas, and never more than one transaction may have."""
        limit = int(self._provider.make_request("eth_getBlockByNumber", ["latest", False])["gasLimit"], 16)
        return min(limit * percent // 100, MOST_GAS)

    def summary(self) -> str:
        """The last line."""
        count = f"{self.count} transaction{'s' * (self.count != 1)}"
        plus = f" and {pol(self.value)} sent along" * bool(self.value)
        if self.dry_run:
            without = f"; {self._foretold} more cannot be estimated yet" * bool(self._foretold)
            return (
                f"Dry run: nothing was sent. {count} would need {self.gas:,} gas, {pol(self.cost)} at the present "
                f"price{plus}{without}."
            )
        if not self.sent:
            return "Nothing was sent."
        return f"Done: {count} sent. Gas {self.gas:,}, {pol(self.cost)}{plus}."

    def _carry_out(self, call: Call, nonce: int | None) -> ReceiptAPI | None:
        gas = call.estimate(self._provider, str(self.account.address))
        if self.dry_run:
            self._say(would_send(call.what, gas, self._price))
            self.sent.append(Sent(call.what, gas, self._price, call.value))
            return None
        chosen = {"receiver": call.to, "nonce": nonce}
        transaction = self._provider.network.ecosystem.create_transaction(
            sender=self.account.address,
            data=call.data,
            value=call.value,
            gas_limit=_limit(gas),
            **{name: one for name, one in chosen.items() if one is not None},
        )
        try:
            receipt = self.account.call(transaction)
            if self._is_live:
                receipt = confirmed(self._provider, receipt)
        except (TransactionNotFoundError, OSError) as error:
            # With a lost connection nobody knows how far it came.
            raise SendError(
                f"{call.what}: may be sent, and was seen in no block that stays. {error}. Look it up before you go on."
            ) from error
        except ApeException as error:
            told = repr(error) if isinstance(error, CustomError) else error
            raise SendError(f"{call.what}: not carried out. {told}") from error
        used, price = int(receipt.gas_used), int(receipt.gas_price)
        self.sent.append(Sent(call.what, used, price, call.value))
        self._say(f"sent        {call.what}: {used:,} gas, {receipt.txn_hash}")
        return receipt

    @cached_property
    def _is_live(self) -> bool:
        return not is_development_node(self._provider)

    @cached_property
    def _price(self) -> int:
        """Wei per gas, as the node says."""
        return int(self._provider.make_request("eth_gasPrice", []), 16)


def would_send(what: str, gas: int, price: int) -> str:
    """A line of a dry run; `price` in wei per gas."""
    return f"would send  {what}: {gas:,} gas, {pol(gas * price)} at {price / GWEI:.3f} gwei"


def is_development_node(provider: ProviderAPI) -> bool:
    """Whether the node is a development chain, whatever chain id it claims: nothing is at stake there."""
    try:
        version = str(provider.make_request("web3_clientVersion", []))
    except ApeException:  # some providers do not tell, and no development node is among them
        return False
    return version.lower().startswith(DEVELOPMENT_NODES)


def agree(
    provider: ProviderAPI,
    account: AccountAPI | None,
    *,
    yes: bool,
    dry_run: bool = False,
    question: str = "Send this to a live network?",
    anywhere: bool = False,
) -> None:
    """Ask where something is at stake; after a yes the account signs without asking each time. Aborts on a no.

    `anywhere`: what is signed counts elsewhere too, so a development node has to be asked about as well.
    """
    if dry_run:
        return
    if not yes and (anywhere or not is_development_node(provider)):
        click.confirm(question, abort=True)
    sign_without_asking = getattr(account, "set_autosign", None)
    if sign_without_asking:
        sign_without_asking(True)


def pol(wei: int) -> str:
    """Millionths of a POL, rounded up: a cost is never shown smaller than it is."""
    return f"{tell_amount(-(-wei // MILLIONTH), 6)} POL"


def _limit(estimated: int) -> int:
    """What is not needed is not paid."""
    return max(estimated, min(estimated + estimated // 4 + SPARE_GAS, MOST_GAS))


__all__ = ["MOST_GAS", "DryRun", "SendError", "Sender", "Yes", "agree", "is_development_node"]
