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


class ObstacleOut(BaseModel):
    """Something that has to be settled before the account can be erased."""

    code: Code
    detail: str = Field(
        description="What it is and what to do", examples=["Your wallet has 5 POL: send it away."]
    )


class ErasureOut(BaseModel):
    """A wish to be erased. It can be withdrawn for as long as there is an account to sign in to."""

    state: Literal["waiting"] = "waiting"
    requested_at: datetime
    due_at: datetime
    obstacles: list[ObstacleOut] = Field(description="What was in the way at the last attempt")
    meaning: str = Field(examples=[MEANING])
