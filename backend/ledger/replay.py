"""What the log says: balances, what is held and open holds, rebuilt from the entries alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger.tables import Entry


class Event(Protocol):
    """What is needed of an entry."""

    id: int
    kind: str
    debit_id: int
    credit_id: int
    moved: Decimal
    held: Decimal
    hold_id: int | None


@dataclass
class Books:
    """Per account: balance and what is held, smallest unit. Per open hold: its amount."""

    balance: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    holds: dict[int, int] = field(default_factory=dict)


def apply(books: Books, entries: Iterable[Event]) -> None:
    """Bring books forward by entries in order of their ids."""
    for entry in entries:
        books.balance[entry.debit_id] -= int(entry.moved)
        books.balance[entry.credit_id] += int(entry.moved)
        books.held[entry.debit_id] += int(entry.held)
        if entry.kind == "hold":
            books.holds[entry.id] = int(entry.held)
        elif entry.hold_id is not None:
            books.holds.pop(entry.hold_id, None)


async def replay(db: AsyncSession) -> Books:
    """The books that all entries make."""
    books = Books()
    rows = await db.stream(
        select(
            Entry.id,
            Entry.kind,
            Entry.debit_id,
            Entry.credit_id,
            Entry.moved,
            Entry.held,
            Entry.hold_id,
        ).order_by(Entry.id)
    )
    async for page in rows.partitions(5_000):
        apply(books, page)
    return books
