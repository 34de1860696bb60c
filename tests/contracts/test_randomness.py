"""The draw step that raffles and contests share: each test runs on both."""

from typing import Any

import pytest

from listener.chain.draw.seed import draw_seed, randomness
from listener.chain.draw.winners import winners
from tests.contracts import quick_drand
from tests.contracts.kit import (
    DAY,
    KEY_HASH,
    MARGIN,
    REVEAL_DELAY,
    ZERO,
    RaffleKit,
    event,
    no_vrf,
    pass_until,
    vrf_settings,
)
from tests.contracts.subjects import (
    ContestSubject,
    K,
    N,
    RaffleSubject,
    Subject,
    draw_of,
    finalised,
    pass_cut_off,
)
from tests.contracts.vrf_kit import Vrf
from tests.evm import reverts

REFUSE, BURN_GAS, ANSWER_NOTHING, ANSWER_HALF, ANSWER_MUCH, CALL = range(1, 7)
GAS = 100_000
NUMBER = 77


@pytest.fixture(params=["raffle", "contest"])
def subject(
    request: pytest.FixtureRequest, kit: RaffleKit, contest: Any, chain: Any, organiser: Any, buyer: Any
) -> Subject:
    if request.param == "raffle":
        return RaffleSubject(kit, buyer)
    return ContestSubject(contest, chain, organiser)


@pytest.fixture
def liar(project: Any, owner: Any, subject: Subject) -> Any:
    """The coordinator that future draws ask; it answers NUMBER."""
    liar = owner.deploy(project.LyingCoordinator)
    liar.behave(0, NUMBER, sender=owner)
    subject.contract.setVrfConfig(vrf_settings(liar, 1), sender=owner)
    return liar


@pytest.fixture
def asked(liar: Any, subject: Subject) -> int:
    """A draw that asked the liar and got NUMBER."""
    told = draw_of(subject.request())
    assert told.vrfRequestId == NUMBER
    return int(told.drawId)


def deliver(
    liar: Any, subject: Subject, sender: Any, *words: int, number: int = NUMBER, gas: int = GAS
) -> Any:
    """The contract's own event: how it took the words."""
    receipt = liar.deliver(subject.contract, number, list(words), gas, sender=sender)
    assert event(receipt, "Delivered").success
    (taken,) = [log for log in receipt.events if log.address == subject.contract.address]
    return taken


def deploy(project: Any, owner: Any, subject: Subject, *arguments: Any) -> Any:
    """Another contract of the subject's kind."""
    if isinstance(subject, RaffleSubject):
        return owner.deploy(project.Raffle, owner, *arguments, DAY, 0, owner)
    return owner.deploy(project.Contest, owner, *arguments)


@pytest.mark.parametrize(("delay", "margin"), [(60, 60), (60, 61), (0, 0)])
def test_constructor__the_margin_leaves_vrf_no_time__reverts_randomness_delay_too_short(
    project: Any, owner: Any, beacon: Any, subject: Subject, delay: int, margin: int
) -> None:
    with reverts(subject.contract.RandomnessDelayTooShort, revealDelay=delay, vrfMargin=margin):
        deploy(project, owner, subject, beacon, delay, margin, no_vrf())


def test_constructor__the_coordinator_given_has_no_code__reverts_randomness_coordinator_invalid(
    project: Any, owner: Any, beacon: Any, subject: Subject, stranger: Any
) -> None:
    with reverts(subject.contract.RandomnessCoordinatorInvalid, coordinator=stranger):
        deploy(project, owner, subject, beacon, REVEAL_DELAY, MARGIN, vrf_settings(stranger, 1))


def test_constructor__the_settings_hold__keeps_them(
    project: Any, owner: Any, beacon: Any, subject: Subject, coordinator: Any
) -> None:
    settings = vrf_settings(coordinator, 5)
    made = deploy(project, owner, subject, beacon, 61, 60, settings)
    assert tuple(made.vrfConfig()) == (coordinator.address, 5, KEY_HASH, GAS, 3, True)
    assert (made.revealDelay(), made.vrfMargin(), made.beacon()) == (61, 60, beacon.address)


def test_set_vrf_config__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    subject: Subject, stranger: Any
) -> None:
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=stranger):
        subject.contract.setVrfConfig(no_vrf(), sender=stranger)


