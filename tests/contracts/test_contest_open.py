"""Opening contests: terms, draw numbers, weights and prizes."""

from typing import Any

import pytest

from tests.contracts.contest_kit import (
    DETAILS,
    DRAWING,
    DRAWN,
    POST,
    ZERO32,
    ContestKit,
)
from tests.contracts.kit import (
    DAY,
    ERC20,
    ERC721,
    NATIVE,
    NATIVE_FACE,
    ZERO,
    erc20_prize,
    erc721_prize,
    event,
    native_prize,
    now,
)
from tests.evm import reverts

MANY = 2**40


def test_open__the_root_is_zero__reverts_contest_terms_invalid(contests: ContestKit) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="root"):
        contests.open(root=ZERO32)


@pytest.mark.parametrize("places", [0, 10_001, 2**32 - 1])
def test_open__there_are_no_or_too_many_winners__reverts_contest_terms_invalid(
    contests: ContestKit, places: int
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="winners"):
        contests.open(entries=MANY, winners=places)


@pytest.mark.parametrize("entries", [0, 4])
def test_open__there_are_more_ranks_than_entries__reverts_contest_terms_invalid(
    contests: ContestKit, entries: int
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="entries"):
        contests.open(entries=entries)
    contests.open(entries=5)


@pytest.mark.parametrize(("places", "alternates"), [(10_000, 10_001), (1, 20_000), (1, 2**32 - 1)])
def test_open__there_are_more_than_twenty_thousand_ranks__reverts_contest_terms_invalid(
    contests: ContestKit, places: int, alternates: int
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="alternates"):
        contests.open(entries=MANY, winners=places, alternates=alternates)
    contests.open(entries=MANY, winners=10_000, alternates=10_000)


def test_open__the_key_salt_is_not_above_the_last_one_of_this_post__reverts_contest_key_salt_too_low(
    contests: ContestKit,
) -> None:
    contest = contests.contest
    last = b"\x05" * 28
    contests.open(contests.listed(key_salt=last + b"\xff" * 4))
    assert contest.lastKeySaltOf(contests.organiser, POST) == last
    for first in (last, b"\x05" * 27 + b"\x04", bytes(28)):
        with reverts(contest.ContestKeySaltTooLow, given=first, last=last):
            contests.open(contests.listed(key_salt=first + b"\xff" * 4))
    contests.open(contests.listed(key_salt=b"\x05" * 27 + b"\x06" + bytes(4)))
    # For another post the same salt makes another key.
    contests.contest.open(
        contests.config(contests.listed(key_salt=last + b"\xff" * 4), postHash=ZERO32),
        sender=contests.organiser,
    )
    assert contest.keyOf(contests.organiser, POST, last) != contest.keyOf(contests.organiser, ZERO32, last)


def test_open__the_terms_are_valid__stores_their_hash_only_and_requests_the_draw_at_once(
    contests: ContestKit,
) -> None:
    opened = contests.open()
    contest, listed, terms = contests.contest, opened.listed, opened.terms
    log, request = event(opened.receipt, "ContestOpened"), event(opened.receipt, "DrawRequested")
    draw = contest.drawOf(opened.id)
    assert bytes(log.commitment) == bytes(request.commitment) == bytes(draw.commitment) == terms.hash()
    assert (request.drawId, draw.n, draw.k) == (opened.id, 11, 5)
    assert (log.contestId, log.organiser, log.contestKey) == (opened.id, contests.organiser, listed.key)
    assert (log.root, log.entries, log.winners, log.alternates) == (listed.tree.root, 11, 2, 3)
    told = (log.rulesHash, log.listSha256, log.exclusionRoot, log.postHash)
    assert told == (DETAILS.rules_hash, DETAILS.list_sha256, DETAILS.exclusion_root, DETAILS.post_hash)
    assert contest.keyOf(contests.organiser, POST, listed.key_salt) == listed.key
    assert contest.stateOf(opened.id) == DRAWING
    assert {item.event_name for item in opened.receipt.events} & {
        "WeightsCommitted",
        "PrizesEscrowed",
    } == set()


def test_open__the_terms_are_valid__costs_the_same_for_any_list(contests: ContestKit) -> None:
    contests.open()
    used = [contests.open(entries=n).receipt.gas_used for n in (5, 2**64 - 1)]
    assert abs(used[1] - used[0]) < 200  # the bytes of the number


