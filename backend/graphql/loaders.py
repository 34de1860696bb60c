"""What one request reads: one snapshot, one statement at a time, things asked for singly read together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from backend.consents.service import public_names
from backend.graphql.limits import READS, SIZES, Arguments
from backend.hexes import address_bytes
from backend.mirror import Snapshot
from backend.services import Services
from listener.mirror.reads import raffles, tokens, vesting
from listener.mirror.reads.raffles import Raffle
from listener.mirror.reads.tokens import Token
from listener.mirror.reads.vesting import Plan


class Reads:
    """The context of a query. Fields are resolved at the same time, and the connection takes one at a time: `turn`."""

    def __init__(self, mirror: Snapshot, services: Services) -> None:
        self.mirror = mirror
        self.services = services
        self.turn = asyncio.Lock()
        self.raffles = DataLoader(load_fn=self._raffles)
        self.plans = DataLoader(load_fn=self._plans)
        self.tokens = DataLoader(load_fn=self._tokens)
        self.names = DataLoader(load_fn=self._names)

    async def _raffles(self, ids: Sequence[int]) -> list[Raffle | None]:
        async with self.turn:
            found = await raffles.by_id(self.mirror.db, self.mirror.as_of, ids)
        by_id = {int(one.id): one for one in found}
        return [by_id.get(one) for one in ids]

    async def _plans(self, ids: Sequence[int]) -> list[Plan | None]:
        async with self.turn:
            found = await vesting.plans_by_id(self.mirror.db, self.mirror.as_of, ids)
        by_id = {int(one.id): one for one in found}
        return [by_id.get(one) for one in ids]

    async def _tokens(self, addresses: Sequence[str]) -> list[Token | None]:
        async with self.turn:
            found = await tokens.by_address(self.mirror.db, [address_bytes(one) for one in addresses])
        by_address = {one.address: one for one in found}
        return [by_address.get(one) for one in addresses]

    async def _names(self, addresses: Sequence[str]) -> list[str | None]:
        async with self.turn:
            found = await public_names(self.mirror.db, [address_bytes(one) for one in addresses])
        return [found.get(address_bytes(one)) for one in addresses]


Info = strawberry.Info[Reads, None]


def loaded(resolver: Callable[..., Any], kind: Any, about: str) -> Any:
    """A field of things in lists that is read for all of them together, by one of the loaders."""
    return strawberry.field(resolver, graphql_type=kind, description=about, metadata={READS: 0})


def known(resolver: Callable[..., Any], kind: Any, about: str) -> Any:
    """A field that is computed from what was read already."""
    return strawberry.field(resolver, graphql_type=kind, description=about, metadata={READS: 0})


def read(
    resolver: Callable[..., Any],
    kind: Any,
    about: str,
    reads: int | Callable[[Arguments], int] = 1,
    sizes: Callable[[Arguments], dict[str, int]] | None = None,
) -> Any:
    """A field that asks the database for itself. `reads` weighs how much it asks, `sizes` says how long the lists
    below it can be; both may depend on its arguments.
    """
    weights = {READS: reads, SIZES: sizes}
    return strawberry.field(resolver, graphql_type=kind, description=about, metadata=weights)


def _final(root: strawberry.Parent[Any], info: Info) -> bool:
    return info.context.mirror.as_of.is_final([root])


def final() -> Any:
    """A single thing's `final`, which pages have for all of their items."""
    return known(_final, bool, "Whether no reorganisation can change the facts shown")
