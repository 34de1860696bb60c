"""What the contest routes take and answer."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.filters.kinds import AnyFilter, HiddenFilter
from backend.intents.schemas import IntentErrorOut
from backend.languages import Language
from listener.chain.draw.list_file import is_text
from listener.mirror.reads.draws import Draw
from listener.mirror.reads.fields import Address, Hash, Mirrored, Time, Uint

ContestState = Literal["draft", "active", "processing", "completed", "cancelled", "failed"]
"""Its owner's alone; announced, with participants still coming; committed; drawn and final; given up; not opened."""
ProcessingStep = Literal["committing", "drawing"]
MOST_PLACES = 10_000
MOST_REASON_BYTES = 256  # Contest.disqualify takes no more


def _text(value: str) -> str:
    """Line ends as LF (browsers send CRLF), no blanks around, nothing a database cannot hold."""
    text = value.replace("\r\n", "\n").strip()
    if not is_text(text):
        raise ValueError("holds a character that is no text")
    return text


Text = Annotated[str, AfterValidator(_text), StringConstraints(min_length=1)]
Title = Annotated[Text, Field(max_length=200, examples=["Meadow giveaway"])]
Rules = Annotated[
    Text,
    Field(max_length=20_000, description="Hashed on chain, shown to everyone", examples=["One entry each."]),
]
PostReference = Annotated[
    Text,
    Field(
        max_length=500,
        description="The post drawn from; draws for the same post are counted on chain",
        examples=["https://social.example/posts/217"],
    ),
]
Winners = Annotated[int, Field(strict=True, ge=1, le=MOST_PLACES, examples=[5])]
Alternates = Annotated[int, Field(strict=True, ge=0, le=MOST_PLACES, examples=[5])]
Prizes = Annotated[
    list[Annotated[Text, Field(max_length=200)]],
    Field(max_length=1_000, description="Names by place, best first", examples=[["A bicycle", "A helmet"]]),
]


class ContestIn(BaseModel):
    """An empty draft; imports bring its participants."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    rules: Rules
    post_reference: PostReference
    winners: Winners
    alternates: Alternates = 0
    language: Language | None = Field(
        None, description="Of certificate and notices; its owner's where it is null"
    )
    prizes: Prizes = []


class ContestChange(BaseModel):
    """What is left out, or null, stays."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    rules: Rules | None = None
    post_reference: PostReference | None = None
    winners: Winners | None = None
    alternates: Alternates | None = None
    language: Language | None = None
    prizes: Prizes | None = None


class CancelIn(BaseModel):
    """Why there will be no draw, for everybody to read."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Text, Field(max_length=500, examples=["The prize was lost in the post."])]


class ContestCounts(BaseModel):
    """What became of the imports' rows: rows = accepted + rejected, accepted = unique + duplicates."""

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


class LeftOut(BaseModel):
    """How many persons were left out for one reason."""

    reason: str = Field(examples=["too_few_mentions"])
    people: int = Field(examples=[12])


class ContestSummary(Mirrored):
    """A contest in a list. `contest_number` is its id on chain, null before it is opened there."""

    id: UUID
    contest_number: Uint | None
    state: ContestState
    step: ProcessingStep | None = Field(description="While it is processing")
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
    announced_at: Time | None
    cancelled_at: Time | None
    opened_at: Time | None
    position: int = Field(exclude=True, description="Orders contests by creation")


class ContestDetails(ContestSummary):
    """A contest with its rules, list and draw."""

    failure: str | None
    failed_by: IntentErrorOut | None = Field(description="What `failure` says, with its stable code")
    rules: str
    language: Language
    prizes: list[str]
    filters: list[AnyFilter | HiddenFilter] = Field(
        description="Who counts; of filters that name people or answers only the kind is public"
    )
    cancel_reason: str | None
    counts: ContestCounts
    account_column: str | None
    weight_column: str | None
    list_sha256: Hash | None
    root: Hash | None
    exclusion_root: Hash | None = Field(description="Root over who was left out; zero where nobody was")
    rules_hash: Hash | None = Field(description="keccak256 of the rules, as on chain")
    excluded: list[LeftOut] = Field(description="Who was left out before the draw, by reason")
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


class BundleExclusion(BaseModel):
    """Somebody left out: the leaf, and where its reason is public what the leaf is made of besides its number."""

    leaf: Hash
    id_hash: Hash | None
    reason: str | None = Field(examples=["too_few_mentions"])


