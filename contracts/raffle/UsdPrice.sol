// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IRaffleTypes} from "./IRaffleTypes.sol";
import {RaffleStorage} from "./RaffleStorage.sol";

/// @title Prices in US dollars through a Chainlink feed
/// @notice There is no sequencer to watch on Polygon PoS.
library UsdPrice {
    /// @dev Of an amount of US dollars.
    uint8 internal constant DECIMALS = 8;
    uint8 private constant MOST_DECIMALS = 18;

    /// @notice What an amount of US dollars (8 decimals, below 2¹⁶⁰) is in the token, rounded up.
    function inToken(RaffleStorage.Feed memory feed, uint256 dollars) internal view returns (uint256) {
        return Math.ceilDiv(dollars * 10 ** feed.exponent, answerOf(feed));
    }

    /// @notice The feed's current answer; reverts when it cannot be used. A feed is only asked, and answers one round.
    function answerOf(RaffleStorage.Feed memory feed) internal view returns (uint256) {
        (uint80 roundId, int256 answer, uint256 updatedAt, uint80 answeredInRound) = _latest(feed.feed);
        if (answer <= 0) revert IRaffleTypes.RafflePriceNotPositive(feed.feed, answer);
        if (updatedAt == 0 || answeredInRound < roundId)
            revert IRaffleTypes.RafflePriceRoundIncomplete(feed.feed, roundId, answeredInRound);
        if (updatedAt > block.timestamp || block.timestamp - updatedAt > feed.maxAge)
            revert IRaffleTypes.RafflePriceStale(feed.feed, updatedAt, feed.maxAge);
        // Positive, as just checked.
        return uint256(answer);
    }

    /// @notice What is stored of a feed for a token; reverts when the two cannot be used together.
    function configured(
        address token,
        address feed,
        uint32 maxAge
    ) internal view returns (RaffleStorage.Feed memory) {
        uint256 ofFeed = _decimals(feed);
        uint256 ofToken = token == address(0) ? 18 : _decimals(token);
        bool usable =
            maxAge != 0 && ofFeed >= DECIMALS && ofFeed <= MOST_DECIMALS && ofToken <= MOST_DECIMALS;
        if (!usable) revert IRaffleTypes.RafflePriceFeedInvalid(token, feed, maxAge);
        return RaffleStorage.Feed({feed: feed, maxAge: maxAge, exponent: uint8(ofFeed + ofToken - DECIMALS)});
    }

    /// @dev `decimals()` of a feed or a token; the largest number when it has none.
    function _decimals(address target) private view returns (uint256 found) {
        bytes4 selector = AggregatorV3Interface.decimals.selector;
        found = type(uint256).max;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            let answered := staticcall(gas(), target, 0x00, 0x04, 0x00, 0x20)
            if and(answered, gt(returndatasize(), 0x1f)) {
                found := mload(0x00)
            }
        }
    }

    function _latest(
        address feed
    ) private view returns (uint80 roundId, int256 answer, uint256 updatedAt, uint80 answeredInRound) {
        uint256[5] memory round;
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        bool answered;
        assembly ("memory-safe") {
            mstore(0x00, selector)
            // Five words are read, whatever the feed sends.
            answered := staticcall(gas(), feed, 0x00, 0x04, round, 0xa0)
            answered := and(answered, gt(returndatasize(), 0x9f))
        }
        if (!answered) revert IRaffleTypes.RafflePriceUnavailable(feed);
        return (uint80(round[0]), int256(round[1]), round[3], uint80(round[4]));
    }
}
