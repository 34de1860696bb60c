"""What one request reads: one snapshot, one statement at a time, things asked for singly read together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import strawberry
from strawberry.dataloader import DataLoader

from backend.hexes import address_bytes
from backend.mirror import Snapshot
from listener.mirror.reads import raffles, tokens, vesting
from listener.mirror.reads.raffles import Raffle
from listener.mirror.reads.tokens import Token
from listener.mirror.reads.vesting import Plan


class Reads:
    """The context of a query. Fields are resolved at the same time, and the connection takes one at a time: `turn`."""

    def __init__(self, mirror: Snapshot) -> None:
        self.mirror = mirror
        self.turn = asyncio.Lock()
        self.raffles = DataLoader(load_fn=self._raffles)
        self.plans = DataLoader(load_fn=self._plans)
        self.tokens = DataLoader(load_fn=self._tokens)

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


Info = strawberry.Info[Reads, None]
