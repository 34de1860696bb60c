"""Contests: commitment, list proofs, draw, disqualification."""

from dataclasses import dataclass
from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.merkle import Tree, contest_key, id_hash, list_leaves, salt_of
from listener.chain.draw.terms import contest_commitment
from listener.chain.draw.winners import winners
from tests.contracts.kit import event, finalise, no_vrf
from tests.evm import reverts

NONE, DRAWING, DRAWN = 0, 1, 2
SECRET = b"\x21" * 32
POST = keccak(text="https://example.org/post/1")
ZERO32 = bytes(32)


@dataclass(frozen=True)
class List:
    """A list of accounts with its tree for one contract and organiser."""

    key_salt: bytes
    ids: list[bytes]
    tree: Tree

    def leaf(self, index: int) -> tuple[int, int, bytes, bytes]:
        return (index, 1, self.ids[index], ZERO32)

    def config(self, **changes: Any) -> tuple[Any, ...]:
        config = {
            "keySalt": self.key_salt,
            "root": self.tree.root,
            "entries": len(self.ids),
            "winners": 2,
            "alternates": 3,
            "rulesHash": keccak(text="rules"),
            "listSha256": keccak(text="list"),
            "exclusionRoot": ZERO32,
            "postHash": POST,
        }
        return tuple((config | changes).values())


def make_list(contract: Any, organiser: Any, chain: Any, salt: bytes = b"\x01" * 32, n: int = 11) -> List:
    key = contest_key(organiser.address, salt)
    people = [f"person{index}" for index in range(n)]
    ids = [id_hash(salt_of(SECRET, index), person) for index, person in enumerate(people)]
    leaves = list_leaves(
        chain_id=chain.chain_id,
        contract=contract.address,
        contest_key=key,
        secret=SECRET,
        account_keys=people,
    )
    return List(key_salt=salt, ids=ids, tree=Tree(leaves))


@pytest.fixture
def entries(contest: Any, organiser: Any, chain: Any) -> List:
    return make_list(contest, organiser, chain)


@pytest.fixture
def opened(contest: Any, entries: List, organiser: Any) -> int:
    contest.open(entries.config(), sender=organiser)
    return int(contest.contestCount())


@pytest.fixture
def drawn(contest: Any, opened: int, chain: Any, stranger: Any) -> int:
    finalise(contest, opened, chain, stranger)
    return opened


def test_open__any_list__commits_and_requests_at_once(contest: Any, entries: List, organiser: Any) -> None:
    receipt = contest.open(entries.config(), sender=organiser)
    opening, request = event(receipt, "ContestOpened"), event(receipt, "DrawRequested")
    contest_id = opening.contestId
    info, draw = contest.infoOf(contest_id), contest.drawOf(contest_id)
    expected = contest_commitment(
        root=entries.tree.root, n=11, winners=2, alternates=3, details_hash=bytes(info.detailsHash)
    )
    assert bytes(opening.commitment) == bytes(request.commitment) == bytes(draw.commitment) == expected
    assert (request.drawId, draw.n, draw.k) == (contest_id, 11, 5)
    assert bytes(info.contestKey) == contest_key(organiser.address, entries.key_salt)
    assert (info.organiser, info.entries, info.winners, info.alternates) == (organiser, 11, 2, 3)
    assert (opening.drawNumber, info.drawNumber) == (1, 1)
    assert contest.stateOf(contest_id) == DRAWING


def test_open__same_post_again__counts_up_for_this_organiser(
    contest: Any, entries: List, opened: int, organiser: Any, stranger: Any
) -> None:
    receipt = contest.open(entries.config(keySalt=b"\x02" * 32), sender=organiser)
    assert event(receipt, "ContestOpened").drawNumber == 2
    receipt = contest.open(entries.config(), sender=stranger)
    assert event(receipt, "ContestOpened").drawNumber == 1
    assert contest.drawsOf(organiser, POST) == 2


def test_open__same_key_again__is_refused(contest: Any, entries: List, opened: int, organiser: Any) -> None:
    key = contest.keyOf(organiser, entries.key_salt)
    with reverts(contest.ContestKeyUsed, contestKey=key):
        contest.open(entries.config(postHash=ZERO32), sender=organiser)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"root": ZERO32}, "root"),
        ({"winners": 0}, "winners"),
        ({"entries": 4}, "entries"),
        ({"entries": 0}, "entries"),
        ({"winners": 2**32 - 1, "alternates": 1, "entries": 2**40}, "entries"),
    ],
)
def test_open__unusable_terms__names_the_field(
    contest: Any, entries: List, organiser: Any, changes: dict[str, Any], field: str
) -> None:
    with reverts(contest.ContestTermsInvalid, field=field):
        contest.open(entries.config(**changes), sender=organiser)


def test_leaf_hash__any_entry__is_the_twins(contest: Any, entries: List, organiser: Any) -> None:
    key = contest.keyOf(organiser, entries.key_salt)
    for index in (0, 7, 10):
        assert bytes(contest.leafHash(key, entries.leaf(index))) == entries.tree.leaf(index)


def test_is_entry__honest_proofs__hold(contest: Any, entries: List, opened: int) -> None:
    for index in range(11):
        assert contest.isEntry(opened, entries.leaf(index), entries.tree.proof(index))


