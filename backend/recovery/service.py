"""Compare each wallet that a restore froze with the chain; take over what it sent since, then let it go on.

A wallet goes on only when all it has sent is final and in our slots: nothing that is on chain can be signed again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.recovery import store
from backend.recovery.found import Found, NotFoundError, search
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


@dataclass(frozen=True)
class _Moved:
    """A wallet with transactions we do not know: `count` are final, `slots` are taken by unknown ones."""

    wallet: Waiting
    count: int
    slots: list[OpenSlot]

    def wants(self, nonce: int) -> bool:
        """Whether we do not know the transaction of a nonce."""
        first = self.wallet.next_nonce
        return first is None or nonce >= first or any(slot.nonce == nonce for slot in self.slots)


class Recovery:
    """One pass over the wallets that wait. `accept`: forgotten transactions are taken for ours."""

    def __init__(self, engine: AsyncEngine, chain: ChainView, *, accept: bool) -> None:
        self._engine = engine
        self._chain = chain
        self._accept = accept
        self.report = Report()

    async def run(self) -> Report:
        """Look at every wallet. Raises NotYetError, RpcError; what was done until then stays done."""
        moved: list[_Moved] = []
        finalized: int | None = None
        async for page in self._pages():
            if finalized is None:
                finalized = await self._final_since(max(wallet.frozen_at for wallet in page))
            moved += await self._page(page, finalized)
        if moved and finalized is not None:
            since = min(one.wallet.restored_to for one in moved) - CLOCK_MARGIN
            wanted = {one.wallet.address: one.wants for one in moved}
            try:
                found = await search(self._chain, wanted, since, finalized)
            except NotFoundError as error:
                raise NotYetError(str(error)) from None
            for one in moved:
                await self._wallet(one, found[one.wallet.address])
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
        block = None
        if finalized >= 0:
            block = await self._chain.pool.call(
                "eth_getBlockByNumber", [hex(finalized), False], patience=PATIENCE
            )
        if block is None:
            raise NotYetError("Too few providers tell the final block. Try again.")
        made = datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
        if made < moment:
            raise NotYetError(
                f"The final block {finalized} is of {made:%Y-%m-%dT%H:%M:%SZ}, before the restore: what was sent "
                "until then may not be in it. Try again in a few minutes."
            )
        return finalized

    async def _page(self, page: Sequence[Waiting], finalized: int) -> list[_Moved]:
        """Release the wallets that sent nothing we do not know; returns those that did."""
        addresses = [wallet.address for wallet in page]
        final = await self._chain.nonces(addresses, hex(finalized))
        newest = await self._newest_nonces(addresses)
        unknown = await self._unknown_slots(page, final)
        quiet, moved = [], []
        for wallet, count, pending in zip(page, final, newest, strict=True):
            slots = [slot for slot in unknown if slot.wallet_id == wallet.id]
            if count is None or pending is None:
                self.report.kept[wallet.address] = "too few providers tell how much it has sent"
            elif pending > count:
                self.report.kept[wallet.address] = (
                    f"{pending - count} of its transactions are not final yet: run it again"
                )
            elif wallet.next_nonce is not None and count <= wallet.next_nonce and not slots:
                quiet.append(wallet.id)
            else:
                moved.append(_Moved(wallet, count, slots))
        if quiet:
            async with self._engine.begin() as db:
                await store.release(db, quiet, "nothing is on chain that the database does not know")
            self.report.released += len(quiet)
        return moved

    async def _unknown_slots(self, page: Sequence[Waiting], final: Sequence[int | None]) -> list[OpenSlot]:
        """Open slots whose nonces are used, and by no attempt that we know."""
        counts = {wallet.id: count or 0 for wallet, count in zip(page, final, strict=True)}
        async with self._engine.connect() as db:
            slots = await open_slots(db, list(counts))
        used = [slot for slot in slots if slot.nonce < counts[slot.wallet_id]]
        hashes = [hash_ for slot in used for hash_ in slot.hashes]
        known = (await self._chain.receipts(hashes)).receipts if hashes else {}
        return [slot for slot in used if not any(hash_ in known for hash_ in slot.hashes)]

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

    async def _wallet(self, one: _Moved, found: Mapping[int, Found]) -> None:
        """Take over what a wallet sent, and let it go on; or say why not."""
        wallet = one.wallet
        try:
            bumps = [(slot, _attempt_of(slot, found.get(slot.nonce), wallet.address)) for slot in one.slots]
            first = wallet.next_nonce if wallet.next_nonce is not None else min(found, default=one.count)
            since = [_present(found, nonce) for nonce in range(first, one.count)]
        except NotFoundError as error:
            self.report.kept[wallet.address] = str(error)
            return
        async with self._engine.connect() as db:
            intents = await new_intents(db, [wallet.id], MOST_WAITING)
        matches = match(since, intents)
        forgotten = [match.found[0] for match in matches if match.intent is None]
        if forgotten:
            self.report.forgotten[wallet.address] = [str(transaction) for transaction in forgotten]
            if not self._accept:
                self.report.kept[wallet.address] = f"{len(forgotten)} transactions of no known intent"
                return
        taken = [match.intent for match in matches]
        in_part = _sent_in_part(forgotten, [intent for intent in intents if intent not in taken])
        try:
            async with self._engine.begin() as db:
                for slot, transaction in bumps:
                    await store.adopt_attempt(db, slot, transaction)
                if matches:
                    await store.adopt(db, wallet, first, matches, in_part)
                await store.release(
                    db, [wallet.id], f"{len(since) + len(bumps)} transactions were taken over"
                )
        except store.ChangedError:
            self.report.kept[wallet.address] = "somebody else works on it: run it again"
            return
        self.report.released += 1
        self.report.adopted += len(since) + len(bumps) - len(forgotten)


def _attempt_of(slot: OpenSlot, found: Found | None, address: str) -> Found:
    """The transaction that took a slot: the same call with a better offer, or an empty one. Raises NotFoundError."""
    if found is None:
        raise NotFoundError(f"who used nonce {slot.nonce} is not in the blocks since: look at it by hand")
    if not found.makes(slot.call) and not found.is_empty(address):
        raise NotFoundError(f"{found} is not what was signed with that nonce: look at it by hand")
    return found


def _present(found: Mapping[int, Found], nonce: int) -> Found:
    if nonce not in found:
        raise NotFoundError(f"who used nonce {nonce} is not in the blocks since: look at it by hand")
    return found[nonce]


def _are_counts(answers: Sequence[Any]) -> bool:
    return all(isinstance(one, str) and one.startswith("0x") for one in answers)


def _sent_in_part(forgotten: Sequence[Found], left: Sequence[OpenIntent]) -> list[OpenIntent]:
    """Intents of several calls of which only the first were mined: what is on chain must not be sent once more."""
    calls = [one for one in left if len(one.calls) > 1]
    return [one for one in calls if any(found.makes(one.calls[0]) for found in forgotten)]
