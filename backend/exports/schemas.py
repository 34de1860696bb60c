"""What the routes of exports take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LEAST_PASSPHRASE = 12
MEANING = (
    "From now on you hold this key too. The wallet goes on working here. Sign with it elsewhere only when "
    "nothing is under way here: a transaction that we did not sign freezes the wallet for your protection."
)
State = Literal["waiting", "ready", "expired", "cancelled", "retrieved"]


class ExportOut(BaseModel):
    """A wish to take one's key away, and how far it is."""

    state: State
    requested_at: datetime
    ready_at: datetime = Field(description="From then on the key can be had, once")
    expires_at: datetime = Field(description="Until then")


class RetrievalIn(BaseModel):
    """The passphrase under which the key leaves; nobody can open the keystore without it."""

    model_config = ConfigDict(extra="forbid")

    passphrase: SecretStr = Field(
        min_length=LEAST_PASSPHRASE, max_length=256, examples=["seven lonely words that nobody else knows"]
    )


class KeystoreOut(BaseModel):
    """One's key, encrypted: Web3 Secret Storage, version 3 (scrypt), which wallets import."""

    address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    keystore: dict[str, Any] = Field(
        examples=[{"version": 3, "id": "…", "address": "7099…", "crypto": {"cipher": "aes-128-ctr"}}]
    )
    meaning: str = Field(examples=[MEANING])
