"""What the routes answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from listener.mirror.reads.fields import Address, Hash, Mirrored, OptionalAddress, Time, Uint

Kind = Literal["currency", "token", "credits", "audit", "unknown"]


class Statement(Mirrored):
    """What was published on chain, and beside it what we keep of it. docs/backing.md says how it is checked."""

    kind: Kind = Field(
        description="`audit`: the head of the audit's log, `total` being its number of entries"
    )
    token: OptionalAddress = Field(description="Address of a token; null for anything else")
    symbol: str | None = Field(description="Null where nothing but the chain knows it", examples=["POL"])
    decimals: int | None
    topic: Hash
    snapshot_block: int = Field(description="The final block whose state it tells")
    snapshot_at: Time | None
    root: Hash
    total: Uint = Field(description="What is owed to all together, smallest unit")
    reserve: Uint | None = Field(
        description="What the chain said that the wallets had when it was taken; null where nothing of it is on chain"
    )
    document: Hash = Field(description="keccak256 of the addresses that hold it, 20 bytes each, rising")
    previous: int = Field(description="Block of the topic's publication before this one; 0 for the first")
    published_block: int
    published_at: Time
    transaction_hash: Hash
    position: int = Field(exclude=True, description="Orders statements as they were published")


class BackingOut(BaseModel):
    """The newest statement of each topic. `contract` is null where none is deployed."""

    chain_id: int
    contract: Address | None
    statements: list[Statement]
    as_of_block: int | None = Field(description="Last block this answer takes into account")
    final: bool = Field(description="Whether no reorganisation can change the facts shown")


class HoldersOut(BaseModel):
    """The wallets whose balances back a statement, in order of their addresses. Their hash is `document`."""

    topic: Hash
    snapshot_block: int
    document: Hash
    addresses: list[Address]


class SiblingOut(BaseModel):
    """A node beside the way from a leaf to the root."""

    hash: Hash
    sum: Uint


class ProofOut(BaseModel):
    """That one's own claim is part of a total on chain. Salts are secrets: who has one can test what one was owed."""

    kind: Kind
    token: OptionalAddress
    symbol: str
    decimals: int | None
    topic: Hash
    amount: Uint
    salt: Hash
    index: int = Field(description="Place of the leaf, from 0")
    siblings: list[SiblingOut] = Field(description="From the leaf up to the root")
    root: Hash
    total: Uint
    document: Hash
    published_block: int
    transaction_hash: Hash


class NothingOwedOut(BaseModel):
    """An asset of which the person had nothing at that block, so that there is no leaf."""

    kind: Kind
    token: OptionalAddress
    symbol: str
    topic: Hash


class MyBackingOut(BaseModel):
    """One person's proofs of one snapshot. Save it as a file for `scripts/verify_backing.py`."""

    format: Literal["TOMBOLA-BACKING-1"]
    chain_id: int
    contract: Address
    snapshot_block: int
    snapshot_at: Time
    account: Address = Field(description="The person's custodial wallet, which names them in the leaves")
    proofs: list[ProofOut]
    nothing_owed: list[NothingOwedOut]
