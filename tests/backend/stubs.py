"""Contracts small enough to be written as bytes, so that the backend's tests need no compiler."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.support.anvil import Anvil

RAFFLE = "0x1000000000000000000000000000000000000001"
TOKEN = "0x2000000000000000000000000000000000000002"
REFUSER = "0x3000000000000000000000000000000000000003"
GOVERNOR = "0x4000000000000000000000000000000000000004"
FICKLE = "0x4000000000000000000000000000000000000004"
TICKET_PRICE = 1_000
ZERO = "0x" + "00" * 20

INFO = [
    ("organiser", "address"),
    ("paymentToken", "address"),
    ("ticketPrice", "uint96"),
    *(
        (name, "uint64")
        for name in ("createdAt", "closesAt", "minTickets", "maxTickets", "maxPerBuyer", "sold")
    ),
    *((name, "uint32") for name in ("entryCount", "prizeCount")),
    ("feeBps", "uint16"),
    ("refundsOpened", "bool"),
    ("proceedsWithdrawn", "bool"),
    ("termsHash", "bytes32"),
    ("priceFeed", "address"),
    ("maxPriceAge", "uint32"),
    ("allowListRoot", "bytes32"),
    ("allowListKey", "bytes32"),
]
RAFFLE_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": "infoOf",
        "inputs": [{"name": "raffleId", "type": "uint256"}],
        "outputs": [{"name": "", "type": "tuple", "components": [{"name": n, "type": t} for n, t in INFO]}],
    },
    {
        "type": "function",
        "name": "buyTickets",
        "inputs": [
            {"name": "raffleId", "type": "uint256"},
            {"name": "count", "type": "uint64"},
            {"name": "buyer", "type": "address"},
        ],
        "outputs": [{"name": "entryIndex", "type": "uint32"}],
    },
    {
        "type": "function",
        "name": "claim",
        "inputs": [{"name": "raffleId", "type": "uint256"}, {"name": "rank", "type": "uint32"}],
        "outputs": [],
    },
    {
        "type": "error",
        "name": "RaffleNotOpen",
        "inputs": [{"name": "raffleId", "type": "uint256"}, {"name": "state", "type": "uint8"}],
    },
]
NOT_OPEN = keccak(text="RaffleNotOpen(uint256,uint8)")[:4] + encode(["uint256", "uint8"], [7, 2])


def registry(raffle: str = RAFFLE) -> dict[str, Any]:
    """A registry with the stub raffle."""
    return {
        "chain_id": 31337,
        "contracts": {"Raffle": {"address": raffle, "first_block": 0, "abi": RAFFLE_ABI}},
    }


def answers(blob: bytes) -> str:
    """Code that returns `blob` whatever it is asked."""
    return _copy(blob, "f3")


def refuses(blob: bytes) -> str:
    """Code that reverts with `blob` whatever it is asked."""
    return _copy(blob, "fd")


def raffle_info(payment_token: str = ZERO) -> bytes:
    """What infoOf of a raffle that sells at TICKET_PRICE returns."""
    values = [ZERO, payment_token, TICKET_PRICE, 0, 0, 0, 0, 0, 0, 0, 0, 0, False, False, b"\0" * 32]
    values += [ZERO, 0, b"\0" * 32, b"\0" * 32]
    return encode([kind for _, kind in INFO], values)


def install(anvil: Anvil, raffle_token: str = ZERO) -> None:
    """Put the stubs on a chain: a raffle, a token everybody has plenty of, a governor that names it, one that refuses."""
    anvil.call("anvil_setCode", RAFFLE, answers(raffle_info(raffle_token)))
    anvil.call("anvil_setCode", TOKEN, answers(encode(["uint256"], [10**30])))
    anvil.call("anvil_setCode", GOVERNOR, answers(encode(["address"], [TOKEN])))
    anvil.call("anvil_setCode", REFUSER, refuses(NOT_OPEN))


def fickle() -> str:
    """Code that counts its calls in slot 0 in blocks of even number, and reverts in the others.

    NUMBER, PUSH1 1, AND, PUSH1 17, JUMPI; SLOAD(0) + 1 → SSTORE(0), STOP; JUMPDEST, REVERT(0, 0).
    """
    return "0x43600116601157" + "600054600101600055" + "00" + "5b60006000fd"


def _copy(blob: bytes, end: str) -> str:
    """PUSH2 size, PUSH1 offset, PUSH1 0, CODECOPY, PUSH2 size, PUSH1 0, RETURN or REVERT; then the blob."""
    size = f"{len(blob):04x}"
    head = f"61{size}600e60003961{size}6000{end}"
    assert len(head) == 28
    return "0x" + head + blob.hex()


def error_text(blob: bytes, size: int | None = None) -> bytes:
    """Revert data of `Error(string)` whose string is any bytes, and may claim another size."""
    padded = blob + b"\0" * (-len(blob) % 32)
    words = (32, len(blob) if size is None else size)
    return keccak(text="Error(string)")[:4] + b"".join(word.to_bytes(32, "big") for word in words) + padded


def refuses_at_length(blob: bytes, size: int) -> str:
    """Code that reverts with `blob` and zeros after it, `size` bytes in all."""
    head = f"61{len(blob):04x}601060003962{size:06x}6000fd"
    head += "00" * (16 - len(head) // 2)
    return "0x" + head + blob.hex()
