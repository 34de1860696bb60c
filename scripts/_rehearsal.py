"""A rehearsal: a script runs to its end on a fork of the chain, so that a dry run knows each transaction's gas.

The fork is anvil's, on this machine: it takes the present state from the chain's node and keeps what happens to itself.
The account is impersonated there, with money enough: a wallet may be empty yet, and nobody is asked for a key.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ape import networks
from ape.api import AccountAPI, ProviderAPI, ReceiptAPI, TransactionAPI
from ape.api.accounts import ImpersonatedAccount
from eth_utils.address import to_checksum_address

from scripts._sending import POL
from tools.ports import free_port
from tools.rpc import Rpc
from tools.run.chain import anvil_program
from tools.run.errors import RunError
from tools.waiting import wait_until

ENOUGH = 10**6 * POL
PATIENCE_SECONDS = 60


class RehearsalError(Exception):
    """The chain cannot be forked; the message says why."""


@contextmanager
def rehearsal(provider: ProviderAPI, account: AccountAPI) -> Iterator[tuple[ProviderAPI, AccountAPI]]:
    """A fork of the connected chain, and the account on it. Raises RehearsalError."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    try:
        command = [
            anvil_program(),
            "--silent",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--auto-impersonate",
        ]
    except RunError as error:
        raise RehearsalError(str(error)) from error
    node = subprocess.Popen(
        [*command, "--fork-url", str(getattr(provider, "uri", ""))], stdin=subprocess.DEVNULL
    )
    try:
        rpc = Rpc(url)
        wait_until(
            lambda: rpc.answers or node.poll() is not None, PATIENCE_SECONDS, what="a fork of the chain"
        )
        if node.poll() is not None:
            raise RehearsalError("The chain's node gives nothing to fork from; anvil said why.")
        network = provider.network
        with networks.parse_network_choice(f"{network.ecosystem.name}:{network.name}:{url}") as fork:
            yield fork, on_fork(fork, str(account.address))
    except TimeoutError as error:
        raise RehearsalError(f"{error}.") from error
    finally:
        node.terminate()
        node.wait()


def on_fork(fork: ProviderAPI, address: str) -> "OnFork":
    """Anybody's account on a fork, a contract's too, with money enough for gas."""
    fork.make_request("anvil_setBalance", [address, hex(ENOUGH)])
    return OnFork(raw_address=to_checksum_address(address))


class OnFork(ImpersonatedAccount):
    """The account on the fork: the node signs for it. ape would do the same only for some of its providers."""

    def call(self, txn: TransactionAPI, *_: Any, **__: Any) -> ReceiptAPI:
        prepared = self.prepare_transaction(txn)
        wanted = {
            "from": str(self.address),
            "to": prepared.receiver or None,
            "data": "0x" + bytes(prepared.data).hex(),
            "value": hex(prepared.value),
            "gas": hex(int(prepared.gas_limit or 0)),
        }
        sent = self.provider.make_request("eth_sendTransaction", [{k: v for k, v in wanted.items() if v}])
        receipt: ReceiptAPI = self.provider.get_receipt(str(sent), required_confirmations=0)
        receipt.raise_for_status()
        return receipt


__all__ = ["RehearsalError", "on_fork", "rehearsal"]
