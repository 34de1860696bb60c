"""What the routes of erasures answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from backend.privacy.obstacles import Code

MEANING = (
    "At `due_at`, or as soon after it as nothing is in the way, your account is deleted with all that is yours, and "
    "the key of your wallet with it: whatever is sent to the wallet later is lost for good. Ledger entries, "
    "transactions and published draws stay under a number that nothing connects with you."
)


class AmountOut(BaseModel):
    """Smallest units, and how they are written."""

    amount: str = Field(examples=["5000000000000000000"])
    token: str | None = Field(description="Null: the chain's currency, or credits")
    symbol: str | None = Field(examples=["POL"])
    decimals: int | None = Field(description="Null where nobody told us", examples=[18])


class ObstacleOut(BaseModel):
    """Something that has to be settled before the account can be erased."""

    code: Code
    detail: str = Field(
        description="What it is and what to do", examples=["Your wallet has 5 POL: send it away."]
    )
    amounts: list[AmountOut] = Field([], description="What `detail` names, the first few")
    numbers: list[str] = Field([], description="Raffles, grants or contests it names, the first few")
    count: int = Field(0, description="How many there are altogether", examples=[1])


class ErasureOut(BaseModel):
    """A wish to be erased. It can be withdrawn for as long as there is an account to sign in to."""

    state: Literal["waiting"] = "waiting"
    requested_at: datetime
    due_at: datetime
    obstacles: list[ObstacleOut] = Field(description="What was in the way at the last attempt")
    meaning: str = Field(examples=[MEANING])
