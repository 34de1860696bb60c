"""What can be asked of a contest, and that a proof holds in its own place only."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils import keccak

from listener.chain.draw.merkle import leaf_hash
from tests.contracts.contest_kit import (
    CLAIM_TIME,
    DRAWING,
    DRAWN,
    NONE,
    POST,
    SEED_TIME,
    ZERO32,
    ContestKit,
    Opened,
    other_terms,
)
from tests.contracts.kit import MARGIN, REVEAL_DELAY, native_prize, no_vrf
from tests.evm import reverts

WEIGHTS = [3, 1, 2**40, 7, 1]
VIEW_GAS = 30_000_000


@pytest.fixture(params=["plain", "weighted"])
def drawn(request: pytest.FixtureRequest, contests: ContestKit) -> Opened:
    return contests.draw(contests.listed(weights=WEIGHTS if request.param == "weighted" else None))


def test_contest_count__counts_from_one(contests: ContestKit) -> None:
    before = contests.contest.contestCount()
    assert contests.open().receipt.return_value == before + 1 == contests.contest.contestCount()


def test_state_of__follows_from_facts(contests: ContestKit) -> None:
    opened = contests.open()
    assert contests.contest.stateOf(opened.id + 1) == NONE
    assert contests.contest.stateOf(opened.id) == DRAWING
    contests.finalise(opened)
    assert contests.contest.stateOf(opened.id) == DRAWN


def test_key_of__is_the_hash_of_organiser_post_and_salt(contests: ContestKit) -> None:
    parts = [contests.organiser.address, POST, b"\x07" * 32]
    expected = keccak(encode(["address", "bytes32", "bytes32"], parts))
    assert bytes(contests.contest.keyOf(*parts)) == expected


def test_draws_of__are_zero_before_the_first_draw(contests: ContestKit, stranger: Any) -> None:
    assert contests.contest.drawsOf(stranger, POST) == 0
    assert contests.contest.lastKeySaltOf(stranger, POST) == bytes(28)


def test_leaf_hash__is_the_twin_s(contests: ContestKit) -> None:
    key, identity, claim = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
    for index, weight in ((0, 1), (7, 0), (2**64 - 1, 2**256 - 1)):
        expected = leaf_hash(
            chain_id=contests.chain.chain_id,
            contract=contests.contest.address,
            contest_key=key,
            index=index,
            weight=weight,
            id_hash=identity,
            claim_hash=claim,
        )
        assert bytes(contests.contest.leafHash(key, (index, weight, identity, claim))) == expected


def test_is_entry__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id):
        contests.contest.isEntry(drawn.id, other_terms(drawn), *drawn.shown(0))


def test_is_entry__the_contest_is_unknown__reverts_contest_unknown(
    contests: ContestKit, drawn: Opened
) -> None:
    for number in (0, drawn.id + 1):
        with reverts(contests.contest.ContestUnknown, contestId=number):
            contests.contest.isEntry(number, drawn.words, *drawn.shown(0))


def test_is_entry__the_proof_is_honest__holds_for_every_entry(contests: ContestKit, drawn: Opened) -> None:
    for index in range(drawn.terms.entries):
        assert contests.contest.isEntry(drawn.id, drawn.words, *drawn.shown(index))


def test_is_entry__anything_is_changed__fails(contests: ContestKit, drawn: Opened) -> None:
    leaf, (proof, siblings) = drawn.shown(3)
    index, weight, identity, claim = leaf
    other = drawn.listed.path(2)
    forged = [
        ((2, weight, identity, claim), (proof, siblings)),
        ((4, weight, identity, claim), (proof, siblings)),
        ((index, weight + 1, identity, claim), (proof, siblings)),
        ((index, 0, identity, claim), (proof, siblings)),
        ((index, 2**256 - 1, identity, claim), (proof, siblings)),
        ((index, weight, drawn.listed.leaves[2][2], claim), (proof, siblings)),
        ((index, weight, identity, b"\x01" * 32), (proof, siblings)),
        (leaf, other),
        (leaf, ([*proof, ZERO32], siblings)),
        (leaf, (proof, [*siblings, (ZERO32, 1)])),
        (leaf, (proof[:-1], siblings[:-1])),
        (leaf, ([], [])),
    ]
    for changed, path in forged:
        assert not contests.contest.isEntry(drawn.id, drawn.words, changed, path)


def test_is_entry__the_leaf_is_of_another_contest_contract_or_chain__fails(
    contests: ContestKit, contest_without_vrf: Any, drawn: Opened, open_another: Callable[..., Any]
) -> None:
    weights = WEIGHTS if drawn.terms.total_weight else None
    # The same list under another key, committed in the same contract.
    other = contests.open(contests.listed(weights=weights))
    assert not contests.contest.isEntry(other.id, other.words, *drawn.shown(1))
    assert not contests.contest.isEntry(drawn.id, drawn.words, *other.shown(1))
    # The very tree of this contest, committed in another contract.
    elsewhere = ContestKit(contest_without_vrf, contests.chain, contests.organiser)
    copied = elsewhere.open(drawn.listed)
    assert not contest_without_vrf.isEntry(copied.id, copied.words, *drawn.shown(1))
    # A list made for another chain.
    polygon = open_another(chain_id=137)
    foreign = ContestKit(contests.contest, polygon, contests.organiser).listed(
        weights=weights, key_salt=contests.next_salt()
    )
    crossed = contests.open(foreign)
    assert not contests.contest.isEntry(crossed.id, crossed.words, *crossed.shown(1))


def test_is_drawn_at__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id):
        contests.contest.isDrawnAt(drawn.id, other_terms(drawn), 0, *drawn.shown(0))


def test_is_drawn_at__there_is_no_seed_yet__is_false(contests: ContestKit) -> None:
    opened = contests.open(contests.listed(5))
    held = [
        contests.contest.isDrawnAt(opened.id, opened.words, rank, *opened.shown(entry))
        for rank in range(5)
        for entry in range(5)
    ]
    assert not any(held)


def test_is_drawn_at__the_seed_is_set__holds_for_the_entry_of_each_rank_only(
    contests: ContestKit, drawn: Opened
) -> None:
    entries = contests.entries(drawn)
    assert len(entries) == 5
    for rank in range(6):
        for entry in range(drawn.terms.entries):
            held = contests.contest.isDrawnAt(drawn.id, drawn.words, rank, *drawn.shown(entry))
            assert held == (rank < 5 and entries[rank] == entry)
    contests.contest.disqualify(drawn.id, drawn.words, 2, "no", sender=contests.organiser)
    assert not contests.contest.isDrawnAt(drawn.id, drawn.words, 2, *drawn.shown(entries[2]))


def test_is_out__some_ranks_are_out__follow_from_them(contests: ContestKit, drawn: Opened) -> None:
    for rank in (3, 0):
        contests.contest.disqualify(drawn.id, drawn.words, rank, "no", sender=contests.organiser)
    assert [contests.contest.isOut(drawn.id, rank) for rank in range(5)] == [True, False, False, True, False]
    assert [contests.contest.placeOf(drawn.id, rank) for rank in range(5)] == [0, 0, 1, 2, 2]


def test_is_out__the_rank_was_not_drawn__reverts_contest_rank_unknown(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestRankUnknown, contestId=drawn.id, rank=5):
        contests.contest.placeOf(drawn.id, 5)
    assert not contests.contest.isOut(drawn.id, 5)


def test_standing_winners__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id):
        contests.contest.standingWinners(drawn.id, other_terms(drawn))


def test_standing_winners__there_is_no_seed_yet__reverts_contest_not_drawn(contests: ContestKit) -> None:
    opened = contests.open()
    with reverts(contests.contest.ContestNotDrawn, contestId=opened.id):
        contests.contest.standingWinners(opened.id, opened.words)


def test_standing_winners__the_seed_is_set__are_the_twin_s(contests: ContestKit, drawn: Opened) -> None:
    numbers = contests.numbers(drawn)
    assert contests.contest.winningNumbers(drawn.id, 0, 5) == numbers
    assert tuple(contests.contest.standingWinners(drawn.id, drawn.words)) == ([0, 1], numbers[:2])


def test_standing_winners__there_are_twenty_thousand_ranks__fits_a_call(
    project: Any, owner: Any, beacon: Any, chain: Any, organiser: Any
) -> None:
    contract = owner.deploy(project.Contest, owner, beacon, REVEAL_DELAY, MARGIN, no_vrf())
    kit = ContestKit(contract, chain, organiser)
    places = {"winners": 10_000, "alternates": 10_000}
    opened = kit.open(entries=1_000_000, **places)
    kit.finalise(opened)
    words = (*opened.words[:3], 1_000_000, *opened.words[4:])
    found = contract.standingWinners(opened.id, words, gas=VIEW_GAS)
    assert found.numbers == kit.numbers(opened)[:10_000]
    contract.disqualify(opened.id, words, 19_999, "no", sender=organiser)
    assert contract.placeOf(opened.id, 19_999) == 19_999


def test_prize_of__there_is_no_prize__is_empty(contests: ContestKit) -> None:
    opened = contests.open(prizes=[native_prize(1), native_prize(2)])
    for contest_id, place in ((opened.id, 2), (opened.id + 1, 0)):
        held = contests.contest.prizeOf(contest_id, place)
        assert (tuple(held.prize), held.settled) == ((0, "0x" + "00" * 20, 0, 0), False)


def test_return_due_at__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id):
        contests.contest.returnDueAt(drawn.id, other_terms(drawn))


def test_return_due_at__there_are_no_prizes__reverts_contest_has_no_prizes(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestHasNoPrizes, contestId=drawn.id):
        contests.contest.returnDueAt(drawn.id, drawn.words)


def test_return_due_at__there_are_prizes__follows_from_seed_and_claim_time(contests: ContestKit) -> None:
    opened = contests.open(prizes=[native_prize(1), native_prize(2)])
    reveal = contests.contest.drawOf(opened.id).revealAt
    assert contests.contest.returnDueAt(opened.id, opened.words) == reveal + SEED_TIME
    contests.finalise(opened)
    assert contests.contest.returnDueAt(opened.id, opened.words) == opened.terms.claims_from + CLAIM_TIME
