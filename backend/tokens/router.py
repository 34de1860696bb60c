"""Routes of tokens."""

from __future__ import annotations

from fastapi import APIRouter

from backend.errors import NotFound, errors
from backend.hexes import checksum
from backend.mirror import Mirror, MirrorNotReady
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
from listener.mirror.reads import tokens
from listener.mirror.reads.tokens import Token

router = APIRouter(prefix="/tokens", tags=["tokens"])


class TokenNotFound(NotFound):
    """The factory made no token at this address up to this block"""


class TokenOut(AsOfOut, Token):
    """One token, and the block it stands for."""


@router.get("", summary="Tokens made by the factory, newest first", responses=errors(MirrorNotReady))
async def list_tokens(
    mirror: Mirror,
    creator: AddressFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Token]:
    """As they were created; supply and holders move afterwards."""
    found = await tokens.page(mirror.db, limit=limit + 1, creator=creator, before=cursor)
    return page(mirror, found, limit, lambda token: token.position)


@router.get("/{address}", summary="One token", responses=errors(TokenNotFound, MirrorNotReady))
async def read_token(address: AddressPath, mirror: Mirror) -> TokenOut:
    """As it was created."""
    token = await tokens.find(mirror.db, address)
    if token is None:
        raise TokenNotFound(
            f"The factory made no token at {checksum(address)} up to block {mirror.as_of.block}."
        )
    return single(mirror, TokenOut, token)
