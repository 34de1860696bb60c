"""A provider in front of anvil: it follows geth's rule for replacements, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any

from aiohttp import web
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from tests.backend.proxy import DroppedError, FaultProxy, Handler, empty, swallow

SEND = "eth_sendRawTransaction"
RECEIPT = "eth_getTransactionReceipt"
COUNT = "eth_getTransactionCount"
BLOCK = "eth_getBlockByNumber"
Call = dict[str, Any]


class Pool:
    """What the node's pool holds by sender and nonce: geth replaces it only for 10 % more in both fees."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], tuple[bytes, int, int]] = {}

    def held(
        self, raw: bytes
    ) -> tuple[tuple[str, int], tuple[bytes, int, int], tuple[bytes, int, int] | None]:
        """(place, this offer, the offer that holds the place); an offer is (hash, highest fee, priority fee)."""
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        place = (Account.recover_transaction(raw), int(fields["nonce"]))
        offer = (keccak(raw), int(fields["maxFeePerGas"]), int(fields["maxPriorityFeePerGas"]))
        return place, offer, self._held.get(place)

    def put(self, place: tuple[str, int], offer: tuple[bytes, int, int]) -> None:
        self._held[place] = offer


class GethProxy(FaultProxy):
    """A provider. `pool` is shared by all providers of one chain."""

    def __init__(self, upstream: str, pool: Pool) -> None:
        super().__init__(upstream)
        self.pool = pool

    async def _answer(self, call: Call) -> Call:
        self.seen[call["method"]] += 1

        async def forward() -> Call:
            return await (self._offer(call) if call["method"] == SEND else self._ask(call))

        fault = self.faults.get(call["method"])
        return await (fault(call, forward) if fault else forward())

    async def _ask(self, call: Call) -> Call:
        async with self._session.post(self._upstream, json=call) as response:
            answer: Call = await response.json()
            return answer

    async def _offer(self, call: Call) -> Call:
        """Send a transaction on, unless it replaces another for too little."""
        place, offer, held = self.pool.held(bytes.fromhex(call["params"][0][2:]))
        too_little = held is not None and any(
            new * 10 < old * 11 for new, old in zip(offer[1:], held[1:], strict=True)
        )
        if held is not None and too_little and held[0] != offer[0] and await self._is_pending(held[0]):
            return refusal(call, "replacement transaction underpriced")
        answer = await self._ask(call)
        if "result" in answer:
            self.pool.put(place, offer)
        return answer

    async def _is_pending(self, hash_: bytes) -> bool:
        known = await self._ask(
            {"jsonrpc": "2.0", "id": 1, "method": "eth_getTransactionByHash", "params": ["0x" + hash_.hex()]}
        )
        found = known.get("result")
        return isinstance(found, dict) and found.get("blockNumber") is None


def refusal(call: Call, message: str) -> Call:
    return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32000, "message": message}}


