"""Prizes: who is paid, when, where to, and how what nobody claims goes back."""

from typing import Any

import pytest

from tests.contracts.contest_kit import (
    CLAIM_SALT,
    CLAIM_TIME,
    DRAWING,
    DRAWN,
    EXPIRED,
    SEED_TIME,
    ContestKit,
    Opened,
    other_terms,
)
from tests.contracts.kit import (
    erc20_prize,
    erc721_prize,
    event,
    finalise,
    native_prize,
)
from tests.evm import reverts

PEOPLE = 11
FIRST, SECOND = 5 * 10**18, 3 * 10**18
PRIZES = [native_prize(FIRST), native_prize(SECOND)]
REFUSE, REENTER = 1, 3


@pytest.fixture
def people(accounts: Any) -> dict[int, Any]:
    """The claimant of each entry, every one another account."""
    return {index: accounts[20 + index] for index in range(PEOPLE)}


@pytest.fixture
def opened(contests: ContestKit, people: dict[int, Any]) -> Opened:
    return contests.open(contests.listed(claimants=people), prizes=PRIZES)


@pytest.fixture
def drawn(contests: ContestKit, opened: Opened) -> Opened:
    contests.finalise(opened)
    return opened


@pytest.fixture
def payable(contests: ContestKit, drawn: Opened) -> Opened:
    """Drawn, and claims have begun."""
    contests.wait_for_claims(drawn)
    return drawn


def winner(contests: ContestKit, opened: Opened, people: dict[int, Any], rank: int) -> Any:
    return people[contests.entries(opened)[rank]]


def test_claim__the_claimant_is_not_the_one_in_the_leaf__reverts_contest_not_claimant(
    contests: ContestKit, payable: Opened, people: dict[int, Any], stranger: Any
) -> None:
    with reverts(contests.contest.ContestNotClaimant, rank=0, claimant=stranger.address):
        contests.claim(payable, 0, stranger, sender=stranger)
    entry = contests.entries(payable)[0]
    with reverts(contests.contest.ContestNotClaimant, claimant=people[entry].address):
        contests.contest.claim(
            payable.id, payable.words, 0, *payable.shown(entry), people[entry], bytes(32), sender=stranger
        )


def test_claim__the_entry_named_no_claimant__reverts_contest_not_claimant(
    contests: ContestKit, stranger: Any
) -> None:
    opened = contests.draw(contests.listed(), prizes=PRIZES)
    contests.wait_for_claims(opened)
    for claimant in (stranger.address, "0x" + "00" * 20):
        with reverts(contests.contest.ContestNotClaimant, claimant=claimant):
            contests.claim(opened, 0, claimant)


def test_claim__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    entry = contests.entries(payable)[0]
    with reverts(contests.contest.ContestTermsWrong, contestId=payable.id):
        contests.contest.claim(
            payable.id,
            other_terms(payable),
            0,
            *payable.shown(entry),
            people[entry],
            CLAIM_SALT,
            sender=people[entry],
        )


def test_claim__there_are_no_prizes__reverts_contest_has_no_prizes(
    contests: ContestKit, people: dict[int, Any]
) -> None:
    opened = contests.draw(contests.listed(claimants=people))
    with reverts(contests.contest.ContestHasNoPrizes, contestId=opened.id):
        contests.claim(opened, 0, winner(contests, opened, people, 0))


def test_claim__there_is_no_seed_yet__reverts_contest_not_drawn(
    contests: ContestKit, opened: Opened, people: dict[int, Any]
) -> None:
    contests.wait_for_claims(opened)
    with reverts(contests.contest.ContestNotDrawn, contestId=opened.id):
        contests.claim(opened, 0, people[0], entry=0)


def test_claim__claims_have_not_begun__reverts_contest_claims_not_open(
    contests: ContestKit, drawn: Opened, people: dict[int, Any]
) -> None:
    claims_from = drawn.terms.claims_from
    contests.chain.pending_timestamp = claims_from - 1
    with reverts(contests.contest.ContestClaimsNotOpen, contestId=drawn.id, claimsFrom=claims_from):
        contests.claim(drawn, 0, winner(contests, drawn, people, 0))
    contests.wait_until(claims_from)
    contests.claim(drawn, 0, winner(contests, drawn, people, 0))


