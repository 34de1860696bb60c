"""Making contracts at addresses that are known before, so that none is made twice whatever happens (decision 0032).

A contract is made through the deterministic-deployment proxy that stands at the same address on every chain: its address
follows from its code, its arguments and a salt. Before anything is sent it is looked for there. What was sent and not
noted, because the program died in between, is found again with its transaction.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ape.api import ProviderAPI
from ape.contracts import ContractContainer
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts._registry_file import Entry, RegistryFile
from scripts._sending import Sender

# github.com/Arachnid/deterministic-deployment-proxy: one transaction that anybody may send, signed by nobody's key.
PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
PROXY_MAKER = "0x3fAB184622Dc19b6109349B94811493BF2a45362"
PROXY_MAKER_NEEDS = 10**16
PROXY_TRANSACTION = (
    "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014"
    "600cf31ba02222222222222222222222222222222222222222222222222222222222222222a02222222222222222222222"
    "222222222222222222222222222222222222222222"
)
DEFAULT_SALT = "Tombola"
BELONGS_TO_MAKER = ("VRFCoordinator",)
"""Chainlink's contract, on development chains: whoever creates it owns it, and that must not be the proxy."""
PATIENCE_SECONDS = 300
LOGS_AT_ONCE = 1_000


class CreationError(Exception):
    """A contract that cannot be made, or found again; the message says what to do."""


