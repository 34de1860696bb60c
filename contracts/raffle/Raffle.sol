// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assets} from "../lib/Assets.sol";
import {Winners} from "../lib/Winners.sol";
import {IDrandBeacon} from "../randomness/IDrandBeacon.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {Entry, makeEntry} from "./Entries.sol";
import {IRaffle} from "./IRaffle.sol";
import {RaffleBook} from "./RaffleBook.sol";

/// @title Raffles whose rules, tickets, randomness and payouts are all on chain
/// @dev No pause, no re-draw, no exit that needs anybody's goodwill. The owner chooses fee and VRF settings of the future.
contract Raffle is RaffleBook {
    uint64 private constant LEAST_REFUND_DELAY = 1 days;
    uint64 private constant LONGEST_SALE = 366 days;
    uint256 private constant MOST_TITLE_BYTES = 128;
    uint16 private constant FEE_CEILING_BPS = 1_000;
    uint256 private constant BPS = 10_000;

    uint16 private _feeBps;
    address private _treasury;
    mapping(address treasury => mapping(address token => uint256 amount)) private _fees;
    mapping(uint256 raffleId => mapping(address buyer => uint64 count)) private _bought;

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
    }

    /// @inheritdoc IRaffle
    function createRaffle(
        RaffleConfig calldata config
    ) external payable nonReentrant returns (uint256 raffleId) {
        // Check
        _checkConfig(config);
        // Effect
        raffleId = ++raffleCount;
        bytes32 termsHash = keccak256(abi.encode(config));
        _storeTerms(_terms[raffleId], config, termsHash);
        for (uint32 rank = 0; rank < config.prizes.length; ++rank)
            _storePrize(raffleId, rank, config.prizes[rank]);
        _emitCreated(raffleId, config, termsHash);
        // Interaction
        _takePrizes(config.prizes);
    }

    /// @inheritdoc IRaffle
    function buyTickets(
        uint256 raffleId,
        uint64 count,
        address buyer
    ) external payable nonReentrant returns (uint32 entryIndex) {
        return _buy(raffleId, count, buyer);
    }

    /// @inheritdoc IRaffle
    // The guard against reentrancy is in transient storage, which the detector does not know.
    // slither-disable-next-line reentrancy-no-eth
    function buyTicketsWithPermit(
        uint256 raffleId,
        uint64 count,
        address buyer,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint32 entryIndex) {
        Terms storage terms = _termsOf(raffleId);
        uint256 price = uint256(terms.sale.ticketPrice) * count;
        Assets.permit(terms.paymentToken, msg.sender, price, deadline, signature);
        return _buy(raffleId, count, buyer);
    }

    /// @inheritdoc IRaffle
    function requestDraw(uint256 raffleId) external nonReentrant {
        // Check
        State state = stateOf(raffleId);
        if (state != State.Closed) revert RaffleWrongState(raffleId, state);
        // Effect and interaction
        Terms storage terms = _terms[raffleId];
        uint64 sold = terms.sale.sold;
        uint32 k = sold < terms.prizeCount ? uint32(sold) : terms.prizeCount;
        _requestDraw(raffleId, terms.termsHash, sold, k);
    }

    /// @inheritdoc IRaffle
    function openRefunds(uint256 raffleId) external {
        // Check
        State state = stateOf(raffleId);
        bool undersold = state == State.Refunding && !_terms[raffleId].sale.refundsOpened;
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
        _payPrize(
            raffleId,
            rank,
            ticket,
            _entries[raffleId][_entryWith(raffleId, ticket)].buyerOf(),
            address(0)
        );
    }

    /// @inheritdoc IRaffle
    function claimHinted(uint256 raffleId, uint32 rank, uint32 entryIndex) external nonReentrant {
        uint64 ticket = _winningTicket(raffleId, rank);
        _payPrize(raffleId, rank, ticket, _hintedBuyer(raffleId, entryIndex, ticket), address(0));
    }

    /// @inheritdoc IRaffle
    function claimMany(
        uint256 raffleId,
        uint32[] calldata ranks,
        uint32[] calldata entryIndexes
    ) external nonReentrant {
        if (ranks.length != entryIndexes.length) revert RaffleInputLengths(ranks.length, entryIndexes.length);
        (bytes32 seed, uint32 k) = _drawn(raffleId);
        // All ranks up to the last one asked in a single pass.
        uint32 end = 0;
        for (uint256 i = 0; i < ranks.length; ++i) {
            if (ranks[i] >= k) revert RaffleRankUnknown(raffleId, ranks[i]);
            if (ranks[i] >= end) end = ranks[i] + 1;
        }
        uint64[] memory tickets = Winners.winners(seed, _terms[raffleId].sale.sold, end);
        for (uint256 i = 0; i < ranks.length; ++i) {
            uint64 ticket = tickets[ranks[i]];
            _payPrize(
                raffleId,
                ranks[i],
                ticket,
                _hintedBuyer(raffleId, entryIndexes[i], ticket),
                address(0)
            );
        }
    }

    /// @inheritdoc IRaffle
    function claimTo(uint256 raffleId, uint32 rank, address to) external nonReentrant {
        if (to == address(0)) revert RaffleReceiverMissing();
        uint64 ticket = _winningTicket(raffleId, rank);
        address winner = _entries[raffleId][_entryWith(raffleId, ticket)].buyerOf();
        if (msg.sender != winner) revert RaffleNotWinner(raffleId, rank, msg.sender);
        _payPrize(raffleId, rank, ticket, winner, to);
    }

    /// @inheritdoc IRaffle
    function refund(uint256 raffleId, uint32 entryIndex) external nonReentrant {
        (address buyer, , ) = entryOf(raffleId, entryIndex);
        _refund(raffleId, entryIndex, buyer);
    }

    /// @inheritdoc IRaffle
    function refundTo(uint256 raffleId, uint32 entryIndex, address to) external nonReentrant {
        if (to == address(0)) revert RaffleReceiverMissing();
        (address buyer, , ) = entryOf(raffleId, entryIndex);
        if (msg.sender != buyer) revert RaffleNotBuyer(raffleId, entryIndex, msg.sender);
        _refund(raffleId, entryIndex, to);
    }

    /// @inheritdoc IRaffle
    function withdrawProceeds(uint256 raffleId) external nonReentrant {
        // Check
        _drawn(raffleId);
        Terms storage terms = _terms[raffleId];
        if (terms.proceedsWithdrawn) revert RaffleAlreadyWithdrawn(raffleId);
        // Effect
        terms.proceedsWithdrawn = true;
        address token = terms.paymentToken;
        address treasury = terms.treasury;
        uint256 paid = uint256(terms.sale.ticketPrice) * terms.sale.sold;
        uint256 fee = (paid * terms.feeBps) / BPS;
        if (fee != 0) _fees[treasury][token] += fee;
        emit ProceedsWithdrawn(raffleId, terms.organiser, token, paid - fee, fee, treasury);
        // Interaction
        _give(token, terms.organiser, paid - fee);
    }

    /// @inheritdoc IRaffle
    function returnPrize(uint256 raffleId, uint32 rank) external nonReentrant {
        // Check: nobody can win it.
        Terms storage terms = _termsOf(raffleId);
        if (rank >= terms.prizeCount) revert RaffleRankUnknown(raffleId, rank);
        State state = stateOf(raffleId);
        (, uint32 k) = _finalDraw(raffleId);
        bool leftOver = state == State.Drawn && rank >= k;
        if (!leftOver && state != State.Refunding) revert RaffleWrongState(raffleId, state);
        if (_prizes[raffleId][rank].settled) revert RaffleAlreadyClaimed(raffleId, rank);
        // Effect
        if (state == State.Refunding) _ensureRefundsOpened(raffleId);
        _prizes[raffleId][rank].settled = true;
        Prize memory prize = _prizeAt(raffleId, rank);
        address organiser = terms.organiser;
        emit PrizeReturned(raffleId, rank, organiser, prize.kind, prize.token, prize.amount, prize.tokenId);
        // Interaction
        _givePrize(prize, organiser);
    }

    /// @inheritdoc IRaffle
    function payFees(address treasury, address token) external nonReentrant {
        // Check
        uint256 amount = _fees[treasury][token];
        if (amount == 0) revert RaffleNoFees(treasury, token);
        // Effect
        _fees[treasury][token] = 0;
        emit FeesPaid(treasury, token, amount);
        // Interaction
        _give(token, treasury, amount);
    }

    /// @inheritdoc IRaffle
    function setFee(uint16 feeBps, address treasury) external onlyOwner {
        _setFee(feeBps, treasury);
    }

    /// @inheritdoc IRaffle
    function feeConfig() external view returns (uint16 feeBps, address treasury) {
        return (_feeBps, _treasury);
    }

    /// @inheritdoc IRaffle
    function feesOf(address treasury, address token) external view returns (uint256) {
        return _fees[treasury][token];
    }

    function _setFee(uint16 feeBps, address treasury) private {
        if (feeBps > FEE_CEILING_BPS) revert RaffleFeeTooHigh(feeBps, FEE_CEILING_BPS);
        if (feeBps != 0 && treasury == address(0)) revert RaffleTreasuryMissing();
        _feeBps = feeBps;
        _treasury = treasury;
        emit FeeChanged(feeBps, treasury);
    }

    function _storeTerms(Terms storage terms, RaffleConfig calldata config, bytes32 termsHash) private {
        terms.sale = Sale({
            sold: 0,
            maxTickets: uint40(config.maxTickets),
            closesAt: uint32(config.closesAt),
            entryCount: 0,
            ticketPrice: config.ticketPrice,
            plain: config.paymentToken == address(0) && config.maxPerBuyer == 0,
            refundsOpened: false
        });
        terms.paymentToken = config.paymentToken;
        terms.minTickets = uint40(config.minTickets);
        terms.createdAt = uint32(block.timestamp);
        terms.feeBps = _feeBps;
        terms.organiser = msg.sender;
        terms.maxPerBuyer = uint40(config.maxPerBuyer);
        terms.prizeCount = uint32(config.prizes.length);
        terms.treasury = _treasury;
        terms.termsHash = termsHash;
    }

    /// @dev The POL sent must be the sum of the POL prizes; tokens are pulled.
    function _takePrizes(Prize[] calldata prizes) private {
        uint256 native = 0;
        for (uint256 i = 0; i < prizes.length; ++i) {
            Prize calldata prize = prizes[i];
            bool exact = true;
            if (prize.kind == PrizeKind.Native) native += prize.amount;
            else if (prize.kind == PrizeKind.ERC20)
                exact = Assets.takeERC20(prize.token, msg.sender, prize.amount);
            else exact = Assets.takeERC721(prize.token, msg.sender, prize.tokenId);
            if (!exact) revert RaffleTokenRefused(prize.token);
        }
        if (msg.value != native) revert RafflePaymentWrong(msg.value, native);
    }

    function _buy(uint256 raffleId, uint64 count, address buyer) private returns (uint32 entryIndex) {
        // Check
        Terms storage terms = _terms[raffleId];
        Sale memory sale = terms.sale;
        if (block.timestamp >= sale.closesAt) revert RaffleNotOpen(raffleId, stateOf(_known(raffleId)));
        uint64 first = sale.sold;
        if (count == 0) revert RaffleTicketsInvalid(count);
        if (count > sale.maxTickets - first) revert RaffleSoldOut(raffleId, count, sale.maxTickets - first);
        if (buyer == address(0)) revert RaffleReceiverMissing();
        if (!sale.plain) _countForCap(raffleId, count, buyer, terms.maxPerBuyer);
        // Effect
        entryIndex = sale.entryCount;
        uint64 end = first + count;
        sale.sold = uint40(end);
        sale.entryCount = entryIndex + 1;
        terms.sale = sale;
        _entries[raffleId][entryIndex] = makeEntry(buyer, end);
        uint256 price = uint256(sale.ticketPrice) * count;
        emit TicketsBought(raffleId, buyer, entryIndex, first, count, price, msg.sender);
        // Interaction
        address token = sale.plain ? address(0) : terms.paymentToken;
        uint256 native = token == address(0) ? price : 0;
        if (msg.value != native) revert RafflePaymentWrong(msg.value, native);
        if (token != address(0) && !Assets.takeERC20(token, msg.sender, price))
            revert RaffleTokenRefused(token);
    }

    /// @param cap 0 for none.
    function _countForCap(uint256 raffleId, uint64 count, address buyer, uint64 cap) private {
        if (cap == 0) return;
        uint64 before = _bought[raffleId][buyer];
        if (count > cap - before) revert RaffleBuyerCap(raffleId, buyer, cap);
        _bought[raffleId][buyer] = before + count;
    }

    /// @param to The zero address for the winner.
    function _payPrize(uint256 raffleId, uint32 rank, uint64 ticket, address winner, address to) private {
        // Check
        PrizeSlot storage slot = _prizes[raffleId][rank];
        if (slot.settled) revert RaffleAlreadyClaimed(raffleId, rank);
        // Effect
        slot.settled = true;
        Prize memory prize = _prizeAt(raffleId, rank);
        if (to == address(0)) to = winner;
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
        // Interaction
        _givePrize(prize, to);
    }

    function _refund(uint256 raffleId, uint32 entryIndex, address to) private {
        // Check
        State state = stateOf(raffleId);
        if (state != State.Refunding) revert RaffleWrongState(raffleId, state);
        Entry entry = _entries[raffleId][entryIndex];
        if (entry.isRefunded()) revert RaffleAlreadyRefunded(raffleId, entryIndex);
        // Effect
        _ensureRefundsOpened(raffleId);
        _entries[raffleId][entryIndex] = entry.refunded();
        Terms storage terms = _terms[raffleId];
        uint256 amount =
            uint256(terms.sale.ticketPrice) * (entry.endOf() - _firstTicket(raffleId, entryIndex));
        emit EntryRefunded(raffleId, entryIndex, entry.buyerOf(), amount);
        // Interaction
        _give(terms.paymentToken, to, amount);
    }

    /// @dev An undersold raffle refunds without being told to; the event still comes first.
    function _ensureRefundsOpened(uint256 raffleId) private {
        if (!_terms[raffleId].sale.refundsOpened) _openRefunds(raffleId, false);
    }

    function _openRefunds(uint256 raffleId, bool seedMissing) private {
        Terms storage terms = _terms[raffleId];
        terms.sale.refundsOpened = true;
        emit RefundsOpened(raffleId, seedMissing, terms.sale.sold, terms.minTickets);
    }

    function _givePrize(Prize memory prize, address to) private {
        if (prize.kind == PrizeKind.ERC721) Assets.giveERC721(prize.token, to, prize.tokenId);
        else _give(prize.token, to, prize.amount);
    }

    function _give(address token, address to, uint256 amount) private {
        if (token != address(0)) Assets.giveERC20(token, to, amount);
        else if (!Assets.giveNative(to, amount)) revert RafflePayoutFailed(to, amount);
    }

    function _emitCreated(uint256 raffleId, RaffleConfig calldata config, bytes32 termsHash) private {
        emit RaffleCreated({
            raffleId: raffleId,
            organiser: msg.sender,
            paymentToken: config.paymentToken,
            ticketPrice: config.ticketPrice,
            closesAt: config.closesAt,
            minTickets: config.minTickets,
            maxTickets: config.maxTickets,
            maxPerBuyer: config.maxPerBuyer,
            feeBps: _feeBps,
            title: config.title,
            prizes: config.prizes,
            termsHash: termsHash
        });
    }

    /// @dev The buyer of the entry the caller points at, which must hold the ticket.
    function _hintedBuyer(uint256 raffleId, uint32 entryIndex, uint64 ticket) private view returns (address) {
        Entry entry = _entries[raffleId][entryIndex];
        bool holds = ticket < entry.endOf() && ticket >= _firstTicket(raffleId, entryIndex);
        if (!holds) revert RaffleHintWrong(raffleId, entryIndex, ticket);
        return entry.buyerOf();
    }

    function _known(uint256 raffleId) private view returns (uint256) {
        _termsOf(raffleId);
        return raffleId;
    }

    function _checkConfig(RaffleConfig calldata config) private view {
        if (config.paymentToken == Assets.NATIVE_FACE) revert RaffleTokenRefused(config.paymentToken);
        if (config.ticketPrice == 0) revert RaffleTermsInvalid("ticketPrice");
        if (config.closesAt <= block.timestamp || config.closesAt > block.timestamp + LONGEST_SALE) {
            revert RaffleTermsInvalid("closesAt");
        }
        if (config.minTickets == 0) revert RaffleTermsInvalid("minTickets");
        if (config.maxTickets < config.minTickets || config.maxTickets > type(uint40).max) {
            revert RaffleTermsInvalid("maxTickets");
        }
        if (config.maxPerBuyer > config.maxTickets) revert RaffleTermsInvalid("maxPerBuyer");
        if (bytes(config.title).length > MOST_TITLE_BYTES) revert RaffleTermsInvalid("title");
        if (config.prizes.length == 0) revert RaffleTermsInvalid("prizes");
        for (uint256 i = 0; i < config.prizes.length; ++i) _checkPrize(config.prizes[i]);
    }

    function _checkPrize(Prize calldata prize) private pure {
        bool native = prize.kind == PrizeKind.Native;
        bool single = prize.kind == PrizeKind.ERC721;
        if (native != (prize.token == address(0))) revert RaffleTermsInvalid("prizes.token");
        if (single != (prize.amount == 0)) revert RaffleTermsInvalid("prizes.amount");
        if (!single && prize.tokenId != 0) revert RaffleTermsInvalid("prizes.tokenId");
    }
}
