// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Entry} from "./Entries.sol";
import {PrizeSlot} from "./PrizeSlots.sol";

/// @title What a raffle contract stores
/// @notice At a place of its own (ERC-7201), so that the contract and its desk, whose code runs in the contract's storage,
/// mean the same by it.
library RaffleStorage {
    /// @dev What every purchase reads and writes: one slot. `options` is 0 for a raffle in POL without cap, feed and list,
    /// whose purchase needs nothing else. Seconds in 32 bits last until 2106.
    struct Sale {
        uint40 sold;
        uint40 maxTickets;
        uint32 closesAt;
        uint32 entryCount;
        uint96 ticketPrice;
        uint8 options;
        bool refundsOpened;
    }

    /// @dev Four slots beside the sale's.
    struct Terms {
        Sale sale;
        // First of the four.
        address paymentToken;
        uint40 minTickets;
        uint32 createdAt;
        uint16 feeBps;
        // Second.
        address organiser;
        uint40 maxPerBuyer;
        uint32 prizeCount;
        bool proceedsWithdrawn;
        // Third: the rank whose prize all later ranks repeat (2²⁴ prizes fit into no block), and a bit for every settled
        // rank below 72; it saves most raffles a slot.
        address treasury;
        uint24 lastPrize;
        uint72 settled;
        // Fourth.
        bytes32 termsHash;
    }

    /// @dev A feed of US dollars per whole token. An amount of US dollars with 8 decimals, times 10 to the `exponent`,
    /// divided by the feed's answer, is in smallest units of the token.
    struct Feed {
        address feed;
        uint32 maxAge;
        uint8 exponent;
    }

    struct AllowList {
        bytes32 root;
        bytes32 key;
    }

    /// @custom:storage-location erc7201:tombola.storage.Raffle
    struct Book {
        uint256 count;
        uint16 feeBps;
        address treasury;
        mapping(uint256 raffleId => Terms terms) terms;
        mapping(uint256 raffleId => mapping(uint256 index => Entry entry)) entries;
        // Up to the one that the rest repeats.
        mapping(uint256 raffleId => mapping(uint256 rank => PrizeSlot prize)) prizes;
        // Amounts and token ids that do not fit into their prize's slot.
        mapping(uint256 raffleId => mapping(uint256 rank => uint256 value)) largeValues;
        // A bit for every settled rank from 72 on, 256 to a word.
        mapping(uint256 raffleId => mapping(uint256 word => uint256 bits)) settled;
        mapping(uint256 raffleId => mapping(address buyer => uint64 count)) counted;
        mapping(address treasury => mapping(address token => uint256 amount)) fees;
        // What is configured for raffles of the future, and what a raffle recorded.
        mapping(address token => Feed feed) feeds;
        mapping(uint256 raffleId => Feed feed) feedOf;
        mapping(uint256 raffleId => AllowList list) lists;
        // Of raffles with a feed: paid by this entry and all before it.
        mapping(uint256 raffleId => mapping(uint256 index => uint256 total)) paidUpTo;
    }

    // The bits of `Sale.options`.
    uint8 internal constant IN_TOKEN = 1;
    uint8 internal constant CAPPED = 2;
    uint8 internal constant IN_USD = 4;
    uint8 internal constant LISTED = 8;

    /// @dev keccak256(abi.encode(uint256(keccak256("tombola.storage.Raffle")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant PLACE = 0xb6afb31103af221b8fc4ed9e9060997be7b59ec02b348a1ff7416cba3f126c00;

    function book() internal pure returns (Book storage found) {
        assembly ("memory-safe") {
            found.slot := PLACE
        }
    }
}
