"""The table of gas: every peer's row is measured, and every missed aim has its reason."""

import pytest

from benchmarks.gas import beside, lines, missed, snapshot
from benchmarks.peers import NO_TRANSACTION, REASONS, ROWS, Peer, Row


def test_rows__every_one__is_measured() -> None:
    assert ROWS.keys() - NO_TRANSACTION <= snapshot().keys()


def test_aims__every_one_that_is_missed__has_its_reason() -> None:
    assert missed(snapshot()) <= REASONS.keys()


def test_reasons__every_one__explains_a_missed_aim() -> None:
    assert REASONS.keys() <= missed(snapshot())
    assert all(len(reason) > 20 for reason in REASONS.values())


def test_missed__at_the_aim_and_one_above__is_only_the_one_above() -> None:
    rows = {"a": Row(5), "b": Row(5), "unmeasured": Row(5)}
    assert missed({"a": 5, "b": 6, "without aim": 10**9}, rows) == {"b"}


def test_lines__an_aim_is_missed__marks_it_with_its_reason() -> None:
    over = dict.fromkeys(ROWS, 10**9)
    marked = next(line for line in lines(over) if line.startswith("raffle: finalise with drand"))
    assert "190,000!" in marked


def test_lines__a_row_is_not_measured__says_so() -> None:
    first = next(iter(ROWS))
    assert f"{first:44} {'?':>9}" in "\n".join(lines({}))


@pytest.mark.parametrize(
    ("peer", "gas", "text"),
    [
        (Peer("OZ", 300), 200, "OZ 300 (1.50×)"),
        (Peer("OZ", 3_000, "about"), 0, "OZ about 3,000 (∞)"),
        (Peer("tutorial", None, "out of gas"), 200, "tutorial (out of gas)"),
        (Peer("none has it", None), 200, "none has it"),
    ],
)
def test_beside__a_peer__shows_its_ratio(peer: Peer, gas: int, text: str) -> None:
    assert beside(peer, gas) == text
