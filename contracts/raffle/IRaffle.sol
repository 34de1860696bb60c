// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRandomness} from "../randomness/IRandomness.sol";
import {IRaffleDesk} from "./IRaffleDesk.sol";

/// @title Raffles whose rules, tickets, randomness and payouts are all on chain
/// @notice One contract, many raffles. Tickets are numbered from 0 in order of purchase. A purchase of any size is one
/// entry. Anyone may close, request, finalise and settle; no role can change an open raffle's outcome or exits.
interface IRaffle is IRaffleDesk, IRandomness {
    /// @notice Buys `count` tickets for `buyer` (a gift when that is not the caller). POL raffles: send the exact price.
    /// Raffles with options: {buyTicketsWith}.
    function buyTickets(
        uint256 raffleId,
        uint64 count,
        address buyer
    ) external payable returns (uint32 entryIndex);

    /// @notice After the close with enough tickets sold: fixes n and k, asks VRF, records the drand round. Anyone, once.
    function requestDraw(uint256 raffleId) external;

    /// @notice Opens refunds: undersold at the close, or no seed by the hard deadline. Anyone.
    function openRefunds(uint256 raffleId) external;

    /// @notice Pays the prize of `rank` to its winner. Anyone may call; the search for the entry is O(log n).
    function claim(uint256 raffleId, uint32 rank) external;

    /// @notice As {claim}, with the entry that holds the winning ticket given, so that nothing is searched.
    function claimHinted(uint256 raffleId, uint32 rank, uint32 entryIndex) external;

    /// @notice As {claimHinted} for several ranks. What consecutive ranks pay to one winner in one token is one transfer.
    function claimMany(uint256 raffleId, uint32[] calldata ranks, uint32[] calldata entryIndexes) external;

    /// @notice The winner takes the prize to another address.
    function claimTo(uint256 raffleId, uint32 rank, address to) external;

    /// @notice Pays an entry of a refunding raffle back to its buyer. Anyone may call.
    function refund(uint256 raffleId, uint32 entryIndex) external;

    /// @notice As {refund} for several entries. What consecutive entries of one buyer get is one transfer.
    function refundMany(uint256 raffleId, uint32[] calldata entryIndexes) external;

    /// @notice The buyer of an entry takes the refund to another address.
    function refundTo(uint256 raffleId, uint32 entryIndex, address to) external;

    /// @notice Pays a drawn raffle's proceeds to the organiser and credits the fee to the raffle's treasury. Anyone may
    /// call, once.
    function withdrawProceeds(uint256 raffleId) external;

    /// @notice Returns a prize nobody can win to the organiser. Anyone may call.
    function returnPrize(uint256 raffleId, uint32 rank) external;

    /// @notice As {returnPrize} for several ranks. What consecutive ranks return in one token is one transfer.
    function returnPrizes(uint256 raffleId, uint32[] calldata ranks) external;

    /// @notice Pays the fees credited to a treasury in a token (the zero address for POL). Anyone may call.
    function payFees(address treasury, address token) external;

    /// @notice Sets fee and treasury of raffles created from now on. Owner only, at most 1,000 basis points.
    function setFee(uint16 feeBps, address treasury) external;

    /// @notice How many raffles were created; they are numbered from 1.
    function raffleCount() external view returns (uint256);

    /// @notice Where a raffle stands; None for a number that no raffle has.
    function stateOf(uint256 raffleId) external view returns (State);

    /// @notice A raffle's terms and how far it is.
    function infoOf(uint256 raffleId) external view returns (Info memory);

    /// @notice The prizes of a raffle by rank.
    function prizesOf(uint256 raffleId) external view returns (Prize[] memory);

    /// @notice Fee and treasury of raffles created from now on.
    function feeConfig() external view returns (uint16 feeBps, address treasury);

    /// @notice Fees credited to a treasury and not yet paid.
    function feesOf(address treasury, address token) external view returns (uint256);

    /// @notice Feed and maximal age of its answers for raffles in a token created from now on.
    function priceFeedOf(address token) external view returns (address feed, uint32 maxAge);

    /// @notice What `count` tickets cost now, in wei or smallest token unit; with a feed by its current answer.
    function quote(uint256 raffleId, uint64 count) external view returns (uint256 payment);

    /// @notice What an entry paid, which is what a refund pays back.
    function paidOf(uint256 raffleId, uint32 entryIndex) external view returns (uint256);

    /// @notice Tickets of a buyer that count against a cap or an allowance.
    function countedOf(uint256 raffleId, address buyer) external view returns (uint64);

    /// @notice The contract whose code creates raffles and sells by signature, fixed at construction.
    function desk() external view returns (address);

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

    /// @notice Whether the prize of a rank was paid or returned.
    function isClaimed(uint256 raffleId, uint32 rank) external view returns (bool);

    /// @notice Whether an entry was paid back.
    function isRefunded(uint256 raffleId, uint32 entryIndex) external view returns (bool);
}