class Faults:
    """Faults by name, each counted when it happens; `rng` decides when."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.happened: Counter[str] = Counter()

    def sometimes(self, name: str, share: float, fault: Handler) -> Handler:
        """Misbehave in this share of the calls."""

        async def maybe(call: Call, forward: Any) -> Call:
            if self.rng.random() >= share:
                answer: Call = await forward()
                return answer
            self.happened[name] += 1
            return await fault(call, forward)

        return maybe

    def install(self, name: str, proxy: GethProxy) -> None:
        """Have a provider misbehave in one way from now on."""
        for method, (share, fault) in KINDS[name](self.rng).items():
            proxy.faults[method] = self.sometimes(name, share, fault)


async def _drop(_call: Call, forward: Any) -> Call:
    await forward()
    raise DroppedError


async def _break(_call: Call, forward: Any) -> Call:
    await forward()
    raise web.HTTPInternalServerError(text="upstream broke")


async def _hang(_call: Call, forward: Any) -> Call:
    answer: Call = await forward()
    await asyncio.sleep(3)
    return answer


def _words(rng: Random) -> Handler:
    """Texts that mean nothing, or lie; the node may have it all the same."""
    texts = [
        *(
            "internal error",
            "upstream request timeout",
            "tx pool disabled",
            "err: 0x\x00\u202e",
            "",
            "nope" * 50,
        ),
        *(
            "nonce too low",
            "already known",
            "insufficient funds for gas * price + value",
            "intrinsic gas too low",
        ),
        *("transaction underpriced", "max fee per gas less than block base fee", "rate limit exceeded"),
    ]

    async def fault(call: Call, forward: Any) -> Call:
        if rng.random() < 0.5:
            await forward()
        return refusal(call, rng.choice(texts))

    return fault


def _shift(rng: Random) -> Handler:
    async def fault(_call: Call, forward: Any) -> Call:
        answer: Call = await forward()
        if isinstance(answer.get("result"), str):
            answer["result"] = hex(max(0, int(answer["result"], 16) + rng.choice([-50, -1, 1, 50])))
        return answer

    return fault


def _lie(rng: Random) -> Handler:
    """A receipt of another block, or of another end, or none."""

    async def fault(call: Call, forward: Any) -> Call:
        answer: Call = await forward()
        receipt = answer.get("result")
        if not isinstance(receipt, dict):
            return answer
        match rng.randrange(3):
            case 0:
                receipt["blockHash"] = "0x" + "ab" * 32
            case 1:
                receipt["status"] = "0x0" if receipt.get("status") == "0x1" else "0x1"
            case _:
                answer["result"] = None
        return answer

    return fault


def _behind(blocks: int) -> tuple[Handler, Handler, Handler]:
    """A replica that lags: its head, its receipts, its counts."""
    head = [0]

    async def number(call: Call, forward: Any) -> Call:
        answer: Call = await forward()
        if call["method"] == "eth_blockNumber" and isinstance(answer.get("result"), str):
            head[0] = max(0, int(answer["result"], 16) - blocks)
            answer["result"] = hex(head[0])
        return answer

    async def block(call: Call, forward: Any) -> Call:
        if call["params"][0] in ("latest", "finalized"):
            newest: Call = await forward()
            found = newest.get("result")
            if not isinstance(found, dict):
                return newest
            call["params"][0] = hex(max(0, int(found["number"], 16) - blocks))
            if head[0] < int(found["number"], 16) - blocks:
                head[0] = int(found["number"], 16) - blocks
        answer: Call = await forward()
        return answer

    async def receipt(_call: Call, forward: Any) -> Call:
        answer: Call = await forward()
        found = answer.get("result")
        if isinstance(found, dict) and int(found["blockNumber"], 16) > head[0]:
            answer["result"] = None
        return answer

    return number, block, receipt


def _lag(rng: Random) -> dict[str, tuple[float, Handler]]:
    number, block, receipt = _behind(rng.randint(1, 4))
    return {"eth_blockNumber": (1.0, number), BLOCK: (1.0, block), RECEIPT: (1.0, receipt)}


async def _other_chain(call: Call, _forward: Any) -> Call:
    return {"jsonrpc": "2.0", "id": call["id"], "result": "0x1"}


async def _away(_call: Call, _forward: Any) -> Call:
    raise DroppedError


KINDS: dict[str, Any] = {
    "accepted, then dropped": lambda _: {SEND: (0.6, _drop)},
    "accepted, then 500": lambda _: {SEND: (0.6, _break)},
    "accepted, then hangs": lambda _: {SEND: (0.3, _hang)},
    "says yes, sends nothing": lambda _: {SEND: (0.6, swallow)},
    "unknown and lying words": lambda rng: {SEND: (0.6, _words(rng))},
    "receipts hidden": lambda _: {RECEIPT: (0.9, empty)},
    "nonces off by up to 50": lambda rng: {COUNT: (0.7, _shift(rng)), SEND: (0.3, swallow)},
    "replica lags": _lag,
    "providers disagree": lambda rng: {RECEIPT: (0.5, _lie(rng))},
    "wrong chain id": lambda _: {"eth_chainId": (0.7, _other_chain)},
    "provider away": lambda _: dict.fromkeys([SEND, RECEIPT, BLOCK, "eth_estimateGas"], (0.7, _away)),
}
