"""Running one read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BLOCK_LOGS = 2**20
"""More logs than a block holds: block · BLOCK_LOGS + log index orders facts by one number, their `position`."""


async def fetch(db: AsyncConnection, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a SELECT, by column name."""
    result = await db.execute(text(query), parameters)
    return [dict(row) for row in result.mappings()]


def earlier_than(position: int | None) -> dict[str, int]:
    """Values for `(block_number, log_index) < (:block, :log_index)`; None is the end of the chain."""
    block, log_index = (2**62, 0) if position is None else divmod(position, BLOCK_LOGS)
    return {"block": block, "log_index": log_index}
