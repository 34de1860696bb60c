"""Tokens the factory made, and one with its supply, holders, delegates, transfers and figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry

from backend.analytics.metrics import OF_TOKEN
from backend.errors import InvalidInput
from backend.graphql.analytics import concentration_field, report_of
from backend.graphql.arguments import address, named, number, size
from backend.graphql.loaders import Info, final, read
from backend.graphql.models import page_of, part_of, type_of
from backend.hexes import address_bytes
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import holders
from listener.mirror.reads import tokens as reads
from listener.mirror.reads.holders import Holder, TokenFigures, Transfer
from listener.mirror.reads.tokens import Token

ADDRESSES = 2**160


async def _figures(root: strawberry.Parent[Token], info: Info) -> TokenFigures:
    async with info.context.turn:
        return await holders.figures(info.context.mirror.db, address_bytes(root.address))


def _largest(find: Callable[..., Awaitable[list[Holder]]]) -> Callable[..., Any]:
    async def largest(
        root: strawberry.Parent[Token], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
    ) -> Page[Holder]:
        mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
        if after is not None and after >= ADDRESSES:
            raise InvalidInput("cursor", "is no cursor of this list")
        last = None if after is None else after.to_bytes(20, "big")
        async with info.context.turn:
            found = await find(mirror.db, address_bytes(root.address), limit=most + 1, after=last)
        return page(mirror, found, most, lambda one: int(one.holder, 16))

    return largest


async def _transfers(
    root: strawberry.Parent[Token],
    info: Info,
    holder: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Transfer]:
    mirror, most = info.context.mirror, size(limit)
    of, before = address("holder", holder), number("cursor", cursor)
    async with info.context.turn:
        found = await holders.transfers(
            mirror.db, limit=most + 1, token=address_bytes(root.address), account=of, before=before
        )
    return page(mirror, found, most, lambda one: one.position)


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


TOKEN = part_of(Token)
TRANSFERS = page_of(part_of(Transfer))
_Holders = page_of(part_of(Holder))
_Details = type_of(
    Token,
    name="TokenDetails",
    parts={
        "final": final(),
        "figures": read(_figures, part_of(TokenFigures), "Supply and number of holders"),
        "holders": read(_largest(holders.holders), _Holders, "Largest first, by what they have now"),
        "delegates": read(
            _largest(holders.delegates), _Holders, "Who votes, strongest first: with balances and grants"
        ),
        "transfers": read(_transfers, TRANSFERS, "Newest first; of a holder, those it sent or received"),
        "concentration": concentration_field(),
        "analytics": report_of(lambda token: f"t{address_bytes(token.address).hex()}", OF_TOKEN),
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