class Creation:
    """Makes contracts for one account."""

    def __init__(self, sender: Sender, provider: ProviderAPI, registry: RegistryFile, salt: str) -> None:
        self._sender = sender
        self._provider = provider
        self._registry = registry
        self._salt = keccak(text=salt)

    def prepare(self, say: Callable[[str], None], *, development: bool) -> None:
        """Nothing of the account is under way, and the proxy stands. Raises CreationError."""
        self._settle(say)
        if self._has_code(PROXY):
            return
        if not development:
            raise CreationError(
                f"The deterministic-deployment proxy {PROXY} is not on this chain. Send {PROXY_MAKER_NEEDS} wei to "
                f"{PROXY_MAKER}, then the transaction of github.com/Arachnid/deterministic-deployment-proxy."
            )
        self._sender.send_data("pay for the proxy", PROXY_MAKER, b"", PROXY_MAKER_NEEDS)
        self._provider.make_request("eth_sendRawTransaction", [PROXY_TRANSACTION])
        say(f"Proxy for known addresses: made at {PROXY}")

    def make(self, name: str, container: ContractContainer, arguments: Sequence[Any]) -> tuple[str, Entry]:
        """A contract's address and the facts about its making; nothing is sent where it is there already."""
        code = bytes(container(*arguments).data)
        if name in BELONGS_TO_MAKER:
            found = self._found_by_input(name, code) or self._send(name, None, None, code)
        else:
            address, data = self.address_of(code), self._salt + code
            found = (
                self._found(name, address, data)
                if self._has_code(address)
                else self._send(name, address, PROXY, data)
            )
        receipt = self._asked("eth_getTransactionReceipt", found)
        facts = {
            "transaction_hash": found,
            "block_number": int(receipt["blockNumber"], 16),
            "deployer": to_checksum_address(receipt["from"]),
            "arguments": [plain(argument) for argument in arguments],
        }
        return to_checksum_address(receipt["contractAddress"] or self.address_of(code)), facts

    def address_of(self, code: bytes) -> str:
        """Where the proxy puts this code."""
        return made_at(self._salt, code)

    # Sending

    def begin(self, what: str, **more: str) -> None:
        """Note that something is about to be sent whose result has to be found again after a crash."""
        self._registry.begin(what, self._head(), **more)

    def _send(self, name: str, address: str | None, to: str | None, data: bytes) -> str:
        self.begin(name, **({} if address is None else {"address": address}))
        receipt = self._sender.send_data(f"deploy {name}", to, data)
        if receipt is None or (address is not None and not self._has_code(address)):
            raise CreationError(
                f"{name}: the transaction was mined, but the node tells of nothing at {address} yet. Run this again."
            )
        return str(receipt.txn_hash)

    def _settle(self, say: Callable[[str], None]) -> None:
        """Wait for what an earlier run has sent: only then the chain tells all of it."""
        until, told = time.monotonic() + PATIENCE_SECONDS, False
        while (waiting := self._count("pending") - self._count("latest")) > 0:
            if time.monotonic() > until:
                raise CreationError(
                    f"{waiting} transactions of {self._sender.account.address} wait to be mined since an earlier run. Wait "
                    "for them or replace them, then run this again."
                )
            if not told:
                say(f"Waiting for {waiting} transactions that an earlier run has sent")
                told = True
            time.sleep(0.2)

    # Finding what a run has sent and not noted

    def _found(self, name: str, address: str, data: bytes) -> str:
        found = self._transaction_since(name, PROXY, data)
        if found is None:
            raise CreationError(
                f"{name} stands at {address} and is not in {self._registry.path}. Restore that file, or deploy "
                "another system under another --salt."
            )
        return found

    def _found_by_input(self, name: str, data: bytes) -> str | None:
        return self._transaction_since(name, None, data)

    def _transaction_since(self, name: str, to: str | None, data: bytes) -> str | None:
        """The transaction with this input, from the block on before which it was going to be sent."""
        wanted = "0x" + data.hex()
        for number in range(self._begun(name), self._head() + 1):
            for one in self._asked("eth_getBlockByNumber", hex(number), True)["transactions"]:
                target = to_checksum_address(one["to"]) if one["to"] else None
                if target == to and one["input"] == wanted and self._succeeded(one["hash"]):
                    return str(one["hash"])
        return None

    def logs_since(self, what: str, address: str, topic: str) -> Iterator[dict[str, Any]]:
        """The logs of a contract since something was about to be sent; none when it was not."""
        head = self._head()
        for first in range(self._begun(what), head + 1, LOGS_AT_ONCE):
            last = min(first + LOGS_AT_ONCE - 1, head)
            query = {"address": address, "topics": [topic], "fromBlock": hex(first), "toBlock": hex(last)}
            yield from self._asked("eth_getLogs", query)

    def _begun(self, what: str) -> int:
        """The chain's head when this was about to be sent; beyond the head when it was not."""
        begun = self._registry.document.get("sending") or {}
        return int(begun["block"]) if begun.get("what") == what else self._head() + 1

    def _succeeded(self, transaction: str) -> bool:
        return int(self._asked("eth_getTransactionReceipt", transaction)["status"], 16) == 1

    # The chain

    def _has_code(self, address: str) -> bool:
        return len(self._provider.get_code(address)) > 0

    def _head(self) -> int:
        return int(self._asked("eth_blockNumber"), 16)

    def _count(self, block: str) -> int:
        return int(self._asked("eth_getTransactionCount", str(self._sender.account.address), block), 16)

    def _asked(self, method: str, *params: Any) -> Any:
        return self._provider.make_request(method, list(params))


def made_at(salt: bytes, code: bytes) -> str:
    """Where the proxy puts code with its arguments (EIP-1014)."""
    return to_checksum_address(keccak(b"\xff" + bytes.fromhex(PROXY[2:]) + salt + keccak(code))[12:])


def plain(argument: Any) -> Any:
    """A constructor argument as JSON: bytes as hex, big numbers as text."""
    if isinstance(argument, bytes):
        return "0x" + argument.hex()
    if isinstance(argument, (list, tuple)):
        return [plain(part) for part in argument]
    if isinstance(argument, int) and not isinstance(argument, bool):
        return str(argument)
    return argument if isinstance(argument, bool) else str(argument)


__all__ = ["DEFAULT_SALT", "PROXY", "Creation", "CreationError", "made_at", "plain"]
