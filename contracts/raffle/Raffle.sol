// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assets} from "../lib/Assets.sol";
import {Winners} from "../lib/Winners.sol";
import {IDrandBeacon} from "../randomness/IDrandBeacon.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {Entry} from "./Entries.sol";
import {IRaffle} from "./IRaffle.sol";
import {IRaffleDesk} from "./IRaffleDesk.sol";
import {RaffleBook} from "./RaffleBook.sol";
import {RaffleDesk} from "./RaffleDesk.sol";
import {RaffleStorage} from "./RaffleStorage.sol";

/// @title Raffles whose rules, tickets, randomness and payouts are all on chain
/// @dev No pause, no re-draw, no exit that needs anybody's goodwill. The owner chooses fee, price feeds and VRF settings of
/// the future. Creation and the rarer ways to buy are code of the desk, run here by delegation.
contract Raffle is RaffleBook {
    /// @dev A payment not yet made: what follows in the same token to the same receiver joins it.
    struct Due {
        address token;
        address to;
        uint256 amount;
    }

    /// @dev The prize of a batch that was looked up last, and the rank it is stored under: the next may be the same.
    struct Shelf {
        uint256 rank;
        Prize prize;
    }

    uint64 private constant LEAST_REFUND_DELAY = 1 days;
    uint16 private constant FEE_CEILING_BPS = 1_000;
    uint256 private constant BPS = 10_000;

    /// @inheritdoc IRaffle
    address public immutable desk;

    constructor(
        address owner_,
        IDrandBeacon beacon_,
        uint64 revealDelay_,
        uint64 vrfMargin_,
        VrfConfig memory vrf,
        uint64 refundDelay_,
        uint16 feeBps,
        address treasury
    ) Randomness(owner_, beacon_, revealDelay_, vrfMargin_, vrf) {
        bool tooShort = block.chainid != LOCAL_CHAIN && refundDelay_ < LEAST_REFUND_DELAY;
        if (tooShort || refundDelay_ == 0) revert RaffleRefundDelayTooShort(refundDelay_);
        refundDelay = refundDelay_;
        _setFee(feeBps, treasury);
        desk = address(new RaffleDesk());
    }

    /// @inheritdoc IRaffleDesk
    function createRaffle(RaffleConfig calldata) external payable returns (uint256) {
        _delegate();
    }

    /// @inheritdoc IRaffleDesk
    function createRaffleWith(
        RaffleConfig calldata,
        RaffleOptions calldata
    ) external payable returns (uint256) {
        _delegate();
    }

    /// @inheritdoc IRaffleDesk
    function buyTicketsWithPermit(
        uint256,
        uint64,
        address,
        uint256,
        bytes calldata
    ) external returns (uint32) {
        _delegate();
    }

    /// @inheritdoc IRaffleDesk
    function buyTicketsWith(Purchase calldata, Permit calldata) external payable returns (uint32) {
        _delegate();
    }

    /// @inheritdoc IRaffleDesk
    function buyTicketsByAuthorization(Purchase calldata, Authorization calldata) external returns (uint32) {
        _delegate();
    }

    /// @inheritdoc IRaffleDesk
    function setPriceFeed(address, address, uint32) external onlyOwner {
        _delegate();
    }

    /// @inheritdoc IRaffle
    function buyTickets(
        uint256 raffleId,
        uint64 count,
        address buyer
    ) external payable nonReentrant returns (uint32 entryIndex) {
        // Check and effect
        _checkSimple(raffleId);
        address token;
        uint256 cost;
        (entryIndex, token, cost) = _sell(raffleId, count, buyer, msg.sender, 0);
        // Interaction
        _checkSent(token == address(0) ? cost : 0);
        if (token != address(0)) _take(token, msg.sender, cost);
    }

    /// @inheritdoc IRaffle
    function requestDraw(uint256 raffleId) external nonReentrant {
        // Check
        State state = stateOf(raffleId);
        if (state != State.Closed) revert RaffleWrongState(raffleId, state);
        // Effect and interaction
        RaffleStorage.Terms storage terms = RaffleStorage.book().terms[raffleId];
        uint64 sold = terms.sale.sold;
        uint32 k = sold < terms.prizeCount ? uint32(sold) : terms.prizeCount;
        _requestDraw(raffleId, terms.termsHash, sold, k);
    }

    /// @inheritdoc IRaffle
    function openRefunds(uint256 raffleId) external {
        // Check
        State state = stateOf(raffleId);
        RaffleStorage.Sale storage sale = RaffleStorage.book().terms[raffleId].sale;
        bool undersold = state == State.Refunding && !sale.refundsOpened;
        bool waiting = state == State.Closed || state == State.Drawing;
        if (!undersold && !waiting) revert RaffleWrongState(raffleId, state);
        uint64 dueAt = refundDueAt(raffleId);
        if (waiting && block.timestamp < dueAt) revert RaffleRefundsNotDue(raffleId, dueAt);
        // Effect
        _openRefunds(raffleId, waiting);
    }

    /// @inheritdoc IRaffle
    function claim(uint256 raffleId, uint32 rank) external nonReentrant {
        uint64 ticket = _winningTicket(raffleId, rank);
        address winner = _entryAt(raffleId, _entryWith(raffleId, ticket)).buyerOf();
        _payPrize(raffleId, rank, ticket, winner, winner);
    }

    /// @inheritdoc IRaffle
    function claimHinted(uint256 raffleId, uint32 rank, uint32 entryIndex) external nonReentrant {
        uint64 ticket = _winningTicket(raffleId, rank);
        address winner = _hintedBuyer(raffleId, entryIndex, ticket);
        _payPrize(raffleId, rank, ticket, winner, winner);
    }

    /// @inheritdoc IRaffle
    // The guard against reentrancy is in transient storage, which the detector does not know.
    // slither-disable-next-line reentrancy-no-eth
    function claimMany(
        uint256 raffleId,
        uint32[] calldata ranks,
        uint32[] calldata entryIndexes
    ) external nonReentrant {
        if (ranks.length != entryIndexes.length) revert RaffleInputLengths(ranks.length, entryIndexes.length);
        // Check and effect
        uint64[] memory tickets = _settleWon(raffleId, ranks);
        // Interaction
        Due memory due = _nothing();
        Shelf memory shelf = _emptyShelf();
        for (uint256 i = 0; i < ranks.length; ++i) {
            uint32 rank = ranks[i];
            _reach(shelf, raffleId, rank);
            _payWon(due, shelf.prize, raffleId, rank, tickets[rank], entryIndexes[i]);
        }
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function claimTo(uint256 raffleId, uint32 rank, address to) external nonReentrant {
        if (to == address(0)) revert RaffleReceiverMissing();
        uint64 ticket = _winningTicket(raffleId, rank);
        address winner = _entryAt(raffleId, _entryWith(raffleId, ticket)).buyerOf();
        if (msg.sender != winner) revert RaffleNotWinner(raffleId, rank, msg.sender);
        _payPrize(raffleId, rank, ticket, winner, to);
    }

    /// @inheritdoc IRaffle
    function refund(uint256 raffleId, uint32 entryIndex) external nonReentrant {
        Due memory due = _nothing();
        _refund(due, raffleId, entryIndex, address(0));
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function refundMany(uint256 raffleId, uint32[] calldata entryIndexes) external nonReentrant {
        Due memory due = _nothing();
        for (uint256 i = 0; i < entryIndexes.length; ++i) _refund(due, raffleId, entryIndexes[i], address(0));
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function refundTo(uint256 raffleId, uint32 entryIndex, address to) external nonReentrant {
        if (to == address(0)) revert RaffleReceiverMissing();
        _checkEntry(raffleId, entryIndex);
        if (msg.sender != _entryAt(raffleId, entryIndex).buyerOf())
            revert RaffleNotBuyer(raffleId, entryIndex, msg.sender);
        Due memory due = _nothing();
        _refund(due, raffleId, entryIndex, to);
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function withdrawProceeds(uint256 raffleId) external nonReentrant {
        // Check
        _drawn(raffleId);
        RaffleStorage.Book storage book = RaffleStorage.book();
        RaffleStorage.Terms storage terms = book.terms[raffleId];
        if (terms.proceedsWithdrawn) revert RaffleAlreadyWithdrawn(raffleId);
        // Effect
        terms.proceedsWithdrawn = true;
        address token = terms.paymentToken;
        address treasury = terms.treasury;
        uint256 paid = _proceedsOf(raffleId);
        uint256 fee = (paid * terms.feeBps) / BPS;
        if (fee != 0) book.fees[treasury][token] += fee;
        emit ProceedsWithdrawn(raffleId, terms.organiser, token, paid - fee, fee, treasury);
        // Interaction
        _give(token, terms.organiser, paid - fee);
    }

    /// @inheritdoc IRaffle
    function returnPrize(uint256 raffleId, uint32 rank) external nonReentrant {
        Due memory due = _nothing();
        _returnPrize(due, raffleId, rank);
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function returnPrizes(uint256 raffleId, uint32[] calldata ranks) external nonReentrant {
        Due memory due = _nothing();
        for (uint256 i = 0; i < ranks.length; ++i) _returnPrize(due, raffleId, ranks[i]);
        _pay(due);
    }

    /// @inheritdoc IRaffle
    function payFees(address treasury, address token) external nonReentrant {
        // Check
        RaffleStorage.Book storage book = RaffleStorage.book();
        uint256 amount = book.fees[treasury][token];
        if (amount == 0) revert RaffleNoFees(treasury, token);
        // Effect
        book.fees[treasury][token] = 0;
        emit FeesPaid(treasury, token, amount);
        // Interaction
        _give(token, treasury, amount);
    }

    /// @inheritdoc IRaffle
    function setFee(uint16 feeBps, address treasury) external onlyOwner {
        _setFee(feeBps, treasury);
    }

    function _setFee(uint16 feeBps, address treasury) private {
        if (feeBps > FEE_CEILING_BPS) revert RaffleFeeTooHigh(feeBps, FEE_CEILING_BPS);
        if (feeBps != 0 && treasury == address(0)) revert RaffleTreasuryMissing();
        RaffleStorage.Book storage book = RaffleStorage.book();
        book.feeBps = feeBps;
        book.treasury = treasury;
        emit FeeChanged(feeBps, treasury);
    }

    /// @dev Marks ranks of a drawn raffle as claimed.
    /// @return tickets The winning ticket of every rank up to the last of these, from a single pass.
    function _settleWon(uint256 raffleId, uint32[] calldata ranks) private returns (uint64[] memory tickets) {
        (bytes32 seed, uint32 k) = _drawn(raffleId);
        uint32 end = _settleMany(raffleId, ranks, k);
        return Winners.winners(seed, RaffleStorage.book().terms[raffleId].sale.sold, end);
    }

    function _payPrize(uint256 raffleId, uint32 rank, uint64 ticket, address winner, address to) private {
        _settle(raffleId, rank);
        Prize memory prize = _prizeAt(raffleId, rank);
        _tellWon(prize, raffleId, rank, ticket, winner, to);
        Due memory due = _nothing();
        _givePrize(due, prize, to);
        _pay(due);
    }

    /// @dev One of a batch, to the buyer of the entry that the caller points at.
    function _payWon(
        Due memory due,
        Prize memory prize,
        uint256 raffleId,
        uint32 rank,
        uint64 ticket,
        uint32 entryIndex
    ) private {
        address winner = _hintedBuyer(raffleId, entryIndex, ticket);
        _tellWon(prize, raffleId, rank, ticket, winner, winner);
        _givePrize(due, prize, winner);
    }

    /// @dev The prize of a rank that was just settled.
    function _tellWon(
        Prize memory prize,
        uint256 raffleId,
        uint32 rank,
        uint64 ticket,
        address winner,
        address to
    ) private {
        emit PrizeClaimed(
            raffleId,
            rank,
            winner,
            to,
            ticket,
            prize.kind,
            prize.token,
            prize.amount,
            prize.tokenId
        );
    }

    /// @param to The zero address for the buyer.
    function _refund(Due memory due, uint256 raffleId, uint32 entryIndex, address to) private {
        // Check
        _checkEntry(raffleId, entryIndex);
        State state = stateOf(raffleId);
        if (state != State.Refunding) revert RaffleWrongState(raffleId, state);
        Entry entry = _entryAt(raffleId, entryIndex);
        if (entry.isRefunded()) revert RaffleAlreadyRefunded(raffleId, entryIndex);
        // Effect: the event that refunds are open comes first.
        _ensureRefundsOpened(raffleId);
        RaffleStorage.Book storage book = RaffleStorage.book();
        book.entries[raffleId][entryIndex] = entry.refunded();
        uint256 amount = _paidBy(raffleId, entryIndex);
        emit EntryRefunded(raffleId, entryIndex, entry.buyerOf(), amount);
        // Interaction
        _add(due, book.terms[raffleId].paymentToken, to == address(0) ? entry.buyerOf() : to, amount);
    }

    function _returnPrize(Due memory due, uint256 raffleId, uint32 rank) private {
        // Check: nobody can win it.
        RaffleStorage.Terms storage terms = _termsOf(raffleId);
        if (rank >= terms.prizeCount) revert RaffleRankUnknown(raffleId, rank);
        State state = stateOf(raffleId);
        (, uint32 k) = _finalDraw(raffleId);
        bool leftOver = state == State.Drawn && rank >= k;
        if (!leftOver && state != State.Refunding) revert RaffleWrongState(raffleId, state);
        _settle(raffleId, rank);
        // Effect
        if (state == State.Refunding) _ensureRefundsOpened(raffleId);
        Prize memory prize = _prizeAt(raffleId, rank);
        address organiser = terms.organiser;
        emit PrizeReturned(raffleId, rank, organiser, prize.kind, prize.token, prize.amount, prize.tokenId);
        // Interaction
        _givePrize(due, prize, organiser);
    }

    /// @dev An undersold raffle refunds without being told to.
    function _ensureRefundsOpened(uint256 raffleId) private {
        if (!RaffleStorage.book().terms[raffleId].sale.refundsOpened) _openRefunds(raffleId, false);
    }

    function _openRefunds(uint256 raffleId, bool seedMissing) private {
        RaffleStorage.Terms storage terms = RaffleStorage.book().terms[raffleId];
        terms.sale.refundsOpened = true;
        emit RefundsOpened(raffleId, seedMissing, terms.sale.sold, terms.minTickets);
    }

    function _givePrize(Due memory due, Prize memory prize, address to) private {
        if (prize.kind == PrizeKind.ERC721) Assets.giveERC721(prize.token, to, prize.tokenId);
        else _add(due, prize.token, to, prize.amount);
    }

    /// @dev Joins an amount to what is due; what was due to somebody else is paid.
    function _add(Due memory due, address token, address to, uint256 amount) private {
        if (due.to != to || due.token != token) {
            _pay(due);
            (due.token, due.to, due.amount) = (token, to, 0);
        }
        due.amount += amount;
    }

    function _pay(Due memory due) private {
        if (due.amount != 0) _give(due.token, due.to, due.amount);
    }

    /// @dev Runs the same call in the desk's code, and answers what it answers.
    function _delegate() private {
        address code = desk;
        assembly ("memory-safe") {
            // Nothing runs after this, so all memory may be written.
            let data := mload(0x40)
            calldatacopy(data, 0, calldatasize())
            let success := delegatecall(gas(), code, data, calldatasize(), 0, 0)
            returndatacopy(data, 0, returndatasize())
            if iszero(success) {
                revert(data, returndatasize())
            }
            return(data, returndatasize())
        }
    }

    /// @dev No prize is stored under this rank.
    function _emptyShelf() private pure returns (Shelf memory) {
        return Shelf(type(uint256).max, Prize(PrizeKind.Native, address(0), 0, 0));
    }

    function _nothing() private pure returns (Due memory) {
        return Due(address(0), address(0), 0);
    }

    /// @dev Puts the prize of a rank on the shelf, unless it lies there.
    function _reach(Shelf memory shelf, uint256 raffleId, uint256 rank) private view {
        uint256 stored = _prizeRank(raffleId, rank);
        if (stored == shelf.rank) return;
        (shelf.rank, shelf.prize) = (stored, _prizeAt(raffleId, stored));
    }

    /// @dev The buyer of the entry the caller points at, which must hold the ticket.
    function _hintedBuyer(uint256 raffleId, uint32 entryIndex, uint64 ticket) private view returns (address) {
        mapping(uint256 index => Entry entry) storage entries = RaffleStorage.book().entries[raffleId];
        Entry entry = entries[entryIndex];
        bool holds = ticket < entry.endOf() && (entryIndex == 0 || ticket >= entries[entryIndex - 1].endOf());
        if (!holds) revert RaffleHintWrong(raffleId, entryIndex, ticket);
        return entry.buyerOf();
    }
}
