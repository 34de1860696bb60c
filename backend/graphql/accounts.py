"""An account by its address: what it holds, takes part in, was granted, makes others vote with, and voted."""

from __future__ import annotations

import strawberry

from backend.graphql.arguments import named, number, size
from backend.graphql.governance import VOTES
from backend.graphql.loaders import Info, read
from backend.graphql.models import list_of, page_of, type_of
from backend.graphql.raffles import RAFFLE
from backend.graphql.tokens import TRANSFERS
from backend.graphql.vesting import GRANTS, grants_page, made_token
from backend.hexes import address_bytes
from backend.pages import DEFAULT_LIMIT, Page, page
from listener.mirror.reads import governance, holders, participations
from listener.mirror.reads.fields import Address, Read
from listener.mirror.reads.governance import Vote
from listener.mirror.reads.holders import Balance, Delegation, Transfer
from listener.mirror.reads.participations import Participation
from listener.mirror.reads.vesting import Grant


class Account(Read):
    """An address of the chain, whoever has its key."""

    address: Address


def _account(address: str) -> Account:
    return Account(address=named("address", address))


_Root = strawberry.Parent[Account]


async def _raffles(
    root: _Root, info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Participation]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await participations.of_buyer(
            mirror.db, mirror.as_of, address_bytes(root.address), limit=most + 1, before=before
        )
    return page(mirror, found, most, lambda one: int(one.raffle.id))


async def _grants(
    root: _Root, info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Grant]:
    return await grants_page(info, limit, cursor, beneficiary=address_bytes(root.address))


async def _offered(
    root: _Root, info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Grant]:
    return await grants_page(info, limit, cursor, offered_to=address_bytes(root.address))


async def _balances(root: _Root, info: Info, limit: int = DEFAULT_LIMIT) -> list[Balance]:
    mirror, most = info.context.mirror, size(limit)
    async with info.context.turn:
        return await holders.balances(mirror.db, mirror.as_of, address_bytes(root.address), limit=most)


async def _delegations(root: _Root, info: Info, limit: int = DEFAULT_LIMIT) -> list[Delegation]:
    most = size(limit)
    async with info.context.turn:
        return await holders.delegations(info.context.mirror.db, address_bytes(root.address), limit=most)


async def _transfers(
    root: _Root, info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Transfer]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await holders.transfers(
            mirror.db, limit=most + 1, account=address_bytes(root.address), before=before
        )
    return page(mirror, found, most, lambda one: one.position)


async def _votes(
    root: _Root, info: Info, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Vote]:
    mirror, most, before = info.context.mirror, size(limit), number("cursor", cursor)
    async with info.context.turn:
        found = await governance.votes(
            mirror.db, limit=most + 1, voter=address_bytes(root.address), before=before
        )
    return page(mirror, found, most, lambda one: one.position)


_Account = type_of(
    Account,
    parts={
        "raffles": read(
            _raffles,
            page_of(type_of(Participation, kinds={"raffle": RAFFLE})),
            "Raffles it has tickets in, newest first, with what it won, may claim and is due back",
            2,
        ),
        "grants": read(_grants, GRANTS, "As beneficiary"),
        "offered": read(_offered, GRANTS, "Grants it may take over"),
        "balances": read(
            _balances,
            list_of(type_of(Balance, parts={"made_token": made_token()})),
            "Of the factory's tokens, in order of their addresses",
        ),
        "delegations": read(
            _delegations,
            list_of(type_of(Delegation, parts={"made_token": made_token()})),
            "Whom it makes vote with its balances",
        ),
        "transfers": read(_transfers, TRANSFERS, "Sent and received, newest first"),
        "votes": read(_votes, VOTES, "Newest first"),
    },
)

FIELDS = {
    "account": strawberry.field(
        _account, graphql_type=_Account, description="Any address; one that did nothing has empty lists"
    ),
}
