// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Assets} from "../lib/Assets.sol";
import {makeEntry} from "./Entries.sol";
import {IRaffleTypes} from "./IRaffleTypes.sol";
import {RaffleStorage} from "./RaffleStorage.sol";
import {UsdPrice} from "./UsdPrice.sol";

/// @title Selling tickets and giving money, as the contract and its desk both do
abstract contract RaffleSale is IRaffleTypes, ReentrancyGuardTransient {
    using UsdPrice for RaffleStorage.Feed;

    /// @dev Check and effect of a purchase: everything but its payment and the proof that the buyer is listed.
    /// @param allowance Of the buyer's leaf, 0 for none.
    /// @return entryIndex The new entry.
    /// @return token What has to be paid in; the zero address for POL.
    /// @return cost What has to be paid.
    function _sell(
        uint256 raffleId,
        uint64 count,
        address buyer,
        address payer,
        uint64 allowance
    ) internal returns (uint32 entryIndex, address token, uint256 cost) {
        RaffleStorage.Terms storage terms = RaffleStorage.book().terms[raffleId];
        RaffleStorage.Sale memory sale = terms.sale;
        // Check
        if (block.timestamp >= sale.closesAt) revert RaffleNotOpen(raffleId, _stateOf(_known(raffleId)));
        uint64 first = sale.sold;
        if (count == 0) revert RaffleTicketsInvalid(count);
        if (count > sale.maxTickets - first) revert RaffleSoldOut(raffleId, count, sale.maxTickets - first);
        if (buyer == address(0)) revert RaffleReceiverMissing();
        cost = uint256(sale.ticketPrice) * count;
        entryIndex = sale.entryCount;
        if (sale.options != 0) {
            token = terms.paymentToken;
            _count(raffleId, count, buyer, terms.maxPerBuyer, allowance);
            if (sale.options & RaffleStorage.IN_USD != 0) cost = _record(raffleId, entryIndex, cost);
        }
        // Effect
        uint64 end = first + count;
        sale.sold = uint40(end);
        sale.entryCount = entryIndex + 1;
        terms.sale = sale;
        RaffleStorage.book().entries[raffleId][entryIndex] = makeEntry(buyer, end);
        emit TicketsBought(raffleId, buyer, entryIndex, first, count, cost, payer);
    }

    function _stateOf(uint256 raffleId) internal view virtual returns (State);

    /// @dev Gives POL or a token.
    function _give(address token, address to, uint256 amount) internal {
        if (token != address(0)) Assets.giveERC20(token, to, amount);
        else if (!Assets.giveNative(to, amount)) revert RafflePayoutFailed(to, amount);
    }

    /// @dev Takes a token from the payer who approved it.
    function _take(address token, address from, uint256 amount) internal {
        if (!Assets.takeERC20(token, from, amount)) revert RaffleTokenRefused(token);
    }

    /// @dev Reverts unless exactly `needed` POL was sent.
    function _checkSent(uint256 needed) internal view {
        if (msg.value != needed) revert RafflePaymentWrong(msg.value, needed);
    }

    function _optionsOf(uint256 raffleId) internal view returns (uint8) {
        return RaffleStorage.book().terms[raffleId].sale.options;
    }

    /// @dev Reverts for a raffle with a feed or a list.
    function _checkSimple(uint256 raffleId) internal view {
        bool special = _optionsOf(raffleId) & (RaffleStorage.IN_USD | RaffleStorage.LISTED) != 0;
        if (special) revert RaffleOptionsNeeded(raffleId);
    }

    function _known(uint256 raffleId) internal view returns (uint256) {
        _termsOf(raffleId);
        return raffleId;
    }

    function _termsOf(uint256 raffleId) internal view returns (RaffleStorage.Terms storage terms) {
        terms = RaffleStorage.book().terms[raffleId];
        if (terms.sale.closesAt == 0) revert RaffleUnknown(raffleId);
    }

    /// @dev Counts what a cap or an allowance limits; each is 0 for none.
    function _count(uint256 raffleId, uint64 count, address buyer, uint64 cap, uint64 allowance) private {
        if (cap == 0 && allowance == 0) return;
        mapping(address buyer => uint64 count) storage counted = RaffleStorage.book().counted[raffleId];
        uint64 before = counted[buyer];
        if (cap != 0 && count > cap - before) revert RaffleBuyerCap(raffleId, buyer, cap);
        if (allowance != 0) {
            uint64 left = before < allowance ? allowance - before : 0;
            if (count > left) revert RaffleAllowanceExceeded(raffleId, buyer, count, left);
        }
        counted[buyer] = before + count;
    }

    /// @dev The price in US dollars as what is paid now, and noted for refunds.
    function _record(uint256 raffleId, uint32 entryIndex, uint256 dollars) private returns (uint256 cost) {
        RaffleStorage.Book storage book = RaffleStorage.book();
        cost = book.feedOf[raffleId].inToken(dollars);
        mapping(uint256 index => uint256 total) storage paidUpTo = book.paidUpTo[raffleId];
        paidUpTo[entryIndex] = (entryIndex == 0 ? 0 : paidUpTo[entryIndex - 1]) + cost;
    }
}
