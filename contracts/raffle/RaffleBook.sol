// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Winners} from "../lib/Winners.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {Entry} from "./Entries.sol";
import {IRaffle} from "./IRaffle.sol";
import {LARGE_VALUE, PrizeSlot} from "./PrizeSlots.sol";
import {RaffleSale} from "./RaffleSale.sol";
import {RaffleStorage} from "./RaffleStorage.sol";
import {UsdPrice} from "./UsdPrice.sol";

/// @title Everything that can be asked of a raffle contract
/// @dev Changes are made by {Raffle} and its desk only.
abstract contract RaffleBook is IRaffle, RaffleSale, Randomness {
    using UsdPrice for RaffleStorage.Feed;

    uint256 private constant RANKS_WITH_TERMS = 72;

    /// @inheritdoc IRaffle
    uint64 public immutable refundDelay;

    /// @inheritdoc IRaffle
    function raffleCount() external view returns (uint256) {
        return RaffleStorage.book().count;
    }

    /// @inheritdoc IRaffle
    function infoOf(uint256 raffleId) external view returns (Info memory info) {
        RaffleStorage.Terms storage terms = _termsOf(raffleId);
        RaffleStorage.Sale storage sale = terms.sale;
        info.organiser = terms.organiser;
        info.paymentToken = terms.paymentToken;
        info.ticketPrice = sale.ticketPrice;
        info.createdAt = terms.createdAt;
        info.closesAt = sale.closesAt;
        info.minTickets = terms.minTickets;
        info.maxTickets = sale.maxTickets;
        info.maxPerBuyer = terms.maxPerBuyer;
        info.ticketsSold = sale.sold;
        info.entryCount = sale.entryCount;
        info.prizeCount = terms.prizeCount;
        info.feeBps = terms.feeBps;
        info.refundsOpened = sale.refundsOpened;
        info.proceedsWithdrawn = terms.proceedsWithdrawn;
        info.termsHash = terms.termsHash;
        RaffleStorage.Book storage book = RaffleStorage.book();
        info.priceFeed = book.feedOf[raffleId].feed;
        info.maxPriceAge = book.feedOf[raffleId].maxAge;
        info.allowListRoot = book.lists[raffleId].root;
        info.allowListKey = book.lists[raffleId].key;
    }

    /// @inheritdoc IRaffle
    function prizesOf(uint256 raffleId) external view returns (Prize[] memory prizes) {
        prizes = new Prize[](_termsOf(raffleId).prizeCount);
        for (uint256 rank = 0; rank < prizes.length; ++rank) prizes[rank] = _prizeAt(raffleId, rank);
    }

    /// @inheritdoc IRaffle
    function feeConfig() external view returns (uint16 feeBps, address treasury) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        return (book.feeBps, book.treasury);
    }

    /// @inheritdoc IRaffle
    function feesOf(address treasury, address token) external view returns (uint256) {
        return RaffleStorage.book().fees[treasury][token];
    }

    /// @inheritdoc IRaffle
    function priceFeedOf(address token) external view returns (address feed, uint32 maxAge) {
        RaffleStorage.Feed storage found = RaffleStorage.book().feeds[token];
        return (found.feed, found.maxAge);
    }

    /// @inheritdoc IRaffle
    function quote(uint256 raffleId, uint64 count) external view returns (uint256 payment) {
        RaffleStorage.Sale storage sale = _termsOf(raffleId).sale;
        payment = uint256(sale.ticketPrice) * count;
        if (sale.options & RaffleStorage.IN_USD != 0)
            payment = RaffleStorage.book().feedOf[raffleId].inToken(payment);
    }

    /// @inheritdoc IRaffle
    function paidOf(uint256 raffleId, uint32 entryIndex) external view returns (uint256) {
        _checkEntry(raffleId, entryIndex);
        return _paidBy(raffleId, entryIndex);
    }

    /// @inheritdoc IRaffle
    function countedOf(uint256 raffleId, address buyer) external view returns (uint64) {
        return RaffleStorage.book().counted[raffleId][buyer];
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
        buyer = _entryAt(raffleId, entryIndex).buyerOf();
    }

    /// @inheritdoc IRaffle
    function isClaimed(uint256 raffleId, uint32 rank) external view returns (bool) {
        (, uint32 k) = _finalDraw(raffleId);
        return _isFinal(raffleId) && rank < k && _isSettled(raffleId, rank);
    }

    /// @inheritdoc IRaffle
    function isRefunded(uint256 raffleId, uint32 entryIndex) external view returns (bool) {
        return _entryAt(raffleId, entryIndex).isRefunded();
    }

    /// @inheritdoc IRaffle
    function entryOf(
        uint256 raffleId,
        uint32 entryIndex
    ) external view returns (address buyer, uint64 first, uint64 end) {
        _checkEntry(raffleId, entryIndex);
        Entry entry = _entryAt(raffleId, entryIndex);
        return (entry.buyerOf(), _firstTicket(raffleId, entryIndex), entry.endOf());
    }

    /// @inheritdoc IRaffle
    function stateOf(uint256 raffleId) public view returns (State) {
        RaffleStorage.Terms storage terms = RaffleStorage.book().terms[raffleId];
        RaffleStorage.Sale storage sale = terms.sale;
        if (sale.closesAt == 0) return State.None;
        if (sale.refundsOpened) return State.Refunding;
        if (_isRequested(raffleId)) {
            return _isFinal(raffleId) ? State.Drawn : State.Drawing;
        }
        if (sale.sold == sale.maxTickets) return State.Closed;
        if (block.timestamp < sale.closesAt) return State.Open;
        return sale.sold < terms.minTickets ? State.Refunding : State.Closed;
    }

    /// @inheritdoc IRaffle
    function refundDueAt(uint256 raffleId) public view returns (uint64) {
        uint64 since = _isRequested(raffleId) ? _revealAtOf(raffleId) : _termsOf(raffleId).sale.closesAt;
        return since + refundDelay;
    }

    /// @dev Marks a rank as claimed or returned; reverts when it is already.
    function _settle(uint256 raffleId, uint256 rank) internal {
        uint256 word = _settledWord(rank);
        _writeSettled(raffleId, word, _withRank(raffleId, _readSettled(raffleId, word), rank));
    }

    /// @dev As {_settle} for several ranks below `k`. Word 0 is written once, another one once for each run of its ranks.
    /// @return end The last of the ranks plus one.
    function _settleMany(uint256 raffleId, uint32[] calldata ranks, uint32 k) internal returns (uint32 end) {
        uint256 first = _readSettled(raffleId, 0);
        uint256 word = 0;
        uint256 bits = 0;
        for (uint256 i = 0; i < ranks.length; ++i) {
            uint32 rank = ranks[i];
            if (rank >= k) revert RaffleRankUnknown(raffleId, rank);
            if (rank >= end) end = rank + 1;
            uint256 next = _settledWord(rank);
            if (next == 0) {
                first = _withRank(raffleId, first, rank);
                continue;
            }
            if (next != word) {
                if (word != 0) _writeSettled(raffleId, word, bits);
                word = next;
                bits = _readSettled(raffleId, word);
            }
            bits = _withRank(raffleId, bits, rank);
        }
        if (word != 0) _writeSettled(raffleId, word, bits);
        _writeSettled(raffleId, 0, first);
    }

    /// @inheritdoc Randomness
    function _subjectOf(uint256 raffleId) internal view override returns (bytes32 commitment, uint64 n) {
        RaffleStorage.Terms storage terms = RaffleStorage.book().terms[raffleId];
        return (terms.termsHash, terms.sale.sold);
    }

    /// @inheritdoc Randomness
    function _checkFinalise(uint256 raffleId) internal view override {
        if (RaffleStorage.book().terms[raffleId].sale.refundsOpened)
            revert RaffleWrongState(raffleId, State.Refunding);
    }

    /// @inheritdoc RaffleSale
    function _stateOf(uint256 raffleId) internal view override returns (State) {
        return stateOf(raffleId);
    }

    function _isSettled(uint256 raffleId, uint256 rank) internal view returns (bool) {
        return _readSettled(raffleId, _settledWord(rank)) & (1 << (rank % 256)) != 0;
    }

    function _prizeAt(uint256 raffleId, uint256 rank) internal view returns (Prize memory prize) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        rank = _prizeRank(raffleId, rank);
        PrizeSlot slot = book.prizes[raffleId][rank];
        uint256 value = slot.valueOf();
        if (value == LARGE_VALUE) value = book.largeValues[raffleId][rank];
        prize.kind = slot.kindOf();
        prize.token = slot.tokenOf();
        if (prize.kind == PrizeKind.ERC721) prize.tokenId = value;
        else prize.amount = value;
    }

    /// @dev The rank under which the prize of a rank is stored.
    function _prizeRank(uint256 raffleId, uint256 rank) internal view returns (uint256) {
        uint256 last = RaffleStorage.book().terms[raffleId].lastPrize;
        return rank > last ? last : rank;
    }

    function _entryAt(uint256 raffleId, uint256 entryIndex) internal view returns (Entry) {
        return RaffleStorage.book().entries[raffleId][entryIndex];
    }

    function _firstTicket(uint256 raffleId, uint32 entryIndex) internal view returns (uint64) {
        return entryIndex == 0 ? 0 : _entryAt(raffleId, entryIndex - 1).endOf();
    }

    /// @dev Reverts for an entry that was never bought.
    function _checkEntry(uint256 raffleId, uint32 entryIndex) internal view {
        if (entryIndex >= _termsOf(raffleId).sale.entryCount) revert RaffleEntryUnknown(raffleId, entryIndex);
    }

    /// @dev What an entry paid.
    function _paidBy(uint256 raffleId, uint32 entryIndex) internal view returns (uint256) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        RaffleStorage.Sale storage sale = book.terms[raffleId].sale;
        if (sale.options & RaffleStorage.IN_USD == 0) {
            uint64 count = _entryAt(raffleId, entryIndex).endOf() - _firstTicket(raffleId, entryIndex);
            return uint256(sale.ticketPrice) * count;
        }
        mapping(uint256 index => uint256 total) storage paidUpTo = book.paidUpTo[raffleId];
        return paidUpTo[entryIndex] - (entryIndex == 0 ? 0 : paidUpTo[entryIndex - 1]);
    }

    /// @dev What all entries of a raffle with at least one paid.
    function _proceedsOf(uint256 raffleId) internal view returns (uint256) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        RaffleStorage.Sale storage sale = book.terms[raffleId].sale;
        if (sale.options & RaffleStorage.IN_USD == 0) return uint256(sale.ticketPrice) * sale.sold;
        return book.paidUpTo[raffleId][sale.entryCount - 1];
    }

    /// @dev Seed and k of a drawn raffle; reverts with the state of any other.
    function _drawn(uint256 raffleId) internal view returns (bytes32 seed, uint32 k) {
        if (!_isFinal(raffleId)) revert RaffleWrongState(raffleId, stateOf(raffleId));
        return _finalDraw(raffleId);
    }

    function _winningTicket(uint256 raffleId, uint32 rank) internal view returns (uint64) {
        (bytes32 seed, uint32 k) = _drawn(raffleId);
        if (rank >= k) revert RaffleRankUnknown(raffleId, rank);
        return Winners.winnerAt(seed, RaffleStorage.book().terms[raffleId].sale.sold, rank);
    }

    /// @dev The first entry that ends after the ticket, by binary search.
    function _entryWith(uint256 raffleId, uint64 ticket) internal view returns (uint32) {
        RaffleStorage.Sale storage sale = _termsOf(raffleId).sale;
        if (ticket >= sale.sold) revert RaffleTicketUnknown(raffleId, ticket);
        uint32 low = 0;
        uint32 high = sale.entryCount - 1;
        while (low < high) {
            uint32 middle = low + (high - low) / 2;
            if (_entryAt(raffleId, middle).endOf() > ticket) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    function _writeSettled(uint256 raffleId, uint256 word, uint256 bits) private {
        RaffleStorage.Book storage book = RaffleStorage.book();
        // Word 0 holds no bit of a rank from 72 on.
        if (word == 0) book.terms[raffleId].settled = uint72(bits);
        else book.settled[raffleId][word] = bits;
    }

    function _readSettled(uint256 raffleId, uint256 word) private view returns (uint256) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        return word == 0 ? book.terms[raffleId].settled : book.settled[raffleId][word];
    }

    /// @dev Word 0 lies in the terms and has 72 bits, the others have 256.
    function _settledWord(uint256 rank) private pure returns (uint256) {
        return rank < RANKS_WITH_TERMS ? 0 : rank / 256 + 1;
    }

    function _withRank(uint256 raffleId, uint256 bits, uint256 rank) private pure returns (uint256) {
        uint256 bit = 1 << (rank % 256);
        if (bits & bit != 0) revert RaffleAlreadyClaimed(raffleId, uint32(rank));
        return bits | bit;
    }
}
