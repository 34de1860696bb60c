"""What the chain's services told a job a moment ago: VRF subscriptions and providers. Nobody's request asks them.

Providers have numbers here: their URLs hold keys, and their names are of no use to visitors.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import DateTime, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base
from backend.operations.platform import platform_wallets, subscriptions
from backend.services import Services
from backend.settings import Settings
from listener.chain.faults import RpcError
from listener.chain.provider import Provider

Items = list[dict[str, Any]]
PATIENCE = 5.0
BEHIND = 10
"""Blocks after which a provider is not asked for news."""


class Reading(Base):
    """The last answer, with its time."""

    __tablename__ = "reading"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class VrfOut(BaseModel):
    """What pays for the random numbers of a contract. Without it draws wait, and are decided by drand alone."""

    contract: str = Field(examples=["Raffle"])
    currency: Literal["native", "link"]
    balance: str | None = Field(
        description="Smallest unit; null: not known", examples=["50000000000000000000"]
    )
    low: bool | None = Field(description="Less than the operator wants there to be")
    read_at: datetime


class ProviderOut(BaseModel):
    """One of the server's providers of the chain, by number."""

    number: int = Field(examples=[1])
    state: Literal["answers", "behind", "away"]
    behind_blocks: int | None = Field(description="Behind the furthest of them", examples=[0])
    answered_ms: int | None = Field(examples=[84])
    read_at: datetime


async def read_vrf(services: Services) -> Items:
    """Raises ChainUnavailable."""
    return [
        {
            "contract": one.contract,
            "currency": "native" if one.pays_native else "link",
            "balance": one.balance,
        }
        for one in await subscriptions(services)
    ]


async def read_wallets(services: Services) -> Items:
    """What the platform's own accounts have, in wei. Raises ChainUnavailable."""
    async with AsyncSession(services.engine) as db:
        found = await platform_wallets(db, services)
    return [{"role": one.role, "balance": one.balance} for one in found]


async def read_providers(services: Services) -> Items:
    """Each provider's head; those that do not answer are away."""
    told = await asyncio.gather(*(_head(provider) for provider in services.rpc.providers))
    furthest = max((head for head, _ in told if head is not None), default=0)
    return [
        {
            "number": number,
            "state": "away" if head is None else "behind" if furthest - head > BEHIND else "answers",
            "behind_blocks": None if head is None else furthest - head,
            "answered_ms": took,
        }
        for number, (head, took) in enumerate(told, 1)
    ]


async def _head(provider: Provider) -> tuple[int | None, int | None]:
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await provider.call("eth_blockNumber", [], result=str)
        return int(answer, 16), round(1000 * (time.monotonic() - began))
    except (RpcError, TimeoutError, ValueError):
        return None, None


async def keep(engine: AsyncEngine, name: str, items: Items, **besides: Items) -> None:
    """In place of what was read before. `besides` is not shown to visitors: metrics have it."""
    async with engine.begin() as db:
        added = insert(Reading).values(name=name, told={"items": items, **besides}, at=datetime.now(UTC))
        await db.execute(
            added.on_conflict_do_update(
                index_elements=[Reading.name],
                set_={"told": added.excluded.told, "at": added.excluded.at},
            )
        )


async def kept(db: AsyncConnection, settings: Settings) -> tuple[list[VrfOut], list[ProviderOut]]:
    """What was read last; empty where nothing was yet."""
    rows = {row.name: row for row in await db.execute(select(Reading.name, Reading.told, Reading.at))}
    least = {"native": settings.vrf_low_native_wei, "link": settings.vrf_low_link_wei}
    vrf, providers = (
        [{**item, "read_at": rows[name].at} for item in rows[name].told["items"]] if name in rows else []
        for name in ("vrf", "providers")
    )
    return [
        VrfOut.model_validate(
            {
                **item,
                "low": None if item["balance"] is None else int(item["balance"]) < least[item["currency"]],
            }
        )
        for item in vrf
    ], [ProviderOut.model_validate(item) for item in providers]
