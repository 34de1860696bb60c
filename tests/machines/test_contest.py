"""Contests: lists with and without weights, prizes in escrow, lying coordinators, objections, claims with proofs.

The model knows RAFFLE.md's words on contests and its invariants 1, 5, 6, 7, 8, 9, 11, 13, 14 and 15: what was committed stays
and decides; only the leaf that was drawn claims, once; whoever blocks a payment blocks only their own; draws are counted.
"""

import sys
from dataclasses import replace
from typing import Any

from eth_utils import keccak
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.contracts import quick_drand
from tests.contracts.kit import NATIVE_FACE
from tests.evm import Chain, Contract
from tests.machines.contest_model import (
    DAY,
    DRAWING,
    DRAWN,
    EXPIRED,
    LONGEST_WAIT,
    NO_CLAIM,
    ContestModel,
    Entry,
    Place,
    claim_hash,
    commitment,
    contest_key,
    details_hash,
    levels,
    prizes_hash,
)
from tests.machines.crowd import (
    NATIVE,
    PEOPLE,
    ZERO,
    CrowdMachine,
    attempts,
    edges,
    manners,
    one_prize,
    organisers,
    people,
    receivers,
    some,
    tricks,
    which,
)
from tests.machines.draw_model import MARGIN, REVEAL_DELAY, Prize

MOST_CONTESTS = 3
POSTS = [keccak(text="post 0"), keccak(text="post 1")]
RULES = keccak(text="rules"), keccak(text="list"), bytes(32)
CLAIM_SALT = keccak(text="claim salt")
PARTS = {"root": bytes(32), "winners": 0, "entries": 0}

weights = st.one_of(st.none(), st.lists(st.sampled_from([1, 1, 2, 5, 40]), min_size=7, max_size=7))
ranks = st.integers(0, 9)
# Most of them near.
MOMENTS = ["cut-off", "reveal"] * 3 + ["claims", "seed due", "return"]
# What is wrong with a proof; mostly nothing.
LIES = ["index", "weight", "id", "claim", "padded", "short", "kind", "contest"]
lies = st.sampled_from([""] * 20 + LIES)
SPOILS = [*PARTS, "total", "claimsFrom", "late", "prizes", "prize", "face"]


def lately_open(machine: "ContestMachine", weighted: bool = False) -> bool:
    """Whether somebody could object, or could a day ago."""
    time = machine.next_time - DAY
    final = [contest for contest in machine.subjects if contest.is_final()]
    return any(not contest.objections_closed(time) and contest.weighted >= weighted for contest in final)


