"""Sending calls of contracts, or only saying what would be sent and what gas it needs."""

from collections.abc import Callable
from typing import Any

from ape.api import AccountAPI, ProviderAPI, ReceiptAPI
from ape.exceptions import ApeException, CustomError

MOST_GAS = 2**24
"""Of one transaction: EIP-7825."""
SPARE_GAS = 100_000
"""Allowed beyond a quarter more than was estimated: histories of balances cost two slots more in a later second."""
APE_ADVISES = " This transaction will likely revert."


class SendError(Exception):
    """A transaction that would be or was refused; the message says which one, and by what."""


class Sender:
    """Transactions of one account, one after the other. In a dry run nothing is signed and nothing sent."""

    def __init__(
        self, account: AccountAPI, provider: ProviderAPI, say: Callable[[str], None], dry_run: bool
    ) -> None:
        self.account = account
        self.dry_run = dry_run
        self.sent = 0
        """How many transactions were carried out."""
        self._provider = provider
        self._say = say

    def send(self, what: str, call: Any, *args: Any, **kwargs: Any) -> ReceiptAPI | None:
        """Send `call`, a method of an ape contract, and await its receipt; None in a dry run. Raises SendError."""
        gas = self.gas_of(what, call, *args, **kwargs)
        if self.dry_run:
            self._say(f"would send  {what}: {gas:,} gas")
            return None
        try:
            receipt: ReceiptAPI = call(*args, sender=self.account, gas_limit=_limit(gas), **kwargs)
        except ApeException as error:
            raise SendError(f"{what}: not carried out. {_reason(error)}") from error
        self.sent += 1
        self._say(f"sent        {what}: {receipt.gas_used:,} gas, {receipt.txn_hash}")
        return receipt

    def gas_of(self, what: str, call: Any, *args: Any, **kwargs: Any) -> int:
        """What the node says that it needs now. Raises SendError with the reason why it would be refused."""
        try:
            return int(call.estimate_gas_cost(*args, sender=self.account, **kwargs))
        except ApeException as error:
            raise SendError(f"{what}: would be refused. {_reason(error)}") from error

    def most_gas(self, percent: int) -> int:
        """This part of a block's gas, and never more than one transaction may have."""
        limit = int(self._provider.make_request("eth_getBlockByNumber", ["latest", False])["gasLimit"], 16)
        return min(limit * percent // 100, MOST_GAS)


def _limit(estimated: int) -> int:
    """What is not needed is not paid."""
    return max(estimated, min(estimated + estimated // 4 + SPARE_GAS, MOST_GAS))


def _reason(error: ApeException) -> str:
    """The contract's own error with its arguments, where it gave one; of ape's sentence not what it advises."""
    return repr(error) if isinstance(error, CustomError) else str(error).split(APE_ADVISES)[0]


__all__ = ["MOST_GAS", "SendError", "Sender"]
