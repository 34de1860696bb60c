"""The price list's arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.filters.kinds import CODES
from backend.prices.price_list import FILTERS, FREE, PACKAGES, PRO, SIZES, plan_of
from backend.prices.quote import Contents, exceeded, items, total


@pytest.mark.parametrize(
    ("participants", "credits_"),
    [
        (0, 10),
        (1, 10),
        (1_000, 10),
        (1_001, 30),
        (50_000, 90),
        (50_001, 240),
        (1_000_000, 600),
        (9_999_999, 600),
    ],
)
def test_size__the_step_it_falls_in(participants: int, credits_: int) -> None:
    nothing_included = replace(FREE, included_participants=-1)
    assert total(items(nothing_included, Contents(participants))) == credits_


def test_items__size_first_then_each_use_of_a_filter() -> None:
    found = items(FREE, Contents(20_000, ["hashtag", "mentions", "mentions", "from_the_future"]))
    assert [(one.code, one.charged) for one in found] == [
        ("size", 90),
        ("hashtag", 0),
        ("mentions", 5),
        ("mentions", 5),
        ("from_the_future", 0),
    ]
    assert total(found) == 100


def test_included__shown_with_its_price_and_not_charged() -> None:
    size, _bots = items(PRO, Contents(200_000, ["burst"]))
    assert (size.credits, size.included, size.charged) == (240, True, 0)
    assert total(items(PRO, Contents(200_000, list(FILTERS)))) == 0
    assert total(items(PRO, Contents(200_001, list(FILTERS)))) == 600
    assert total(items(FREE, Contents(10_000))) == 0


def test_exceeded__each_limit_says_what_and_how_much() -> None:
    small = replace(FREE, languages=frozenset({"en"}))
    contents = Contents(100_001, ["burst", "hashtag"], frozenset({"x", "youtube"}), "de")
    found = {one.limit: one.detail for one in exceeded(small, contents, 10)}
    assert set(found) == {"participants", "contests_per_month", "filters", "connectors", "languages"}
    assert "100,000" in found["participants"]
    assert "100,001" in found["participants"]
    assert "burst" in found["filters"]
    assert "hashtag" not in found["filters"]
    assert "youtube" not in found["connectors"]
    assert exceeded(small, Contents(100_000, ["hashtag"], frozenset({"youtube"}), "en"), 9) == []


def test_price_list__whole_rising_and_cheaper_by_the_dozen() -> None:
    assert all(price >= 0 for price in FILTERS.values())
    assert FREE.without_filters <= set(FILTERS)
    steps = [(one.up_to, one.credits) for one in SIZES]
    assert steps == sorted(steps)
    each = [one.cents / one.credits for one in PACKAGES.values()]
    assert each == sorted(each, reverse=True)
    assert plan_of("pro", "year").cents < 12 * plan_of("pro", "month").cents
    with pytest.raises(LookupError):
        plan_of("free", "month")


def test_filters__every_kind_there_is_has_its_price_and_no_other() -> None:
    assert set(FILTERS) == set(CODES)
