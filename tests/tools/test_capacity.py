"""The capacity page holds what is computed, and the computation follows its assumptions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.processes import ROOT
from tools.capacity import Assumptions, Costs, main, plan, storage, table


def test_page__holds_what_is_computed() -> None:
    assert table(Assumptions()) in (ROOT / "docs" / "capacity.md").read_text(), (
        "python -m tools.capacity, and put it into docs/capacity.md"
    )


def test_plan__by_hand() -> None:
    given = replace(Assumptions(), users=8_640_000, daily=0.1, peak=10.0, reads=10.0, load=0.5)
    lines = {line.what: line for line in plan(given, replace(Costs(), read_api=0.002))}
    # 864,000 on a day, 10 a second, 100 in the busiest; ten reads each, 2 ms each, at half load.
    assert lines["reads"].rate == pytest.approx(1000)
    assert lines["reads"].cores == pytest.approx(4.0)
    assert storage(replace(given, transfers=0.6)) == pytest.approx(2 * storage(replace(given, transfers=0.3)))


def test_assumption_that_is_none__refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--load", "0"])
    assert "--load must be above 0, not 0" in capsys.readouterr().err
