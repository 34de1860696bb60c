"""What the routes of operators answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

_ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class OpenIntentOut(BaseModel):
    """An intent that has not ended, and what its wallet waits for."""

    id: UUID
    kind: str = Field(examples=["transfer"])
    state: str = Field(examples=["broadcast"])
    since: datetime = Field(description="When it came into this state")
    created_at: datetime
    owner_id: UUID | None = Field(description="Its account; null for the platform's own and for erased ones")
    wallet_id: UUID
    wallet_address: str = Field(examples=[_ADDRESS])
    wallet_role: str = Field(examples=["user", "keeper"])
    wallet_frozen: bool
    paused_until: datetime | None = Field(description="Until when the sender leaves the wallet alone")
    paused_reason: str | None
    cancel_requested: bool


class OpenIntentList(BaseModel):
    """The oldest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[OpenIntentOut]
    next_cursor: str | None = Field(examples=["17", None])


class PausedWalletOut(BaseModel):
    """A wallet that the sender leaves alone for a while, because something it needs is away."""

    id: UUID
    address: str = Field(examples=[_ADDRESS])
    role: str = Field(examples=["user", "keeper"])
    owner_id: UUID | None = Field(description="Its account; null for the platform's own and for erased ones")
    paused_until: datetime
    paused_reason: str | None
    open_intents: int


class PausedWalletList(BaseModel):
    """Up to a hundred, those that wait longest first; `total` counts all."""

    items: list[PausedWalletOut]
    total: int


class PlatformWalletOut(BaseModel):
    """An account of the platform's own."""

    id: UUID
    role: str = Field(examples=["keeper", "treasury"])
    address: str = Field(examples=[_ADDRESS])
    balance: str = Field(
        description="Of the chain's currency, smallest unit", examples=["5000000000000000000"]
    )


class SubscriptionOfVrf(BaseModel):
    """Who pays for the random numbers of a contract's draws, and how much is left."""

    contract: str = Field(examples=["Raffle"])
    coordinator: str = Field(examples=[_ADDRESS])
    subscription_id: str = Field(examples=["1"])
    pays_native: bool = Field(description="In the chain's currency; otherwise in LINK")
    balance: str | None = Field(
        description="What it pays with, smallest unit of 18 decimals; null: the coordinator knows no such subscription",
        examples=["5000000000000000000"],
    )


class PlatformOut(BaseModel):
    """What the platform itself needs to go on."""

    wallets: list[PlatformWalletOut]
    vrf: list[SubscriptionOfVrf]


class FeeOut(BaseModel):
    """Fees that wait in a contract for whoever calls it to pay them to the treasury."""

    treasury: str = Field(examples=[_ADDRESS])
    token: str | None = Field(description="Address; null for the chain's currency")
    symbol: str | None = Field(examples=["POL"])
    decimals: int | None = Field(description="Null where nobody told us", examples=[18])
    amount: str = Field(description="Smallest unit", examples=["5000000000000000000"])


class FactoryFeesOut(BaseModel):
    """What making a token costs."""

    address: str = Field(examples=[_ADDRESS])
    owner: str | None = Field(description="Who may change fee and treasury", examples=[_ADDRESS])
    treasury: str = Field(examples=[_ADDRESS])
    fee: str = Field(description="Of one creation, smallest unit", examples=["1000000000000000000"])
    token: str | None = Field(description="What it is paid in; null for the chain's currency")
    symbol: str | None = Field(examples=["POL"])
    decimals: int | None = Field(examples=[18])
    waiting: list[FeeOut]


class RaffleFeesOut(BaseModel):
    """What raffles created from now on pay of their proceeds."""

    address: str = Field(examples=[_ADDRESS])
    owner: str | None = Field(description="Who may change fee and treasury", examples=[_ADDRESS])
    treasury: str | None = Field(examples=[_ADDRESS])
    fee_bps: int = Field(description="Basis points", examples=[250])
    waiting: list[FeeOut]


class FeesOut(BaseModel):
    """Fees as the contracts say in the latest block; null for a contract that this deployment has not."""

    factory: FactoryFeesOut | None
    raffle: RaffleFeesOut | None
