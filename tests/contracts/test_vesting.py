"""Vesting: plans, grants, releases, and the curve against its twin."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.conftest import ETHER
from tests.contracts.kit import DAY, NATIVE_FACE, ZERO, event, now, pass_until, sign_permit
from tests.evm import reverts

YEAR = 365 * DAY


def vested(curve: tuple[int, ...], amount: int, time: int) -> int:
    """The twin, written from the words of IVesting and nothing else."""
    start, cliff, duration, step, unlock_bps = curve
    if time < start:
        return 0
    if time >= start + duration:
        return amount
    unlock = amount * unlock_bps // 10_000
    if time < start + cliff:
        return unlock
    return unlock + (amount - unlock) * ((time - start) // step * step) // duration


@pytest.fixture(scope="session")
def curve_harness(project: Any, owner: Any) -> Any:
    return owner.deploy(project.CurveHarness)


@st.composite
def curves(draw: st.DrawFn) -> tuple[int, ...]:
    duration = draw(st.integers(1, 2**32 - 1))
    return (
        draw(st.integers(0, 2**40 - 1)),
        draw(st.integers(0, duration)),
        duration,
        draw(st.integers(1, duration)),
        draw(st.integers(0, 10_000)),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(curve=curves(), amount=st.integers(1, 2**96 - 1), data=st.data())
def test_curve__any_plan__equals_the_twin_and_never_falls(
    curve_harness: Any, curve: tuple[int, ...], amount: int, data: st.DataObject
) -> None:
    start, cliff, duration, step, _ = curve
    inside = data.draw(st.lists(st.integers(0, duration), min_size=5, max_size=15))
    edges = [0, cliff - 1, cliff, step - 1, step, duration - 1, duration]
    times = sorted({max(0, start + offset) for offset in [*inside, *edges, -1, duration + 1]})
    amounts = list(curve_harness.vestedAt(curve, amount, times))
    assert amounts == [vested(curve, amount, time) for time in times]
    assert amounts == sorted(amounts)
    assert amounts[-1] == amount


def plan(coin: Any, **changes: Any) -> tuple[Any, ...]:
    terms = {
        "token": coin,
        "start": 2_000_000_000,
        "cliff": 90 * DAY,
        "duration": YEAR,
        "step": DAY,
        "startUnlockBps": 1_000,
    }
    return tuple((terms | changes).values())


@pytest.fixture
def running(vesting: Any, coin: Any, organiser: Any, buyer: Any, other_buyer: Any, chain: Any) -> int:
    """A plan that starts in a day, with two grants; the first grant's id."""
    coin.approve(vesting, 10**30, sender=organiser)
    config = plan(coin, start=now(chain) + DAY)
    receipt = vesting.createPlanWithGrants(
        config, [(buyer, 1_000 * ETHER), (other_buyer, 3)], sender=organiser
    )
    return int(next(log for log in receipt.events if log.event_name == "Granted").grantId)


def start_of(vesting: Any, grant_id: int) -> int:
    config, _, _ = vesting.planOf(grant_id >> 64)
    return int(config[1])


def test_create_plan__any_curve__is_kept_and_told(vesting: Any, coin: Any, organiser: Any) -> None:
    config = plan(coin, step=0)
    log = event(vesting.createPlan(config, sender=organiser), "PlanCreated")
    kept, creator, count = vesting.planOf(log.planId)
    assert tuple(kept) == plan(coin, step=1)
    assert (creator, count) == (organiser, 0)
    assert (log.creator, log.token, log.step, log.startUnlockBps) == (organiser, coin, 1, 1_000)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": ZERO}, "token"),
        ({"start": 2**40}, "start"),
        ({"duration": 0}, "duration"),
        ({"duration": 2**32}, "duration"),
        ({"cliff": YEAR + 1}, "cliff"),
        ({"step": YEAR + 1}, "step"),
        ({"startUnlockBps": 10_001}, "startUnlockBps"),
    ],
)
def test_create_plan__unusable_curve__names_the_field(
    vesting: Any, coin: Any, organiser: Any, changes: dict[str, Any], field: str
) -> None:
    with reverts(vesting.VestingPlanInvalid, field=field):
        vesting.createPlan(plan(coin, **changes), sender=organiser)


def test_create_plan__face_of_pol__is_refused(vesting: Any, organiser: Any) -> None:
    with reverts(vesting.VestingTokenRefused, token=NATIVE_FACE):
        vesting.createPlan(plan(NATIVE_FACE), sender=organiser)


def test_grant__several__have_ids_that_carry_the_plan(
    vesting: Any, coin: Any, organiser: Any, buyer: Any, other_buyer: Any, running: int
) -> None:
    held, owed = coin.balanceOf(vesting), vesting.owed(coin)
    plan_id = running >> 64
    receipt = vesting.grant(plan_id, [(buyer, 5), (other_buyer, 6)], sender=organiser)
    logs = [log for log in receipt.events if log.event_name == "Granted"]
    assert [log.grantId for log in logs] == [running + 2, running + 3]
    assert [tuple(vesting.grantOf(log.grantId)) for log in logs] == [(buyer, 5, 0), (other_buyer, 6, 0)]
    assert coin.balanceOf(vesting) - held == vesting.owed(coin) - owed == 11


def test_grant__not_the_creator_or_no_plan__is_refused(
    vesting: Any, running: int, organiser: Any, stranger: Any
) -> None:
    with reverts(vesting.VestingNotCreator, caller=stranger.address):
        vesting.grant(running >> 64, [(stranger, 5)], sender=stranger)
    with reverts(vesting.VestingPlanUnknown, planId=999):
        vesting.grant(999, [(stranger, 5)], sender=stranger)


