"""What the look-up takes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from listener.chain.draw.entries import account_key
from listener.mirror.reads.fields import Address, Hash, Uint

LONGEST_ACCOUNT = 10_000


def _account(value: str) -> str:
    if not account_key(value):
        raise ValueError("is blank")
    return value


class InclusionIn(BaseModel):
    """An account as one writes it: `@`, case and width do not matter."""

    model_config = ConfigDict(extra="forbid")

    account: Annotated[
        str, AfterValidator(_account), Field(max_length=LONGEST_ACCOUNT, examples=["@ana.garcia"])
    ]


class EntryProof(BaseModel):
    """An entry of the committed list. The leaf follows from salt, account key, number and weight; `proof` are the
    siblings up to the root, `sums` their sums in a weighted list."""

    index: int = Field(description="Entry number, from 0", examples=[17])
    entries: int = Field(description="How many entries the list has", examples=[7978])
    weight: Uint = Field(description="How many units the entry has in a weighted list; 1 in any other")
    first_unit: Uint | None = Field(description="The first of them; null in a list without weights")
    salt: Hash
    leaf: Hash
    proof: list[Hash]
    sums: list[Uint]
    ranks: list[int] = Field(description="Ranks at which the entry was drawn, from 0; empty when it was not")
    place: int | None = Field(description="The winning place it has, from 0; null without one")


class ExclusionProof(BaseModel):
    """A person who was left out, and why. The leaf follows from salt, account key, number and reason."""

    index: int = Field(description="Number of the exclusion, from 0", examples=[3])
    count: int = Field(description="How many persons were left out", examples=[412])
    reason: str = Field(examples=["too_few_mentions"])
    salt: Hash
    leaf: Hash
    proof: list[Hash]


class InclusionOut(BaseModel):
    """Where an account stands, and everything to check it with against the root on chain."""

    outcome: Literal["entry", "excluded", "not_listed"] = Field(
        description="`not_listed`: the committed list has no such account; an absence has no proof"
    )
    account_key: str = Field(description="The account as the list keeps it", examples=["ana.garcia"])
    chain_id: int
    contract: Address
    contest_id: str | None = Field(description="Number on chain; null before it is opened there")
    contest_key: Hash
    root: Hash
    total_weight: Uint | None = Field(description="Null for an unweighted list")
    exclusion_root: Hash
    transaction_hash: Hash | None = Field(description="The opening, which put the roots on chain")
    entry: EntryProof | None
    exclusion: ExclusionProof | None
