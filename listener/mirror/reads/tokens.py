"""Tokens launched by the factory, and what an amount of a token is called."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads.fields import ZERO_ADDRESS, Address, Hash, Mirrored, Time, Uint
from listener.mirror.reads.sql import BLOCK_LOGS, earlier_than, fetch

TOKEN_DECIMALS = 18
"""Every template has OpenZeppelin's 18 decimals."""


@dataclass(frozen=True, slots=True)
class Currency:
    """How amounts of a token are written."""

    symbol: str
    decimals: int


class Token(Mirrored):
    """A token as it was created; supply and holders move afterwards."""

    address: Address
    name: str
    symbol: str
    decimals: int
    cap: Uint = Field(description="Most that can ever exist, smallest unit; 0 for no cap")
    initial_supply: Uint
    creator: Address
    admin: Address
    recipient: Address
    template: Address
    created_at: Time
    created_block: int
    transaction_hash: Hash
    position: int = Field(exclude=True, description="Orders tokens by creation")


_TOKENS = f"""
SELECT token AS address, name, symbol, {TOKEN_DECIMALS} AS decimals, cap, initial_supply, creator, admin,
    recipient, template, block_time AS created_at, block_number AS created_block, transaction_hash,
    block_number * {BLOCK_LOGS} + log_index AS position, block_number AS last_block
FROM mirror.token_factory_token_created
"""  # noqa: S608

_LIST = f"""{_TOKENS}
WHERE (block_number, log_index) {{beyond}} (:block, :log_index){{creator}}
ORDER BY block_number {{way}}, log_index {{way}} LIMIT :limit
"""
TokenSort = Literal["-created_at", "created_at"]


async def find(db: AsyncConnection, address: bytes) -> Token | None:
    """One token, or None where the factory made none at this address."""
    rows = await fetch(db, f"{_TOKENS} WHERE token = :token", token=address)
    return Token.model_validate(rows[0]) if rows else None


async def by_address(db: AsyncConnection, addresses: Collection[bytes]) -> list[Token]:
    """Those of the tokens that the factory made, in no order."""
    if not addresses:
        return []
    query = f"{_TOKENS} WHERE token = ANY(CAST(:tokens AS bytea[]))"
    return [Token.model_validate(row) for row in await fetch(db, query, tokens=list(addresses))]


async def page(
    db: AsyncConnection,
    *,
    limit: int,
    creator: bytes | None = None,
    before: int | None = None,
    sort: TokenSort = "-created_at",
) -> list[Token]:
    """Tokens in the order of `sort`, those after the one whose `position` is `before`."""
    oldest_first = sort == "created_at"
    query = _LIST.format(
        beyond=">" if oldest_first else "<",
        way="ASC" if oldest_first else "DESC",
        creator="" if creator is None else " AND creator = :creator",
    )
    start = -1 if oldest_first and before is None else before
    values = {} if creator is None else {"creator": creator}
    rows = await fetch(db, query, limit=limit, **earlier_than(start), **values)
    return [Token.model_validate(row) for row in rows]


async def currencies(
    db: AsyncConnection, addresses: Iterable[bytes], native: Currency
) -> dict[bytes, Currency]:
    """How amounts of these tokens are written; `native` is the zero address; unknown tokens are left out."""
    wanted = set(addresses)
    known = {ZERO_ADDRESS: native} if ZERO_ADDRESS in wanted else {}
    if launched := list(wanted - {ZERO_ADDRESS}):
        rows = await fetch(
            db,
            "SELECT token, symbol FROM mirror.token_factory_token_created"
            " WHERE token = ANY(CAST(:tokens AS bytea[]))",
            tokens=launched,
        )
        known |= {row["token"]: Currency(row["symbol"], TOKEN_DECIMALS) for row in rows}
    return known
