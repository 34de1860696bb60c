"""What the intent routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.contracts import arguments_of
from backend.hexes import address_bytes, checksum

UINT32_MAX = 2**32 - 1
UINT64_MAX = 2**64 - 1
UINT256_MAX = 2**256 - 1
MOST_AT_ONCE = 100
"""Payments in one transaction: about 2 million gas."""
State = Literal["created", "signed", "broadcast", "mined", "confirmed", "reverted", "rejected", "cancelled"]
STATES: tuple[State, ...] = get_args(State)


def _between(low: int, high: int) -> AfterValidator:
    def check(text: str) -> str:
        if not low <= int(text) <= high:
            raise ValueError(f"must be between {low} and {high}")
        return text

    return AfterValidator(check)


def _address(text: str) -> str:
    return checksum(address_bytes(text))


_DIGITS = StringConstraints(pattern=r"^(0|[1-9][0-9]*)$", max_length=78)
Count = Annotated[
    str, _DIGITS, _between(1, UINT64_MAX), Field(description="1 to 2^64 - 1, decimal", examples=["3"])
]
Rank = Annotated[
    int,
    Field(strict=True, ge=0, le=UINT32_MAX, description="0 to 2^32 - 1, as the reads give it", examples=[0]),
]
EntryIndex = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=UINT32_MAX,
        description="Number of an entry of the raffle, 0 to 2^32 - 1, as the reads give it",
        examples=[4],
    ),
]
Id = Annotated[
    str, _DIGITS, _between(0, UINT256_MAX), Field(description="0 to 2^256 - 1, decimal", examples=["1"])
]
Amount = Annotated[
    str,
    _DIGITS,
    _between(1, UINT256_MAX),
    Field(description="Smallest unit, 1 to 2^256 - 1, decimal", examples=["1000000000000000000"]),
]
Allowance = Annotated[
    str, _DIGITS, _between(0, UINT64_MAX), Field(description="0 (any number) to 2^64 - 1, decimal")
]
Node = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{64}$")]
Address = Annotated[
    str,
    StringConstraints(max_length=42),
    AfterValidator(_address),
    Field(
        description="0x-address; checksummed on output",
        examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
    ),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BuyTickets(_Body):
    """Buy tickets of an open raffle, paid from the custodial wallet."""

    kind: Literal["buy_tickets"]
    raffle_id: Id
    count: Count
    buyer: Address | None = Field(None, description="Who gets the tickets, as a gift; the wallet by default")
    max_payment: Amount | None = Field(
        None,
        description="Price in US dollars: the most to pay, smallest unit; the present price and 2 % by default",
    )
    allowance: Allowance | None = Field(None, description="Allow-list: the tickets the buyer's leaf grants")
    proof: list[Node] | None = Field(
        None, max_length=64, description="Allow-list: the Merkle proof of the buyer's leaf"
    )


class ClaimPrize(_Body):
    """Have the prize of a rank paid to its winner, or, by the winner, to another address."""

    kind: Literal["claim_prize"]
    raffle_id: Id
    rank: Rank
    to: Address | None = None


class WonPrize(_Body):
    """A rank, and the entry that holds its winning ticket, as the reads give them."""

    rank: Rank
    entry_index: EntryIndex


class ClaimPrizes(_Body):
    """Have the prizes of several ranks paid to their winners in one transaction."""

    kind: Literal["claim_prizes"]
    raffle_id: Id
    prizes: list[WonPrize] = Field(min_length=1, max_length=MOST_AT_ONCE)


class RefundEntry(_Body):
    """Have an entry of a refunding raffle paid back to its buyer, or, by the buyer, to another address."""

    kind: Literal["refund_entry"]
    raffle_id: Id
    entry_index: EntryIndex
    to: Address | None = None


class RefundEntries(_Body):
    """Have several entries paid back to their buyers in one transaction."""

    kind: Literal["refund_entries"]
    raffle_id: Id
    entry_indexes: list[EntryIndex] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ReleaseVesting(_Body):
    """Have what is releasable of a grant paid to its beneficiary."""

    kind: Literal["release_vesting"]
    grant_id: Id


class DelegateVesting(_Body):
    """Let an address vote with what is not released of one's grants (`delegatee` null: take the votes back)."""

    kind: Literal["delegate_vesting"]
    grant_ids: list[Id] = Field(min_length=1, max_length=MOST_AT_ONCE)
    delegatee: Address | None = None


class OfferGrant(_Body):
    """Offer one's grant to an address, which may accept it (`to` null: take the offer back)."""

    kind: Literal["offer_grant"]
    grant_id: Id
    to: Address | None = None


class AcceptGrant(_Body):
    """Take over a grant that was offered to the custodial wallet."""

    kind: Literal["accept_grant"]
    grant_id: Id


class VetoRecovery(_Body):
    """End the recovery by which the plan's creator would give one's grant to another."""

    kind: Literal["veto_recovery"]
    grant_id: Id


class Transfer(_Body):
    """Send POL (`token` null) or a token from the custodial wallet."""

    kind: Literal["transfer"]
    token: Address | None = None
    to: Address
    amount: Amount


IntentIn = Annotated[
    BuyTickets
    | ClaimPrize
    | ClaimPrizes
    | RefundEntry
    | RefundEntries
    | ReleaseVesting
    | DelegateVesting
    | OfferGrant
    | AcceptGrant
    | VetoRecovery
    | Transfer,
    Field(discriminator="kind"),
]

EXAMPLES: dict[str, Any] = {
    "buy_tickets": {"value": {"kind": "buy_tickets", "raffle_id": "1", "count": "3"}},
    "claim_prize": {"value": {"kind": "claim_prize", "raffle_id": "1", "rank": 0}},
    "claim_prizes": {
        "value": {
            "kind": "claim_prizes",
            "raffle_id": "1",
            "prizes": [{"rank": 0, "entry_index": 4}, {"rank": 1, "entry_index": 2}],
        }
    },
    "refund_entry": {"value": {"kind": "refund_entry", "raffle_id": "1", "entry_index": 4}},
    "refund_entries": {"value": {"kind": "refund_entries", "raffle_id": "1", "entry_indexes": [2, 4]}},
    "release_vesting": {"value": {"kind": "release_vesting", "grant_id": "18446744073709551616"}},
    "delegate_vesting": {
        "value": {
            "kind": "delegate_vesting",
            "grant_ids": ["18446744073709551616"],
            "delegatee": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        }
    },
    "offer_grant": {
        "value": {
            "kind": "offer_grant",
            "grant_id": "18446744073709551616",
            "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        }
    },
    "accept_grant": {"value": {"kind": "accept_grant", "grant_id": "18446744073709551616"}},
    "veto_recovery": {"value": {"kind": "veto_recovery", "grant_id": "18446744073709551616"}},
    "transfer": {
        "value": {
            "kind": "transfer",
            "token": None,
            "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "amount": "1000000000000000000",
        }
    },
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
