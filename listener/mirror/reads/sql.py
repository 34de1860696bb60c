"""Running one read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def fetch(db: AsyncConnection, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows of a SELECT, by column name."""
    result = await db.execute(text(query), parameters)
    return [dict(row) for row in result.mappings()]