class BundlePlace(BaseModel):
    """Where an event of the chain stands; `time` of its block in Unix seconds."""

    block: int
    log_index: int
    transaction: Hash
    time: int


class BundleOpened(BundlePlace):
    """The contest's opening."""

    draw_number: int
    draws_for_post: int


class BundleRequest(BundlePlace):
    """The request of the draw. The hash of its block is part of what Chainlink proves."""

    block_hash: Hash
    commitment: Hash
    n: Uint
    k: int
    round: int
    reveal_at: int
    vrf_deadline: int
    coordinator: Address
    vrf_request_id: Uint


class BundleWord(BundlePlace):
    """The VRF word that was accepted."""

    vrf_request_id: Uint
    word: Hash


class BundleFinal(BundlePlace):
    """The seed, and what it was made of."""

    commitment: Hash
    n: Uint
    k: int
    seed: Hash
    vrf_word: Hash
    round: int
    drand_randomness: Hash


class BundleVrf(BaseModel):
    """The coordinator's log of the request and the 13 words of the proof; null where no node gave it."""

    coordinator: Address
    key_hash: Hash
    pre_seed: Uint
    sender: Address
    proof: Hash | None


class BundleDrand(BaseModel):
    """The contract's beacon, its key in drand's order, and the signature of the round (96 bytes)."""

    beacon: Address
    public_key: Hash
    genesis: int
    period: int
    signature: Hash | None


class BundleDisqualified(BundlePlace):
    """A rank the organiser disqualified."""

    rank: int
    reason: str


class BundleRepeated(BundlePlace):
    """A rank proved to repeat an entry of a weighted list."""

    rank: int


class BundleDraw(BaseModel):
    """The chain's facts of a drawn contest, copied so that the file can be checked by itself."""

    opened: BundleOpened
    request: BundleRequest
    word: BundleWord | None
    final: BundleFinal
    vrf: BundleVrf | None
    drand: BundleDrand | None
    disqualified: list[BundleDisqualified]
    repeated: list[BundleRepeated]


class BundlePrize(BaseModel):
    """A prize in escrow on chain: 0 the chain's own currency, 1 ERC-20, 2 ERC-721."""

    kind: int
    token: Address
    amount: Uint
    token_id: Uint


class BundleEscrow(BaseModel):
    """Prizes by place, and when claims begin (Unix seconds)."""

    prizes: list[BundlePrize]
    claims_from: int


class BundleOut(BaseModel):
    """Everything a check of the draw needs; docs/bundle.md says what the file proves by itself."""

    format: Literal["TOMBOLA-1/contest"]
    version: Literal[2]
    chain_id: int
    contract: Address
    contest_id: str | None = Field(description="Number on chain; null before it is opened there")
    contest_key: Hash
    key_salt: Hash
    organiser: Address
    title: str = Field(description="The only text that the commitment does not bind")
    rules: str
    rules_hash: Hash
    post_reference: str
    post_hash: Hash
    list_sha256: Hash
    exclusion_root: Hash
    entries: int
    total_weight: Uint | None = Field(description="Null for an unweighted list")
    weight_column: str | None = Field(description="The list file's column that holds the weights")
    winners: int
    alternates: int
    root: Hash
    commitment: Hash
    escrow: BundleEscrow | None = Field(description="Prizes on chain; null without")
    draw: BundleDraw | None = Field(description="Null before the draw")
    openings: list[BundleOpening] = Field(description="By rank; empty before the draw")
    exclusions: list[BundleExclusion] = Field(description="By number of the exclusion")
    leaves: list[Hash]
    weights: list[Uint] = Field([], description="By entry, of a weighted list")


def _reason(value: str) -> str:
    text = value.strip()
    size = len(text.encode("utf-8", "surrogatepass"))
    if not 1 <= size <= MOST_REASON_BYTES:
        raise ValueError(f"must have 1 to {MOST_REASON_BYTES} bytes of UTF-8, has {size}")
    if not is_text(text):
        raise ValueError("holds a character that is no text")
    return text


class DisqualifyIn(BaseModel):
    """Which rank, and the reason everyone will read on chain."""

    model_config = ConfigDict(extra="forbid")

    rank: int = Field(ge=0, le=2**32 - 1, examples=[0])
    reason: Annotated[
        str, AfterValidator(_reason), Field(max_length=256, examples=["Did not answer within a week"])
    ]
