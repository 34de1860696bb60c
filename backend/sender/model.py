"""What the steps hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from backend.hexes import from_hex
from backend.tracing.traceparent import request_id_of

NOOP_GAS = 21_000


@dataclass(frozen=True)
class PlannedCall:
    """One transaction to be: `to` checksummed, `value` wei."""

    to: str
    value: int
    data: str

    @classmethod
    def load(cls, stored: dict[str, Any]) -> PlannedCall:
        """From the JSON form in `app.intent.calls`."""
        return cls(stored["to"], int(stored["value"]), stored["data"])

    def rpc(self, sender: str) -> dict[str, str]:
        """As the argument of eth_call or eth_estimateGas."""
        return {"from": sender, "to": self.to, "value": hex(self.value), "data": self.data}

    @property
    def data_bytes(self) -> bytes:
        """Call data."""
        return from_hex(self.data)


@dataclass(frozen=True)
class OpenIntent:
    """An accepted intent that has no slots yet."""

    id: UUID
    wallet_id: UUID
    calls: tuple[PlannedCall, ...]
    traceparent: str | None = None

    @property
    def request_id(self) -> str | None:
        """For log lines."""
        return request_id_of(self.traceparent)


@dataclass(frozen=True)
class Fees:
    """What to offer now, wei per gas."""

    max_fee: int
    priority_fee: int


@dataclass(frozen=True)
class Funds:
    """What an account has in wei, and how many of its transactions that state has paid."""

    balance: int
    transactions: int


@dataclass(frozen=True)
class ReadyIntent:
    """An intent that passed its simulation, with a gas limit for each call."""

    intent: OpenIntent
    gas_limits: tuple[int, ...]

    def cost(self, fees: Fees) -> int:
        """The most wei it can take from the wallet."""
        return sum(call.value for call in self.intent.calls) + sum(self.gas_limits) * fees.max_fee


@dataclass(frozen=True)
class Rejection:
    """An intent that will not be sent, and why."""

    intent_id: UUID
    code: str
    message: str


@dataclass(frozen=True)
class SignedAttempt:
    """Signed bytes of one slot."""

    hash: bytes
    raw: bytes
    fees: Fees


@dataclass(frozen=True)
class OpenSlot:
    """A slot that is not final, with all its attempts' hashes and the newest attempt's bytes."""

    id: int
    wallet_id: UUID
    nonce: int
    intent_id: UUID
    position: int
    gas_limit: int
    state: str
    winner: bytes | None
    block_number: int | None
    block_hash: bytes | None
    age_since_send: float | None
    attempt_age: float
    hashes: tuple[bytes, ...]
    raw: bytes
    purpose: str
    fees: Fees
    call: PlannedCall
    is_unwanted: bool
    age: float
    """Seconds since it was signed first."""
    traceparent: str | None

    @property
    def request_id(self) -> str | None:
        """Of its intent, for log lines."""
        return request_id_of(self.traceparent)

    @property
    def is_void(self) -> bool:
        """Whether the newest attempt is an empty transaction that takes the call's place."""
        return self.purpose in ("noop", "cancel")

    @property
    def cost(self) -> int:
        """The most wei that the newest attempt can take from the wallet."""
        if self.is_void:
            return NOOP_GAS * self.fees.max_fee
        return self.call.value + self.gas_limit * self.fees.max_fee


@dataclass(frozen=True)
class Receipt:
    """Where a transaction was mined."""

    hash: bytes
    block_number: int
    block_hash: bytes
    succeeded: bool
    fee: int | None = field(default=None, compare=False)
    """Wei it cost, for reports: witnesses need not agree on it, and null where a provider does not say."""
