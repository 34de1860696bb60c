"""What the checks of a draw look at: facts read from the chain, as plain data. No ape, no network here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from listener.chain.draw.call_data import VrfRequest
from listener.chain.draw.terms import ContestDetails, ContestTerms, Prize, RaffleOptions, RaffleTerms


class CannotTellError(Exception):
    """The draw cannot be judged (node away, unknown id, not drawn yet); the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `holds` None: not checked, and why."""

    name: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Log:
    """One event of the contract: addresses as 0x text, hashes as bytes; `time` of its block (Unix)."""

    name: str
    args: dict[str, Any]
    block: int
    index: int
    transaction: str
    time: int

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the chain's order."""
        return self.block, self.index


@dataclass(frozen=True, slots=True)
class BeaconFacts:
    """The drand verifier the contract uses; `expected` is the key it should have, in its own order.

    `period` 0: when its rounds come is not known."""

    address: str
    public_key: bytes
    genesis: int
    period: int
    expected: bytes | None
    expected_from: str


@dataclass(frozen=True, slots=True)
class VrfEvidence:
    """Where a draw's VRF word comes from. `proof` has 13 words, None: it is not in the answering call."""

    request: VrfRequest | None
    proof: bytes | None
    sent_to: str
    is_direct: bool
    known_coordinator: str | None
    known_from: str
    known_key_hash: bytes
    key_is_registered: bool


@dataclass(frozen=True, slots=True)
class DrawEvidence:
    """One draw as the chain tells it. `signature` was handed to `finalise`, None: not found."""

    chain_id: int
    contract: str
    draw_id: int
    stored: dict[str, Any]
    requests: Sequence[Log]
    words: Sequence[Log]
    finals: Sequence[Log]
    reveal_delay: int
    vrf_margin: int
    beacon: BeaconFacts
    signature: bytes | None
    numbers: Sequence[int]
    vrf: VrfEvidence | None = None

    @property
    def request(self) -> Log:
        return self.requests[0]

    @property
    def final(self) -> Log:
        return self.finals[0]


@dataclass(frozen=True, slots=True)
class RaffleEvidence:
    """A drawn raffle. `winners` are the contract's own answers by rank: ticket, entry, buyer.

    `options` is the event that tells them, None: a price in the token, open to all.
    """

    draw: DrawEvidence
    created: Log
    info: dict[str, Any]
    purchases: Sequence[Log]
    winners: Sequence[tuple[int, int, str]]
    claims: Sequence[Log]
    returns: Sequence[Log]
    options: Log | None = None

    @property
    def terms(self) -> RaffleTerms:
        """The terms of the creating events."""
        args = self.created.args
        told = self.options.args if self.options else None
        return RaffleTerms(
            payment_token=args["paymentToken"],
            ticket_price=args["ticketPrice"],
            closes_at=args["closesAt"],
            min_tickets=args["minTickets"],
            max_tickets=args["maxTickets"],
            max_per_buyer=args["maxPerBuyer"],
            title=args["title"].encode("utf-8", "surrogateescape"),
            prizes=[Prize(kind, token, amount, token_id) for kind, token, amount, token_id in args["prizes"]],
            options=RaffleOptions(
                price_feed=told["priceFeed"],
                max_price_age=told["maxPriceAge"],
                allow_list_root=told["allowListRoot"],
                allow_list_salt=told["allowListSalt"],
            )
            if told
            else None,
        )


@dataclass(frozen=True, slots=True)
class ContestEvidence:
    """A drawn contest. `same_post` are all contests of the same organiser and post, in order.

    `weighted` and `escrowed` are the events that a weighted list and prizes add, `repeated` the ranks proved to
    repeat an entry. `standing` is the contract's own answer. `draws_told`: how many draws for the post a bundle says
    there are; None where the chain itself was read.
    """

    draw: DrawEvidence
    opened: Log
    weighted: Sequence[Log]
    escrowed: Sequence[Log]
    same_post: Sequence[Log]
    disqualified: Sequence[Log]
    repeated: Sequence[Log]
    claims: Sequence[Log]
    standing: tuple[Sequence[int], Sequence[int]]
    draws_told: int | None = None

    @property
    def details(self) -> ContestDetails:
        return contest_details(self.opened)

    @property
    def terms(self) -> ContestTerms:
        """The terms of the opening events."""
        return contest_terms(self.opened, self.weighted, self.escrowed)


@dataclass(frozen=True, slots=True)
class Opening:
    """A drawn entry opened: who stands at an index, with the salt and proof of its leaf.

    In a weighted list `sums` are the sums of the proof's nodes.
    """

    rank: int
    index: int
    account_key: str
    salt: bytes
    proof: Sequence[bytes]
    sums: Sequence[int] = ()
    claim_hash: bytes = bytes(32)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who was left out, as a leaf; `id_hash` and `reason` where the reason is public."""

    leaf: bytes
    id_hash: bytes | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What an organiser publishes of a list: salted leaves (with their weights, where the list is weighted), texts,
    and the drawn entries opened.

    From version 2 on: `key_salt` and `organiser` of the contest key, the exclusions, and in `told` the contest as the
    file itself tells it, once it is drawn.
    """

    chain_id: int
    contract: str
    contest_id: int | None
    contest_key: bytes
    rules: str
    post_reference: str
    list_sha256: bytes
    exclusion_root: bytes
    winners: int
    alternates: int
    leaves: Sequence[bytes]
    openings: Sequence[Opening] = field(default_factory=tuple)
    weights: Sequence[int] = ()
    weight_column: str | None = None
    version: int = 1
    key_salt: bytes | None = None
    organiser: str = ""
    exclusions: Sequence[Exclusion] = ()
    told: ContestEvidence | None = None


def contest_details(opened: Log) -> ContestDetails:
    """What a contest fixed besides its list's root."""
    args = opened.args
    return ContestDetails(args["rulesHash"], args["listSha256"], args["exclusionRoot"], args["postHash"])


def contest_terms(opened: Log, weighted: Sequence[Log], escrowed: Sequence[Log]) -> ContestTerms:
    """A contest's terms from its opening events."""
    args = opened.args
    prizes = escrowed[0].args["prizes"] if escrowed else ()
    return ContestTerms(
        organiser=args["organiser"],
        contest_key=args["contestKey"],
        root=args["root"],
        entries=args["entries"],
        winners=args["winners"],
        alternates=args["alternates"],
        details_hash=contest_details(opened).hash(),
        total_weight=weighted[0].args["totalWeight"] if weighted else 0,
        prizes=[Prize(kind, token, amount, token_id) for kind, token, amount, token_id in prizes],
        claims_from=escrowed[0].args["claimsFrom"] if escrowed else 0,
    )
