"""`entries.csv`: the list a contest commits to, in the one form that has its SHA-256.

UTF-8, line feeds, the header `account` or `account,weight`, entries in order of their numbers, quotes as RFC 4180 has
them and only where they are needed. Accounts stand as they are, also those a spreadsheet would run: it is a proof.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.contests.changing import is_committed, own
from backend.contests.tables import ContestEntry
from backend.filters.errors import EntriesNotFixed

ACCOUNT, WEIGHT = "account", "weight"
_BATCH = 20_000
_SPECIAL = re.compile('[,"\r\n]')


def header(*, weighted: bool) -> bytes:
    """The first line."""
    return f"{ACCOUNT},{WEIGHT}\n".encode() if weighted else f"{ACCOUNT}\n".encode()


def lines(entries: Iterable[tuple[str, int]], *, weighted: bool) -> bytes:
    """Lines of entries: first spelling of the account, and weight."""
    if weighted:
        return "".join(f"{_cell(account)},{weight}\n" for account, weight in entries).encode()
    return "".join(f"{_cell(account)}\n" for account, _ in entries).encode()


async def require_fixed(engine: AsyncEngine, owner_id: UUID, contest_id: UUID) -> bool:
    """Whether the owner's committed list is weighted. Raises ContestNotFound, EntriesNotFixed."""
    async with AsyncSession(engine) as db:
        contest = await own(db, owner_id, contest_id)
        is_fixed = await is_committed(db, contest)
    if not is_fixed:
        raise EntriesNotFixed("This contest is not committed yet: commit it, then download its list.")
    if contest.file_name is not None:
        raise EntriesNotFixed(
            "The list of this contest is the file that was uploaded, byte for byte: use that one."
        )
    return contest.total_weight is not None


async def write(engine: AsyncEngine, contest_id: UUID, *, weighted: bool) -> AsyncIterator[bytes]:
    """The file, piece by piece."""
    yield header(weighted=weighted)
    first, found = 0, _BATCH
    while found == _BATCH:
        query = (
            select(ContestEntry.account, ContestEntry.weight)
            .where(ContestEntry.contest_id == contest_id, ContestEntry.index >= first)
            .order_by(ContestEntry.index)
            .limit(_BATCH)
        )
        async with engine.connect() as db:  # one for each batch: a slow reader must not keep it
            rows = (await db.execute(query)).all()
        yield lines(((row.account, row.weight) for row in rows), weighted=weighted)
        first, found = first + _BATCH, len(rows)


def _cell(account: str) -> str:
    return '"' + account.replace('"', '""') + '"' if _SPECIAL.search(account) else account
