"""Condition trees and tests match, and every function of every deployed contract stands in a tree."""

from pathlib import Path

import pytest

from tests.contracts.trees import (
    FOLDER,
    Leaf,
    TreeError,
    deployed,
    expects,
    functions,
    is_called,
    load,
    mismatches,
    parse,
    problems,
    read,
    read_tests,
    render,
    slug,
    uncovered,
)

TREE = """contract: Shop

buyTickets
├── the shop is closed
│   └── reverts ShopClosed
└── the shop is open
    ├── the count is zero
    │   └── reverts panic 0x11
    └── the payment is exact
        └── sells the tickets

name, symbol
└── is the shop's
"""
TESTS = """
def test_buy_tickets__the_shop_is_closed__reverts_shop_closed(shop):
    with reverts(shop.ShopClosed):
        shop.buyTickets(1)

def test_buy_tickets__the_count_is_zero__reverts_panic_0x11(shop):
    with reverts(panic=0x11):
        shop.buyTickets(0)

@pytest.mark.parametrize("count", [1, 2])
def test_buy_tickets__the_payment_is_exact__sells_the_tickets(shop, count):
    assert shop.buyTickets(count)

def test_name__is_the_shop_s(shop):
    assert shop.name() == "Shop"
"""
ABIS = {"Shop": {"buyTickets", "name", "symbol"}}


def test_trees__every_one__matches_its_tests() -> None:
    wrong = {path.name: problems(path, functions()) for path in FOLDER.glob("*.tree")}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_trees__all_together__have_every_function_of_the_deployed_contracts() -> None:
    complete = set(deployed())
    assert len(complete) > 5
    assert uncovered(load().values(), functions(), complete) == []


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (["error", "function"], True),
        (["constructor", "fallback"], True),
        (["error", "event"], False),
        ([], False),
    ],
    ids=["contract", "proxy", "library", "empty"],
)
def test_is_called__an_interface_of_a_kind__tells_contracts_from_libraries(
    types: list[str], expected: bool
) -> None:
    assert is_called([{"type": each} for each in types]) is expected


def test_mismatches__tree_and_tests_agree__finds_none() -> None:
    assert mismatches(parse(TREE), read_tests(TESTS), ABIS) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "│   └── reverts ShopClosed\n",
            "│   ├── reverts ShopClosed\n│   └── keeps the money\n",
            "no test is called test_buy_tickets__the_shop_is_closed__keeps_the_money",
        ),
        ("\nname, symbol\n└── is the shop's\n", "", "no leaf asks for test_name__is_the_shop_s"),
        ("contract: Shop", "contract: Shop, Stall", "no contract is called Stall"),
        ("name, symbol", "name, symbols", "symbols is no function of Shop"),
        ("name, symbol", "name, symbol, name", "name has two blocks"),
        ("└── is the shop's\n", "", "name has no leaf"),
        (
            "    └── the payment is exact\n        └── sells the tickets",
            "    └── the payment is exact\n        ├── sells the tickets\n        └── sells the tickets",
            "2 leaves are called test_buy_tickets__the_payment_is_exact__sells_the_tickets",
        ),
    ],
    ids=[
        "missing test",
        "stray test",
        "unknown contract",
        "unknown function",
        "function twice",
        "empty",
        "name twice",
    ],
)
def test_mismatches__the_tree_is_wrong__says_so(old: str, new: str, problem: str) -> None:
    assert TREE.count(old) == 1
    assert problem in mismatches(parse(TREE.replace(old, new)), read_tests(TESTS), ABIS)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "shop.ShopClosed",
            "shop.ShopOpen",
            "test_buy_tickets__the_shop_is_closed__reverts_shop_closed does not expect ShopClosed",
        ),
        (
            "with reverts(shop.ShopClosed):",
            "if shop.ShopClosed:",
            "test_buy_tickets__the_shop_is_closed__reverts_shop_closed does not expect ShopClosed",
        ),
        (
            "panic=0x11",
            "panic=0x12",
            "test_buy_tickets__the_count_is_zero__reverts_panic_0x11 does not expect panic 0x11",
        ),
        ("def test_name__is_the_shop_s", "def test_name", "no test is called test_name__is_the_shop_s"),
        ("def test_name__is_the_shop_s", "def test_name", "no leaf asks for test_name"),
    ],
)
def test_mismatches__a_test_is_wrong__says_so(old: str, new: str, problem: str) -> None:
    assert TESTS.count(old) == 1
    assert problem in mismatches(parse(TREE), read_tests(TESTS.replace(old, new)), ABIS)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("contract: Shop", "Shop", "line 1: the first line is not"),
        ("│   └── reverts ShopClosed", "│       └── reverts ShopClosed", "line 5: not a step below"),
        ("│   └── reverts ShopClosed", "│  └── reverts ShopClosed", "line 5: not a step below"),
        ("│   └── reverts ShopClosed", "│   ├── reverts ShopClosed", "line 5: drawn as"),
        ("\nname, symbol", "name, symbol", "line 11: drawn as"),
        ("the shop's\n", "the shop's", "does not end in exactly one line feed"),
    ],
)
def test_parse__another_form__says_which_line(old: str, new: str, problem: str) -> None:
    assert TREE.count(old) == 1
    with pytest.raises(TreeError, match=problem):
        parse(TREE.replace(old, new))


