"""Disqualifying ranks: who may, until when, and who moves up."""

from typing import Any

import pytest

from tests.contracts.contest_kit import DRAWN, ContestKit, Opened, other_terms
from tests.contracts.kit import DAY, event, native_prize
from tests.evm import reverts

PRIZES = [native_prize(3), native_prize(2)]
REASON = "not a person"


@pytest.fixture
def drawn(contests: ContestKit) -> Opened:
    return contests.draw()


@pytest.fixture
def prized(contests: ContestKit) -> Opened:
    return contests.draw(prizes=PRIZES)


def disqualify(contests: ContestKit, opened: Opened, rank: int, sender: Any = None) -> Any:
    return contests.contest.disqualify(
        opened.id, opened.words, rank, REASON, sender=sender or contests.organiser
    )


def standing(contests: ContestKit, opened: Opened) -> list[int]:
    return list(contests.contest.standingWinners(opened.id, opened.words).ranks)


def test_disqualify__the_contest_is_unknown__reverts_contest_unknown(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestUnknown, contestId=999):
        contests.contest.disqualify(999, drawn.words, 0, REASON, sender=contests.organiser)


def test_disqualify__these_are_not_its_terms__reverts_contest_terms_wrong(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=drawn.id, committed=drawn.terms.hash()):
        contests.contest.disqualify(drawn.id, other_terms(drawn), 0, REASON, sender=contests.organiser)


def test_disqualify__there_is_no_seed_yet__reverts_contest_not_drawn(contests: ContestKit) -> None:
    opened = contests.open()
    with reverts(contests.contest.ContestNotDrawn, contestId=opened.id):
        disqualify(contests, opened, 0)


def test_disqualify__the_caller_is_not_the_organiser__reverts_contest_not_organiser(
    contests: ContestKit, drawn: Opened, stranger: Any, owner: Any
) -> None:
    for caller in (stranger, owner):
        with reverts(contests.contest.ContestNotOrganiser, caller=caller.address):
            disqualify(contests, drawn, 0, sender=caller)


@pytest.mark.parametrize("reason", ["", "x" * 257])
def test_disqualify__the_reason_is_empty_or_too_long__reverts_contest_reason_invalid(
    contests: ContestKit, drawn: Opened, reason: str
) -> None:
    with reverts(contests.contest.ContestReasonInvalid, length=len(reason)):
        contests.contest.disqualify(drawn.id, drawn.words, 0, reason, sender=contests.organiser)
    contests.contest.disqualify(drawn.id, drawn.words, 0, "x" * 256, sender=contests.organiser)


def test_disqualify__the_rank_was_not_drawn__reverts_contest_rank_unknown(
    contests: ContestKit, drawn: Opened
) -> None:
    with reverts(contests.contest.ContestRankUnknown, rank=5):
        disqualify(contests, drawn, 5)


def test_disqualify__the_rank_is_out_already__reverts_contest_rank_out(
    contests: ContestKit, drawn: Opened
) -> None:
    disqualify(contests, drawn, 1)
    with reverts(contests.contest.ContestRankOut, contestId=drawn.id, rank=1):
        disqualify(contests, drawn, 1)


def test_disqualify__there_are_no_prizes__moves_the_next_alternate_up_at_any_time(
    contests: ContestKit, drawn: Opened
) -> None:
    numbers = contests.numbers(drawn)
    contests.chain.warp(3 * 365 * DAY)
    log = event(disqualify(contests, drawn, 0), "RankDisqualified")
    assert (log.contestId, log.rank, log.organiser, log.reason) == (
        drawn.id,
        0,
        contests.organiser,
        REASON,
    )
    assert tuple(contests.contest.standingWinners(drawn.id, drawn.words)) == ([1, 2], numbers[1:3])
    leaf, path = drawn.shown(numbers[0])
    assert not contests.contest.isDrawnAt(drawn.id, drawn.words, 0, leaf, path)


def test_disqualify__there_are_no_prizes__may_take_every_rank_out(
    contests: ContestKit, drawn: Opened
) -> None:
    for rank in (3, 0, 4, 2, 1):
        disqualify(contests, drawn, rank)
    assert standing(contests, drawn) == []
    assert contests.contest.stateOf(drawn.id) == DRAWN


def test_disqualify__claims_have_begun__reverts_contest_objections_closed(
    contests: ContestKit, prized: Opened
) -> None:
    claims_from = prized.terms.claims_from
    contests.chain.pending_timestamp = claims_from
    with reverts(contests.contest.ContestObjectionsClosed, contestId=prized.id, claimsFrom=claims_from):
        disqualify(contests, prized, 0)


def test_disqualify__no_alternate_is_left__reverts_contest_alternates_used_up(
    contests: ContestKit, prized: Opened
) -> None:
    for rank in (0, 4, 2):
        disqualify(contests, prized, rank)
    for rank in (1, 3):
        with reverts(contests.contest.ContestAlternatesUsedUp, contestId=prized.id):
            disqualify(contests, prized, rank)
    assert standing(contests, prized) == [1, 3]


def test_disqualify__repeats_used_up_the_alternates__reverts_contest_alternates_used_up(
    contests: ContestKit,
) -> None:
    # Every rank but one repeats the only entry: fewer stand than there are places.
    opened = contests.draw(contests.listed(weights=[50]), prizes=PRIZES)
    tree: Any = opened.listed.tree
    for rank in range(1, 5):
        contests.contest.proveRepeat(
            opened.id, opened.words, 0, rank, 0, tree.node(0), [], sender=contests.organiser
        )
    assert standing(contests, opened) == [0]
    with reverts(contests.contest.ContestAlternatesUsedUp, contestId=opened.id):
        disqualify(contests, opened, 0)


def test_disqualify__an_alternate_is_left_before_claims_begin__takes_the_rank_out(
    contests: ContestKit, prized: Opened
) -> None:
    contests.chain.pending_timestamp = prized.terms.claims_from - 1
    disqualify(contests, prized, 1)
    assert contests.contest.isOut(prized.id, 1)
    assert standing(contests, prized) == [0, 2]


def test_disqualify__there_are_hundreds_of_ranks__keeps_their_bits_apart(contests: ContestKit) -> None:
    opened = contests.draw(contests.listed(400), winners=300, alternates=100)
    for rank in (256, 255, 0):
        disqualify(contests, opened, rank)
    out = [rank for rank in range(400) if contests.contest.isOut(opened.id, rank)]
    assert out == [0, 255, 256]
    assert standing(contests, opened) == [*range(1, 255), *range(257, 303)]
    assert [contests.contest.placeOf(opened.id, rank) for rank in (1, 255, 257, 399)] == [0, 254, 254, 396]