def test_open__the_same_post_was_drawn_before__counts_up_for_this_organiser_only(
    contests: ContestKit, stranger: Any
) -> None:
    first, second = contests.open(), contests.open()
    numbers = [event(opened.receipt, "ContestOpened").drawNumber for opened in (first, second)]
    other = contests.contest.open(contests.config(contests.listed()), sender=stranger)
    assert [*numbers, event(other, "ContestOpened").drawNumber] == [1, 2, 1]
    assert contests.contest.drawsOf(contests.organiser, POST) == 2
    assert contests.contest.drawsOf(contests.organiser, ZERO32) == 0


def test_open__there_is_no_coordinator__is_drawn_by_drand_alone(
    contest_without_vrf: Any, organiser: Any, chain: Any
) -> None:
    alone = ContestKit(contest_without_vrf, chain, organiser)
    opened = alone.draw()
    assert contest_without_vrf.stateOf(opened.id) == DRAWN
    assert contest_without_vrf.drawOf(opened.id).vrfWord == 0


def test_open_with__the_total_weight_is_below_the_number_of_entries__reverts_contest_terms_invalid(
    contests: ContestKit,
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="totalWeight"):
        contests.open(contests.listed(weights=[1] * 11), entries=12)


def test_open_with__there_are_more_ranks_than_units__reverts_contest_terms_invalid(
    contests: ContestKit,
) -> None:
    listed = contests.listed(weights=[1, 3])
    with reverts(contests.contest.ContestTermsInvalid, field="entries"):
        contests.open(listed)
    contests.open(listed, alternates=2)


def test_open_with__there_is_a_claim_time_without_prizes__reverts_contest_terms_invalid(
    contests: ContestKit,
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="claimsFrom"):
        contests.contest.openWith(
            contests.config(contests.listed()), (0, contests.claims_from(), []), sender=contests.organiser
        )


@pytest.mark.parametrize("count", [1, 3])
def test_open_with__there_is_not_one_prize_for_each_place__reverts_contest_terms_invalid(
    contests: ContestKit, count: int
) -> None:
    with reverts(contests.contest.ContestTermsInvalid, field="prizes"):
        contests.open(prizes=[native_prize(1)] * count)


def test_open_with__the_claim_time_is_out_of_bounds__reverts_contest_terms_invalid(
    contests: ContestKit,
) -> None:
    contest, prizes = contests.contest, [native_prize(1)] * 2
    # Floors do not hold on the local chain; here claims may begin with the reveal, at the earliest.
    delay = contest.revealDelay()
    for wait in (-now(contests.chain), delay - 1, 366 * DAY + 1, 2**63):
        extras = (0, now(contests.chain) + wait, prizes)
        with reverts(contest.ContestTermsInvalid, field="claimsFrom"):
            contest.openWith(contests.config(contests.listed()), extras, sender=contests.organiser, value=2)
    for wait in (delay, 366 * DAY):
        extras = (0, now(contests.chain) + wait, prizes)
        contest.openWith(contests.config(contests.listed()), extras, sender=contests.organiser, value=2)


@pytest.mark.parametrize(
    ("prize", "field"),
    [
        ((NATIVE, "coin", 5, 0), "prizes.token"),
        ((ERC20, ZERO, 5, 0), "prizes.token"),
        ((ERC721, ZERO, 0, 5), "prizes.token"),
        ((NATIVE, ZERO, 0, 0), "prizes.amount"),
        ((ERC20, "coin", 0, 0), "prizes.amount"),
        ((ERC721, "coin", 1, 5), "prizes.amount"),
        ((NATIVE, ZERO, 5, 1), "prizes.tokenId"),
        ((ERC20, "coin", 5, 1), "prizes.tokenId"),
    ],
)
def test_open_with__a_prize_is_malformed__reverts_contest_terms_invalid(
    contests: ContestKit, coin: Any, prize: Any, field: str
) -> None:
    kind, token, amount, token_id = prize
    malformed = (kind, coin.address if token == "coin" else token, amount, token_id)
    extras = (0, contests.claims_from(), [native_prize(1), malformed])
    with reverts(contests.contest.ContestTermsInvalid, field=field):
        contests.contest.openWith(
            contests.config(contests.listed()), extras, sender=contests.organiser, value=6
        )


@pytest.mark.parametrize("sent", [0, 4, 6])
def test_open_with__the_pol_sent_is_not_the_sum_of_the_pol_prizes__reverts_contest_payment_wrong(
    contests: ContestKit, sent: int
) -> None:
    with reverts(contests.contest.ContestPaymentWrong, sent=sent, needed=5):
        contests.open(prizes=[native_prize(2), native_prize(3)], value=sent)


