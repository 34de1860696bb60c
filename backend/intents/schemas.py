"""What the intent routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, Field

from backend.contracts import arguments_of
from backend.intents.wishes import governance, raffles, tokens, transfers, vesting

State = Literal["created", "signed", "broadcast", "mined", "confirmed", "reverted", "rejected", "cancelled"]
STATES: tuple[State, ...] = get_args(State)


IntentIn = Annotated[
    raffles.BuyTickets
    | raffles.ClaimPrize
    | raffles.ClaimPrizes
    | raffles.RefundEntry
    | raffles.RefundEntries
    | raffles.MoveRaffle
    | raffles.ReturnPrizes
    | raffles.FinishDraw
    | raffles.CreateRaffle
    | vesting.ReleaseVesting
    | vesting.DelegateVesting
    | vesting.OfferGrant
    | vesting.AcceptGrant
    | vesting.VetoRecovery
    | vesting.CreatePlan
    | vesting.CreateGrants
    | vesting.RevokeGrant
    | vesting.RenounceRevocation
    | governance.DelegateVotes
    | governance.CastVote
    | governance.Propose
    | governance.MoveProposal
    | tokens.CreateToken
    | transfers.Transfer
    | transfers.PayRaffleFees
    | transfers.WithdrawFactoryFees,
    Field(discriminator="kind"),
]

EXAMPLES: dict[str, Any] = {
    kind: {"value": {"kind": kind, **fields}}
    for area in (raffles, vesting, governance, tokens, transfers)
    for kind, fields in area.EXAMPLES.items()
}


class StageOut(BaseModel):
    """A state the intent reached, and when."""

    state: State
    at: datetime


class IntentErrorOut(BaseModel):
    """Why an intent failed: a contract's own error name, or a code of ours, and a sentence."""

    code: str = Field(examples=["RaffleNotOpen", "balance_too_low"])
    message: str = Field(examples=["The contract refused: RaffleNotOpen(raffleId=1, state=2)"])
    arguments: list[str] = Field(
        description="Of a contract's error, in the order it declares them", examples=[["1", "2"]]
    )

    @classmethod
    def of(cls, code: str | None, message: str | None) -> IntentErrorOut | None:
        """As an intent stores it; None where it did not fail."""
        if code is None:
            return None
        said = message or ""
        return cls(code=code, message=said, arguments=arguments_of(code, said))


class IntentOut(BaseModel):
    """One intent. `confirmed` and `reverted` are final on chain; `rejected` was never sent.

    `cancelled`: withdrawn before it was signed, or an empty transaction won its place for good.
    """

    id: UUID
    kind: str = Field(examples=["buy_tickets"])
    params: dict[str, Any] = Field(examples=[{"raffle_id": "1", "count": "3"}])
    state: State
    stages: list[StageOut]
    wallet_address: str = Field(examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"])
    nonce: str | None = Field(description="Of the last transaction; null until signed", examples=["7"])
    transaction_hash: str | None = Field(description="Of the last transaction; null until signed")
    block_number: int | None = Field(description="Where it was mined; null until then", examples=[1234])
    error: IntentErrorOut | None
    cancel_requested: bool = Field(
        description="Its owner asked to cancel it; the chain decides who was first"
    )
    created_at: datetime


class IntentList(BaseModel):
    """Newest first; pass `next_cursor` as `cursor` for the following page."""

    items: list[IntentOut]
    next_cursor: str | None
