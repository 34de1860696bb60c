"""What the routes of policies take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from backend.hexes import checksum
from backend.intents.wishes.fields import Address
from backend.policies.tables import Freeze, PolicyAddress

MOST_LIMITS = 50
Sum = Annotated[
    str,
    StringConstraints(pattern=r"^(0|[1-9][0-9]*)$", max_length=78),
    Field(description="Smallest unit, decimal", examples=["5000000000000000000"]),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=500),
    Field(
        description="Kept with your name; the user may read it, and your role",
        examples=["reported stolen by mail"],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LimitIn(_Body):
    """A currency's limits; null is none. `token` null is the chain's currency."""

    token: Address | None = None
    per_transaction: Sum | None = None
    daily: Sum | None = Field(None, description="Within any 24 hours")


class StaffLimitIn(LimitIn):
    """What an administrator decides, and why."""

    reason: Reason


class LimitOut(BaseModel):
    """A limit in force, and what it leaves now."""

    token: str | None = Field(description="Address; null for the chain's currency", examples=[None])
    set_by: Literal["platform", "admin", "owner"] = Field(
        description="For everybody; by an admin for this account; by its owner"
    )
    per_transaction: str | None = Field(examples=["5000000000000000000"])
    daily: str | None = Field(examples=["20000000000000000000"])
    spent: str = Field(description="In the last 24 hours", examples=["0"])
    left: str | None = Field(description="Of `daily`, now", examples=["20000000000000000000"])


class LimitList(BaseModel):
    """Limits in force."""

    items: list[LimitOut]


class OverrideOut(BaseModel):
    """Limits that an administrator set for one account in place of the platform's; nulls are no limit."""

    user_id: UUID
    token: str | None = Field(description="Address; null for the chain's currency", examples=[None])
    per_transaction: str | None = Field(examples=["5000000000000000000"])
    daily: str | None = Field(examples=["20000000000000000000"])
    since: datetime


class OverrideList(BaseModel):
    """The newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[OverrideOut]
    next_cursor: str | None = Field(examples=["17", None])


class PolicyIn(_Body):
    """What you want; what is not named is taken away. More safety counts at once, less after the waiting time."""

    allow_list_only: StrictBool = Field(description="Pay listed addresses only")
    limits: list[LimitIn] = Field(max_length=MOST_LIMITS)

    @model_validator(mode="after")
    def _one_limit_a_currency(self) -> PolicyIn:
        tokens = [limit.token for limit in self.limits]
        if len(set(tokens)) < len(tokens):
            raise ValueError("limits: name each currency once")
        return self


class WaitingOut(BaseModel):
    """A change that lowers safety and does not count yet."""

    what: str = Field(examples=["allow_list_only", "limit"])
    token: str | None = Field(description="Of a limit; null for the chain's currency")
    value: str = Field(examples=["false"])
    counts_from: datetime


class PolicyOut(BaseModel):
    """What your wallet may do."""

    allow_list_only: bool
    waiting_seconds: int = Field(
        description="How long a new recipient, or less safety, waits", examples=[86_400]
    )
    limits: list[LimitOut]
    waiting: list[WaitingOut]


class AddressIn(_Body):
    """What to call it."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = Field(
        "", examples=["my savings"]
    )


class AddressOut(BaseModel):
    """An address you named: on your list, or once as a recipient."""

    address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    label: str | None
    listed: bool
    usable_from: datetime = Field(description="When it may receive, as your policy is now")

    @classmethod
    def of(cls, row: PolicyAddress, allow_list_only: bool) -> AddressOut:
        """As the mode has it: on the list it waits from when it was listed."""
        listed_from = row.listed_from
        return cls(
            address=checksum(row.address),
            label=row.label,
            listed=listed_from is not None,
            usable_from=listed_from if allow_list_only and listed_from is not None else row.usable_from,
        )


class AddressList(BaseModel):
    """Addresses you named, the newest first."""

    items: list[AddressOut]


class ReasonIn(_Body):
    """Why."""

    reason: Reason


class FreezeOut(BaseModel):
    """A freeze in force, of a wallet or of a user. `owner_id` is the account that either way is meant."""

    id: str
    wallet_id: UUID | None
    user_id: UUID | None
    owner_id: UUID | None = Field(description="Null for the platform's own wallets and for erased accounts")
    wallet_address: str | None = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    reason: str
    actor: str = Field(examples=["user:7f1c9a52-0e7b-4d3e-9a55-2f7d1a4c8b10", "sender"])
    frozen_at: datetime

    @classmethod
    def of(cls, row: Freeze, owner_id: UUID | None, address: bytes | None) -> FreezeOut:
        """As stored, with whose wallet it is."""
        return cls(
            id=str(row.id),
            wallet_id=row.wallet_id,
            user_id=row.user_id,
            owner_id=owner_id,
            wallet_address=None if address is None else checksum(address),
            reason=row.reason,
            actor=row.actor,
            frozen_at=row.frozen_at,
        )


class FreezeList(BaseModel):
    """The newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[FreezeOut]
    next_cursor: str | None