@pytest.mark.parametrize("rank", [5, 2**32 - 1])
def test_claim__the_rank_was_not_drawn__reverts_contest_rank_unknown(
    contests: ContestKit, payable: Opened, people: dict[int, Any], rank: int
) -> None:
    with reverts(contests.contest.ContestRankUnknown, rank=rank):
        contests.claim(payable, rank, people[0], entry=0)


def test_claim__the_rank_is_out__reverts_contest_rank_out(
    contests: ContestKit, drawn: Opened, people: dict[int, Any]
) -> None:
    contests.contest.disqualify(drawn.id, drawn.words, 1, "no", sender=contests.organiser)
    contests.wait_for_claims(drawn)
    with reverts(contests.contest.ContestRankOut, rank=1):
        contests.claim(drawn, 1, winner(contests, drawn, people, 1))


def test_claim__the_rank_is_an_alternate_nobody_called__reverts_contest_rank_wins_nothing(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    for rank in (2, 4):
        with reverts(contests.contest.ContestRankWinsNothing, rank=rank, place=rank):
            contests.claim(payable, rank, winner(contests, payable, people, rank))


def test_claim__the_proof_is_not_the_leaf_s__reverts_contest_proof_invalid(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    entry = contests.entries(payable)[0]
    leaf, (proof, _) = payable.shown(entry)
    index, weight, identity, claim = leaf
    forged = [
        ((index ^ 1, weight, identity, claim), (proof, [])),
        ((index, 2, identity, claim), (proof, [])),
        ((index, weight, bytes(32), claim), (proof, [])),
        (leaf, (proof[1:], [])),
        (leaf, ([*proof, bytes(32)], [])),
        (leaf, (proof, [(bytes(32), 1)])),
        (leaf, (payable.listed.path(entry ^ 1)[0], [])),
    ]
    for changed, path in forged:
        with reverts(contests.contest.ContestProofInvalid, contestId=payable.id, index=changed[0]):
            contests.contest.claim(
                payable.id, payable.words, 0, changed, path, people[entry], CLAIM_SALT, sender=people[entry]
            )


def test_claim__another_entry_was_drawn_at_the_rank__reverts_contest_not_drawn_at(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    drawn_there = contests.entries(payable)[0]
    for entry in set(range(PEOPLE)) - {drawn_there}:
        with reverts(contests.contest.ContestNotDrawnAt, rank=0, index=entry):
            contests.claim(payable, 0, people[entry], entry=entry, sender=people[entry])


def test_claim__the_prize_was_paid__reverts_contest_prize_settled(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    contests.claim(payable, 1, winner(contests, payable, people, 1))
    with reverts(contests.contest.ContestPrizeSettled, contestId=payable.id, place=1):
        contests.claim(payable, 1, winner(contests, payable, people, 1))
    assert contests.contest.prizeOf(payable.id, 1).settled
    assert not contests.contest.prizeOf(payable.id, 0).settled


def for_actors(contests: ContestKit, create_actor: Any) -> tuple[Opened, Any]:
    """A contest that one contract alone can win: it stands behind every entry."""
    actor = create_actor()
    opened = contests.draw(contests.listed(claimants=dict.fromkeys(range(PEOPLE), actor)), prizes=PRIZES)
    contests.wait_for_claims(opened)
    return opened, actor


def test_claim__the_claimant_refuses_pol__reverts_contest_payout_failed(
    contests: ContestKit, create_actor: Any, owner: Any
) -> None:
    opened, actor = for_actors(contests, create_actor)
    actor.behave(REFUSE, actor, b"", sender=owner)
    with reverts(contests.contest.ContestPayoutFailed, to=actor.address, amount=FIRST):
        contests.claim(opened, 0, actor)
    assert not contests.contest.prizeOf(opened.id, 0).settled


def test_claim__the_claimant_calls_back__pays_once(
    contests: ContestKit, create_actor: Any, owner: Any
) -> None:
    opened, actor = for_actors(contests, create_actor)
    contest, before = contests.contest, contests.contest.balance
    entry = contests.entries(opened)[0]
    again = contest.claim.encode_input(opened.id, opened.words, 0, *opened.shown(entry), actor, CLAIM_SALT)
    actor.behave(REENTER, contest, again, sender=owner)
    contests.claim(opened, 0, actor)
    assert actor.answer()[:4].hex() == "3ee5aeb5", "ReentrancyGuardReentrantCall()"
    assert (contest.balance, actor.balance) == (before - FIRST, FIRST)


def test_claim__a_prize_token_refuses_to_move__holds_up_nobody_else(
    contests: ContestKit, people: dict[int, Any], project: Any, owner: Any, create_actor: Any
) -> None:
    token, refusing = owner.deploy(project.HookERC20), create_actor()
    token.mint(contests.organiser, 5, sender=owner)
    prizes = [erc20_prize(token, 5), native_prize(SECOND)]
    opened = contests.draw(contests.listed(claimants=people), prizes=prizes)
    contests.wait_for_claims(opened)
    refusing.behave(REFUSE, refusing, b"", sender=owner)
    token.callBack(refusing, b"", sender=owner)
    with reverts("ActorRefuses"):
        contests.claim(opened, 0, winner(contests, opened, people, 0))
    second = winner(contests, opened, people, 1)
    before = second.balance
    contests.claim(opened, 1, second)
    assert second.balance == before + SECOND


def test_claim__the_rank_stands_at_a_place__pays_the_prize_of_that_place_to_the_claimant_whoever_calls(
    contests: ContestKit, payable: Opened, people: dict[int, Any], stranger: Any
) -> None:
    contest = contests.contest
    for rank, amount in ((1, SECOND), (0, FIRST)):
        person = winner(contests, payable, people, rank)
        before = (person.balance, contest.balance)
        log = event(contests.claim(payable, rank, person, sender=stranger), "PrizeClaimed")
        assert (person.balance, contest.balance) == (before[0] + amount, before[1] - amount)
        assert (log.contestId, log.rank, log.place, log.winner, log.to) == (
            payable.id,
            rank,
            rank,
            person,
            person,
        )
        assert (log.entry, log.amount) == (contests.entries(payable)[rank], amount)


def test_claim__the_rank_stands_at_a_place__pays_prizes_of_every_kind(
    contests: ContestKit, people: dict[int, Any], coin: Any, nft: Any
) -> None:
    prizes = [erc721_prize(nft, 3), erc20_prize(coin, 7), native_prize(2**80)]
    contests.chain.set_balance(contests.organiser, 2**81)
    opened = contests.draw(contests.listed(claimants=people), prizes=prizes, winners=3, alternates=0)
    contests.wait_for_claims(opened)
    persons = [winner(contests, opened, people, rank) for rank in range(3)]
    before = persons[2].balance
    for rank, person in enumerate(persons):
        contests.claim(opened, rank, person)
    assert nft.ownerOf(3) == persons[0]
    assert coin.balanceOf(persons[1]) == 7
    assert persons[2].balance == before + 2**80


def test_claim__the_rank_stands_at_a_place__pays_an_alternate_that_moved_up(
    contests: ContestKit, drawn: Opened, people: dict[int, Any]
) -> None:
    for rank in (0, 2):
        contests.contest.disqualify(drawn.id, drawn.words, rank, "no", sender=contests.organiser)
    contests.wait_for_claims(drawn)
    for rank, place, amount in ((3, 1, SECOND), (1, 0, FIRST)):
        person = winner(contests, drawn, people, rank)
        before = person.balance
        log = event(contests.claim(drawn, rank, person), "PrizeClaimed")
        assert (log.place, person.balance - before) == (place, amount)
    with reverts(contests.contest.ContestRankWinsNothing, rank=4, place=2):
        contests.claim(drawn, 4, winner(contests, drawn, people, 4))


def test_claim__the_rank_stands_at_a_place__pays_from_a_weighted_list(
    contests: ContestKit, people: dict[int, Any]
) -> None:
    weights = [10**6, 1, 10**6, 1, 10**6, 1, 10**6, 1, 10**6, 1, 2**63]
    opened = contests.draw(contests.listed(weights=weights, claimants=people), prizes=PRIZES)
    contests.wait_for_claims(opened)
    person = winner(contests, opened, people, 0)
    before = person.balance
    contests.claim(opened, 0, person)
    assert person.balance == before + FIRST
    entry = contests.entries(opened)[1]
    leaf, (_, siblings) = opened.shown(entry)
    for path in (([bytes(32)], siblings), ([], siblings[1:]), ([node for node, _ in siblings], [])):
        with reverts(contests.contest.ContestProofInvalid, index=entry):
            contests.contest.claim(
                opened.id, opened.words, 1, leaf, path, people[entry], CLAIM_SALT, sender=person
            )


def claim_to(contests: ContestKit, opened: Opened, entry: int, to: Any, sender: Any, path: Any = None) -> Any:
    leaf, own = opened.shown(entry)
    return contests.contest.claimTo(
        opened.id, opened.words, 0, leaf, path or own, CLAIM_SALT, to, sender=sender
    )


def test_claim_to__the_receiver_is_the_zero_address__reverts_contest_receiver_missing(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    entry = contests.entries(payable)[0]
    with reverts(contests.contest.ContestReceiverMissing):
        claim_to(contests, payable, entry, "0x" + "00" * 20, people[entry])


def test_claim_to__the_caller_is_not_the_claimant__reverts_contest_not_claimant(
    contests: ContestKit, payable: Opened, people: dict[int, Any], stranger: Any
) -> None:
    # Who sees the claim in the mempool knows leaf, path and salt, and still cannot turn it.
    entry = contests.entries(payable)[0]
    for thief in (stranger, contests.organiser):
        with reverts(contests.contest.ContestNotClaimant, rank=0, claimant=thief.address):
            claim_to(contests, payable, entry, thief, thief)


def test_claim_to__the_proof_is_not_the_leaf_s__reverts_contest_proof_invalid(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    entry = contests.entries(payable)[0]
    with reverts(contests.contest.ContestProofInvalid, index=entry):
        claim_to(contests, payable, entry, people[entry], people[entry], path=([bytes(32)], []))


def test_claim_to__the_claimant_cannot_hold_pol__pays_to_the_address_it_names(
    contests: ContestKit, create_actor: Any, owner: Any, accounts: Any
) -> None:
    opened, actor = for_actors(contests, create_actor)
    actor.behave(REFUSE, actor, b"", sender=owner)
    entry, heir = contests.entries(opened)[0], accounts[40]
    before = heir.balance
    call = contests.contest.claimTo.encode_input(
        opened.id, opened.words, 0, *opened.shown(entry), CLAIM_SALT, heir
    )
    log = event(actor.execute(contests.contest, call, sender=owner), "PrizeClaimed")
    assert (log.winner, log.to, heir.balance) == (actor.address, heir, before + FIRST)


def test_return_prize__these_are_not_the_contest_s_terms__reverts_contest_terms_wrong(
    contests: ContestKit, payable: Opened
) -> None:
    with reverts(contests.contest.ContestTermsWrong, contestId=payable.id):
        contests.contest.returnPrize(payable.id, other_terms(payable), 0, sender=contests.organiser)


def test_return_prize__there_are_no_prizes__reverts_contest_has_no_prizes(contests: ContestKit) -> None:
    opened = contests.draw()
    with reverts(contests.contest.ContestHasNoPrizes, contestId=opened.id):
        contests.contest.returnPrize(opened.id, opened.words, 0, sender=contests.organiser)


def test_return_prize__the_time_to_claim_is_not_over__reverts_contest_return_not_due(
    contests: ContestKit, payable: Opened
) -> None:
    due = payable.terms.claims_from + CLAIM_TIME
    contests.chain.pending_timestamp = due - 1
    with reverts(contests.contest.ContestReturnNotDue, contestId=payable.id, dueAt=due):
        contests.contest.returnPrize(payable.id, payable.words, 0, sender=contests.organiser)


def test_return_prize__the_time_for_a_seed_is_not_over__reverts_contest_return_not_due(
    contests: ContestKit, opened: Opened
) -> None:
    due = contests.contest.drawOf(opened.id).revealAt + SEED_TIME
    contests.chain.pending_timestamp = due - 1
    with reverts(contests.contest.ContestReturnNotDue, contestId=opened.id, dueAt=due):
        contests.contest.returnPrize(opened.id, opened.words, 0, sender=contests.organiser)


def test_return_prize__there_is_no_such_place__reverts_contest_place_unknown(
    contests: ContestKit, payable: Opened
) -> None:
    contests.wait_until(payable.terms.claims_from + CLAIM_TIME)
    with reverts(contests.contest.ContestPlaceUnknown, contestId=payable.id, place=2):
        contests.contest.returnPrize(payable.id, payable.words, 2, sender=contests.organiser)


def test_return_prize__the_prize_was_paid__reverts_contest_prize_settled(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    contests.claim(payable, 0, winner(contests, payable, people, 0))
    contests.wait_until(payable.terms.claims_from + CLAIM_TIME)
    with reverts(contests.contest.ContestPrizeSettled, place=0):
        contests.contest.returnPrize(payable.id, payable.words, 0, sender=contests.organiser)


def test_return_prize__the_organiser_refuses_pol__reverts_contest_payout_failed(
    contests: ContestKit, create_actor: Any, owner: Any
) -> None:
    actor = create_actor()
    contests.chain.set_balance(actor, 10**20)
    organising = ContestKit(contests.contest, contests.chain, contests.chain.impersonate(actor.address))
    opened = organising.open(prizes=PRIZES)
    actor.behave(REFUSE, actor, b"", sender=owner)
    contests.wait_until(contests.contest.drawOf(opened.id).revealAt + SEED_TIME)
    with reverts(contests.contest.ContestPayoutFailed, to=actor.address, amount=FIRST):
        contests.contest.returnPrize(opened.id, opened.words, 0, sender=owner)


def test_return_prize__nobody_claimed_in_time__returns_it_to_the_organiser_whoever_calls(
    contests: ContestKit, payable: Opened, stranger: Any, people: dict[int, Any]
) -> None:
    contests.wait_until(payable.terms.claims_from + CLAIM_TIME)
    before = contests.organiser.balance
    log = event(contests.contest.returnPrize(payable.id, payable.words, 1, sender=stranger), "PrizeReturned")
    # The raffle's event of this name has the same topic, and either ABI may name the first two arguments.
    assert [*log.arguments.values()][:2] == [payable.id, 1]
    assert (log.organiser, log.amount) == (contests.organiser, SECOND)
    assert contests.organiser.balance == before + SECOND
    with reverts(contests.contest.ContestPrizeSettled, place=1):
        contests.claim(payable, 1, winner(contests, payable, people, 1))


def test_return_prize__nobody_claimed_in_time__pays_a_late_claim_that_comes_first(
    contests: ContestKit, payable: Opened, people: dict[int, Any]
) -> None:
    contests.wait_until(payable.terms.claims_from + 2 * CLAIM_TIME)
    person = winner(contests, payable, people, 0)
    before = person.balance
    contests.claim(payable, 0, person)
    assert person.balance == before + FIRST


def test_return_prize__no_seed_came_in_time__returns_every_prize_and_the_draw_is_over(
    contests: ContestKit, opened: Opened, stranger: Any
) -> None:
    contest = contests.contest
    due, before, held = (
        contest.drawOf(opened.id).revealAt + SEED_TIME,
        contests.organiser.balance,
        contest.balance,
    )
    assert contest.stateOf(opened.id) == DRAWING
    contests.wait_until(due)
    assert contest.stateOf(opened.id) == EXPIRED
    for place in (0, 1):
        contest.returnPrize(opened.id, opened.words, place, sender=stranger)
    assert contests.organiser.balance == before + FIRST + SECOND
    assert contest.balance == held - FIRST - SECOND


def test_finalise__prizes_wait_and_the_seed_comes_too_late__reverts_contest_expired(
    contests: ContestKit, opened: Opened
) -> None:
    contests.wait_until(contests.contest.drawOf(opened.id).revealAt + SEED_TIME)
    with reverts(contests.contest.ContestExpired, contestId=opened.id):
        contests.finalise(opened)


def test_finalise__no_prizes_wait_and_the_seed_comes_late__draws_all_the_same(contests: ContestKit) -> None:
    opened = contests.open()
    contests.wait_until(contests.contest.drawOf(opened.id).revealAt + 2 * SEED_TIME)
    finalise(contests.contest, opened.id, contests.chain, contests.organiser)
    assert contests.contest.stateOf(opened.id) == DRAWN
