// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Winners} from "../lib/Winners.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {Entry} from "./Entries.sol";
import {IRaffle} from "./IRaffle.sol";

/// @title What a raffle contract stores, and everything that can be asked of it
/// @dev Changes are made by {Raffle} only.
abstract contract RaffleBook is IRaffle, Randomness {
    /// @dev What every purchase reads and writes: one slot. `plain`: paid in POL and without a cap per buyer, so that a
    /// purchase needs nothing else. Seconds in 32 bits last until 2106.
    struct Sale {
        uint40 sold;
        uint40 maxTickets;
        uint32 closesAt;
        uint32 entryCount;
        uint96 ticketPrice;
        bool plain;
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
        // Third.
        address treasury;
        // Fourth.
        bytes32 termsHash;
    }

    /// @dev A prize. Amount or token id stands here when it is below 2⁸⁰ − 1, otherwise in `_largeValues`.
    struct PrizeSlot {
        address token;
        PrizeKind kind;
        bool settled;
        uint80 value;
    }

    uint80 private constant LARGE = type(uint80).max;

    /// @inheritdoc IRaffle
    uint64 public immutable refundDelay;

    /// @inheritdoc IRaffle
    uint256 public raffleCount;
    mapping(uint256 raffleId => Terms terms) internal _terms;
    mapping(uint256 raffleId => mapping(uint256 index => Entry entry)) internal _entries;
    mapping(uint256 raffleId => mapping(uint256 rank => PrizeSlot prize)) internal _prizes;
    mapping(uint256 raffleId => mapping(uint256 rank => uint256 value)) private _largeValues;

    /// @inheritdoc IRaffle
    function infoOf(uint256 raffleId) external view returns (Info memory) {
        Terms storage terms = _termsOf(raffleId);
        return
            Info({
                organiser: terms.organiser,
                paymentToken: terms.paymentToken,
                ticketPrice: terms.sale.ticketPrice,
                createdAt: terms.createdAt,
                closesAt: terms.sale.closesAt,
                minTickets: terms.minTickets,
                maxTickets: terms.sale.maxTickets,
                maxPerBuyer: terms.maxPerBuyer,
                ticketsSold: terms.sale.sold,
                entryCount: terms.sale.entryCount,
                prizeCount: terms.prizeCount,
                feeBps: terms.feeBps,
                refundsOpened: terms.sale.refundsOpened,
                proceedsWithdrawn: terms.proceedsWithdrawn,
                termsHash: terms.termsHash
            });
    }

    /// @inheritdoc IRaffle
    function prizesOf(uint256 raffleId) external view returns (Prize[] memory prizes) {
        prizes = new Prize[](_termsOf(raffleId).prizeCount);
        for (uint32 rank = 0; rank < prizes.length; ++rank) prizes[rank] = _prizeAt(raffleId, rank);
    }

    /// @inheritdoc IRaffle
    function entryWithTicket(uint256 raffleId, uint64 ticket) external view returns (uint32 entryIndex) {
        return _entryWith(raffleId, ticket);
    }

    /// @inheritdoc IRaffle
    function winnerOf(
        uint256 raffleId,
        uint32 rank
    ) external view returns (uint64 ticket, uint32 entryIndex, address buyer) {
        ticket = _winningTicket(raffleId, rank);
        entryIndex = _entryWith(raffleId, ticket);
        buyer = _entries[raffleId][entryIndex].buyerOf();
    }

    /// @inheritdoc IRaffle
    function isClaimed(uint256 raffleId, uint32 rank) external view returns (bool) {
        (, uint32 k) = _finalDraw(raffleId);
        return _isFinal(raffleId) && rank < k && _prizes[raffleId][rank].settled;
    }

    /// @inheritdoc IRaffle
    function isRefunded(uint256 raffleId, uint32 entryIndex) external view returns (bool) {
        return _entries[raffleId][entryIndex].isRefunded();
    }

    /// @inheritdoc IRaffle
    function stateOf(uint256 raffleId) public view returns (State) {
        Terms storage terms = _terms[raffleId];
        if (terms.sale.closesAt == 0) return State.None;
        if (terms.sale.refundsOpened) return State.Refunding;
        if (_isRequested(raffleId)) {
            return _isFinal(raffleId) ? State.Drawn : State.Drawing;
        }
        if (terms.sale.sold == terms.sale.maxTickets) return State.Closed;
        if (block.timestamp < terms.sale.closesAt) return State.Open;
        return terms.sale.sold < terms.minTickets ? State.Refunding : State.Closed;
    }

    /// @inheritdoc IRaffle
    function refundDueAt(uint256 raffleId) public view returns (uint64) {
        uint64 since = _isRequested(raffleId) ? _revealAtOf(raffleId) : _termsOf(raffleId).sale.closesAt;
        return since + refundDelay;
    }

    /// @inheritdoc IRaffle
    function entryOf(
        uint256 raffleId,
        uint32 entryIndex
    ) public view returns (address buyer, uint64 first, uint64 end) {
        if (entryIndex >= _termsOf(raffleId).sale.entryCount) revert RaffleEntryUnknown(raffleId, entryIndex);
        Entry entry = _entries[raffleId][entryIndex];
        return (entry.buyerOf(), _firstTicket(raffleId, entryIndex), entry.endOf());
    }

    function _storePrize(uint256 raffleId, uint32 rank, Prize calldata prize) internal {
        uint256 value = prize.kind == PrizeKind.ERC721 ? prize.tokenId : prize.amount;
        bool large = value >= LARGE;
        _prizes[raffleId][rank] = PrizeSlot({
            token: prize.token,
            kind: prize.kind,
            settled: false,
            value: large ? LARGE : uint80(value)
        });
        if (large) _largeValues[raffleId][rank] = value;
    }

    function _prizeAt(uint256 raffleId, uint32 rank) internal view returns (Prize memory prize) {
        PrizeSlot storage slot = _prizes[raffleId][rank];
        uint256 value = slot.value;
        if (value == LARGE) value = _largeValues[raffleId][rank];
        prize.kind = slot.kind;
        prize.token = slot.token;
        if (slot.kind == PrizeKind.ERC721) prize.tokenId = value;
        else prize.amount = value;
    }

    /// @inheritdoc Randomness
    function _subjectOf(uint256 raffleId) internal view override returns (bytes32 commitment, uint64 n) {
        Terms storage terms = _terms[raffleId];
        return (terms.termsHash, terms.sale.sold);
    }

    /// @inheritdoc Randomness
    function _checkFinalise(uint256 raffleId) internal view override {
        if (_terms[raffleId].sale.refundsOpened) revert RaffleWrongState(raffleId, State.Refunding);
    }

    function _termsOf(uint256 raffleId) internal view returns (Terms storage terms) {
        terms = _terms[raffleId];
        if (terms.sale.closesAt == 0) revert RaffleUnknown(raffleId);
    }

    function _firstTicket(uint256 raffleId, uint32 entryIndex) internal view returns (uint64) {
        return entryIndex == 0 ? 0 : _entries[raffleId][entryIndex - 1].endOf();
    }

    /// @dev Seed and k of a drawn raffle; reverts with the state of any other.
    function _drawn(uint256 raffleId) internal view returns (bytes32 seed, uint32 k) {
        if (!_isFinal(raffleId)) revert RaffleWrongState(raffleId, stateOf(raffleId));
        return _finalDraw(raffleId);
    }

    function _winningTicket(uint256 raffleId, uint32 rank) internal view returns (uint64) {
        (bytes32 seed, uint32 k) = _drawn(raffleId);
        if (rank >= k) revert RaffleRankUnknown(raffleId, rank);
        return Winners.winnerAt(seed, _terms[raffleId].sale.sold, rank);
    }

    /// @dev The first entry that ends after the ticket, by binary search.
    function _entryWith(uint256 raffleId, uint64 ticket) internal view returns (uint32) {
        Terms storage terms = _termsOf(raffleId);
        if (ticket >= terms.sale.sold) revert RaffleTicketUnknown(raffleId, ticket);
        uint32 low = 0;
        uint32 high = terms.sale.entryCount - 1;
        while (low < high) {
            uint32 middle = low + (high - low) / 2;
            if (_entries[raffleId][middle].endOf() > ticket) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
