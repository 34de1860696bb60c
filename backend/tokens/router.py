"""Routes of tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from backend.caching.reads import kept
from backend.errors import NotFound, errors
from backend.hexes import checksum
from backend.mirror import Mirror, MirrorNotReady, Snapshot
from backend.pages import (
    DEFAULT_LIMIT,
    AddressFilter,
    AddressPath,
    AsOfOut,
    Cursor,
    Limit,
    Page,
    page,
    single,
)
from backend.routing import Router
from listener.mirror.reads import holders, tokens
from listener.mirror.reads.holders import Holder, TokenFigures, Transfer
from listener.mirror.reads.tokens import Token, TokenSort


def _address_number(value: int | None) -> int | None:
    if value is not None and value >= 2**160:
        raise ValueError("is no cursor of this list")
    return value


HolderCursor = Annotated[Cursor, AfterValidator(_address_number)]

router = Router(prefix="/tokens", tags=["tokens"])


class TokenNotFound(NotFound):
    """The factory made no token at this address up to this block"""


class TokenOut(AsOfOut, Token):
    """One token, and the block it stands for."""


class FiguresOut(AsOfOut, TokenFigures):
    """Supply and holders, and the block they stand for."""


class TokenTransferOut(Transfer):
    """An amount that moved; without `sender` it was minted, without `receiver` burned."""


@router.get("", summary="Tokens made by the factory", responses=errors(MirrorNotReady))
@kept
async def list_tokens(
    mirror: Mirror,
    creator: AddressFilter = None,
    sort: Annotated[TokenSort, Query(description="By time; `-` for the latest first")] = "-created_at",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Token]:
    """As they were created; supply and holders move afterwards."""
    found = await tokens.page(mirror.db, limit=limit + 1, creator=creator, before=cursor, sort=sort)
    return page(mirror, found, limit, lambda token: token.position)


@router.get("/{address}", summary="One token", responses=errors(TokenNotFound, MirrorNotReady))
@kept
async def read_token(address: AddressPath, mirror: Mirror) -> TokenOut:
    """As it was created."""
    return single(mirror, TokenOut, await _existing(mirror, address))


@router.get(
    "/{address}/figures", summary="Supply and holders", responses=errors(TokenNotFound, MirrorNotReady)
)
@kept
async def read_figures(address: AddressPath, mirror: Mirror) -> FiguresOut:
    """What was minted and not burned, and how many accounts hold it."""
    await _existing(mirror, address)
    return single(mirror, FiguresOut, await holders.figures(mirror.db, address))


@router.get(
    "/{address}/holders", summary="Holders, largest first", responses=errors(TokenNotFound, MirrorNotReady)
)
@kept
async def list_holders(
    address: AddressPath, mirror: Mirror, cursor: HolderCursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Holder]:
    """Those with an amount. A page starts after the cursor's holder by what it has now."""
    await _existing(mirror, address)
    after = None if cursor is None else cursor.to_bytes(20, "big")
    found = await holders.holders(mirror.db, address, limit=limit + 1, after=after)
    return page(mirror, found, limit, lambda one: int(one.holder, 16))


@router.get(
    "/{address}/delegates",
    summary="Who votes, strongest first",
    responses=errors(TokenNotFound, MirrorNotReady),
)
@kept
async def list_delegates(
    address: AddressPath, mirror: Mirror, cursor: HolderCursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[Holder]:
    """Accounts by their votes: of balances and of vesting grants, their own or delegated to them."""
    await _existing(mirror, address)
    after = None if cursor is None else cursor.to_bytes(20, "big")
    found = await holders.delegates(mirror.db, address, limit=limit + 1, after=after)
    return page(mirror, found, limit, lambda one: int(one.holder, 16))


@router.get(
    "/{address}/transfers", summary="Transfers, newest first", responses=errors(TokenNotFound, MirrorNotReady)
)
@kept
async def list_transfers(
    address: AddressPath,
    mirror: Mirror,
    holder: AddressFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TokenTransferOut]:
    """Every amount that moved, was minted or burned; of a holder, those it sent or received."""
    await _existing(mirror, address)
    found = await holders.transfers(mirror.db, limit=limit + 1, token=address, account=holder, before=cursor)
    moves = [TokenTransferOut.model_validate(dict(one)) for one in found]
    return page(mirror, moves, limit, lambda one: one.position)


async def _existing(mirror: Snapshot, address: bytes) -> Token:
    token = await tokens.find(mirror.db, address)
    if token is None:
        raise TokenNotFound(
            f"The factory made no token at {checksum(address)} up to block {mirror.as_of.block}."
        )
    return token
