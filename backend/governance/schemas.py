"""What the governance routes answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from backend.pages import AsOfOut
from listener.mirror.reads.fields import Address, Hash, Mirrored, OptionalAddress, Read, Time, Uint
from listener.mirror.reads.governance import Proposal, Vote


class Settings(Mirrored):
    """How proposals are decided; null for what no event told yet. Times in seconds, votes in the smallest unit."""

    governor: Address
    timelock: OptionalAddress = Field(description="Executes what passes, and holds the treasury")
    token: Address = Field(description="Whose holders vote")
    symbol: str | None
    decimals: int | None
    supply: Uint
    voting_delay: Uint | None = Field(description="From the proposal to the second that votes are taken of")
    voting_period: Uint | None
    vote_extension: Uint | None = Field(
        description="What is left to vote, at least, after a quorum that came late"
    )
    proposal_threshold: Uint | None = Field(description="Votes needed to propose")
    quorum_percent: Uint | None = Field(description="Of the supply, for and abstain together")
    timelock_delay: Uint | None = Field(description="From queue to execute")
    guardian: OptionalAddress = Field(description="May cancel proposals")


class SettingsOut(AsOfOut, Settings):
    """Governance's settings, and the block they stand for."""


class ArgumentOut(BaseModel):
    """One argument. Lists and structs are JSON of the same texts."""

    name: str = Field(examples=["to"])
    type: str = Field(examples=["address"])
    value: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "1000000000000000000"])


class CallOut(Read):
    """One call of a proposal; `function` is null where the bytes cannot be read."""

    target: Address
    contract: str | None = Field(description="Name in the deployment; null for any other contract")
    value: Uint = Field(description="Wei that the timelock pays")
    calldata: Hash
    function: str | None = Field(examples=["transfer(address,uint256)"])
    arguments: list[ArgumentOut]
    symbol: str | None = Field(description="Where the target is a token of the factory: how its amounts read")
    decimals: int | None


class MomentOut(Read):
    """Something that happened to a proposal."""

    kind: Literal["created", "extended", "queued", "canceled", "executed"]
    at: Time
    block_number: int
    transaction_hash: Hash


class ProposalOut(AsOfOut, Proposal):
    """One proposal, what it does and what became of it, and the block it stands for."""

    calls: list[CallOut]
    moments: list[MomentOut] = Field(description="In order")


class Voter(Mirrored):
    """What an account can vote with."""

    address: Address
    token: Address
    symbol: str | None
    decimals: int | None
    balance: Uint
    delegatee: OptionalAddress = Field(description="Who votes with the balance; null is nobody")
    votes: Uint = Field(description="Now: of held and locked tokens, its own and those delegated to it")
    weight: Uint | None = Field(
        description="What its vote on the proposal weighs; null without a proposal, or before its voting starts"
    )
    vote: Vote | None = Field(description="The vote it cast on the proposal")


class VoterOut(AsOfOut, Voter):
    """An account's votes, and the block they stand for."""