def test_render__a_tree_drawn_badly__draws_it_well() -> None:
    bad = TREE.replace("├", "└").replace("│", " ").replace("\n\n", "\n")
    assert bad != TREE
    assert render(read(bad)) == TREE


def test_read_tests__a_name_twice__is_refused() -> None:
    with pytest.raises(TreeError, match="two tests are called test_name__is_the_shop_s"):
        read_tests(TESTS + "\ndef test_name__is_the_shop_s(shop):\n    assert shop\n")


def test_problems__no_test_file__says_so(tmp_path: Path) -> None:
    path = tmp_path / "shop.tree"
    path.write_text(TREE)
    assert problems(path, ABIS) == ["there is no test_shop.py"]


def test_problems__the_tree_cannot_be_read__says_so(tmp_path: Path) -> None:
    path = tmp_path / "shop.tree"
    path.write_text("Shop\n")
    (tmp_path / "test_shop.py").write_text(TESTS)
    assert problems(path, ABIS) == ["line 1: the first line is not `contract: <names>`"]


def test_uncovered__a_function_in_no_tree_of_its_contract__is_named() -> None:
    abis = {"Shop": {"buyTickets", "name", "owner"}, "Stall": {"name"}}
    assert uncovered([parse(TREE)], abis, ["Shop", "Stall"]) == ["Shop.owner", "Stall.name"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("buyTickets", "buy_tickets"),
        ("DOMAIN_SEPARATOR", "domain_separator"),
        ("eip712Domain", "eip712_domain"),
        ("reverts ERC20InsufficientBalance", "reverts_erc20_insufficient_balance"),
        ("the VRF word arrives at T − 60 s", "the_vrf_word_arrives_at_t_60_s"),
        ("rawFulfillRandomWords", "raw_fulfill_random_words"),
    ],
)
def test_slug__words_of_any_kind__are_joined_by_single_lines(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize(
    ("source", "error", "expected"),
    [
        ("with reverts(raffle.RaffleUnknown):", "RaffleUnknown", True),
        ('with reverts("ERC20InvalidSender"):', "ERC20InvalidSender", True),
        ("with reverts(raffle.RaffleUnknownRank):", "RaffleUnknown", False),
        ("with reverts(panic=0x111):", "panic 0x11", False),
        ("with reverts(panic=0x11):", "panic 0x11", True),
    ],
)
def test_expects__an_error__needs_exactly_its_name(source: str, error: str, expected: bool) -> None:
    assert expects(source, error) is expected


@pytest.mark.parametrize(
    ("outcome", "error"),
    [("reverts RaffleUnknown", "RaffleUnknown"), ("reverts panic 0x11", "panic 0x11"), ("sells", None)],
)
def test_leaf__an_outcome__names_its_error(outcome: str, error: str | None) -> None:
    assert Leaf("test_any", outcome).error == error
