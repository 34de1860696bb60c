// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRandomness} from "../randomness/IRandomness.sol";

/// @title Raffles whose rules, tickets, randomness and payouts are all on chain
/// @notice One contract, many raffles. Tickets are numbered from 0 in order of purchase. A purchase of any size is one
/// entry. Anyone may close, request, finalise and settle; no role can change an open raffle's outcome or exits.
interface IRaffle is IRandomness {
    /// @notice What a prize is made of.
    enum PrizeKind {
        Native,
        ERC20,
        ERC721
    }

    /// @notice Where a raffle stands; computed from facts, never stored.
    /// Open: tickets are sold. Closed: sale ended, enough sold, draw not requested. Drawing: waiting for the seed.
    /// Drawn: prizes can be claimed. Refunding: every entry takes its payment back; an undersold raffle refunds from its
    /// close on, one without a seed once refunds were opened.
    enum State {
        None,
        Open,
        Closed,
        Drawing,
        Drawn,
        Refunding
    }

    /// @notice One prize; the prize at index i goes to rank i.
    /// @param token The zero address for POL.
    /// @param amount Wei or smallest token unit; 0 for ERC-721.
    /// @param tokenId Only for ERC-721.
    struct Prize {
        PrizeKind kind;
        address token;
        uint256 amount;
        uint256 tokenId;
    }

    /// @notice The terms of a raffle.
    /// @param paymentToken The zero address for POL.
    /// @param ticketPrice Wei or smallest token unit per ticket, above 0.
    /// @param closesAt Unix seconds; no ticket is sold at or after it. At most 366 days ahead.
    /// @param minTickets Below this many sold at the close, everybody is refunded. At least 1.
    /// @param maxTickets Sale also ends when this many are sold. At most 2⁴⁰ − 1.
    /// @param maxPerBuyer 0 for no cap; at most `maxTickets`.
    /// @param title Shown to people; at most 128 bytes.
    /// @param prizes One per rank, at least one.
    struct RaffleConfig {
        address paymentToken;
        uint96 ticketPrice;
        uint64 closesAt;
        uint64 minTickets;
        uint64 maxTickets;
        uint64 maxPerBuyer;
        string title;
        Prize[] prizes;
    }

    /// @notice A raffle without its title and prizes, as the chain holds it.
    struct Info {
        address organiser;
        address paymentToken;
        uint96 ticketPrice;
        uint64 createdAt;
        uint64 closesAt;
        uint64 minTickets;
        uint64 maxTickets;
        uint64 maxPerBuyer;
        uint64 ticketsSold;
        uint32 entryCount;
        uint32 prizeCount;
        uint16 feeBps;
        bool refundsOpened;
        bool proceedsWithdrawn;
        bytes32 termsHash;
    }

    event RaffleCreated(
        uint256 indexed raffleId,
        address indexed organiser,
        address indexed paymentToken,
        uint96 ticketPrice,
        uint64 closesAt,
        uint64 minTickets,
        uint64 maxTickets,
        uint64 maxPerBuyer,
        uint16 feeBps,
        string title,
        Prize[] prizes,
        bytes32 termsHash
    );
    /// @notice Tickets `firstTicket … firstTicket + count − 1` belong to `buyer`; `payer` paid `paid`.
    event TicketsBought(
        uint256 indexed raffleId,
        address indexed buyer,
        uint32 entryIndex,
        uint64 firstTicket,
        uint64 count,
        uint256 paid,
        address payer
    );
    event PrizeClaimed(
        uint256 indexed raffleId,
        uint32 indexed rank,
        address indexed winner,
        address to,
        uint64 ticket,
        PrizeKind kind,
        address token,
        uint256 amount,
        uint256 tokenId
    );
    /// @notice `seedMissing` tells why: false when undersold, true when no seed came by the deadline.
    event RefundsOpened(uint256 indexed raffleId, bool seedMissing, uint64 ticketsSold, uint64 minTickets);
    event EntryRefunded(
        uint256 indexed raffleId,
        uint32 indexed entryIndex,
        address indexed buyer,
        uint256 amount
    );
    /// @notice `amount` went to the organiser; `fee` waits for {payFees} to `treasury`.
    event ProceedsWithdrawn(
        uint256 indexed raffleId,
        address indexed organiser,
        address token,
        uint256 amount,
        uint256 fee,
        address treasury
    );
    /// @notice Collected fees in a token (the zero address for POL) went to the treasury.
    event FeesPaid(address indexed treasury, address indexed token, uint256 amount);
    /// @notice A prize went back to the organiser: refunding raffle, or fewer tickets than prizes.
    event PrizeReturned(
        uint256 indexed raffleId,
        uint32 indexed rank,
        address indexed organiser,
        PrizeKind kind,
        address token,
        uint256 amount,
        uint256 tokenId
    );
    /// @notice Fee of raffles created from now on.
    event FeeChanged(uint16 feeBps, address treasury);

