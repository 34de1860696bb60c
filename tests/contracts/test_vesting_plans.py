"""Vesting: plans by curves and by dated tranches."""

from typing import Any

import pytest

from tests.contracts.kit import DAY, NATIVE_FACE, ZERO, event
from tests.contracts.vesting_kit import MOST_START, YEAR, VestingKit, plan
from tests.evm import reverts

OWN_TOKEN = "0x" + "42" * 20


def tranches_from(start: int, *shares: int) -> list[tuple[int, int]]:
    """One every 30 days."""
    return [(start + 30 * DAY * number, share) for number, share in enumerate(shares)]


def test_create_plan__the_token_is_the_zero_address__reverts_vesting_plan_invalid(
    vesting: Any, organiser: Any
) -> None:
    with reverts(vesting.VestingPlanInvalid, field="token"):
        vesting.createPlan(plan(ZERO), sender=organiser)


def test_create_plan__the_token_is_the_face_of_pol__reverts_vesting_token_refused(
    vesting: Any, organiser: Any
) -> None:
    with reverts(vesting.VestingTokenRefused, token=NATIVE_FACE):
        vesting.createPlan(plan(NATIVE_FACE), sender=organiser)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": MOST_START + 1}, "start"),
        ({"start": 2**64 - 1}, "start"),
        ({"duration": 0, "cliff": 0, "step": 0}, "duration"),
        ({"duration": 2**32}, "duration"),
        ({"cliff": YEAR + 1}, "cliff"),
        ({"step": YEAR + 1}, "step"),
        ({"startUnlockBps": 10_001}, "startUnlockBps"),
    ],
)
def test_create_plan__a_number_of_the_curve_is_out_of_bounds__reverts_vesting_plan_invalid(
    vesting: Any, organiser: Any, changes: dict[str, Any], field: str
) -> None:
    with reverts(vesting.VestingPlanInvalid, field=field):
        vesting.createPlan(plan(OWN_TOKEN, **changes), sender=organiser)


def _kept_and_told(vesting: Any, organiser: Any, **changes: Any) -> None:
    config = plan(OWN_TOKEN, **changes)
    log = event(vesting.createPlan(config, sender=organiser), "PlanCreated")
    kept = plan(OWN_TOKEN, **{**changes, "step": changes.get("step", DAY) or 1})
    told = (log.token, log.start, log.cliff, log.duration, log.step, log.startUnlockBps)
    found, creator, count, revocable = vesting.planOf(log.planId)
    assert tuple(found) == told == kept
    assert (creator, count, revocable) == (organiser, 0, True)
    assert (log.creator, log.planId) == (organiser, vesting.planCount())


@pytest.mark.parametrize(
    "changes",
    [{}, {"step": 0}, {"step": 1, "start": MOST_START, "startUnlockBps": 10_000}, {"cliff": YEAR}],
)
def test_create_plan__the_curve_is_in_whole_days__is_kept_and_told(
    vesting: Any, organiser: Any, changes: dict[str, Any]
) -> None:
    _kept_and_told(vesting, organiser, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"duration": 2**32 - 1, "cliff": 2**32 - 1, "step": 2**32 - 1},
        {"duration": 1, "cliff": 1, "step": 1},
        {"cliff": 90 * DAY + 1},
        {"step": 7},
    ],
)
def test_create_plan__the_curve_is_in_odd_seconds__is_kept_and_told(
    vesting: Any, organiser: Any, changes: dict[str, Any]
) -> None:
    _kept_and_told(vesting, organiser, **changes)


def test_create_plan_for__it_has_no_grants__reverts_vesting_grant_invalid(
    vestings: VestingKit, organiser: Any, buyer: Any
) -> None:
    with reverts(vestings.vesting.VestingGrantInvalid, position=0, field="grants"):
        vestings.vesting.createPlanFor(buyer, plan(vestings.token), [], sender=organiser)


def test_create_plan_for__vesting_is_paused__reverts_vesting_paused(
    vestings: VestingKit, organiser: Any, buyer: Any, guardian: Any
) -> None:
    until = vestings.now() + DAY
    vestings.vesting.pauseUntil(until, sender=guardian)
    with reverts(vestings.vesting.VestingPaused, until=until):
        vestings.vesting.createPlanFor(buyer, plan(vestings.token), [(buyer, 5)], sender=organiser)


