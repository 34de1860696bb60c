"""Reading a chain through one function `request(method, params)`: views, and the events of one id."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from listener.chain.abi import compile_decoder
from listener.chain.encode import decode_result, encode_call, find_function
from listener.chain.events import AbiType, Event
from listener.chain.registry import RegisteredContract
from scripts._evidence import CannotTellError, Log

Request = Callable[[str, list[Any]], Any]
FIRST_SPAN = 100_000
"""Blocks asked for at once; fewer where a provider refuses, and not again so many as it refused."""


class ChainReader:
    """One chain at one block: everything read belongs to the same state."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.chain_id = int(request("eth_chainId", []), 16)
        self.head = int(request("eth_blockNumber", []), 16)
        self._times: dict[int, int] = {}

    def advance(self) -> None:
        """Read at the present head from now on."""
        self.head = int(self._request("eth_blockNumber", []), 16)

    def has_code(self, address: str) -> bool:
        """Whether a contract stands at the address."""
        return len(self.code(address)) > 0

    def code(self, address: str) -> bytes:
        """What stands at the address."""
        return bytes.fromhex(self._request("eth_getCode", [address, hex(self.head)])[2:])

    def balance(self, address: str) -> int:
        """Wei of the chain's own currency."""
        return int(self._request("eth_getBalance", [address, hex(self.head)]), 16)

    def view(self, contract: RegisteredContract, name: str, *arguments: Any, at: str | None = None) -> Any:
        """What a view returns; a struct as a dict by its ABI's names, several values as a tuple."""
        data = encode_call(contract.abi, name, arguments)
        call = {"to": at or contract.address, "data": "0x" + data.hex()}
        raw = self._request("eth_call", [call, hex(self.head)])
        values = decode_result(contract.abi, name, bytes.fromhex(raw.removeprefix("0x")))
        outputs = find_function(contract.abi, name, len(arguments))["outputs"]
        named = [_named(output, value) for output, value in zip(outputs, values, strict=True)]
        return named[0] if len(named) == 1 else tuple(named)

    def would_succeed(
        self, contract: RegisteredContract, name: str, *arguments: Any, sender: str, at: str | None = None
    ) -> bool:
        """Whether a call of this sender would go through; `at` another address of its kind."""
        data = "0x" + encode_call(contract.abi, name, arguments).hex()
        try:
            self._request(
                "eth_call", [{"from": sender, "to": at or contract.address, "data": data}, hex(self.head)]
            )
        except CannotTellError:
            return False
        return True

    def storage(self, address: str, slot: int) -> bytes:
        """The 32 bytes of a storage slot."""
        found = self._request("eth_getStorageAt", [address, hex(slot), hex(self.head)])
        return int(found, 16).to_bytes(32)

    def logs(
        self,
        contract: RegisteredContract,
        topics: list[Any],
        first_block: int | None = None,
        at: str | None = None,
    ) -> list[Log]:
        """The contract's events with these topics, in the chain's order; `at` another address of its kind."""
        events = {"0x" + event.topic0.hex(): event for event in contract.events}
        start = contract.first_block if first_block is None else first_block
        found = [
            entry
            for entry in self.raw_logs(at or contract.address, topics, start)
            if entry["topics"][0] in events
        ]
        return [self._log(events[entry["topics"][0]], entry) for entry in found]

    def call_of(self, transaction: str) -> tuple[str, bytes]:
        """To whom a transaction was sent, and its call data; ("", b"") when the node does not give it."""
        found = self._given("eth_getTransactionByHash", transaction)
        if not found:
            return "", b""
        target = to_checksum_address(found["to"]) if found["to"] else ""
        return target, bytes.fromhex(found["input"].removeprefix("0x"))

    def made_by(self, transaction: str) -> str:
        """The contract that a transaction without receiver made; "" where it is none, or the node does not give it."""
        found = self._given("eth_getTransactionReceipt", transaction) or {}
        return to_checksum_address(found["contractAddress"]) if found.get("contractAddress") else ""

    def receipt_logs(self, transaction: str) -> list[dict[str, Any]]:
        """All logs of a transaction, of any contract; none when the node does not give its receipt."""
        found = self._given("eth_getTransactionReceipt", transaction)
        return list(found["logs"]) if found else []

    def _given(self, method: str, transaction: str) -> Any:
        """None for what the node has forgotten, never indexed, or refuses to look up."""
        try:
            return self._request(method, [transaction])
        except CannotTellError:
            return None

    def raw_logs(self, address: str, topics: list[Any], start: int) -> list[dict[str, Any]]:
        """The logs of an address with these topics from a block on, as the node gives them."""
        found: list[dict[str, Any]] = []
        span, most = FIRST_SPAN, self.head + 1
        while start <= self.head:
            end = min(start + span - 1, self.head)
            query = {"address": address, "topics": topics, "fromBlock": hex(start), "toBlock": hex(end)}
            try:
                found += self._request("eth_getLogs", [query])
            except CannotTellError:
                if span == 1:
                    raise
                span, most = max(1, span // 4), max(1, span // 2)
                continue
            start, span = end + 1, min(span * 2, most)
        return found

    def _log(self, event: Event, entry: Mapping[str, Any]) -> Log:
        values = compile_decoder(event)(entry["topics"], entry["data"])
        args = {
            argument.name: _readable(argument.type, value)
            for argument, value in zip(event.arguments, values, strict=True)
        }
        block = int(entry["blockNumber"], 16)
        return Log(
            event.name, args, block, int(entry["logIndex"], 16), entry["transactionHash"], self._time(block)
        )

    def _time(self, block: int) -> int:
        if block not in self._times:
            found = self._request("eth_getBlockByNumber", [hex(block), False])
            self._times[block] = int(found["timestamp"], 16)
        return self._times[block]


def _readable(kind: AbiType, value: Any) -> Any:
    """Addresses as checksummed text, also within arrays and tuples."""
    if kind.kind == "address":
        return to_checksum_address(value)
    if kind.kind == "array":
        return [_readable(kind.items[0], item) for item in value]
    if kind.kind == "tuple":
        return tuple(_readable(part, item) for part, item in zip(kind.items, value, strict=True))
    return value


def _named(output: Mapping[str, Any], value: Any) -> Any:
    if output["type"] == "address":
        return to_checksum_address(value)
    if output["type"] != "tuple":
        return value
    parts: Sequence[Mapping[str, Any]] = output["components"]
    return {part["name"]: _named(part, item) for part, item in zip(parts, value, strict=True)}
