"""What a raffle or a contest commits to before any randomness exists."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from eth_abi.abi import encode

from listener.chain.draw.hashing import ZERO32, bytes32, keccak

ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"
PRIZE = "(uint8,address,uint256,uint256)"
# IRaffle.RaffleConfig, its title as bytes: `bytes` and `string` are encoded alike.
RAFFLE_CONFIG = f"(address,uint96,uint64,uint64,uint64,uint64,bytes,{PRIZE}[])"
CONTEST_TERMS = "(address,bytes32,bytes32,uint64,uint64,uint32,uint32,bytes32,bytes32,uint64)"

# IRaffle.RaffleOptions.
RAFFLE_OPTIONS = "(address,uint32,bytes32,bytes32)"


class PrizeKind(IntEnum):
    """IRaffle.PrizeKind."""

    NATIVE = 0
    ERC20 = 1
    ERC721 = 2


@dataclass(frozen=True, slots=True)
class Prize:
    """IRaffle.Prize; `amount` in wei or smallest token unit."""

    kind: PrizeKind
    token: str
    amount: int
    token_id: int


@dataclass(frozen=True, slots=True)
class RaffleOptions:
    """IRaffle.RaffleOptions."""

    price_feed: str = ZERO_ADDRESS
    max_price_age: int = 0
    allow_list_root: bytes = ZERO32
    allow_list_salt: bytes = ZERO32


@dataclass(frozen=True, slots=True)
class RaffleTerms:
    """IRaffle.RaffleConfig; `closes_at` in Unix seconds.

    Prices are in wei or smallest token unit; `ticket_price` is in US dollars with 8 decimals where the options name a
    price feed.
    """

    payment_token: str
    ticket_price: int
    closes_at: int
    min_tickets: int
    max_tickets: int
    max_per_buyer: int
    title: str | bytes
    prizes: Sequence[Prize]
    options: RaffleOptions | None = None

    def hash(self) -> bytes:
        """The raffle's termsHash, which is its draw's commitment. `title` as bytes where it is no UTF-8."""
        title = self.title.encode() if isinstance(self.title, str) else self.title
        prizes = [(int(prize.kind), prize.token, prize.amount, prize.token_id) for prize in self.prizes]
        config = (
            self.payment_token,
            self.ticket_price,
            self.closes_at,
            self.min_tickets,
            self.max_tickets,
            self.max_per_buyer,
            title,
            prizes,
        )
        if self.options is None:
            return keccak(encode([RAFFLE_CONFIG], [config]))
        given = self.options
        options = (given.price_feed, given.max_price_age, given.allow_list_root, given.allow_list_salt)
        return keccak(encode([RAFFLE_CONFIG, RAFFLE_OPTIONS], [config, options]))


@dataclass(frozen=True, slots=True)
class ContestDetails:
    """What a contest fixes besides its list's root. Texts are hashed as UTF-8."""

    rules_hash: bytes
    list_sha256: bytes
    exclusion_root: bytes
    post_hash: bytes

    @classmethod
    def of(
        cls, *, rules: str, list_file: bytes, post_reference: str, exclusion_root: bytes = ZERO32
    ) -> "ContestDetails":
        """From the texts and the list file themselves."""
        return cls(
            rules_hash=text_hash(rules),
            list_sha256=hashlib.sha256(list_file).digest(),
            exclusion_root=exclusion_root,
            post_hash=text_hash(post_reference),
        )

    def hash(self) -> bytes:
        """The contest's detailsHash."""
        return keccak(
            bytes32(self.rules_hash, "The rules hash")
            + bytes32(self.list_sha256, "The list's SHA-256")
            + bytes32(self.exclusion_root, "The exclusion root")
            + bytes32(self.post_hash, "The post hash")
        )


def text_hash(text: str) -> bytes:
    """keccak256 of a text's UTF-8: rulesHash and postHash."""
    return keccak(text.encode())


@dataclass(frozen=True, slots=True)
class ContestTerms:
    """IContest.Terms; `total_weight` 0 for an unweighted list, `claims_from` in Unix seconds, 0 without prizes."""

    organiser: str
    contest_key: bytes
    root: bytes
    entries: int
    winners: int
    alternates: int
    details_hash: bytes
    total_weight: int = 0
    prizes: Sequence[Prize] = ()
    claims_from: int = 0

    @property
    def n(self) -> int:
        """How many numbers take part in the draw."""
        return self.total_weight or self.entries

    def words(self) -> tuple[str, bytes, bytes, int, int, int, int, bytes, bytes, int]:
        """The fields as the contract takes them back from whoever acts on the contest."""
        return (
            self.organiser,
            self.contest_key,
            self.root,
            self.entries,
            self.total_weight,
            self.winners,
            self.alternates,
            self.details_hash,
            prizes_hash(self.prizes),
            self.claims_from,
        )

    def hash(self) -> bytes:
        """The contest's commitment, which is part of its seed."""
        return keccak(encode([CONTEST_TERMS], [self.words()]))


def prizes_hash(prizes: Sequence[Prize]) -> bytes:
    """keccak256(abi.encode(prizes)), 0 when there are none."""
    if not prizes:
        return ZERO32
    items = [(int(prize.kind), prize.token, prize.amount, prize.token_id) for prize in prizes]
    return keccak(encode([f"{PRIZE}[]"], [items]))
