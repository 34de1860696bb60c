"""Raffles, and one with its entries, winners and figures."""

from __future__ import annotations

from typing import Any

import strawberry

from backend.analytics.metrics import OF_RAFFLE
from backend.graphql.analytics import report_of
from backend.graphql.arguments import address, number, required_number, size, word
from backend.graphql.loaders import Info, final, loaded, read
from backend.graphql.models import page_of, part_of, type_of
from backend.graphql.tokens import TOKEN
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import raffles as reads
from listener.mirror.reads.raffles import Entry, Raffle, RaffleState, Winner
from listener.mirror.reads.tokens import Token


async def _payment_token(root: strawberry.Parent[Raffle], info: Info) -> Token | None:
    return None if root.payment_token is None else await info.context.tokens.load(root.payment_token)


async def _name(root: strawberry.Parent[Winner], info: Info) -> str | None:
    return await info.context.names.load(root.buyer)


async def _entries(
    root: strawberry.Parent[Raffle],
    info: Info,
    buyer: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Entry]:
    mirror, most = info.context.mirror, size(limit)
    of, after = address("buyer", buyer), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.entries(mirror.db, int(root.id), limit=most + 1, buyer=of, after=after)
    return page(mirror, found, most, lambda one: int(one.first_ticket))


async def _winners(
    root: strawberry.Parent[Raffle], info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Winner]:
    mirror, most, after = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await reads.winners(mirror.db, root, limit=most + 1, after=after)
    shown = page(mirror, found, most, lambda one: one.rank)
    return shown.model_copy(update={"final": shown.final and mirror.as_of.is_final([root])})


async def _page(
    info: Info,
    state: str | None = None,
    organiser: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Raffle]:
    mirror, most = info.context.mirror, size(limit)
    of, before = address("organiser", organiser), number("cursor", cursor)
    only = word("state", state, RaffleState)
    async with info.context.turn:
        found = await reads.page(
            mirror.db, mirror.as_of, limit=most + 1, state=only, organiser=of, before=before
        )
    return page(mirror, found, most, lambda one: int(one.id))


async def _one(info: Info, id: str) -> Raffle | None:  # noqa: A002 - GraphQL's name
    return await info.context.raffles.load(required_number("id", id))


def _made_token() -> Any:
    return loaded(
        _payment_token, TOKEN | None, "Null for the chain's currency and tokens no Tombola factory made"
    )


RAFFLE = type_of(Raffle, parts={"made_payment_token": _made_token()})
_Winner = type_of(
    Winner,
    parts={"name": loaded(_name, str | None, "Of an account here whose owner allows it to stand here")},
)
_Details = type_of(
    Raffle,
    name="RaffleDetails",
    parts={
        "made_payment_token": _made_token(),
        "final": final(),
        "entries": read(_entries, page_of(part_of(Entry)), "Purchases in their order, refunded ones too"),
        "winners": read(_winners, page_of(_Winner), "By rank; empty until drawn"),
        "analytics": report_of(lambda raffle: f"r{raffle.id}", OF_RAFFLE),
    },
)

FIELDS = {
    "raffles": strawberry.field(_page, graphql_type=page_of(RAFFLE), description="Newest first"),
    "raffle": strawberry.field(_one, graphql_type=_Details | None, description="Null where there is none"),
}
