"""Contests for tests: lists with weights and claimants, opened with any terms, drawn, and asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eth_utils import keccak

from listener.chain.draw.merkle import Tree, claim_hash, contest_key, id_hash, leaf_hash, salt_of
from listener.chain.draw.sums import SumTree
from listener.chain.draw.terms import ContestDetails, ContestTerms, Prize, PrizeKind
from listener.chain.draw.winners import winners
from tests.contracts.kit import DAY, ERC20, ERC721, NATIVE, finalise, now

NONE, DRAWING, DRAWN, EXPIRED = range(4)
ZERO32 = bytes(32)
SECRET = b"\x21" * 32
CLAIM_SALT = keccak(text="claim salt")
POST = keccak(text="https://example.org/post/1")
DETAILS = ContestDetails(keccak(text="rules"), keccak(text="list"), ZERO32, POST)
SEED_TIME = 30 * DAY
CLAIM_TIME = 180 * DAY

Leaf = tuple[int, int, bytes, bytes]
Path = tuple[list[bytes], list[tuple[bytes, int]]]


@dataclass(frozen=True)
class Listed:
    """A list with its tree, made for one contract, organiser and key."""

    key_salt: bytes
    key: bytes
    leaves: Sequence[Leaf]
    tree: Tree | SumTree

    def path(self, index: int) -> Path:
        if isinstance(self.tree, SumTree):
            return [], self.tree.siblings(index)
        return self.tree.proof(index), []

    @property
    def total_weight(self) -> int:
        return self.tree.total if isinstance(self.tree, SumTree) else 0

    def entries_with(self, numbers: Sequence[int]) -> list[int]:
        """Who owns the numbers drawn."""
        if isinstance(self.tree, SumTree):
            return [self.tree.entry_with(number) for number in numbers]
        return list(numbers)


@dataclass(frozen=True)
class Opened:
    """A contest on the chain, with all that acting on it takes."""

    id: int
    terms: ContestTerms
    listed: Listed
    receipt: Any = field(repr=False, default=None)

    @property
    def words(self) -> tuple[Any, ...]:
        return self.terms.words()

    def shown(self, index: int) -> tuple[Leaf, Path]:
        """Leaf and path of an entry."""
        return self.listed.leaves[index], self.listed.path(index)


@dataclass
class ContestKit:
    """One contest contract and whoever runs contests on it."""

    contest: Any
    chain: Any
    organiser: Any
    _salts: int = 0

    def next_salt(self) -> bytes:
        """Rising, as the contract wants them."""
        self._salts += 1
        return self._salts.to_bytes(28) + b"salt"

    def listed(
        self,
        n: int = 11,
        *,
        weights: Sequence[int] | None = None,
        claimants: Mapping[int, Any] | None = None,
        contract: Any = None,
        key_salt: bytes | None = None,
        post_hash: bytes = POST,
    ) -> Listed:
        """A list of n people, or of as many as there are weights; claimants by entry."""
        count = n if weights is None else len(weights)
        salt = key_salt or self.next_salt()
        key = contest_key(self.organiser.address, post_hash, salt)
        leaves = [
            (
                index,
                1 if weights is None else weights[index],
                id_hash(salt_of(SECRET, index), f"person{index}"),
                self._claim_hash(claimants, index),
            )
            for index in range(count)
        ]
        place = {
            "chain_id": self.chain.chain_id,
            "contract": (contract or self.contest).address,
            "contest_key": key,
        }
        hashes = [
            leaf_hash(**place, index=index, weight=weight, id_hash=identity, claim_hash=claim)
            for index, weight, identity, claim in leaves
        ]
        tree = Tree(hashes) if weights is None else SumTree(hashes, weights)
        return Listed(salt, key, leaves, tree)

    def config(self, listed: Listed, **changes: Any) -> tuple[Any, ...]:
        config = {
            "keySalt": listed.key_salt,
            "root": listed.tree.root,
            "entries": len(listed.leaves),
            "winners": 2,
            "alternates": 3,
            "rulesHash": DETAILS.rules_hash,
            "listSha256": DETAILS.list_sha256,
            "exclusionRoot": DETAILS.exclusion_root,
            "postHash": DETAILS.post_hash,
        }
        assert changes.keys() <= config.keys()
        return tuple((config | changes).values())

    def terms(
        self, listed: Listed, prizes: Sequence[Any] = (), claims_from: int = 0, **changes: Any
    ) -> ContestTerms:
        return ContestTerms(
            organiser=self.organiser.address,
            contest_key=listed.key,
            root=listed.tree.root,
            entries=len(listed.leaves),
            winners=changes.get("winners", 2),
            alternates=changes.get("alternates", 3),
            details_hash=DETAILS.hash(),
            total_weight=listed.total_weight,
            prizes=[
                Prize(PrizeKind(kind), getattr(token, "address", token), amount, token_id)
                for kind, token, amount, token_id in prizes
            ],
            claims_from=claims_from,
        )

    def claims_from(self) -> int:
        """A week after the reveal of what is opened next."""
        return now(self.chain) + int(self.contest.revealDelay()) + 7 * DAY

    def open(
        self,
        listed: Listed | None = None,
        *,
        prizes: Sequence[Any] = (),
        value: int | None = None,
        **changes: Any,
    ) -> Opened:
        """Opened in the simplest way that these terms allow."""
        listed = listed or self.listed()
        claims_from = self.claims_from() if prizes else 0
        config = self.config(listed, **changes)
        if prizes or listed.total_weight:
            extras = (listed.total_weight, claims_from, list(prizes))
            self.approve(prizes)
            sent = native_sum(prizes) if value is None else value
            receipt = self.contest.openWith(config, extras, sender=self.organiser, value=sent)
        else:
            receipt = self.contest.open(config, sender=self.organiser)
        contest_id = int(self.contest.contestCount())
        return Opened(contest_id, self.terms(listed, prizes, claims_from, **changes), listed, receipt)

    def approve(self, prizes: Sequence[Any]) -> None:
        for kind, token, _, _ in prizes:
            if kind == ERC20:
                token.approve(self.contest, 2**256 - 1, sender=self.organiser)
            if kind == ERC721:
                token.setApprovalForAll(self.contest, True, sender=self.organiser)

    def finalise(self, opened: Opened) -> Any:
        return finalise(self.contest, opened.id, self.chain, self.organiser)

    def draw(self, listed: Listed | None = None, **changes: Any) -> Opened:
        """Opened and drawn."""
        opened = self.open(listed, **changes)
        self.finalise(opened)
        return opened

    def numbers(self, opened: Opened) -> list[int]:
        """What was drawn, by the Python twin."""
        draw = self.contest.drawOf(opened.id)
        return winners(bytes(draw.seed), draw.n, draw.k)

    def entries(self, opened: Opened) -> list[int]:
        """Who was drawn, by rank."""
        return opened.listed.entries_with(self.numbers(opened))

    def claim(
        self, opened: Opened, rank: int, claimant: Any, *, entry: int | None = None, sender: Any = None
    ) -> Any:
        """The claim of whoever was drawn at a rank, or of another entry."""
        index = self.entries(opened)[rank] if entry is None else entry
        return self.contest.claim(
            opened.id,
            opened.words,
            rank,
            *opened.shown(index),
            claimant,
            CLAIM_SALT,
            sender=sender or self.organiser,
        )

    def wait_for_claims(self, opened: Opened) -> None:
        self.wait_until(opened.terms.claims_from)

    def wait_until(self, time: int) -> None:
        if now(self.chain) < time:
            self.chain.pending_timestamp = time
        self.chain.mine()

    @staticmethod
    def _claim_hash(claimants: Mapping[int, Any] | None, index: int) -> bytes:
        claimant = (claimants or {}).get(index)
        return ZERO32 if claimant is None else claim_hash(claimant.address, CLAIM_SALT)


def native_sum(prizes: Sequence[Any]) -> int:
    """The POL among the prizes."""
    return sum(amount for kind, _, amount, _ in prizes if kind == NATIVE)


def other_terms(opened: Opened) -> tuple[Any, ...]:
    """The contest's terms with one more alternate."""
    return replace(opened.terms, alternates=opened.terms.alternates + 1).words()
