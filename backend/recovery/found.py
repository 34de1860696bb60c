"""Transactions of a wallet as the chain has them, with their signed bytes: what nobody but the key's holder can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak

from backend.hexes import checksum, to_hex
from backend.sender.model import Fees, PlannedCall, SignedAttempt
from backend.sender.rpc import PATIENCE, ChainView


class NotFoundError(Exception):
    """The chain does not tell all of it now; says what is missing."""


@dataclass(frozen=True)
class Found:
    """A transaction on chain: its nonce, what it calls, and the attempt it would be in our books."""

    nonce: int
    call: PlannedCall
    gas_limit: int
    attempt: SignedAttempt

    def makes(self, call: PlannedCall) -> bool:
        """Whether it does what this call asks for."""
        mine, theirs = self.call, call
        return (mine.to.lower(), mine.value, mine.data) == (
            theirs.to.lower(),
            theirs.value,
            theirs.data.lower(),
        )

    def is_empty(self, address: str) -> bool:
        """Whether it is what takes the place of a call: nothing, sent to ourselves."""
        return (self.call.to, self.call.value, self.call.data) == (address, 0, "0x")

    def __str__(self) -> str:
        data = f" with {len(self.call.data_bytes)} bytes of data" if self.call.data_bytes else ""
        return (
            f"nonce {self.nonce}, {to_hex(self.attempt.hash)}: {self.call.value} wei to {self.call.to}{data}"
        )


async def find(chain: ChainView, address: str, nonce: int, finalized: int) -> Found:
    """The final transaction that used a nonce. Raises NotFoundError, RpcError."""
    hash_ = await chain.spender_of(address, nonce, finalized)
    if hash_ is None:
        raise NotFoundError(f"who used nonce {nonce} is not found: an archive node in RPC_URLS knows")
    if hash_ not in (await chain.receipts([hash_])).final:
        raise NotFoundError(f"too few providers call {to_hex(hash_)} final")
    told = await chain.pool.call("eth_getTransactionByHash", [to_hex(hash_)], patience=PATIENCE)
    try:
        found = read(told)
    except (KeyError, TypeError, ValueError) as error:
        raise NotFoundError(
            f"{to_hex(hash_)} is no transaction as we make them ({error}): look at it by hand"
        ) from None
    if found.attempt.hash != hash_ or found.nonce != nonce:
        raise NotFoundError(f"a provider tells {to_hex(hash_)} wrongly: take it out of RPC_URLS")
    if checksum(Account.recover_transaction(found.attempt.raw)) != address:
        raise NotFoundError(f"{to_hex(hash_)} was not signed by {address}: a provider lies")
    return found


def read(told: dict[str, Any]) -> Found:
    """A type 2 transaction as JSON-RPC shows it, signed bytes made again. Raises KeyError, TypeError, ValueError."""
    if told["type"] != "0x2" or told.get("accessList"):
        raise ValueError(f"type {told['type']}")
    nonce, gas, value = (int(told[name], 16) for name in ("nonce", "gas", "value"))
    fees = Fees(int(told["maxFeePerGas"], 16), int(told["maxPriorityFeePerGas"], 16))
    call = PlannedCall(checksum(told["to"]), value, str(told["input"]).lower())
    fields = {
        "type": 2,
        "chainId": int(told["chainId"], 16),
        "nonce": nonce,
        "gas": gas,
        "maxFeePerGas": fees.max_fee,
        "maxPriorityFeePerGas": fees.priority_fee,
        "to": call.to,
        "value": value,
        "data": call.data_bytes,
        "accessList": [],
        "v": int(told.get("yParity") or told["v"], 16),
        "r": int(told["r"], 16),
        "s": int(told["s"], 16),
    }
    raw = bytes(TypedTransaction.from_dict(fields).encode())
    return Found(nonce, call, gas, SignedAttempt(bytes(keccak(raw)), raw, fees))
