"""What an answer stands for: the last block mirrored, its time, and up to where facts are final."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from listener.chain.settings import chain_settings
from listener.mirror.reads.fields import Mirrored
from listener.mirror.reads.sql import fetch
from listener.mirror.reads.tokens import Currency


class MirrorEmptyError(LookupError):
    """The listener has not mirrored a block yet."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """Where the mirror stands: block numbers, of which the last two may be unknown."""

    chain_id: int
    block: int
    time: datetime
    head: int | None
    finalized: int | None

    @property
    def unix_time(self) -> int:
        """Time of the last block mirrored, Unix seconds."""
        return int(self.time.timestamp())

    @property
    def currency(self) -> Currency:
        """The chain's own currency."""
        chain = chain_settings(self.chain_id)
        return Currency(chain.currency_symbol, chain.currency_decimals)

    def is_final(self, facts: Iterable[Mirrored]) -> bool:
        """Whether no reorganisation can take any of these facts back."""
        return self.finalized is not None and all(fact.last_block <= self.finalized for fact in facts)


async def read(db: AsyncConnection) -> AsOf:
    """Where the mirror stands; raises MirrorEmptyError before its first block."""
    rows = await fetch(
        db,
        "SELECT chain_id, block_number AS block, block_time AS time, head_number AS head,"
        " finalized_number AS finalized FROM mirror.cursor",
    )
    if not rows or rows[0]["time"] is None:
        raise MirrorEmptyError("The listener has not mirrored a block yet.")
    return AsOf(**rows[0])
