"""Transactions of a wallet as the chain has them, with their signed bytes: what nobody but the key's holder can make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak

from backend.hexes import checksum, to_hex
from backend.sender.model import Fees, PlannedCall, SignedAttempt
from backend.sender.rpc import ChainView
from listener.chain.rpc import Call

BLOCKS = 20  # asked for together


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


async def search(
    chain: ChainView, wanted: Mapping[str, Callable[[int], bool]], since: datetime, finalized: int
) -> dict[str, dict[int, Found]]:
    """Final transactions of accounts made since a moment, by nonce: of each address those whose nonce is wanted.

    Blocks are read one after another, which every node can tell; the state of old blocks only archives have.
    Raises NotFoundError, RpcError.
    """
    found: dict[str, dict[int, Found]] = {address: {} for address in wanted}
    addresses = {address.lower(): address for address in wanted}
    for start in range(await _first_block_since(chain, since, finalized), finalized + 1, BLOCKS):
        numbers = range(start, min(start + BLOCKS, finalized + 1))
        blocks = await chain.ask_each([Call("eth_getBlockByNumber", [hex(one), True]) for one in numbers])
        for number, block in zip(numbers, blocks, strict=True):
            if not isinstance(block, dict):
                raise NotFoundError(f"block {number} is not told: try again")
            for told in block["transactions"]:
                address = addresses.get(str(told["from"]).lower())
                if address is not None and wanted[address](int(told["nonce"], 16)):
                    one = _ours(told, address)
                    found[address][one.nonce] = one
    return found


async def _first_block_since(chain: ChainView, since: datetime, finalized: int) -> int:
    low, high, moment = 0, finalized, since.timestamp()
    while low < high:
        middle = (low + high) // 2
        (block,) = await chain.ask_each([Call("eth_getBlockByNumber", [hex(middle), False])])
        if not isinstance(block, dict):
            raise NotFoundError(f"block {middle} is not told: try again")
        low, high = (low, middle) if int(block["timestamp"], 16) >= moment else (middle + 1, high)
    return low


def _ours(told: dict[str, Any], address: str) -> Found:
    """A transaction of an account of ours, which its signature proves. Raises NotFoundError."""
    try:
        found = read(told)
    except (KeyError, TypeError, ValueError) as error:
        raise NotFoundError(
            f"{told.get('hash')} of {address} is no transaction as we make them ({error}): look at it by hand"
        ) from None
    if (
        to_hex(found.attempt.hash) != told["hash"]
        or checksum(Account.recover_transaction(found.attempt.raw)) != address
    ):
        raise NotFoundError(f"a provider tells {told['hash']} wrongly: take it out of RPC_URLS")
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
