"""What a chain needs of an EVM. Two implement it: revm.py and node.py."""

from dataclasses import dataclass
from typing import Any, Protocol

# Of one transaction, as on Polygon; a view may take more.
GAS = 30_000_000
VIEW_GAS = 1_000_000_000
# Deterministic: every chain starts in January 2027.
START = 1_800_000_000


class Refused(Exception):  # noqa: N818 - it says what happened
    """The EVM undid the call; `data` is empty when it ran out of gas or had nothing to say."""

    def __init__(self, data: bytes, reason: str) -> None:
        super().__init__(reason)
        self.data, self.reason = data, reason


@dataclass(frozen=True)
class Call:
    """One call. Without `to` it creates a contract from `data`."""

    sender: str
    to: str | None
    data: bytes = b""
    value: int = 0
    gas: int = GAS


@dataclass(frozen=True)
class RawLog:
    """A log as the EVM wrote it."""

    address: str
    topics: list[bytes]
    data: bytes


class Outcome(Protocol):
    """What a transaction that went well left behind."""

    gas_used: int
    created: str

    @property
    def output(self) -> bytes: ...

    @property
    def logs(self) -> list[RawLog]: ...


class Engine(Protocol):
    """Calls and transactions raise Refused. The head is the last block; each transaction mines the next one."""

    name: str
    chain_id: int

    def call(self, call: Call) -> bytes:
        """The answer at the head; changes nothing."""

    def send(self, call: Call, time: int) -> Outcome:
        """In a block at `time`."""

    def mine(self, time: int) -> None: ...

    def balance(self, address: str) -> int: ...

    def nonce(self, address: str) -> int: ...

    def code(self, address: str) -> bytes: ...

    def storage(self, address: str, slot: int) -> int: ...

    def set_balance(self, address: str, amount: int) -> None: ...

    def set_code(self, address: str, code: bytes) -> None: ...

    def set_storage(self, address: str, slot: int, value: int) -> None: ...

    def delegate(self, key: str, address: str, target: str, time: int) -> None:
        """The account with this key delegates to the target's code, in a block at `time`."""

    def snapshot(self) -> Any: ...

    def undo(self, snapshot: Any) -> None:
        """Back to the snapshot, which is used up. Later ones were undone before: revm counts how many are open."""

    def close(self) -> None: ...