def test_is_entry__anything_changed__fails(contest: Any, entries: List, opened: int) -> None:
    proof = entries.tree.proof(4)
    index, weight, identity, claim = entries.leaf(4)
    for forged in (
        (5, weight, identity, claim),
        (index, 2, identity, claim),
        (index, weight, entries.ids[5], claim),
        (index, weight, identity, b"\x01" * 32),
    ):
        assert not contest.isEntry(opened, forged, proof)
    assert not contest.isEntry(opened, entries.leaf(4), [*proof, ZERO32])


def test_is_entry__leaf_of_another_contract_or_contest__fails(
    contest: Any, contest_without_vrf: Any, entries: List, opened: int, organiser: Any, chain: Any
) -> None:
    foreign = make_list(contest_without_vrf, organiser, chain)
    assert not contest.isEntry(opened, foreign.leaf(4), foreign.tree.proof(4))
    # The same tree committed under another key: its leaves name the first contest.
    contest.open(entries.config(keySalt=b"\x05" * 32), sender=organiser)
    other = contest.contestCount()
    assert not contest.isEntry(other, entries.leaf(4), entries.tree.proof(4))
    with reverts(contest.ContestUnknown, contestId=999):
        contest.isEntry(999, entries.leaf(4), entries.tree.proof(4))


def test_draw__seed_set__ranks_are_the_twins(contest: Any, entries: List, drawn: int) -> None:
    numbers = winners(bytes(contest.drawOf(drawn).seed), 11, 5)
    assert contest.stateOf(drawn) == DRAWN
    assert contest.winningNumbers(drawn, 0, 5) == numbers
    standing = contest.standingWinners(drawn)
    assert (standing.ranks, standing.entries) == ([0, 1], numbers[:2])
    for rank, number in enumerate(numbers):
        proof = entries.tree.proof(number)
        assert contest.isDrawnAt(drawn, rank, entries.leaf(number), proof)
        assert not contest.isDrawnAt(drawn, (rank + 1) % 5, entries.leaf(number), proof)
        assert not contest.isDrawnAt(drawn, rank, entries.leaf(number), [*proof, ZERO32])
    assert not contest.isDrawnAt(drawn, 5, entries.leaf(numbers[0]), entries.tree.proof(numbers[0]))


def test_disqualify__a_winner__moves_the_next_alternate_up(
    contest: Any, entries: List, drawn: int, organiser: Any
) -> None:
    numbers = contest.winningNumbers(drawn, 0, 5)
    log = event(contest.disqualify(drawn, 0, "not a person", sender=organiser), "RankDisqualified")
    assert (log.rank, log.organiser, log.reason) == (0, organiser, "not a person")
    assert tuple(contest.standingWinners(drawn)) == ([1, 2], numbers[1:3])
    assert not contest.isDrawnAt(drawn, 0, entries.leaf(numbers[0]), entries.tree.proof(numbers[0]))
    for rank in (1, 3, 4):
        contest.disqualify(drawn, rank, "no", sender=organiser)
    assert tuple(contest.standingWinners(drawn)) == ([2], [numbers[2]])
    assert contest.infoOf(drawn).disqualified == 4


def test_disqualify__not_allowed__says_why(
    contest: Any, drawn: int, organiser: Any, stranger: Any, owner: Any
) -> None:
    for caller in (stranger, owner):
        with reverts(contest.ContestNotOrganiser, caller=caller.address):
            contest.disqualify(drawn, 0, "no", sender=caller)
    with reverts(contest.ContestRankUnknown, rank=5):
        contest.disqualify(drawn, 5, "no", sender=organiser)
    for reason in ("", "x" * 257):
        with reverts(contest.ContestReasonInvalid, length=len(reason)):
            contest.disqualify(drawn, 0, reason, sender=organiser)
    contest.disqualify(drawn, 0, "x" * 256, sender=organiser)
    with reverts(contest.ContestAlreadyDisqualified, rank=0):
        contest.disqualify(drawn, 0, "again", sender=organiser)


def test_disqualify__before_the_seed__is_refused(contest: Any, opened: int, organiser: Any) -> None:
    with reverts(contest.ContestNotDrawn, contestId=opened):
        contest.disqualify(opened, 0, "no", sender=organiser)
    with reverts(contest.ContestNotDrawn, contestId=opened):
        contest.standingWinners(opened)


def test_draw__hundreds_of_ranks__disqualification_bits_do_not_mix(
    contest: Any, organiser: Any, chain: Any
) -> None:
    many = make_list(contest, organiser, chain, salt=b"\x09" * 32, n=400)
    contest.open(many.config(winners=300, alternates=100), sender=organiser)
    contest_id = contest.contestCount()
    finalise(contest, contest_id, chain, organiser)
    contest.disqualify(contest_id, 256, "no", sender=organiser)
    assert contest.isDisqualified(contest_id, 256)
    assert not contest.isDisqualified(contest_id, 0)
    ranks, numbers = contest.standingWinners(contest_id)
    assert ranks == [*range(256), *range(257, 301)]
    assert len(set(numbers)) == 300


def test_open__without_vrf__draws_by_drand_alone(
    contest_without_vrf: Any, organiser: Any, chain: Any
) -> None:
    entries = make_list(contest_without_vrf, organiser, chain)
    contest_without_vrf.open(entries.config(), sender=organiser)
    finalise(contest_without_vrf, 1, chain, organiser)
    assert contest_without_vrf.stateOf(1) == DRAWN
    assert contest_without_vrf.stateOf(2) == NONE
    assert tuple(contest_without_vrf.vrfConfig()) == no_vrf()
