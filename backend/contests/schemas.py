"""What the contest routes take and answer."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from listener.mirror.reads.draws import Draw
from listener.mirror.reads.fields import Address, Hash, Mirrored, Time, Uint

ContestState = Literal["draft", "committing", "drawing", "drawn", "failed"]
MOST_REASON_BYTES = 256  # Contest.disqualify takes no more


class ContestCounts(BaseModel):
    """What became of the file's rows: rows = accepted + rejected, accepted = unique + duplicates."""

    rows: int = Field(examples=[10000])
    accepted: int = Field(examples=[9927])
    duplicates: int = Field(examples=[1949])
    rejected: int = Field(examples=[73])
    unique: int = Field(examples=[7978])
    rejected_for: dict[str, int] = Field(examples=[{"blank_account": 34, "wrong_field_count": 39}])


class DisqualifiedOut(BaseModel):
    """A rank the organiser disqualified on chain, and why."""

    rank: int
    reason: str
    at: Time
    transaction_hash: Hash


class ContestSummary(Mirrored):
    """A contest in a list. `contest_number` is its id on chain, null before it is opened there."""

    id: UUID
    contest_number: Uint | None
    state: ContestState
    title: str
    post_reference: str
    organiser: Address
    mine: bool = False
    winners: int
    alternates: int
    entries: int
    total_weight: Uint | None = Field(description="Sum of all weights; null for an unweighted list")
    draw_number: int | None = Field(description="Counts the organiser's draws for this post, from 1")
    draws_for_post: int | None = Field(
        description="How many draws the organiser opened for this post so far; the last one is the final one"
    )
    created_at: Time
    opened_at: Time | None
    position: int = Field(exclude=True, description="Orders contests by creation")


class ContestDetails(ContestSummary):
    """A contest with its rules, list and draw."""

    failure: str | None
    rules: str
    counts: ContestCounts
    file_name: str | None
    account_column: str
    weight_column: str | None
    list_sha256: Hash
    root: Hash | None
    contest_key: Hash | None
    commitment: Hash | None
    opened_block: int | None
    transaction_hash: Hash | None
    intent_id: UUID | None
    draw: Draw | None
    disqualified: list[DisqualifiedOut]
    repeated: list[int] = Field(
        description="Ranks of a weighted list that fell out because their entry was drawn at an earlier one"
    )


class RejectionOut(BaseModel):
    """A row that is no entry. Rows count as in a spreadsheet: a CSV's header is row 1."""

    row: int = Field(examples=[17])
    reason: str = Field(examples=["blank_account"])
    detail: str = Field(examples=["The account is blank."])
    text: str = Field(description="The row as it stands in the file, shortened")


class RejectionList(BaseModel):
    """In order of rows; pass `next_cursor` as `cursor` for the following page."""

    items: list[RejectionOut]
    next_cursor: str | None


class ContestWinner(Mirrored):
    """Who was drawn at a rank. `standing`: among the first `winners` ranks that did not fall out on chain."""

    rank: int
    index: int
    account: str
    weight: Uint = Field(description="How many units the entry has in a weighted list; 1 in any other")
    repeats: int | None = Field(
        description="The earlier rank at which the same entry was drawn: this rank wins nothing"
    )
    repeat_proved: bool = Field(description="Whether the chain knows of that; until then the rank stands")
    alternate: bool
    standing: bool
    disqualified: str | None = Field(description="The organiser's reason")


class SaltOut(BaseModel):
    """What an entry's leaf hides: show it to the person, and they can check that they take part."""

    index: int
    account_key: str
    account: str
    weight: Uint
    salt: Hash


class SaltList(BaseModel):
    """In order of entries; pass `next_cursor` as `cursor` for the following page."""

    items: list[SaltOut]
    next_cursor: str | None


class BundleOpening(BaseModel):
    """A drawn entry opened: rank, entry number, account key, salt and Merkle proof.

    In a weighted list `sums` are the sums of the proof's nodes.
    """

    rank: int
    index: int
    account_key: str
    salt: Hash
    proof: list[Hash]
    sums: list[Uint] = []


class BundleOut(BaseModel):
    """Everything a check of the draw needs besides the chain itself."""

    format: Literal["TOMBOLA-1/contest"]
    chain_id: int
    contract: Address
    contest_id: str | None = Field(description="Number on chain; null before it is opened there")
    contest_key: Hash
    organiser: Address
    title: str
    rules: str
    post_reference: str
    list_sha256: Hash
    exclusion_root: Hash
    entries: int
    total_weight: Uint | None = Field(description="Null for an unweighted list")
    weight_column: str | None = Field(description="The list file's column that holds the weights")
    winners: int
    alternates: int
    root: Hash
    commitment: Hash
    openings: list[BundleOpening] = Field(description="By rank; empty before the draw")
    leaves: list[Hash]
    weights: list[Uint] = Field([], description="By entry, of a weighted list")


def _reason(value: str) -> str:
    text = value.strip()
    size = len(text.encode("utf-8", "surrogatepass"))
    if not 1 <= size <= MOST_REASON_BYTES:
        raise ValueError(f"must have 1 to {MOST_REASON_BYTES} bytes of UTF-8, has {size}")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds a character that is no text")
    return text


class DisqualifyIn(BaseModel):
    """Which rank, and the reason everyone will read on chain."""

    model_config = ConfigDict(extra="forbid")

    rank: int = Field(ge=0, le=2**32 - 1, examples=[0])
    reason: Annotated[
        str, AfterValidator(_reason), Field(max_length=256, examples=["Did not answer within a week"])
    ]
