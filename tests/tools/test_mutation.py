"""The mutation check: where contracts can be changed, which changes are tried, and what is said about them."""

from pathlib import Path

import pytest

from tools.mutation.__main__ import candidates
from tools.mutation.choice import LEAST, in_turn, quotas
from tools.mutation.report import AIM, Tried, explained, explanations, lines, passes, score
from tools.mutation.sites import Finder, Mutant
from tools.mutation.trial import Judge, Result, concerned
from tools.natspec import syntax_trees

SHOP = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

contract Shop {
    event Sold(uint256 count, uint256 price);
    error ShopClosed();

    bool private _open = true;
    uint256 private _sold;

    modifier whenOpen() {
        if (!_open) revert ShopClosed();
        _;
    }

    function sell(uint256 count, uint256 price) external whenOpen returns (uint256) {
        if (count < 10 && price > type(uint64).max) revert ShopClosed();
        _sold += count;
        emit Sold(count, price);
        return count == 3 ? count : price * 2;
    }

    function packed(uint256 a) external pure returns (uint256 b) {
        assembly ("memory-safe") {
            b := shl(64, a)
        }
    }
}
"""


@pytest.fixture(scope="module")
def mutants() -> list[Mutant]:
    return Finder("Shop.sol", SHOP, syntax_trees({"Shop.sol": SHOP})["Shop.sol"]).mutants()


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("operator", "count < 10", "count <= 10"),
        ("operator", "count < 10", "count >= 10"),
        ("operator", "&&", "||"),
        ("operator", "count == 3", "count != 3"),
        ("operator", "price * 2", "price / 2"),
        ("operator", "_sold += count", "_sold -= count"),
        ("operator", "shl(64", "shr(64"),
        ("bound", "count < 10", "count < 11"),
        ("bound", "count < 10", "count < 9"),
        ("bound", "type(uint64).max", "(type(uint64).max - 1)"),
        ("bound", "shl(64", "shl(65"),
        ("flip", "_open = true", "_open = false"),
        ("flip", "if (!_open)", "if (_open)"),
        ("check removed", "if (!_open)", "if (false)"),
        ("check removed", "count < 10 && price > type(uint64).max", "false"),
        ("statement removed", "_sold += count;", "{}"),
        ("statement removed", "emit Sold(count, price);", "{}"),
        ("statement removed", "b := shl(64, a)", ""),
        ("arguments swapped", "emit Sold(count, price)", "emit Sold(price, count)"),
        ("modifier removed", "external whenOpen returns", "external  returns"),
        ("branch swapped", "? count : price * 2", "? price * 2 : count"),
        ("return", "count == 3 ? count : price * 2", "(count == 3 ? count : price * 2) + 1"),
    ],
)
def test_mutants__a_place_that_can_be_changed__is_found(
    mutants: list[Mutant], kind: str, before: str, after: str
) -> None:
    assert SHOP.count(before) == 1
    assert SHOP.replace(before, after) in [m.apply(SHOP) for m in mutants if m.kind == kind]


def test_mutants__all_of_them__differ_from_the_source_and_each_other(mutants: list[Mutant]) -> None:
    changed = [mutant.apply(SHOP) for mutant in mutants]
    assert len({SHOP, *changed}) == len(changed) + 1
    assert len({mutant.id for mutant in mutants}) == len(mutants)


def test_mutants__another_function_grows__keep_their_ids(mutants: list[Mutant]) -> None:
    grown = SHOP.replace("contract Shop {", "contract Shop {\n    uint256 private _more = 7;\n")
    found = Finder("Shop.sol", grown, syntax_trees({"Shop.sol": grown})["Shop.sol"]).mutants()
    assert {m.id for m in mutants if m.function == "sell"} <= {m.id for m in found}


def test_diff__a_mutant__shows_the_line_before_and_after(mutants: list[Mutant]) -> None:
    (removed,) = [m for m in mutants if m.kind == "modifier removed"]
    shown = removed.diff(SHOP)
    assert "-    function sell(uint256 count, uint256 price) external whenOpen returns" in shown
    assert "+    function sell(uint256 count, uint256 price) external  returns" in shown


def test_in_turn__many_kinds__takes_one_of_each_first(mutants: list[Mutant]) -> None:
    kinds = {mutant.kind for mutant in mutants}
    turn = list(in_turn(mutants, 1))
    assert {mutant.kind for mutant in turn[: len(kinds)]} == kinds
    assert sorted(m.id for m in turn) == sorted(m.id for m in mutants)
    assert turn == list(in_turn(reversed(mutants), 1))
    assert turn != list(in_turn(mutants, 2))


def test_quotas__files_of_any_size__get_their_part_and_a_few_at_least() -> None:
    assert quotas({"large": 900, "small": 95, "tiny": 2}, 100) == {"large": 90, "small": 10, "tiny": 2}
    assert quotas({"large": 9_970, "small": 30}, 100)["small"] == LEAST


def test_concerned__tests_of_several_contracts__are_named_then_quick_ones_first() -> None:
    def test(name: str, seconds: float, *used: str) -> Judge:
        return Judge(f"tests/contracts/{name}.py", "", seconds, used)

    slow = test("test_raffle_draw", 9.0, "contracts/raffle/Raffle.sol")
    quick = test("test_contest", 1.0, "contracts/contest/Contest.sol")
    named = test("test_winners", 5.0, "contracts/test/WinnersHarness.sol")
    other = test("test_token", 0.1, "contracts/token/Token.sol")
    imports = {source: {"contracts/lib/Winners.sol"} for t in (slow, quick, named) for source in t.sources}
    assert concerned("contracts/lib/Winners.sol", [slow, quick, named, other], imports) == [
        named,
        quick,
        slow,
    ]


def tried(mutant: Mutant, survived: int, killed: int) -> list[Tried]:
    return [Tried(mutant, Result("survived"))] * survived + [Tried(mutant, Result("killed"))] * killed


def test_passes__survivors__needs_the_aim_and_an_explanation_of_each(mutants: list[Mutant]) -> None:
    reasons = {mutants[0].id: "the value is never read"}
    assert score(tried(mutants[0], 1, 19)) == AIM
    assert passes(tried(mutants[0], 1, 19), reasons)
    assert not passes(tried(mutants[0], 1, 19), {})
    assert not passes(tried(mutants[0], 2, 19), reasons)
    assert passes(tried(mutants[0], 0, 1), {})


def test_lines__a_survivor__is_shown_with_its_reason_or_the_lack_of_one(mutants: list[Mutant]) -> None:
    some = tried(mutants[0], 1, 3)
    shown = "\n".join(lines(some, {"Shop.sol": SHOP}, {}))
    assert f"survived: {mutants[0].id}" in shown
    assert "NOT EXPLAINED" in shown
    assert "75.0%" in shown
    assert "NOT EXPLAINED" not in "\n".join(lines(some, {"Shop.sol": SHOP}, {mutants[0].id: "never read"}))


def test_explained__the_committed_file__is_about_changes_of_the_contracts_as_they_are() -> None:
    known = explanations()
    sources, found = candidates()
    mutants = [mutant for mutants in found.values() for mutant in mutants]
    assert explained(known, mutants, sources).keys() == known.keys()
    assert all(len(each.why) > 20 for each in known.values())


def test_explained__the_line_was_changed__is_stale(mutants: list[Mutant], tmp_path: Path) -> None:
    (removed,) = [m for m in mutants if m.kind == "modifier removed"]
    path = tmp_path / "explained.toml"
    line = "function sell(uint256 count, uint256 price) external whenOpen returns (uint256) {"
    path.write_text(f'["{removed.id}"]\nfile = "Shop.sol"\nline = "{line}"\nwhy = "never read"\n')
    known = explanations(path)
    assert explained(known, mutants, {"Shop.sol": SHOP}) == {removed.id: "never read"}
    path.write_text(path.read_text().replace("uint256 price)", "uint128 price)"))
    assert explained(explanations(path), mutants, {"Shop.sol": SHOP}) == {}
    assert explained({"another": known[removed.id]}, mutants, {"Shop.sol": SHOP}) == {}


def test_lines__tests_that_did_not_end__are_counted_apart(mutants: list[Mutant]) -> None:
    late = Tried(mutants[0], Result("killed", "tests/contracts/test_shop.py: not done after 60 s"))
    (last,) = [
        line for line in lines([late, *tried(mutants[0], 0, 2)], {}, {}) if line.startswith("Shop.sol")
    ]
    assert last.split() == ["Shop.sol", "3", "3", "2", "0", "100.0%"]