def test_open_with__a_token_arrives_short__reverts_contest_token_refused(
    contests: ContestKit, project: Any, owner: Any
) -> None:
    token = owner.deploy(project.FeeERC20)
    token.mint(contests.organiser, 1_000, sender=owner)
    with reverts(contests.contest.ContestTokenRefused, token=token.address):
        contests.open(prizes=[erc20_prize(token, 100), native_prize(1)])


def test_open_with__the_prize_is_pol_s_erc_20_face__reverts_contest_token_refused(
    contests: ContestKit,
) -> None:
    extras = (0, contests.claims_from(), [native_prize(1), (ERC20, NATIVE_FACE, 5, 0)])
    with reverts(contests.contest.ContestTokenRefused, token=NATIVE_FACE):
        contests.contest.openWith(
            contests.config(contests.listed()), extras, sender=contests.organiser, value=1
        )


def test_open_with__a_token_is_not_approved__reverts_erc20_insufficient_allowance(
    contests: ContestKit, coin: Any
) -> None:
    extras = (0, contests.claims_from(), [native_prize(1), erc20_prize(coin, 5)])
    with reverts("ERC20InsufficientAllowance", spender=contests.contest.address):
        contests.contest.openWith(
            contests.config(contests.listed()), extras, sender=contests.organiser, value=1
        )


def test_open_with__a_token_calls_back_while_it_is_taken__reverts_reentrancy_guard_reentrant_call(
    contests: ContestKit, project: Any, owner: Any
) -> None:
    contest = contests.contest
    again = contest.open.encode_input(contests.config(contests.listed()))
    hooked = owner.deploy(project.HookERC20)
    hooked.mint(contests.organiser, 5, sender=owner)
    hooked.approve(contest, 5, sender=contests.organiser)
    hooked.callBack(contest, again, sender=owner)
    extras = (0, contests.claims_from(), [erc20_prize(hooked, 5), native_prize(1)])
    with reverts("ReentrancyGuardReentrantCall"):
        contest.openWith(contests.config(contests.listed()), extras, sender=contests.organiser, value=1)


def test_open_with__the_list_is_weighted__draws_over_its_total_weight(contests: ContestKit) -> None:
    opened = contests.open(contests.listed(weights=[2**63, 5, 2**63 - 6]))
    assert event(opened.receipt, "WeightsCommitted").totalWeight == 2**64 - 1
    assert event(opened.receipt, "ContestOpened").entries == 3
    draw = contests.contest.drawOf(opened.id)
    assert (draw.n, draw.k, bytes(draw.commitment)) == (2**64 - 1, 5, opened.terms.hash())


def test_open_with__there_are_prizes_of_every_kind__takes_them_into_escrow_and_says_so(
    contests: ContestKit, coin: Any, nft: Any
) -> None:
    contest = contests.contest
    prizes = [native_prize(7), erc20_prize(coin, 2**85), erc721_prize(nft, 1), native_prize(2**80)]
    contests.chain.set_balance(contests.organiser, 2**81)
    before = (contest.balance, coin.balanceOf(contest))
    opened = contests.open(prizes=prizes, winners=4, alternates=0)
    log = event(opened.receipt, "PrizesEscrowed")
    assert (log.organiser, log.claimsFrom) == (contests.organiser, opened.terms.claims_from)
    assert [(prize.kind, prize.amount, prize.tokenId) for prize in log.prizes] == [
        (NATIVE, 7, 0),
        (ERC20, 2**85, 0),
        (ERC721, 0, 1),
        (NATIVE, 2**80, 0),
    ]
    assert (contest.balance, coin.balanceOf(contest)) == (before[0] + 7 + 2**80, before[1] + 2**85)
    assert nft.ownerOf(1) == contest
    for place, (kind, token, amount, token_id) in enumerate(prizes):
        held = contest.prizeOf(opened.id, place)
        assert tuple(held.prize) == (kind, getattr(token, "address", token), amount, token_id)
        assert not held.settled
    assert bytes(contest.drawOf(opened.id).commitment) == opened.terms.hash()


def test_open_with__there_are_neither_weights_nor_prizes__is_the_same_as_open(contests: ContestKit) -> None:
    listed = contests.listed()
    receipt = contests.contest.openWith(contests.config(listed), (0, 0, []), sender=contests.organiser)
    assert bytes(event(receipt, "ContestOpened").commitment) == contests.terms(listed).hash()
    assert len([log for log in receipt.events if log.address == contests.contest.address]) == 2
