"""What the routes of linked wallets take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.intents.wishes.fields import Address
from backend.links.message import LONGEST

Signature = Annotated[str, StringConstraints(pattern=r"^0x(?:[0-9a-fA-F]{2})+$", max_length=8_194)]
_ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
_MESSAGE = (
    "tombola.example wants you to sign in with your Ethereum account:\n"
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8\n\nLink this wallet to my Tombola account.\n\n"
    "URI: https://tombola.example\nVersion: 1\nChain ID: 137\nNonce: 8fK2mQp1Zt7Xw4Lb0Rs9\n"
    "Issued At: 2026-11-21T12:00:00.000Z\nExpiration Time: 2026-11-21T12:10:00.000Z\n"
    "Request ID: 0b5c6f0e-7a3e-4f5a-9b9c-3a5d2f1e8c77"
)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MessageIn(_Body):
    """The wallet to link."""

    address: Address


class MessageOut(BaseModel):
    """What the wallet is to sign (`personal_sign`), and until when that counts."""

    message: str = Field(examples=[_MESSAGE])
    expires_at: datetime


class LinkIn(_Body):
    """The signed message. `signature`: 65 bytes of a key, or whatever a contract wallet takes."""

    message: str = Field(max_length=LONGEST, examples=[_MESSAGE])
    signature: Signature = Field(examples=["0x" + "5a" * 64 + "1b"])


class LinkOut(BaseModel):
    """A wallet that is linked to the account."""

    id: UUID
    address: str = Field(examples=[_ADDRESS])
    kind: Literal["key", "contract"] = Field(
        description="Signed with a key, or as a contract says (ERC-1271)"
    )
    created_at: datetime


class LinkList(BaseModel):
    """All of the account, oldest first."""

    items: list[LinkOut]
