// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRaffleTypes} from "./IRaffleTypes.sol";

/// @title What a raffle contract leaves to its desk: creating raffles, and buying in other ways than the common one
interface IRaffleDesk is IRaffleTypes {
    /// @notice Creates a raffle and takes its prizes into escrow. POL prizes are sent along; tokens must be approved.
    function createRaffle(RaffleConfig calldata config) external payable returns (uint256 raffleId);

    /// @notice As {createRaffle}, with a price in US dollars, an allow-list, or both.
    function createRaffleWith(
        RaffleConfig calldata config,
        RaffleOptions calldata options
    ) external payable returns (uint256 raffleId);

    /// @notice As {IRaffle-buyTickets} in a token with ERC-2612 permit: signs and buys in one transaction.
    function buyTicketsWithPermit(
        uint256 raffleId,
        uint64 count,
        address buyer,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint32 entryIndex);

    /// @notice Buys tickets of any raffle: also of one priced in US dollars, and by people on an allow-list. POL raffles:
    /// what is sent above the price comes back. Tokens: approved, or by the permit given.
    function buyTicketsWith(
        Purchase calldata purchase,
        Permit calldata permit
    ) external payable returns (uint32 entryIndex);

    /// @notice As {buyTicketsWith} by the payer's ERC-3009 signature: anyone may submit it, the payer needs no gas. What is
    /// left of `maxPayment` goes back to the payer.
    function buyTicketsByAuthorization(
        Purchase calldata purchase,
        Authorization calldata authorization
    ) external returns (uint32 entryIndex);

    /// @notice Sets the feed, in US dollars per whole token, for raffles in a payment token (the zero address for POL)
    /// created from now on; the zero address for none. Owner only.
    /// @param maxAge Seconds after which an answer is too old to buy by.
    function setPriceFeed(address token, address feed, uint32 maxAge) external;
}