class ContestMachine(CrowdMachine):
    """Lists of 1 to 7 entries; each entry names one of the crowd as its claimant, or nobody."""

    only_refused = frozenset({"call_back_as_stranger"})
    subject = "Contest"
    drawing = (DRAWING,)

    @classmethod
    def deploy_contract(cls, chain: Chain, shared: tuple[Any, ...]) -> Contract:
        return chain.accounts[9].deploy(chain.project.Contest, *shared)

    def __init__(self) -> None:
        super().__init__()
        # Draws and last salt per organiser and post.
        self.series: dict[tuple[int, int], tuple[int, int]] = {}

    # Opening

    @initialize(
        entries=st.integers(2, 7),
        weights_=weights,
        winners=st.integers(1, 3),
        alternates=st.integers(0, 3),
        prizes=st.lists(one_prize, min_size=3, max_size=3),
        steps=st.sampled_from([1, 1, 1, 2, 2, 3, 0]),
        manners_=manners,
        trick=tricks,
        what=attempts,
    )
    def begin(
        self,
        entries: int,
        weights_: list[int] | None,
        winners: int,
        alternates: int,
        prizes: list[Prize],
        steps: int,
        manners_: list[int],
        trick: int,
        what: int,
    ) -> None:
        """A first contest with prizes, and as many steps towards its claims."""
        self.open(0, 0, 1, entries, weights_, winners, alternates, prizes, True, 2 * DAY, 0, "", False)
        for _ in range(steps):
            self.advance(0, 0, True)
        self.some_misbehave(manners_, trick, what)

    @precondition(lambda self: len(self.subjects) < MOST_CONTESTS)
    @rule(
        organiser=organisers,
        post=st.integers(0, 1),
        step=st.sampled_from([1, 1, 1, 7, 0]),
        entries=st.integers(1, 7),
        weights_=weights,
        winners=st.integers(1, 3),
        alternates=st.integers(0, 4),
        prizes=st.lists(one_prize, min_size=3, max_size=3),
        awards=st.booleans(),
        wait=st.sampled_from([DAY, 2 * DAY, 40 * DAY, REVEAL_DELAY]),
        extra=st.sampled_from([0] * 6 + [1]),
        spoilt=st.sampled_from([""] * 12 + SPOILS),
        foreign=st.sampled_from([False] * 6 + [True]),
    )
    def open(
        self,
        organiser: int,
        post: int,
        step: int,
        entries: int,
        weights_: list[int] | None,
        winners: int,
        alternates: int,
        prizes: list[Prize],
        awards: bool,
        wait: int,
        extra: int,
        spoilt: str,
        foreign: bool,
    ) -> None:
        """Mostly sound terms; `spoilt` names the one that is not. A salt has to rise by a `step`."""
        awarded = [self.minted(organiser, prize) for prize in prizes[:winners]] if awards else []
        salt = self.series.get((organiser, post), (0, 0))[1] + step
        key = contest_key(self.people[organiser].address, POSTS[post], self.salt(salt))
        contest = self.listed(organiser, key, entries, weights_, foreign)
        contest = replace(contest, winners=winners, alternates=alternates, prizes=awarded)
        self.prepare_request()
        contest.claims_from = self.next_time + wait if awarded else 0
        config, extras, value = self.told(contest, post, salt)
        wrong = self.spoil(spoilt, config, extras)
        if contest.k > (config["entries"] if weights_ is None else extras["totalWeight"] or 0):
            wrong.add("ContestTermsInvalid")
        if step == 0:
            wrong.add("ContestKeySaltTooLow")
        plain = not awarded and weights_ is None and spoilt not in ("total", "claimsFrom")
        if extra and not plain:
            value, wrong = value + 1, wrong | {"ContestPaymentWrong"}
        for prize in awarded:
            wrong |= self.taking(prize.currency)
        call, arguments = ("open", (config,)) if plain else ("openWith", (config, extras))
        receipt = self.attempt(wrong, lambda: self.act(organiser, call, *arguments, value=value))
        if receipt:
            self.opened(contest, post, salt, receipt)

    def listed(
        self, organiser: int, key: bytes, count: int, weights_: list[int] | None, foreign: bool
    ) -> ContestModel:
        """A list with its tree; a foreign one was made for another contract. Every fifth entry cannot claim."""
        entries = []
        for index in range(count):
            who = None if index % 5 == 4 else index % len(PEOPLE)
            claim = NO_CLAIM if who is None else claim_hash(self.people[who].address, CLAIM_SALT)
            weight = 1 if weights_ is None else weights_[index]
            entries.append(Entry(weight, who, keccak(text=f"person {index}"), claim))
        contract = self.world.nft.address if foreign else self.contract.address
        place = Place(self.chain.chain_id, contract, key)
        nodes = [(place.leaf(index, entry), entry.weight) for index, entry in enumerate(entries)]
        return ContestModel(
            number=len(self.subjects) + 1,
            organiser=organiser,
            key=key,
            entries=entries,
            weighted=weights_ is not None,
            foreign=foreign,
            tree=levels(nodes, weights_ is not None),
            winners=0,
            alternates=0,
            prizes=[],
            claims_from=0,
            terms=(),
            draw=None,  # type: ignore[arg-type]
        )

    @staticmethod
    def salt(number: int) -> bytes:
        """The first 28 bytes have to rise; the rest is free."""
        return number.to_bytes(28) + b"rest"

    def told(self, contest: ContestModel, post: int, salt: int) -> tuple[dict[str, Any], dict[str, Any], int]:
        """Config and extras as the contract takes them, and the POL that belongs to them."""
        config = {
            "keySalt": self.salt(salt),
            "root": contest.tree[-1][0][0],
            "entries": len(contest.entries),
            "winners": contest.winners,
            "alternates": contest.alternates,
            "rulesHash": RULES[0],
            "listSha256": RULES[1],
            "exclusionRoot": RULES[2],
            "postHash": POSTS[post],
        }
        extras = {
            "totalWeight": contest.tree[-1][0][1] if contest.weighted else 0,
            "claimsFrom": contest.claims_from,
            "prizes": [self.prize(prize) for prize in contest.prizes],
        }
        return config, extras, sum(prize.amount for prize in contest.prizes if prize.currency == NATIVE)

    def spoil(self, what: str, config: dict[str, Any], extras: dict[str, Any]) -> set[str]:
        """Something is changed that makes the terms invalid, where these terms have it."""
        given = extras["prizes"]
        if not what or (what in ("late", "prizes", "prize", "face") and not given):
            return set()
        if what in PARTS:
            config[what] = PARTS[what]
        elif what == "total":
            if config["entries"] < 2:
                return set()
            extras["totalWeight"] = 1
        elif what == "claimsFrom":
            extras["claimsFrom"] = self.next_time + REVEAL_DELAY - 1 if given else 1
        elif what == "late":
            extras["claimsFrom"] = self.next_time + LONGEST_WAIT + 1
        elif what == "prizes":
            extras["prizes"] = [*given, given[0]]
        elif what == "prize":
            kind, token, _, number = given[-1]
            given[-1] = (kind, token, 1 if kind == 2 else 0, number)
        else:
            given[-1] = (1, NATIVE_FACE, 1, 0)
            return {"ContestTokenRefused", "ContestPaymentWrong"}
        return {"ContestTermsInvalid"}

    def opened(self, contest: ContestModel, post: int, salt: int, receipt: Any) -> None:
        count = self.series.get((contest.organiser, post), (0, 0))[0] + 1
        self.series[contest.organiser, post] = count, salt
        contest.terms = (
            self.people[contest.organiser].address,
            contest.key,
            contest.tree[-1][0][0],
            len(contest.entries),
            contest.tree[-1][0][1] if contest.weighted else 0,
            contest.winners,
            contest.alternates,
            details_hash([*RULES, POSTS[post]]),
            prizes_hash([self.prize(prize) for prize in contest.prizes]),
            contest.claims_from,
        )
        n = contest.terms[4] or contest.terms[3]
        self.requested(contest, receipt.timestamp, n, contest.k, commitment(contest.terms))
        (log,) = [log for log in receipt.events if log.event_name == "ContestOpened"]
        assert (log.contestId, log.drawNumber) == (contest.number, count)
        assert (bytes(log.contestKey), bytes(log.commitment)) == (contest.key, contest.draw.commitment)
        self.subjects.append(contest)
        self.touched = contest
        for prize in contest.prizes:
            self.moved(prize, self.contract, 1)

    @rule(index=which, who=people, patient=st.sampled_from([False, False, False, True]))
    def advance(self, index: int, who: int, patient: bool) -> None:
        """What comes next for a contest, at its time: the seed, and for the patient claims and their end."""
        contest = self.at(index)
        if contest is None:
            return
        if contest.state(self.next_time) == DRAWING:
            self.pass_until(contest.draw.reveal_at + 1)
            self.finalise(index, who, 0, 0, False, None)
        elif contest.prizes and patient:
            moments = [contest.claims_from, contest.return_due_at]
            self.pass_until(min((time for time in moments if time > self.next_time), default=0))

    # The draw

    @some(DRAWING)
    @rule(
        index=which,
        who=people,
        ahead=st.sampled_from([0] * 6 + [1, -1]),
        cut=st.sampled_from([0] * 6 + [1]),
        late=st.booleans(),
        edge=edges,
    )
    def finalise(self, index: int, who: int, ahead: int, cut: int, late: bool, edge: int | None) -> None:
        contest = self.at(index, DRAWING)
        if contest:
            self.come_to(contest.seed_due_at if late else contest.draw.reveal_at, edge)
        time = self.next_time
        signature = quick_drand.sign(contest.draw.round + ahead if contest else 1)[cut:]
        wrong = set() if contest else {"DrawNotRequested"}
        if contest:
            if contest.is_final():
                wrong.add("DrawAlreadyFinal")
            if time <= contest.draw.reveal_at:
                wrong.add("DrawTooEarly")
            if contest.state(time) == EXPIRED:
                wrong.add("ContestExpired")
            if cut:
                wrong.add("DrandBeaconSignatureLength")
            elif ahead:
                wrong.add("DrandBeaconSignatureInvalid")
        if self.attempt(wrong, lambda: self.act(who, "finalise", self.number(contest), signature)):
            assert contest is not None
            contest.draw.finalise(self.chain.chain_id, self.contract.address, contest.number)

    # Objections

    def terms_of(self, contest: ContestModel | None, forged: bool) -> tuple[tuple[Any, ...], set[str]]:
        """What somebody gives back as the terms, and what that alone brings."""
        if contest is None:
            return (ZERO, *[bytes(32)] * 2, *[1] * 4, *[bytes(32)] * 2, 0), {"ContestUnknown"}
        if not forged:
            return contest.terms, set()
        return (*contest.terms[:6], contest.terms[6] + 1, *contest.terms[7:]), {"ContestTermsWrong"}

    def disputed(self, index: int) -> ContestModel | None:
        """Mostly one that can still be objected to, with weights where there is one."""
        time = self.next_time
        fitting = [c for c in self.subjects if c.is_final() and not c.objections_closed(time)]
        if not fitting or index >= 15:
            return self.at(index, DRAWN)
        self.touched = sorted(fitting, key=lambda contest: not contest.weighted)[index % len(fitting)]
        return self.touched

    def objecting(self, contest: ContestModel, rank: int) -> set[str]:
        wrong = set() if contest.is_final() else {"ContestNotDrawn"}
        if contest.objections_closed(self.next_time):
            wrong.add("ContestObjectionsClosed")
        return wrong | self.standing(contest, rank)

    @staticmethod
    def standing(contest: ContestModel, rank: int) -> set[str]:
        if rank >= contest.k:
            return {"ContestRankUnknown"}
        return {"ContestRankOut"} if rank in contest.out else set()

    @precondition(lately_open)
    @rule(
        index=which,
        who=people,
        rank=ranks,
        length=st.sampled_from([1, 30, 256, 0, 257]),
        own=st.integers(0, 5),
        forged=st.sampled_from([False] * 9 + [True]),
        edge=edges,
    )
    def disqualify(
        self, index: int, who: int, rank: int, length: int, own: int, forged: bool, edge: int | None
    ) -> None:
        """Mostly by the organiser; as long as there are alternates, where there are prizes."""
        contest = self.disputed(index)
        terms, wrong = self.terms_of(contest, forged)
        rank = self.near(rank, contest.k) if contest else rank
        if length in (0, 257):
            wrong.add("ContestReasonInvalid")
        if contest:
            self.come_to(contest.claims_from, edge)
            who = contest.organiser if own else who
            wrong |= self.objecting(contest, rank)
            if who != contest.organiser:
                wrong.add("ContestNotOrganiser")
            if contest.prizes and contest.k - len(contest.out) <= contest.winners:
                wrong.add("ContestAlternatesUsedUp")
        arguments = (self.number(contest), terms, rank, "x" * length)
        if self.attempt(wrong, lambda: self.act(who, "disqualify", *arguments)):
            assert contest is not None
            contest.out.add(rank)

    @precondition(lambda self: lately_open(self, weighted=True))
    @rule(
        index=which,
        who=people,
        rank=ranks,
        earlier=ranks,
        repeated=st.integers(0, 4),
        lie=st.sampled_from([""] * 8 + ["index", "weight", "padded", "short"]),
        forged=st.sampled_from([False] * 9 + [True]),
        edge=edges,
    )
    def prove_repeat(
        self,
        index: int,
        who: int,
        rank: int,
        earlier: int,
        repeated: int,
        lie: str,
        forged: bool,
        edge: int | None,
    ) -> None:
        """Mostly of a rank that does repeat an earlier one, where there is one; by anybody."""
        contest = self.disputed(index)
        terms, wrong = self.terms_of(contest, forged)
        place, node, siblings = 0, (bytes(32), 1), []
        if contest:
            self.come_to(contest.claims_from, edge)
            drawn = contest.drawn() if contest.is_final() else []
            repeats = [r for r, entry in enumerate(drawn) if entry in drawn[:r] and r not in contest.out]
            rank = self.near(rank, contest.k)
            if repeats and repeated:
                rank = repeats[repeated % len(repeats)]
                earlier = drawn.index(drawn[rank])
            place = drawn[rank] if rank < len(drawn) else 0
            node, siblings = contest.tree[0][place], contest.path(place)[1]
            wrong |= self.objecting(contest, rank)
            if not contest.weighted:
                wrong.add("ContestNotWeighted")
            if earlier >= rank or drawn[earlier : earlier + 1] != [place] or rank >= len(drawn):
                wrong.add("ContestNotRepeated")
            told = place, node, siblings
            place, node, siblings = self.bent(lie, *told)
            if (place, node, siblings) != told:
                wrong.add("ContestProofInvalid")
        arguments = (self.number(contest), terms, earlier, rank, place, node, siblings)
        if self.attempt(wrong, lambda: self.act(who, "proveRepeat", *arguments)):
            assert contest is not None
            contest.out.add(rank)

    @staticmethod
    def bent(lie: str, place: int, node: Any, siblings: list[Any]) -> tuple[int, Any, list[Any]]:
        """A way from a node to the root that is not in the tree."""
        if lie == "index":
            return place + 1, node, siblings
        if lie == "weight":
            return place, (node[0], node[1] + 1), siblings
        if lie == "padded":
            return place, node, [*siblings, (bytes(32), 0)]
        return place, node, siblings[:-1] if lie == "short" else siblings

    # Claims

    def lying(self, contest: ContestModel, entry: int, lie: str) -> tuple[tuple[Any, ...], Any, bool]:
        """Leaf and path of an entry, bent, and whether that makes a difference."""
        leaf, way = contest.leaf(entry), contest.path(entry)
        place, weight, who, claim = leaf
        proof, siblings = way
        if lie == "contest":
            others = [
                other for other in self.subjects if other.key != contest.key and len(other.entries) > entry
            ]
            if not others:
                return leaf, way, contest.foreign
            return others[0].leaf(entry), others[0].path(entry), True
        if lie == "index":
            leaf = (place + 1, weight, who, claim)
        elif lie == "weight":
            leaf = (place, weight + 1, who, claim)
        elif lie == "id":
            leaf = (place, weight, keccak(who), claim)
        elif lie == "claim":
            leaf = (place, weight, who, claim_hash(self.people[0].address, keccak(CLAIM_SALT)))
        elif lie == "padded":
            way = (
                (proof, [*siblings, (bytes(32), 0)]) if contest.weighted else ([*proof, bytes(32)], siblings)
            )
        elif lie == "short":
            way = proof[:-1], siblings[:-1]
        elif lie == "kind":
            way = (proof, [(bytes(32), 0)]) if not contest.weighted else ([bytes(32)], siblings)
        return leaf, way, contest.foreign or (leaf, way) != (contest.leaf(entry), contest.path(entry))

    def claiming(self, contest: ContestModel, rank: int, entry: int, bent: bool) -> set[str]:
        """All that is wrong with a claim, but for who claims and who is paid."""
        wrong = set() if contest.prizes else {"ContestHasNoPrizes"}
        if not contest.is_final():
            return wrong | {"ContestNotDrawn"}
        if self.next_time < contest.claims_from:
            wrong.add("ContestClaimsNotOpen")
        if bent:
            wrong.add("ContestProofInvalid")
        outside = self.standing(contest, rank)
        if outside:
            return wrong | outside
        place = contest.place(rank)
        if place >= contest.winners:
            wrong.add("ContestRankWinsNothing")
        if contest.drawn()[rank] != entry:
            wrong.add("ContestNotDrawnAt")
        return wrong | ({"ContestPrizeSettled"} if place in contest.settled else set())

    def chosen(self, contest: ContestModel, rank: int, entry: int, right: int) -> tuple[int, int]:
        """Rank and entry: mostly one of those that stand, with the entry that was drawn there."""
        rank = self.near(rank, contest.k)
        standing = contest.standing()
        if right and standing:
            rank = standing[rank % len(standing)]
        drawn = contest.drawn() if contest.is_final() else []
        if right != 1 and rank < len(drawn):
            return rank, drawn[rank]
        return rank, entry % len(contest.entries)

    def prize_at(self, contest: ContestModel, rank: int) -> Prize | None:
        """The prize of the place where a rank stands."""
        place = contest.place(rank)
        return contest.prizes[place] if rank < contest.k and place < len(contest.prizes) else None

    @some(DRAWN)
    @rule(
        index=which,
        who=people,
        rank=ranks,
        entry=ranks,
        right=st.integers(0, 6),
        lie=lies,
        thief=st.sampled_from([None] * 15 + [0, 1, 4]),
        forged=st.sampled_from([False] * 9 + [True]),
        edge=edges,
    )
    def claim(
        self,
        index: int,
        who: int,
        rank: int,
        entry: int,
        right: int,
        lie: str,
        thief: int | None,
        forged: bool,
        edge: int | None,
    ) -> None:
        """By anybody, to the claimant in the leaf; a thief names himself."""
        contest = self.at(index, DRAWN)
        terms, wrong = self.terms_of(contest, forged)
        leaf, way, claimant = (0, 1, bytes(32), bytes(32)), ([], []), thief or 0
        if contest:
            self.come_to(contest.claims_from, edge)
            rank, entry = self.chosen(contest, rank, entry, right)
            leaf, way, bent = self.lying(contest, entry, lie)
            wrong |= self.claiming(contest, rank, entry, bent)
            claimant = self.claimant(contest, entry, thief)
            wrong |= self.paying_at(contest, rank, claimant)
        wrong |= self.naming(leaf, claimant)
        arguments = (self.number(contest), terms, rank, leaf, way, self.people[claimant], CLAIM_SALT)
        if self.attempt(wrong, lambda: self.act(who, "claim", *arguments)):
            self.claimed(contest, rank, claimant)

    @some(DRAWN)
    @rule(
        index=which,
        rank=ranks,
        entry=ranks,
        right=st.integers(0, 6),
        lie=lies,
        thief=st.sampled_from([None] * 15 + [0, 1, 4]),
        to=receivers,
        edge=edges,
    )
    def claim_to(
        self,
        index: int,
        rank: int,
        entry: int,
        right: int,
        lie: str,
        thief: int | None,
        to: int | None,
        edge: int | None,
    ) -> None:
        """By the claimant in the leaf, to anybody; by a thief to himself."""
        contest = self.at(index, DRAWN)
        terms, wrong = self.terms_of(contest, False)
        leaf, way, claimant = (0, 1, bytes(32), bytes(32)), ([], []), thief or 0
        if contest:
            self.come_to(contest.claims_from, edge)
            rank, entry = self.chosen(contest, rank, entry, right)
            leaf, way, bent = self.lying(contest, entry, lie)
            wrong |= self.claiming(contest, rank, entry, bent)
            claimant = self.claimant(contest, entry, thief)
            wrong |= self.paying_at(contest, rank, -1 if to is None else to)
        if to is None:
            wrong.add("ContestReceiverMissing")
        wrong |= self.naming(leaf, claimant)
        receiver = ZERO if to is None else self.people[to]
        arguments = (self.number(contest), terms, rank, leaf, way, CLAIM_SALT, receiver)
        if self.attempt(wrong, lambda: self.act(claimant, "claimTo", *arguments)):
            assert to is not None
            self.claimed(contest, rank, to)

    @staticmethod
    def claimant(contest: ContestModel, entry: int, thief: int | None) -> int:
        own = contest.entries[entry].claimant
        return (own or 0) if thief is None else thief

    def naming(self, leaf: tuple[Any, ...], claimant: int) -> set[str]:
        named = leaf[3] == claim_hash(self.people[claimant].address, CLAIM_SALT)
        return set() if named else {"ContestNotClaimant"}

    def paying_at(self, contest: ContestModel, rank: int, to: int) -> set[str]:
        prize = self.prize_at(contest, rank)
        return self.paying(prize.currency, to) if prize else set()

    def claimed(self, contest: ContestModel | None, rank: int, to: int) -> None:
        assert contest is not None
        prize, place = self.prize_at(contest, rank), contest.place(rank)
        assert prize is not None
        contest.settled.add(place)
        self.moved(prize, self.people[to], -1)

    @rule(index=which, who=people, place=ranks, forged=st.sampled_from([False] * 9 + [True]), edge=edges)
    def return_prize(self, index: int, who: int, place: int, forged: bool, edge: int | None) -> None:
        contest = self.at(index, EXPIRED, DRAWN)
        terms, wrong = self.terms_of(contest, forged)
        if contest:
            self.come_to(contest.return_due_at, edge)
            place = self.near(place, contest.winners)
            if not contest.prizes:
                wrong.add("ContestHasNoPrizes")
            if self.next_time < contest.return_due_at:
                wrong.add("ContestReturnNotDue")
            if place >= contest.winners:
                wrong.add("ContestPlaceUnknown")
            elif contest.prizes:
                wrong |= self.paying(contest.prizes[place].currency, contest.organiser)
            if place in contest.settled:
                wrong.add("ContestPrizeSettled")
        arguments = (self.number(contest), terms, place)
        if self.attempt(wrong, lambda: self.act(who, "returnPrize", *arguments)):
            assert contest is not None
            contest.settled.add(place)
            self.moved(contest.prizes[place], self.people[contest.organiser], -1)

    def inner_call(self, contest: ContestModel | None, what: int, rank: int, who: int) -> bytes:
        """What somebody tries from inside a payment; all of it must be refused there."""
        number, person = self.number(contest), self.people[who]
        terms, _ = self.terms_of(contest, False)
        if contest is None or what == 0:
            config = {
                "keySalt": b"\xff" * 32,
                "root": b"\1" * 32,
                "entries": 3,
                "winners": 1,
                "alternates": 0,
            }
            words = {"rulesHash": RULES[0], "listSha256": RULES[1], "exclusionRoot": RULES[2]}
            return bytes(self.contract.open.encode_input(config | words | {"postHash": POSTS[0]}))
        if what == 1:
            return bytes(self.contract.returnPrize.encode_input(number, terms, rank))
        rank, entry = self.chosen(contest, rank, rank, 0)
        claimant = self.people[self.claimant(contest, entry, None)]
        shown = number, terms, rank, contest.leaf(entry), contest.path(entry)
        if what % 2:
            return bytes(self.contract.claim.encode_input(*shown, claimant, CLAIM_SALT))
        return bytes(self.contract.claimTo.encode_input(*shown, CLAIM_SALT, person))

    # Time and views

    @rule(
        index=which,
        what=st.sampled_from(MOMENTS),
        early=st.integers(-1, 1),
    )
    def wait_for(self, index: int, what: str, early: int) -> None:
        """A contest's next moment, or a second beside it."""
        contest = self.at(index)
        if contest is None:
            return
        moments = {
            "cut-off": contest.draw.reveal_at - MARGIN,
            "reveal": contest.draw.reveal_at,
            "seed due": contest.seed_due_at,
            "claims": contest.claims_from,
            "return": contest.return_due_at,
        }
        time = moments[what] + early
        if time > self.chain.timestamp:
            self.chain.pending_timestamp = time

    @rule(index=which, entry=ranks, rank=ranks, lie=lies)
    def look(self, index: int, entry: int, rank: int, lie: str) -> None:
        """Whether an entry stands in the list, and whether it was drawn at a rank."""
        contest = self.at(index)
        if contest is None:
            return
        rank, entry = self.chosen(contest, rank, entry, entry % 3)
        leaf, way, bent = self.lying(contest, entry, lie)
        shown = (contest.number, contest.terms)
        assert self.contract.isEntry(*shown, leaf, way) == (not bent)
        stands = contest.is_final() and not self.standing(contest, rank)
        drawn = bool(stands) and not bent and contest.drawn()[rank] == entry
        assert self.contract.isDrawnAt(*shown, rank, leaf, way) == drawn
        wrong = set() if rank < contest.k else {"ContestRankUnknown"}
        place = self.attempt(wrong, lambda: (self.contract.placeOf(contest.number, rank),))
        assert place is None or place == (contest.place(rank),)

    # What is always true

    @invariant()
    def draws_are_counted(self) -> None:
        """For each organiser and post they only increase, and a key serves once."""
        assert self.contract.contestCount() == len(self.subjects)
        for (organiser, post), (count, salt) in self.series.items():
            whose = self.people[organiser], POSTS[post]
            assert self.contract.drawsOf(*whose) == count
            assert bytes(self.contract.lastKeySaltOf(*whose)) == self.salt(salt)[:28]

    def check(self, contest: ContestModel) -> None:
        super().check(contest)
        self.check_prizes(contest.prizes)
        number = contest.number
        assert self.contract.stateOf(number) == contest.state(self.chain.timestamp)
        assert [self.contract.isOut(number, rank) for rank in range(contest.k)] == [
            rank in contest.out for rank in range(contest.k)
        ]
        for place, prize in enumerate(contest.prizes):
            assert tuple(self.contract.prizeOf(number, place)) == (
                self.prize(prize),
                place in contest.settled,
            )
        if contest.prizes:
            assert self.contract.returnDueAt(number, contest.terms) == contest.return_due_at
        if contest.is_final():
            numbers, standing = contest.numbers(), contest.standing()
            told = self.contract.standingWinners(number, contest.terms)
            assert tuple(told) == (standing, [numbers[rank] for rank in standing])

    # The end

    def teardown(self) -> None:
        """A stranger leads all contests to an end: whoever won and can claim is paid, the rest goes back. Who refuses then
        blocks only their own payments."""
        if sys.exc_info()[0] is not None:
            return  # a step failed, and that is what should be told
        for contest in self.subjects:
            self.finish(contest)
            self.pay_out(contest)
        self.accounts()
        self.everybody_behaves()
        for contest in self.subjects:
            self.pay_out(contest)
            self.take_back(contest)
        self.accounts()
        assert self.held == self.donated

    def finish(self, contest: ContestModel) -> None:
        if contest.number % 2 and not contest.is_final():
            self.pass_until(contest.draw.reveal_at + 1)
            if contest.state(self.next_time) == DRAWING:
                signature = quick_drand.sign(contest.draw.round)
                self.contract.finalise(contest.number, signature, sender=self.people[0])
                contest.draw.finalise(self.chain.chain_id, self.contract.address, contest.number)

    def pay_out(self, contest: ContestModel) -> None:
        """To all who won and can claim."""
        if not contest.prizes or not contest.is_final() or contest.foreign:
            return
        self.pass_until(contest.claims_from)
        for place, rank in enumerate(contest.standing()):
            entry = contest.drawn()[rank]
            claimant = contest.entries[entry].claimant
            if claimant is None or place in contest.settled:
                continue
            shown = contest.number, contest.terms, rank, contest.leaf(entry), contest.path(entry)
            call = (*shown, self.people[claimant], CLAIM_SALT)
            wrong = self.paying_at(contest, rank, claimant)
            if self.attempt(wrong, lambda call=call: self.act(0, "claim", *call)):
                self.claimed(contest, rank, claimant)

    def take_back(self, contest: ContestModel) -> None:
        """What nobody claimed, to the organiser."""
        if not contest.prizes:
            return
        self.pass_until(contest.return_due_at)
        for place in sorted(set(range(contest.winners)) - contest.settled):
            self.contract.returnPrize(contest.number, contest.terms, place, sender=self.people[0])
            contest.settled.add(place)
            self.moved(contest.prizes[place], self.people[contest.organiser], -1)
        self.check(contest)


TestContest = ContestMachine.quick(examples=120)