@pytest.mark.parametrize(
    ("grants", "position", "field"),
    [([], 0, "grants"), ([(ZERO, 5)], 0, "beneficiary"), ([(NATIVE_FACE, 5), (NATIVE_FACE, 0)], 1, "amount")],
)
def test_grant__unusable_entry__names_it(
    vesting: Any, running: int, organiser: Any, grants: list[Any], position: int, field: str
) -> None:
    with reverts(vesting.VestingGrantInvalid, position=position, field=field):
        vesting.grant(running >> 64, grants, sender=organiser)


def test_grant__token_with_fee_on_transfer__is_refused(
    vesting: Any, project: Any, organiser: Any, buyer: Any
) -> None:
    token = organiser.deploy(project.FeeERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(vesting, ETHER, sender=organiser)
    with reverts(vesting.VestingTokenRefused, token=token.address):
        vesting.createPlanWithGrants(plan(token), [(buyer, 1_000)], sender=organiser)


def test_grant_with_permit__signed_total__needs_no_approval(
    vesting: Any, launched: Any, organiser: Any, buyer: Any, chain: Any
) -> None:
    plan_id = event(vesting.createPlan(plan(launched), sender=organiser), "PlanCreated").planId
    deadline = now(chain) + 600
    signature = sign_permit(launched, organiser, vesting.address, 12, deadline)
    vesting.grantWithPermit(plan_id, [(buyer, 5), (buyer, 7)], deadline, signature, sender=organiser)
    assert launched.balanceOf(vesting) == 12


def test_release__along_the_curve__pays_exactly_what_is_vested(
    vesting: Any, coin: Any, running: int, buyer: Any, stranger: Any, chain: Any
) -> None:
    start, amount = start_of(vesting, running), 1_000 * ETHER
    with reverts(vesting.VestingNothingToRelease, grantId=running):
        vesting.release(running, sender=stranger)
    total = 0
    for offset, expected in (
        (0, amount // 10),
        (90 * DAY, amount // 10 + amount * 9 // 10 * 90 // 365),
        (100 * DAY + 5, amount // 10 + amount * 9 // 10 * 100 // 365),
        (YEAR, amount),
    ):
        pass_until(chain, start + offset)
        held = coin.balanceOf(buyer)
        log = event(vesting.release(running, sender=stranger), "Released")
        assert coin.balanceOf(buyer) - held == log.amount == expected - total
        total = expected
        assert log.totalReleased == total == vesting.vestedAmount(running, start + offset)
    with reverts(vesting.VestingNothingToRelease):
        vesting.release(running, sender=stranger)
    assert vesting.owed(coin) == coin.balanceOf(vesting) == 3


def test_release__before_the_cliff__is_the_start_unlock_alone(
    vesting: Any, running: int, stranger: Any, chain: Any
) -> None:
    start = start_of(vesting, running)
    pass_until(chain, start + 90 * DAY - 2)
    vesting.release(running, sender=stranger)
    assert vesting.grantOf(running).released == 100 * ETHER
    with reverts(vesting.VestingNothingToRelease):
        vesting.release(running, sender=stranger)


def test_release_many__some_with_nothing__passes_over_them(
    vesting: Any, coin: Any, running: int, buyer: Any, other_buyer: Any, stranger: Any, chain: Any
) -> None:
    pass_until(chain, start_of(vesting, running) + 1)
    held = coin.balanceOf(buyer), coin.balanceOf(other_buyer)
    receipt = vesting.releaseMany([running, running + 1, running], sender=stranger)
    assert len([log for log in receipt.events if log.event_name == "Released"]) == 1
    assert (coin.balanceOf(buyer) - held[0], coin.balanceOf(other_buyer) - held[1]) == (100 * ETHER, 0)


def test_release_to__beneficiary_only__chooses_the_receiver(
    vesting: Any, coin: Any, running: int, buyer: Any, stranger: Any, chain: Any
) -> None:
    pass_until(chain, start_of(vesting, running))
    with reverts(vesting.VestingNotBeneficiary, caller=stranger.address):
        vesting.releaseTo(running, stranger, sender=stranger)
    log = event(vesting.releaseTo(running, stranger, sender=buyer), "Released")
    assert (log.beneficiary, log.to) == (buyer, stranger)
    assert coin.balanceOf(stranger) == 100 * ETHER


def test_release__unknown_grant__is_refused(vesting: Any, running: int, stranger: Any) -> None:
    unknown = running + 2
    for call in (
        lambda: vesting.release(unknown, sender=stranger),
        lambda: vesting.releaseMany([unknown], sender=stranger),
        lambda: vesting.releasable(unknown),
        lambda: vesting.grantOf(unknown),
    ):
        with reverts(vesting.VestingGrantUnknown, grantId=unknown):
            call()


def test_release__token_calls_back__cannot_release_twice(
    vesting: Any, project: Any, organiser: Any, buyer: Any, chain: Any
) -> None:
    token = organiser.deploy(project.HookERC20)
    token.mint(organiser, ETHER, sender=organiser)
    token.approve(vesting, ETHER, sender=organiser)
    config = plan(token, start=now(chain))
    receipt = vesting.createPlanWithGrants(config, [(buyer, ETHER)], sender=organiser)
    grant_id = event(receipt, "Granted").grantId
    token.callBack(vesting, vesting.release.encode_input(grant_id), sender=organiser)
    with reverts(vesting.ReentrancyGuardReentrantCall):
        vesting.release(grant_id, sender=organiser)
