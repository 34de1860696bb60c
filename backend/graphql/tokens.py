"""Tokens the factory made, and one with its supply and holders."""

from __future__ import annotations

import strawberry

from backend.errors import InvalidInput
from backend.graphql.arguments import address, named, number, size
from backend.graphql.loaders import Info
from backend.graphql.models import page_of, type_of
from backend.hexes import address_bytes
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import holders
from listener.mirror.reads import tokens as reads
from listener.mirror.reads.holders import Holder, TokenFigures
from listener.mirror.reads.tokens import Token

ADDRESSES = 2**160


async def _figures(root: strawberry.Parent[Token], info: Info) -> TokenFigures:
    async with info.context.turn:
        return await holders.figures(info.context.mirror.db, address_bytes(root.address))


async def _holders(
    root: strawberry.Parent[Token], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Holder]:
    mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
    if after is not None and after >= ADDRESSES:
        raise InvalidInput("cursor", "is no cursor of this list")
    last = None if after is None else after.to_bytes(20, "big")
    async with info.context.turn:
        found = await holders.holders(mirror.db, address_bytes(root.address), limit=most + 1, after=last)
    return page(mirror, found, most, lambda one: int(one.holder, 16))


async def _page(
    info: Info, creator: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Token]:
    mirror, most = info.context.mirror, size(limit)
    of, before = address("creator", creator), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.page(mirror.db, limit=most + 1, creator=of, before=before)
    return page(mirror, found, most, lambda one: one.position)


async def _one(info: Info, address: str) -> Token | None:
    return await info.context.tokens.load(named("address", address))


TOKEN = type_of(Token)
_Details = type_of(
    Token,
    name="TokenDetails",
    parts={
        "figures": strawberry.field(
            _figures, graphql_type=type_of(TokenFigures), description="Supply and number of holders"
        ),
        "holders": strawberry.field(
            _holders,
            graphql_type=page_of(type_of(Holder)),
            description="Largest first, by what they have now",
        ),
    },
)

FIELDS = {
    "tokens": strawberry.field(
        _page, graphql_type=page_of(TOKEN), description="As they were created, newest first"
    ),
    "token": strawberry.field(
        _one, graphql_type=_Details | None, description="Null where the factory made none"
    ),
}