def test_set_vrf_config__the_coordinator_has_no_code__reverts_randomness_coordinator_invalid(
    subject: Subject, owner: Any, stranger: Any
) -> None:
    with reverts(subject.contract.RandomnessCoordinatorInvalid, coordinator=stranger):
        subject.contract.setVrfConfig(vrf_settings(stranger, 1), sender=owner)


def test_set_vrf_config__the_coordinator_is_a_contract__is_what_future_draws_ask(
    subject: Subject, owner: Any, liar: Any
) -> None:
    settings = (liar, 9, b"\7" * 32, 123_456, 5, False)
    log = event(subject.contract.setVrfConfig(settings, sender=owner), "VrfConfigured")
    assert tuple(log.arguments.values()) == (liar.address, *settings[1:])
    assert tuple(subject.contract.vrfConfig()) == (liar.address, *settings[1:])
    assert draw_of(subject.request()).coordinator == liar.address


def test_set_vrf_config__the_coordinator_is_a_contract__leaves_requested_draws_as_they_are(
    subject: Subject, owner: Any, asked: int, vrf: Vrf
) -> None:
    before = subject.contract.drawOf(asked)
    subject.contract.setVrfConfig(vrf_settings(vrf.coordinator, vrf.subscription), sender=owner)
    assert subject.contract.drawOf(asked) == before


def test_set_vrf_config__there_is_no_coordinator__lets_drand_alone_decide_future_draws(
    subject: Subject, owner: Any
) -> None:
    subject.contract.setVrfConfig(no_vrf(), sender=owner)
    told = draw_of(subject.request())
    assert (told.coordinator, told.vrfRequestId) == (ZERO, 0)
    finalised(subject, told.drawId, owner)
    assert subject.contract.drawOf(told.drawId).vrfWord == 0


def test_request_draw__the_coordinator_is_chainlink_s__fixes_all_that_decides_the_draw(
    subject: Subject, coordinator: Any, beacon: Any
) -> None:
    receipt = subject.request()
    told = draw_of(receipt)
    draw = subject.contract.drawOf(told.drawId)
    assert draw.requestedAt == receipt.timestamp
    assert draw.revealAt == draw.requestedAt + REVEAL_DELAY
    assert draw.vrfDeadline == draw.revealAt - MARGIN
    assert draw.round == beacon.roundAfter(draw.revealAt)
    assert (draw.n, draw.k, draw.coordinator) == (N, K, coordinator.address)
    assert bytes(draw.commitment) == subject.commitment(told.drawId)
    for name in ("round", "revealAt", "vrfDeadline", "n", "k", "commitment", "coordinator"):
        assert getattr(told, name) == getattr(draw, name)


def test_request_draw__the_coordinator_is_chainlink_s__asks_for_one_word_with_the_settings(
    subject: Subject, vrf: Vrf
) -> None:
    receipt = subject.request()
    log = event(receipt, "RandomWordsRequested")
    assert log.requestId == draw_of(receipt).vrfRequestId
    assert (bytes(log.keyHash), log.subId, log.sender) == (KEY_HASH, vrf.subscription, subject.contract)
    assert (log.numWords, log.callbackGasLimit, log.minimumRequestConfirmations) == (1, GAS, 3)
    assert log.extraArgs[-1] == 1  # paid in the chain's own currency


def goes_on_with_drand_alone(subject: Subject, liar: Any, owner: Any, mode: int) -> None:
    liar.behave(mode, NUMBER, sender=owner)
    told = draw_of(subject.request())
    assert (told.coordinator, told.vrfRequestId) == (liar.address, 0)
    finalised(subject, told.drawId, owner)
    draw = subject.contract.drawOf(told.drawId)
    assert draw.vrfWord == 0
    assert draw.seed != bytes(32)


def test_request_draw__the_coordinator_refuses__goes_on_with_drand_alone(
    subject: Subject, liar: Any, owner: Any
) -> None:
    goes_on_with_drand_alone(subject, liar, owner, REFUSE)


def test_request_draw__the_coordinator_burns_its_gas__goes_on_with_drand_alone(
    subject: Subject, liar: Any, owner: Any
) -> None:
    goes_on_with_drand_alone(subject, liar, owner, BURN_GAS)


def test_request_draw__the_coordinator_answers_nothing__goes_on_with_drand_alone(
    subject: Subject, liar: Any, owner: Any
) -> None:
    goes_on_with_drand_alone(subject, liar, owner, ANSWER_NOTHING)


