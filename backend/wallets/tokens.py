"""Tokens a wallet may hold: those the factory made, as mirrored, and those its open intents spend."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.chain import Token
from backend.hexes import checksum
from backend.intents.tables import Hold

FACTORY_DECIMALS = 18
MOST_TOKENS = 200
_CREATED = "mirror.token_factory_token_created"


class Unit(TypedDict):
    """What an amount in a refusal counts. `token` null is the chain's currency; null decimals: nobody told us."""

    token: str | None
    symbol: str | None
    decimals: int | None


async def unit_of(db: AsyncSession, token: bytes | None) -> Unit:
    """How amounts of a token are written, where the factory made it."""
    symbol = None
    if (
        token is not None
        and await db.scalar(text("SELECT to_regclass(:name)"), {"name": _CREATED}) is not None
    ):
        symbol = await db.scalar(
            text(f"SELECT symbol FROM {_CREATED} WHERE token = :token"),  # noqa: S608
            {"token": token},
        )
    return Unit(
        token=None if token is None else checksum(token),
        symbol=symbol,
        decimals=None if symbol is None else FACTORY_DECIMALS,
    )


async def known_tokens(db: AsyncSession, wallet_id: UUID) -> list[Token]:
    """Newest factory tokens first, at most 200; then held ones from elsewhere, named by their address and
    of unknown decimals.
    """
    found: dict[bytes, Token] = {}
    if await db.scalar(text("SELECT to_regclass(:name)"), {"name": _CREATED}) is not None:
        rows = await db.execute(
            text(f"SELECT token, symbol FROM {_CREATED} ORDER BY block_number DESC LIMIT :most"),  # noqa: S608
            {"most": MOST_TOKENS},
        )
        for address, symbol in rows.all():
            found[bytes(address)] = Token(checksum(bytes(address)), str(symbol or "?"), FACTORY_DECIMALS)
    held = await db.scalars(
        select(Hold.token)
        .where(Hold.wallet_id == wallet_id, Hold.outcome == "open", Hold.token.is_not(None))
        .distinct()
    )
    for address in held:
        if address is not None and address not in found:
            found[address] = Token(checksum(address), checksum(address)[:8], None)
    return list(found.values())
