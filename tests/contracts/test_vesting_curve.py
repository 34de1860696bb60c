"""The curve, dated tranches and the packed plan against their twins."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.kit import DAY, HOUR
from tests.contracts.vesting_kit import MOST_AMOUNT, MOST_START, vested, vested_by_tranches

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def harness(project: Any, owner: Any) -> Any:
    return owner.deploy(project.CurveHarness)


@st.composite
def curves(draw: st.DrawFn) -> tuple[int, ...]:
    """Half of them in whole minutes, hours or days, as people make them."""
    unit = draw(st.sampled_from([1, 1, 60, HOUR, DAY]))
    duration = draw(st.integers(1, (2**32 - 1) // unit)) * unit
    return (
        draw(st.integers(0, MOST_START)),
        draw(st.integers(0, duration // unit)) * unit,
        duration,
        draw(st.one_of(st.just(1), st.integers(1, duration // unit).map(lambda step: step * unit))),
        draw(st.integers(0, 10_000)),
    )


@QUICK
@given(curve=curves(), amount=st.integers(1, MOST_AMOUNT), data=st.data())
def test_curve__any_plan__equals_the_twin_and_never_falls(
    harness: Any, curve: tuple[int, ...], amount: int, data: st.DataObject
) -> None:
    start, cliff, duration, step, _ = curve
    inside = data.draw(st.lists(st.integers(0, duration), min_size=5, max_size=15))
    edges = [0, cliff - 1, cliff, step - 1, step, duration - 1, duration]
    times = sorted({max(0, start + offset) for offset in [*inside, *edges, -1, duration + 1]})
    amounts = list(harness.vestedAt(curve, amount, times))
    assert amounts == [vested(curve, amount, time) for time in times]
    assert amounts == sorted(amounts)
    assert amounts[-1] == amount


@QUICK
@given(curve=curves())
def test_pack__any_curve__comes_back_as_it_was(harness: Any, curve: tuple[int, ...]) -> None:
    token = "0x" + "Ff" * 20
    found, kept, _ = harness.repacked(token, curve)
    assert found.lower() == token.lower()
    assert tuple(kept) == curve


@pytest.mark.parametrize(
    ("curve", "is_wide"),
    [
        ((0, 0, 365 * DAY, 1, 0), False),
        ((MOST_START, 49_710 * DAY, 49_710 * DAY, 1, 10_000), False),
        ((0, 90 * DAY, 1460 * DAY, 30 * DAY, 500), False),
        ((0, 90 * DAY, 365 * DAY + 6 * HOUR, HOUR, 500), False),
        ((0, 60, 65_535 * 60, 16_383 * 60, 500), False),
        ((0, 0, 49_710 * DAY, 16_384 * DAY, 0), True),
        ((0, 60, 65_537 * 60, 60, 500), True),
        ((0, 1, 365 * DAY, 1, 0), True),
        ((0, 0, 365 * DAY, 7, 0), True),
        ((0, 0, 2**32 - 1, 2**32 - 1, 0), True),
        ((0, 2**32 - 1, 2**32 - 1, 1, 0), True),
    ],
)
def test_pack__whole_units__needs_one_word(harness: Any, curve: tuple[int, ...], is_wide: bool) -> None:
    _, kept, wide = harness.repacked("0x" + "11" * 20, curve)
    assert (tuple(kept), wide) == (curve, is_wide)


def test_pack__a_step_of_zero__stays_zero_and_wide(harness: Any) -> None:
    curve = (1_000, 0, 365 * DAY, 0, 2_500)
    _, kept, wide = harness.repacked("0x" + "11" * 20, curve)
    assert (tuple(kept), wide) == (curve, True)


@st.composite
def tranche_lists(draw: st.DrawFn) -> list[tuple[int, int]]:
    times = sorted(draw(st.sets(st.integers(1, 2**35), min_size=1, max_size=48)))
    others = st.sets(st.integers(1, 9_999), min_size=len(times) - 1, max_size=len(times) - 1)
    return list(zip(times, [*sorted(draw(others)), 10_000], strict=True))


@QUICK
@given(tranches=tranche_lists(), amount=st.integers(1, MOST_AMOUNT))
def test_tranches__any_list__equals_the_twin_and_ends_with_all(
    harness: Any, owner: Any, tranches: list[tuple[int, int]], amount: int
) -> None:
    harness.setTranches([at << 16 | bps for at, bps in tranches], sender=owner)
    times = sorted({0, *(at + offset for at, _ in tranches for offset in (-1, 0, 1))})
    amounts = list(harness.vestedByTranchesAt(amount, times))
    assert amounts == [vested_by_tranches(tranches, amount, time) for time in times]
    assert amounts == sorted(amounts)
    assert amounts[-1] == amount