def test_request_draw__the_coordinator_answers_half_a_word__goes_on_with_drand_alone(
    subject: Subject, liar: Any, owner: Any
) -> None:
    goes_on_with_drand_alone(subject, liar, owner, ANSWER_HALF)


def test_request_draw__the_coordinator_answers_much__reads_one_word_of_it(
    subject: Subject, liar: Any, owner: Any
) -> None:
    liar.behave(ANSWER_MUCH, NUMBER, sender=owner)
    assert draw_of(subject.request()).vrfRequestId == NUMBER


def test_request_draw__the_coordinator_repeats_a_number__leaves_it_to_the_first_draw(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    second = draw_of(subject.request())
    assert second.vrfRequestId == 0
    assert deliver(liar, subject, owner, 5).drawId == asked
    assert subject.contract.drawOf(second.drawId).vrfWord == 0


def test_request_draw__the_coordinator_calls_back_at_once__ignores_the_word(
    subject: Subject, liar: Any, owner: Any
) -> None:
    early = subject.contract.rawFulfillRandomWords.encode_input(NUMBER, [5])
    liar.prepare(subject.contract, early, sender=owner)
    liar.behave(CALL, NUMBER, sender=owner)
    receipt = subject.request()
    assert event(receipt, "Called").success
    assert event(receipt, "VrfWordIgnored").word == 5
    told = draw_of(receipt)
    assert subject.contract.drawOf(told.drawId).vrfWord == 0
    assert deliver(liar, subject, owner, 6).word == 6


def test_request_draw__the_coordinator_asks_for_another_draw__refuses_it_and_goes_on(
    subject: Subject, liar: Any, owner: Any
) -> None:
    contract = subject.contract
    if isinstance(subject, RaffleSubject):
        nested = contract.requestDraw.encode_input(subject.open())
    else:
        nested = contract.open.encode_input(subject.config(99))
    liar.prepare(contract, nested, sender=owner)
    liar.behave(CALL, NUMBER, sender=owner)
    receipt = subject.request()
    called = event(receipt, "Called")
    assert not called.success
    assert called.answer == contract.ReentrancyGuardReentrantCall.selector
    assert draw_of(receipt).vrfRequestId == NUMBER


@pytest.mark.parametrize(("early", "round_number"), [(1, 1), (0, 2)])
def test_request_draw__drand_begins_after_the_reveal__waits_for_its_first_round(
    project: Any, owner: Any, organiser: Any, chain: Any, early: int, round_number: int
) -> None:
    genesis = chain.pending_timestamp + DAY
    beacon = owner.deploy(project.TestBeacon, quick_drand.KEY, genesis, 3)
    contest = owner.deploy(project.Contest, owner, beacon, REVEAL_DELAY, MARGIN, no_vrf())
    chain.pending_timestamp = genesis - REVEAL_DELAY - early
    told = draw_of(ContestSubject(contest, chain, organiser).request())
    assert (told.revealAt, told.round) == (genesis - early, round_number)
    assert contest.drawOf(told.drawId).round == beacon.roundAfter(told.revealAt) == round_number


def test_request_draw__the_gas_would_starve_the_coordinator__reverts_randomness_gas_too_low(
    subject: Subject, kit: RaffleKit
) -> None:
    with reverts(subject.contract.RandomnessGasTooLow):
        subject.request(gas=400_000 if isinstance(subject, ContestSubject) else 330_000)


def test_raw_fulfill_random_words__the_caller_was_never_a_coordinator__reverts_randomness_not_coordinator(
    subject: Subject, asked: int, owner: Any
) -> None:
    with reverts(subject.contract.RandomnessNotCoordinator, caller=owner):
        subject.contract.rawFulfillRandomWords(NUMBER, [1], sender=owner)


def test_raw_fulfill_random_words__the_number_is_of_no_draw__ignores_the_word(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    log = deliver(liar, subject, owner, 5, number=NUMBER + 1)
    assert (log.event_name, log.vrfRequestId, log.word) == ("VrfWordIgnored", NUMBER + 1, 5)
    assert subject.contract.drawOf(asked).vrfWord == 0


def test_raw_fulfill_random_words__the_word_comes_just_before_the_cut_off__stores_it(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    pass_cut_off(subject, asked, -1)
    log = deliver(liar, subject, owner, 5)
    assert (log.event_name, log.drawId, log.vrfRequestId, log.word) == ("VrfWordAccepted", asked, NUMBER, 5)
    assert subject.contract.drawOf(asked).vrfWord == 5


def test_raw_fulfill_random_words__the_word_comes_at_the_cut_off__ignores_it(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    pass_cut_off(subject, asked)
    assert deliver(liar, subject, owner, 5).event_name == "VrfWordIgnored"
    assert subject.contract.drawOf(asked).vrfWord == 0


def test_raw_fulfill_random_words__the_draw_is_final__ignores_the_word(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    finalised(subject, asked, owner)
    before = subject.contract.drawOf(asked)
    assert deliver(liar, subject, owner, 5).event_name == "VrfWordIgnored"
    assert subject.contract.drawOf(asked) == before


def test_raw_fulfill_random_words__a_word_came_before__ignores_the_second(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    deliver(liar, subject, owner, 5)
    assert deliver(liar, subject, owner, 6).event_name == "VrfWordIgnored"
    assert subject.contract.drawOf(asked).vrfWord == 5


def test_raw_fulfill_random_words__the_word_is_zero__ignores_it_and_takes_another(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    assert deliver(liar, subject, owner, 0).event_name == "VrfWordIgnored"
    assert deliver(liar, subject, owner, 7).event_name == "VrfWordAccepted"
    assert subject.contract.drawOf(asked).vrfWord == 7


def test_raw_fulfill_random_words__there_is_no_word__ignores_the_answer(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    log = deliver(liar, subject, owner)
    assert (log.event_name, log.word) == ("VrfWordIgnored", 0)


def test_raw_fulfill_random_words__there_are_several_words__stores_the_first(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    deliver(liar, subject, owner, 5, 6, 7)
    assert subject.contract.drawOf(asked).vrfWord == 5


def test_raw_fulfill_random_words__the_draw_asked_another_coordinator__ignores_the_word(
    subject: Subject, project: Any, asked: int, owner: Any
) -> None:
    newer = owner.deploy(project.LyingCoordinator)
    subject.contract.setVrfConfig(vrf_settings(newer, 1), sender=owner)
    assert deliver(newer, subject, owner, 666).event_name == "VrfWordIgnored"
    assert subject.contract.drawOf(asked).vrfWord == 0


def test_raw_fulfill_random_words__the_settings_changed_since_the_request__stores_the_word_of_the_coordinator_asked(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    subject.contract.setVrfConfig(no_vrf(), sender=owner)
    deliver(liar, subject, owner, 5)
    assert subject.contract.drawOf(asked).vrfWord == 5


def test_raw_fulfill_random_words__the_proof_is_chainlink_s__stores_the_word_that_python_tells(
    subject: Subject, vrf: Vrf, stranger: Any
) -> None:
    asked = subject.request()
    receipt = vrf.fulfil(asked, stranger)
    assert event(receipt, "RandomWordsFulfilled").success
    assert event(receipt, "VrfWordAccepted").word == vrf.word(asked)
    assert subject.contract.drawOf(draw_of(asked).drawId).vrfWord == vrf.word(asked)


@pytest.mark.parametrize("words", [[2**256 - 1], [0], [], [2**256 - 1] * 500])
@pytest.mark.parametrize("number", [NUMBER, NUMBER + 1])
def test_raw_fulfill_random_words__the_gas_is_what_was_asked_for__never_needs_more_than_100000(
    subject: Subject, liar: Any, asked: int, owner: Any, words: list[int], number: int
) -> None:
    receipt = liar.deliver(subject.contract, number, words, GAS, sender=owner)
    assert event(receipt, "Delivered").success


def test_finalise__the_draw_was_not_requested__reverts_draw_not_requested(
    subject: Subject, stranger: Any
) -> None:
    with reverts(subject.contract.DrawNotRequested, drawId=12345):
        subject.contract.finalise(12345, bytes(96), sender=stranger)


def test_finalise__the_reveal_is_now__reverts_draw_too_early(
    subject: Subject, asked: int, stranger: Any
) -> None:
    draw = subject.contract.drawOf(asked)
    pass_until(subject.chain, draw.revealAt)
    with reverts(subject.contract.DrawTooEarly, drawId=asked, revealAt=draw.revealAt):
        subject.contract.finalise(asked, quick_drand.sign(draw.round), sender=stranger)
    subject.contract.finalise(asked, quick_drand.sign(draw.round), sender=stranger)  # a second later


@pytest.mark.parametrize("offset", [-1, 1])
def test_finalise__the_signature_is_of_a_round_beside__reverts_drand_beacon_signature_invalid(
    subject: Subject, beacon: Any, asked: int, stranger: Any, offset: int
) -> None:
    draw = subject.contract.drawOf(asked)
    pass_until(subject.chain, draw.revealAt + 60)
    with reverts(beacon.DrandBeaconSignatureInvalid, round=draw.round):
        subject.contract.finalise(asked, quick_drand.sign(draw.round + offset), sender=stranger)


def test_finalise__the_signature_is_short__reverts_drand_beacon_signature_length(
    subject: Subject, beacon: Any, asked: int, stranger: Any
) -> None:
    pass_until(subject.chain, subject.contract.drawOf(asked).revealAt + 60)
    with reverts(beacon.DrandBeaconSignatureLength, length=48):
        subject.contract.finalise(asked, bytes(48), sender=stranger)


def expected_seed(subject: Subject, draw_id: int, word: int) -> bytes:
    draw = subject.contract.drawOf(draw_id)
    drand = quick_drand.randomness_of(quick_drand.sign(draw.round))
    return draw_seed(
        chain_id=subject.chain.chain_id,
        contract=subject.contract.address,
        draw_id=draw_id,
        commitment=subject.commitment(draw_id),
        n=N,
        randomness=randomness(word, draw.round, drand),
    )


def test_finalise__a_word_came_in_time__mixes_word_and_round_into_the_seed(
    subject: Subject, liar: Any, asked: int, owner: Any, stranger: Any
) -> None:
    deliver(liar, subject, owner, 12345)
    seed = expected_seed(subject, asked, 12345)
    log = event(finalised(subject, asked, stranger), "DrawFinalised")
    draw = subject.contract.drawOf(asked)
    assert bytes(draw.seed) == bytes(log.seed) == seed
    assert (log.drawId, log.n, log.k, log.vrfWord) == (asked, N, K, 12345)
    assert (log.round, log.finaliser) == (draw.round, stranger.address)
    assert bytes(log.commitment) == bytes(draw.commitment)
    assert bytes(log.drandRandomness) == quick_drand.randomness_of(quick_drand.sign(draw.round))


def test_finalise__no_word_came__takes_zero_for_the_word(subject: Subject, asked: int, stranger: Any) -> None:
    seed = expected_seed(subject, asked, 0)
    assert bytes(event(finalised(subject, asked, stranger), "DrawFinalised").seed) == seed


def test_finalise__the_draw_has_its_seed__reverts_draw_already_final(
    subject: Subject, asked: int, stranger: Any
) -> None:
    finalised(subject, asked, stranger)
    before = subject.contract.drawOf(asked)
    with reverts(subject.contract.DrawAlreadyFinal, drawId=asked):
        finalised(subject, asked, stranger)
    assert subject.contract.drawOf(asked) == before


def test_draw_of__the_draw_was_not_requested__is_all_zero(subject: Subject) -> None:
    zero = (ZERO, 0, 0, 0, 0, 0, bytes(32), 0, 0, bytes(32))
    assert tuple(subject.contract.drawOf(12345)) == zero
    if isinstance(subject, RaffleSubject):
        assert tuple(subject.contract.drawOf(subject.open())) == zero


def test_draw_of__the_draw_is_requested__tells_what_was_fixed(
    subject: Subject, liar: Any, asked: int
) -> None:
    draw = subject.contract.drawOf(asked)
    assert (draw.coordinator, draw.n, draw.k, draw.vrfWord) == (liar.address, N, K, 0)
    assert draw.revealAt - draw.requestedAt == REVEAL_DELAY
    assert bytes(draw.seed) == bytes(32)


def test_draw_of__the_draw_is_final__tells_word_and_seed(
    subject: Subject, liar: Any, asked: int, owner: Any
) -> None:
    deliver(liar, subject, owner, 5)
    before = subject.contract.drawOf(asked)
    finalised(subject, asked, owner)
    assert subject.contract.drawOf(asked) == before._replace(seed=expected_seed(subject, asked, 5))
    assert before.vrfWord == 5


def test_winning_numbers__there_is_no_seed__reverts_draw_not_final(subject: Subject, asked: int) -> None:
    for draw_id in (asked, 12345):
        with reverts(subject.contract.DrawNotFinal, drawId=draw_id):
            subject.contract.winningNumbers(draw_id, 0, 1)


@pytest.mark.parametrize(("first", "count"), [(2, 1), (0, 3), (2**32 - 1, 2**32 - 1)])
def test_winning_numbers__ranks_beyond_k_are_asked__reverts_draw_ranks_unknown(
    subject: Subject, asked: int, owner: Any, first: int, count: int
) -> None:
    finalised(subject, asked, owner)
    with reverts(subject.contract.DrawRanksUnknown, drawId=asked, end=first + count, k=K):
        subject.contract.winningNumbers(asked, first, count)


@pytest.mark.parametrize(("first", "count"), [(0, 2), (0, 1), (1, 1), (2, 0), (0, 0)])
def test_winning_numbers__there_is_a_seed__are_the_reference_s(
    subject: Subject, asked: int, owner: Any, first: int, count: int
) -> None:
    finalised(subject, asked, owner)
    drawn = winners(bytes(subject.contract.drawOf(asked).seed), N, K)
    assert subject.contract.winningNumbers(asked, first, count) == drawn[first : first + count]


def test_vrf_config__tell_what_was_set(subject: Subject, beacon: Any, vrf: Vrf) -> None:
    contract = subject.contract
    assert tuple(contract.vrfConfig()) == (
        vrf.coordinator.address,
        vrf.subscription,
        KEY_HASH,
        GAS,
        3,
        True,
    )
    assert contract.beacon() == beacon.address
    assert (contract.revealDelay(), contract.vrfMargin()) == (REVEAL_DELAY, MARGIN)


def test_owner__tell_who_was_named(subject: Subject, owner: Any, stranger: Any) -> None:
    assert (subject.contract.owner(), subject.contract.pendingOwner()) == (owner.address, ZERO)
    subject.contract.transferOwnership(stranger, sender=owner)
    assert (subject.contract.owner(), subject.contract.pendingOwner()) == (owner.address, stranger.address)


def test_transfer_ownership__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    subject: Subject, stranger: Any
) -> None:
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=stranger):
        subject.contract.transferOwnership(stranger, sender=stranger)


def test_transfer_ownership__the_caller_is_the_owner__names_a_successor_who_has_to_accept(
    subject: Subject, owner: Any, stranger: Any
) -> None:
    log = event(subject.contract.transferOwnership(stranger, sender=owner), "OwnershipTransferStarted")
    assert (log.previousOwner, log.newOwner) == (owner.address, stranger.address)
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=stranger):
        subject.contract.setVrfConfig(no_vrf(), sender=stranger)
    subject.contract.setVrfConfig(no_vrf(), sender=owner)


def test_accept_ownership__the_caller_is_not_the_successor__reverts_ownable_unauthorized_account(
    subject: Subject, owner: Any, stranger: Any, buyer: Any
) -> None:
    subject.contract.transferOwnership(stranger, sender=owner)
    for other in (buyer, owner):
        with reverts(subject.contract.OwnableUnauthorizedAccount, account=other):
            subject.contract.acceptOwnership(sender=other)


def test_accept_ownership__the_caller_is_the_successor__makes_them_the_owner(
    subject: Subject, owner: Any, stranger: Any
) -> None:
    subject.contract.transferOwnership(stranger, sender=owner)
    log = event(subject.contract.acceptOwnership(sender=stranger), "OwnershipTransferred")
    assert (log.previousOwner, log.newOwner) == (owner.address, stranger.address)
    assert (subject.contract.owner(), subject.contract.pendingOwner()) == (stranger.address, ZERO)
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=owner):
        subject.contract.setVrfConfig(no_vrf(), sender=owner)


def test_renounce_ownership__the_caller_is_not_the_owner__reverts_ownable_unauthorized_account(
    subject: Subject, stranger: Any
) -> None:
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=stranger):
        subject.contract.renounceOwnership(sender=stranger)


def test_renounce_ownership__the_caller_is_the_owner__leaves_the_settings_for_ever(
    subject: Subject, owner: Any
) -> None:
    before = subject.contract.vrfConfig()
    subject.contract.renounceOwnership(sender=owner)
    with reverts(subject.contract.OwnableUnauthorizedAccount, account=owner):
        subject.contract.setVrfConfig(no_vrf(), sender=owner)
    assert (subject.contract.owner(), subject.contract.vrfConfig()) == (ZERO, before)
    told = draw_of(subject.request())
    finalised(subject, told.drawId, owner)
    assert subject.contract.drawOf(told.drawId).seed != bytes(32)
