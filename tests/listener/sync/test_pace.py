"""Spans shrink at refusals and grow back."""

from listener.sync.pace import Pace


def test_pace__few_logs__doubles_up_to_the_limit() -> None:
    pace = Pace(1000, first=32)
    sizes = []
    for _ in range(8):
        pace.accepted(pace.size, 0)
        sizes.append(pace.size)
    assert sizes[:3] == [64, 128, 256]
    assert sizes[-1] == 1000


def test_pace__many_logs__aims_at_the_target() -> None:
    pace = Pace(100_000, first=1000)
    pace.accepted(1000, 1_000_000)
    assert pace.size == 8


def test_pace__refused__halves_and_tries_more_later() -> None:
    pace = Pace(1000, first=1000)
    pace.refused(1000)
    assert pace.size == 500
    for _ in range(15):
        pace.accepted(pace.size, 0)
    assert pace.size == 500
    for _ in range(40):
        pace.accepted(pace.size, 0)
    assert pace.size > 500


def test_pace__never_below_one() -> None:
    pace = Pace(1)
    pace.refused(1)
    assert pace.size == 1