    error RaffleUnknown(uint256 raffleId);
    error RaffleWrongState(uint256 raffleId, State state);
    error RaffleNotOpen(uint256 raffleId, State state);
    error RaffleTermsInvalid(string field);
    error RaffleTicketsInvalid(uint64 count);
    error RaffleSoldOut(uint256 raffleId, uint64 asked, uint64 left);
    error RaffleBuyerCap(uint256 raffleId, address buyer, uint64 cap);
    error RafflePaymentWrong(uint256 sent, uint256 needed);
    /// @notice The token delivered another amount than asked (fee on transfer, rebasing), or is POL's ERC-20 face.
    error RaffleTokenRefused(address token);
    error RaffleNotWinner(uint256 raffleId, uint32 rank, address caller);
    error RaffleRankUnknown(uint256 raffleId, uint32 rank);
    error RaffleAlreadyClaimed(uint256 raffleId, uint32 rank);
    error RaffleHintWrong(uint256 raffleId, uint32 entryIndex, uint64 ticket);
    error RaffleEntryUnknown(uint256 raffleId, uint32 entryIndex);
    error RaffleTicketUnknown(uint256 raffleId, uint64 ticket);
    error RaffleAlreadyRefunded(uint256 raffleId, uint32 entryIndex);
    error RaffleRefundsNotDue(uint256 raffleId, uint64 dueAt);
    error RaffleAlreadyWithdrawn(uint256 raffleId);
    error RafflePayoutFailed(address to, uint256 amount);
    error RaffleFeeTooHigh(uint16 feeBps, uint16 ceiling);
    error RaffleTreasuryMissing();
    error RaffleReceiverMissing();
    error RaffleNotBuyer(uint256 raffleId, uint32 entryIndex, address caller);
    error RaffleNoFees(address treasury, address token);
    error RaffleRefundDelayTooShort(uint64 refundDelay);
    error RaffleInputLengths(uint256 ranks, uint256 entryIndexes);

    /// @notice Creates a raffle and takes its prizes into escrow. POL prizes are sent along; tokens must be approved.
    function createRaffle(RaffleConfig calldata config) external payable returns (uint256 raffleId);

    /// @notice Buys `count` tickets for `buyer` (a gift when that is not the caller). POL raffles: send the exact price.
    function buyTickets(
        uint256 raffleId,
        uint64 count,
        address buyer
    ) external payable returns (uint32 entryIndex);

    /// @notice As {buyTickets} in a token with ERC-2612 permit: signs and buys in one transaction.
    function buyTicketsWithPermit(
        uint256 raffleId,
        uint64 count,
        address buyer,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32 entryIndex);

    /// @notice After the close with enough tickets sold: fixes n and k, asks VRF, records the drand round. Anyone, once.
    function requestDraw(uint256 raffleId) external;

    /// @notice Opens refunds: undersold at the close, or no seed by the hard deadline. Anyone.
    function openRefunds(uint256 raffleId) external;

    /// @notice Pays the prize of `rank` to its winner. Anyone may call; the search for the entry is O(log n).
    function claim(uint256 raffleId, uint32 rank) external;

    /// @notice As {claim}, with the entry that holds the winning ticket given, so that nothing is searched.
    function claimHinted(uint256 raffleId, uint32 rank, uint32 entryIndex) external;

    /// @notice As {claimHinted} for several ranks.
    function claimMany(uint256 raffleId, uint32[] calldata ranks, uint32[] calldata entryIndexes) external;

    /// @notice The winner takes the prize to another address.
    function claimTo(uint256 raffleId, uint32 rank, address to) external;

    /// @notice Pays an entry of a refunding raffle back to its buyer. Anyone may call.
    function refund(uint256 raffleId, uint32 entryIndex) external;

    /// @notice The buyer of an entry takes the refund to another address.
    function refundTo(uint256 raffleId, uint32 entryIndex, address to) external;

    /// @notice Pays a drawn raffle's proceeds to the organiser and credits the fee to the raffle's treasury. Anyone may
    /// call, once.
    function withdrawProceeds(uint256 raffleId) external;

    /// @notice Returns a prize nobody can win to the organiser. Anyone may call.
    function returnPrize(uint256 raffleId, uint32 rank) external;

    /// @notice Pays the fees credited to a treasury in a token (the zero address for POL). Anyone may call.
    function payFees(address treasury, address token) external;

    /// @notice Sets fee and treasury of raffles created from now on. Owner only, at most 1,000 basis points.
    function setFee(uint16 feeBps, address treasury) external;

    function raffleCount() external view returns (uint256);

    function stateOf(uint256 raffleId) external view returns (State);

    function infoOf(uint256 raffleId) external view returns (Info memory);

    function prizesOf(uint256 raffleId) external view returns (Prize[] memory);

    /// @notice Fee and treasury of raffles created from now on.
    function feeConfig() external view returns (uint16 feeBps, address treasury);

    /// @notice Fees credited to a treasury and not yet paid.
    function feesOf(address treasury, address token) external view returns (uint256);

    /// @notice Seconds without a seed after which refunds are due, fixed at construction.
    function refundDelay() external view returns (uint64);

    /// @notice Unix seconds from which {openRefunds} is due because of a missing seed.
    function refundDueAt(uint256 raffleId) external view returns (uint64);

    /// @notice Buyer and the first and last-plus-one ticket of an entry.
    function entryOf(
        uint256 raffleId,
        uint32 entryIndex
    ) external view returns (address buyer, uint64 first, uint64 end);

    /// @notice The entry that holds a ticket.
    function entryWithTicket(uint256 raffleId, uint64 ticket) external view returns (uint32 entryIndex);

    /// @notice Winner of a rank: ticket, entry and buyer.
    function winnerOf(
        uint256 raffleId,
        uint32 rank
    ) external view returns (uint64 ticket, uint32 entryIndex, address buyer);

    function isClaimed(uint256 raffleId, uint32 rank) external view returns (bool);

    function isRefunded(uint256 raffleId, uint32 entryIndex) external view returns (bool);
}
