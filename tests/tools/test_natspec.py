"""The check that everything callers see is explained."""

import pytest

from tools.natspec import syntax_trees, unexplained

WHOLE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A shop
interface IShop {
    /// @notice An offer.
    /// @param price In wei.
    struct Offer {
        uint256 price;
    }
    /// @notice What may happen to an offer.
    enum State {
        Open
    }
    /// @notice Somebody bought.
    event Bought(uint256 price);
    /// @notice The shop is closed.
    error ShopClosed(uint256 closedAt);
    /// @notice Buys.
    function buy() external;
}

/// @title The shop
contract Shop is IShop {
    struct Slot {
        uint256 kept;
    }
    /// @notice How many.
    uint256 public count;
    uint256 internal _hidden;

    constructor() {}

    /// @inheritdoc IShop
    function buy() external {}

    function _inside() internal {}
}
"""


def test_unexplained__all_is_explained__finds_nothing() -> None:
    assert list(unexplained(syntax_trees({"Shop.sol": WHOLE})["Shop.sol"])) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/// @title A shop\n", "IShop"),
        ("    /// @notice An offer.\n", "IShop.Offer"),
        ("    /// @param price In wei.\n", "IShop.Offer.price"),
        ("    /// @notice What may happen to an offer.\n", "IShop.State"),
        ("    /// @notice Somebody bought.\n", "IShop.Bought"),
        ("    /// @notice The shop is closed.\n", "IShop.ShopClosed"),
        ("    /// @notice Buys.\n", "IShop.buy"),
        ("    /// @notice How many.\n", "Shop.count"),
        ("    /// @inheritdoc IShop\n", "Shop.buy"),
    ],
)
def test_unexplained__one_line_is_missing__names_what_it_explained(line: str, found: str) -> None:
    assert WHOLE.count(line) == 1
    tree = syntax_trees({"Shop.sol": WHOLE.replace(line, "")})["Shop.sol"]
    assert list(unexplained(tree)) == [found]


def test_syntax_trees__the_source_is_no_solidity__says_where() -> None:
    with pytest.raises(ValueError, match=r"Shop\.sol:1"):
        syntax_trees({"Shop.sol": "contract {"})