def test_create_plan_for__another_pays__makes_the_creator_its_owner(
    vestings: VestingKit, organiser: Any, buyer: Any, other_buyer: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    held = token.balanceOf(organiser)
    receipt = vesting.createPlanFor(buyer, plan(token), [(other_buyer, 5), (buyer, 6)], sender=organiser)
    plan_id, first = receipt.return_value
    assert vesting.planOf(plan_id)[1:3] == (buyer, 2)
    assert first == plan_id << 64
    assert [vesting.grantOf(first + index).amount for index in range(2)] == [5, 6]
    assert event(receipt, "PlanCreated").creator == buyer
    assert [log.funder for log in receipt.events if log.event_name == "Granted"] == [organiser] * 2
    assert held - token.balanceOf(organiser) == token.balanceOf(vesting) == vesting.booked(token) == 11
    with reverts(vesting.VestingNotCreator, planId=plan_id, caller=organiser):
        vesting.grant(plan_id, [(buyer, 5)], sender=organiser)


def test_create_plan_for__the_creator_is_zero__makes_the_caller_its_owner(
    vestings: VestingKit, organiser: Any, buyer: Any
) -> None:
    receipt = vestings.vesting.createPlanFor(ZERO, plan(vestings.token), [(buyer, 5)], sender=organiser)
    assert vestings.vesting.planOf(receipt.return_value[0])[1] == organiser
    assert event(receipt, "PlanCreated").creator == organiser


def _refused(vestings: VestingKit, tranches: list[tuple[int, int]], position: int) -> None:
    with reverts(vestings.vesting.VestingTranchesInvalid, position=position):
        vestings.vesting.createTranchePlan(ZERO, vestings.token, tranches, [], sender=vestings.creator)


def test_create_tranche_plan__there_is_no_tranche__reverts_vesting_tranches_invalid(
    vestings: VestingKit,
) -> None:
    with reverts(vestings.vesting.VestingTranchesInvalid, position=0):
        vestings.vesting.createTranchePlan(ZERO, vestings.token, [], [], sender=vestings.creator)


def test_create_tranche_plan__there_are_too_many__reverts_vesting_tranches_invalid(
    vestings: VestingKit,
) -> None:
    fitting = tranches_from(vestings.now(), *range(1, 48), 10_000)
    vestings.vesting.createTranchePlan(ZERO, vestings.token, fitting, [], sender=vestings.creator)
    with reverts(vestings.vesting.VestingTranchesInvalid, position=49):
        vestings.vesting.createTranchePlan(
            ZERO, vestings.token, [(1, 1), *fitting], [], sender=vestings.creator
        )


@pytest.mark.parametrize("last", [9_999, 10_001, 0])
def test_create_tranche_plan__they_do_not_end_with_all__reverts_vesting_tranches_invalid(
    vestings: VestingKit, last: int
) -> None:
    with reverts(vestings.vesting.VestingTranchesInvalid, position=1):
        tranches = tranches_from(vestings.now(), 5_000, last)
        vestings.vesting.createTranchePlan(ZERO, vestings.token, tranches, [], sender=vestings.creator)


def test_create_tranche_plan__the_first_is_out_of_bounds__reverts_vesting_tranches_invalid(
    vestings: VestingKit,
) -> None:
    with reverts(vestings.vesting.VestingTranchesInvalid, position=0):
        tranches = tranches_from(MOST_START + 1, 5_000, 10_000)
        vestings.vesting.createTranchePlan(ZERO, vestings.token, tranches, [], sender=vestings.creator)
    _refused(vestings, [(0, 10_000)], 0)
    _refused(vestings, [(5, 0), (6, 10_000)], 0)


def test_create_tranche_plan__the_last_is_too_far_away__reverts_vesting_tranches_invalid(
    vestings: VestingKit,
) -> None:
    start = vestings.now()
    vesting, token, creator = vestings.vesting, vestings.token, vestings.creator
    fitting = [(start, 1), (start + 2**32 - 1, 10_000)]
    vesting.createTranchePlan(ZERO, token, fitting, [], sender=creator)
    with reverts(vesting.VestingTranchesInvalid, position=1):
        vesting.createTranchePlan(ZERO, token, [(start, 1), (start + 2**32, 10_000)], [], sender=creator)


@pytest.mark.parametrize(
    "middle", [(100, 2_000), (99, 2_000), (150, 1_000), (150, 999), (200, 5_000), (150, 10_000)]
)
def test_create_tranche_plan__one_does_not_rise__reverts_vesting_tranches_invalid(
    vestings: VestingKit, middle: tuple[int, int]
) -> None:
    tranches = [(100, 1_000), middle, (200, 10_000)]
    position = 2 if middle in ((200, 5_000), (150, 10_000)) else 1
    with reverts(vestings.vesting.VestingTranchesInvalid, position=position):
        vestings.vesting.createTranchePlan(ZERO, vestings.token, tranches, [], sender=vestings.creator)


def test_create_tranche_plan__the_token_is_the_face_of_pol__reverts_vesting_token_refused(
    vestings: VestingKit,
) -> None:
    with reverts(vestings.vesting.VestingTokenRefused, token=NATIVE_FACE):
        vestings.vesting.createTranchePlan(ZERO, NATIVE_FACE, [(100, 10_000)], [], sender=vestings.creator)


def test_create_tranche_plan__it_comes_with_grants__vests_them_by_its_dates(
    vestings: VestingKit, buyer: Any, other_buyer: Any, stranger: Any
) -> None:
    vesting, token = vestings.vesting, vestings.token
    start = vestings.now() + DAY
    tranches = tranches_from(start, 1_000, 3_333, 10_000)
    receipt = vesting.createTranchePlan(
        buyer, token, tranches, [(buyer, 1_001), (other_buyer, 7)], sender=vestings.creator
    )
    plan_id, grant_id = receipt.return_value
    log = event(receipt, "PlanCreated")
    told = (log.start, log.cliff, log.duration, log.step, log.startUnlockBps)
    config, creator, count, _ = vesting.planOf(plan_id)
    assert tuple(config)[1:] == told == (start, 0, 60 * DAY, 0, 1_000)
    assert (creator, count, log.creator) == (buyer, 2, buyer)
    added = [(e.time, e.cumulativeBps) for e in receipt.events if e.event_name == "TrancheAdded"]
    assert added == tranches
    assert [(word >> 16, word & 0xFFFF) for word in vesting.tranchesOf(plan_id)] == tranches
    expected = {-1: 0, 0: 100, 30 * DAY - 1: 100, 30 * DAY: 333, 60 * DAY - 1: 333, 60 * DAY: 1_001}
    assert {at: vesting.vestedAmount(grant_id, start + at) for at in expected} == expected
    held = token.balanceOf(buyer)
    vestings.wait(grant_id, 30 * DAY)
    vesting.release(grant_id, sender=stranger)
    assert token.balanceOf(buyer) - held == 333
    vestings.wait(grant_id, 60 * DAY)
    vesting.release(grant_id, sender=stranger)
    assert token.balanceOf(buyer) - held == 1_001


def test_create_tranche_plan__it_comes_without_grants__takes_some_later(
    vestings: VestingKit, buyer: Any
) -> None:
    tranches = [(vestings.now() + DAY, 10_000)]
    receipt = vestings.vesting.createTranchePlan(ZERO, vestings.token, tranches, [], sender=vestings.creator)
    plan_id = receipt.return_value[0]
    assert vestings.vesting.planOf(plan_id)[1:3] == (vestings.creator, 0)
    vestings.vesting.grant(plan_id, [(buyer, 9)], sender=vestings.creator)
    assert vestings.vesting.vestedAmount(plan_id << 64, vestings.now() + 2 * DAY) == 9


def test_plan_count__counts_from_one(vestings: VestingKit) -> None:
    assert vestings.vesting.planCount() == 0
    assert vestings.empty_plan() == 1
    assert vestings.empty_plan() == vestings.vesting.planCount() == 2


def test_plan_of__the_plan_is_unknown__reverts_vesting_plan_unknown(vesting: Any) -> None:
    for plan_id in (0, 1, 2**48, 2**255):
        with reverts(vesting.VestingPlanUnknown, planId=plan_id):
            vesting.planOf(plan_id)


def test_tranches_of__the_plan_is_unknown__reverts_vesting_plan_unknown(vesting: Any) -> None:
    with reverts(vesting.VestingPlanUnknown, planId=1):
        vesting.tranchesOf(1)


def test_tranches_of__the_plan_is_a_curve__is_empty(vestings: VestingKit) -> None:
    assert vestings.vesting.tranchesOf(vestings.empty_plan()) == []
