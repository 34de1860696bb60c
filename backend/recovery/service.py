"""Compare each wallet that a restore froze with the chain; take over what it sent since, then let it go on.

A wallet goes on only when all it has sent is final and in our slots: nothing that is on chain can be signed again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.recovery import store
from backend.recovery.found import Found, NotFoundError, find
from backend.recovery.matching import match
from backend.recovery.store import Waiting
from backend.sender.model import OpenIntent, OpenSlot
from backend.sender.rpc import PATIENCE, ChainView
from backend.sender.store import new_intents, open_slots
from listener.chain.rpc import Call

log = structlog.get_logger(__name__)
PAGE = 100
MOST_WAITING = 100_000
CLOCK_MARGIN = timedelta(minutes=10)
_FIRST = UUID(int=0)


class NotYetError(Exception):
    """The chain cannot be compared with now; says why."""


@dataclass
class Report:
    """`released` wallets go on; of `adopted` transactions the database has an intent again, now known as sent.

    `kept` says of each wallet that stays frozen why; `forgotten` are transactions of no intent, by wallet's address.
    """

    released: int = 0
    adopted: int = 0
    forgotten: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


class Recovery:
    """One pass over the wallets that wait. `accept`: forgotten transactions are taken for ours."""

    def __init__(self, engine: AsyncEngine, chain: ChainView, *, accept: bool) -> None:
        self._engine = engine
        self._chain = chain
        self._accept = accept
        self.report = Report()

    async def run(self) -> Report:
        """Look at every wallet. Raises NotYetError, RpcError; what was done until then stays done."""
        finalized: int | None = None
        async for page in self._pages():
            if finalized is None:
                finalized = await self._final_since(max(wallet.frozen_at for wallet in page))
            await self._page(page, finalized)
        return self.report

    async def _pages(self) -> AsyncIterator[list[Waiting]]:
        after = _FIRST
        while True:
            async with self._engine.connect() as db:
                page = await store.waiting(db, after, PAGE)
            if not page:
                return
            yield page
            after = page[-1].id

    async def _final_since(self, moment: datetime) -> int:
        """The final block; it must be younger than the restore, so that what was sent before is below or pending."""
        finalized = (await self._chain.receipts([bytes(32)])).finalized
        block = None if finalized < 0 else await self._block(finalized)
        if block is None:
            raise NotYetError("Too few providers tell the final block. Try again.")
        made = datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
        if made < moment:
            raise NotYetError(
                f"The final block {finalized} is of {made:%Y-%m-%dT%H:%M:%SZ}, before the restore: what was sent "
                "until then may not be in it. Try again in a few minutes."
            )
        return finalized

    async def _page(self, page: Sequence[Waiting], finalized: int) -> None:
        addresses = [wallet.address for wallet in page]
        final = await self._chain.nonces(addresses, hex(finalized))
        newest = await self._newest_nonces(addresses)
        async with self._engine.connect() as db:
            slots = await open_slots(db, [wallet.id for wallet in page])
        quiet = []
        for wallet, count, pending in zip(page, final, newest, strict=True):
            mine = [slot for slot in slots if slot.wallet_id == wallet.id]
            if count is None or pending is None:
                self.report.kept[wallet.address] = "too few providers tell how much it has sent"
            elif pending > count:
                self.report.kept[wallet.address] = (
                    f"{pending - count} of its transactions are not final yet: run it again"
                )
            elif wallet.next_nonce is not None and count <= wallet.next_nonce and not _used(mine, count):
                quiet.append(wallet.id)
            else:
                await self._wallet(wallet, mine, count, finalized)
        if quiet:
            async with self._engine.begin() as db:
                await store.release(db, quiet, "nothing is on chain that the database does not know")
            self.report.released += len(quiet)

    async def _newest_nonces(self, addresses: Sequence[str]) -> list[int | None]:
        """The highest count any provider tells, pending ones too; None where fewer answer than must agree."""
        calls = [
            Call("eth_getTransactionCount", [address, tag])
            for address in addresses
            for tag in ("latest", "pending")
        ]
        told = await self._chain.ask_all(calls)
        highest: list[int | None] = []
        for at in range(0, len(calls), 2):
            counts = [
                max(int(one[at], 16), int(one[at + 1], 16)) for one in told if _are_counts(one[at : at + 2])
            ]
            highest.append(max(counts) if len(counts) >= self._chain.needed else None)
        return highest

    async def _wallet(self, wallet: Waiting, slots: Sequence[OpenSlot], count: int, finalized: int) -> None:
        try:
            bumps = await self._unknown_attempts(wallet, slots, count, finalized)
            first = wallet.next_nonce
            if first is None:
                first = await self._count_before(wallet, finalized)
            found = [await find(self._chain, wallet.address, n, finalized) for n in range(first, count)]
        except NotFoundError as error:
            self.report.kept[wallet.address] = str(error)
            return
        async with self._engine.connect() as db:
            intents = await new_intents(db, [wallet.id], MOST_WAITING)
        matches = match(found, intents)
        forgotten = [one.found[0] for one in matches if one.intent is None]
        if forgotten:
            self.report.forgotten[wallet.address] = [str(one) for one in forgotten]
            if not self._accept:
                self.report.kept[wallet.address] = f"{len(forgotten)} transactions of no known intent"
                return
        left = [one for one in intents if one not in [match.intent for match in matches]]
        try:
            async with self._engine.begin() as db:
                for slot, attempt in bumps:
                    await store.adopt_attempt(db, slot, attempt, wallet.address)
                if matches:
                    await store.adopt(db, wallet, first, matches, _sent_in_part(forgotten, left))
                await store.release(
                    db, [wallet.id], f"{len(found) + len(bumps)} transactions were taken over"
                )
        except store.ChangedError:
            self.report.kept[wallet.address] = "somebody else works on it: run it again"
            return
        self.report.released += 1
        self.report.adopted += len(found) + len(bumps) - len(forgotten)

    async def _unknown_attempts(
        self, wallet: Waiting, slots: Sequence[OpenSlot], count: int, finalized: int
    ) -> list[tuple[OpenSlot, Found]]:
        """Transactions that took open slots and are none of their attempts: better offers made since."""
        unknown = []
        for slot in _used(slots, count):
            found = await find(self._chain, wallet.address, slot.nonce, finalized)
            if found.attempt.hash in slot.hashes:
                continue
            if not found.makes(slot.call) and not found.is_empty(wallet.address):
                raise NotFoundError(f"{found} is not what was signed with that nonce: look at it by hand")
            unknown.append((slot, found))
        return unknown

    async def _count_before(self, wallet: Waiting, finalized: int) -> int:
        """Of a platform account we had not used yet: how much others had sent with it by the restored moment."""
        moment = (wallet.restored_to - CLOCK_MARGIN).timestamp()
        low, high = 0, finalized
        while low < high:
            middle = (low + high + 1) // 2
            block = await self._block(middle)
            if block is None:
                raise NotFoundError(f"block {middle} is not told")
            low, high = (middle, high) if int(block["timestamp"], 16) <= moment else (low, middle - 1)
        (count,) = await self._chain.nonces([wallet.address], hex(low))
        if count is None:
            raise NotFoundError(f"its count at block {low} is not told: an archive node in RPC_URLS knows")
        return count

    async def _block(self, number: int) -> dict[str, Any] | None:
        found: dict[str, Any] | None = await self._chain.pool.call(
            "eth_getBlockByNumber", [hex(number), False], patience=PATIENCE
        )
        return found


def _used(slots: Sequence[OpenSlot], count: int) -> list[OpenSlot]:
    """Open slots whose nonces are used on chain."""
    return [slot for slot in slots if slot.nonce < count]


def _are_counts(answers: Sequence[Any]) -> bool:
    return all(isinstance(one, str) and one.startswith("0x") for one in answers)


def _sent_in_part(forgotten: Sequence[Found], left: Sequence[OpenIntent]) -> list[OpenIntent]:
    """Intents of several calls of which only the first were mined: what is on chain must not be sent once more."""
    calls = [one for one in left if len(one.calls) > 1]
    return [one for one in calls if any(found.makes(one.calls[0]) for found in forgotten)]
