// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the parts of a raffle contract have in common: terms, events, errors
interface IRaffleTypes {
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
    /// @param kind POL, ERC-20 or ERC-721.
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
    /// @param ticketPrice Wei or smallest token unit per ticket, above 0. With a price feed: US dollars, 8 decimals.
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

    /// @notice Terms that few raffles have; all zero where there are none.
    /// @param priceFeed Chainlink feed that turns the price in US dollars into `paymentToken`. It must be the one the owner
    /// configured for the token; the raffle keeps it. The zero address for a price in the token itself.
    /// @param maxPriceAge Seconds after which the feed's answer is too old; as configured. 0 without a feed.
    /// @param allowListRoot Merkle root of who may hold tickets; 0 when everybody may.
    /// Leaf: keccak256(keccak256(abi.encode(keccak256("TOMBOLA-1/allow"), chainId, contract, key, account, allowance))),
    /// key: keccak256(abi.encode(organiser, allowListSalt)), pairs sorted. `allowance`: most tickets, 0 for any number.
    /// @param allowListSalt Chosen by the organiser, so that a list serves one raffle. 0 without a list.
    struct RaffleOptions {
        address priceFeed;
        uint32 maxPriceAge;
        bytes32 allowListRoot;
        bytes32 allowListSalt;
    }

    /// @notice What is bought, for every way to pay.
    /// @param raffleId Which raffle.
    /// @param count How many tickets, at least 1.
    /// @param buyer Who holds the tickets; a gift when that is not the payer.
    /// @param maxPayment Most that may be taken, in wei or smallest token unit.
    /// @param allowance Tickets the buyer's leaf of the allow-list grants; 0 for any number, and without a list.
    /// @param proof The leaf's Merkle proof; empty without a list.
    struct Purchase {
        uint256 raffleId;
        uint64 count;
        address buyer;
        uint256 maxPayment;
        uint64 allowance;
        bytes32[] proof;
    }

    /// @notice An ERC-2612 permit of the caller over `maxPayment`, r ‖ s ‖ v; an empty signature for none.
    /// @param deadline Unix seconds until which the permit is good.
    /// @param signature 65 bytes, or empty.
    struct Permit {
        uint256 deadline;
        bytes signature;
    }

    /// @notice An ERC-3009 authorization of `payer` to this contract over `maxPayment`. Its nonce is
    /// keccak256(abi.encode(purchase, payer, validAfter, validBefore, salt)), so that it serves this purchase only.
    /// @param payer Whose tokens pay, and who signed.
    /// @param validAfter Unix seconds; good strictly after.
    /// @param validBefore Unix seconds; good strictly before.
    /// @param salt Chosen by the payer, so that the same purchase can be signed twice.
    /// @param signature The payer's, of any length (ERC-1271).
    struct Authorization {
        address payer;
        uint256 validAfter;
        uint256 validBefore;
        bytes32 salt;
        bytes signature;
    }

    /// @notice A raffle without its title and prizes, as the chain holds it.
    /// @param organiser Who created it; receives proceeds and prizes nobody wins.
    /// @param paymentToken As in {RaffleConfig}.
    /// @param ticketPrice As in {RaffleConfig}.
    /// @param createdAt Unix seconds.
    /// @param closesAt As in {RaffleConfig}.
    /// @param minTickets As in {RaffleConfig}.
    /// @param maxTickets As in {RaffleConfig}.
    /// @param maxPerBuyer As in {RaffleConfig}.
    /// @param ticketsSold Tickets sold so far.
    /// @param entryCount Purchases so far.
    /// @param prizeCount Number of prizes, which is the number of ranks.
    /// @param feeBps Fee on the proceeds in basis points, fixed at creation.
    /// @param refundsOpened Whether {IRaffle-openRefunds} was called.
    /// @param proceedsWithdrawn Whether the proceeds were paid.
    /// @param termsHash keccak256 of the encoded configuration, with its options where there are any; the draw's
    /// commitment.
    /// @param priceFeed As in {RaffleOptions}.
    /// @param maxPriceAge As in {RaffleOptions}.
    /// @param allowListRoot As in {RaffleOptions}.
    /// @param allowListKey keccak256(abi.encode(organiser, allowListSalt)); 0 without a list.
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
        address priceFeed;
        uint32 maxPriceAge;
        bytes32 allowListRoot;
        bytes32 allowListKey;
    }

    /// @notice A raffle was created, its prizes are in escrow; all its terms, with the fee that holds for it.
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
    /// @notice The raffle has options; follows {RaffleCreated}. With a feed its `ticketPrice` is in US dollars, 8 decimals.
    event RaffleOptionsFixed(
        uint256 indexed raffleId,
        address priceFeed,
        uint32 maxPriceAge,
        bytes32 allowListRoot,
        bytes32 allowListSalt
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
    /// @notice The prize of `rank` was paid to `to`: the winner, or whom the winner named.
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
    /// @notice What an entry paid went back.
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
    /// @notice Feed for raffles in this token created from now on; the zero address for none.
    event PriceFeedChanged(address indexed token, address indexed feed, uint32 maxAge);

    /// @notice No raffle has this number.
    error RaffleUnknown(uint256 raffleId);
    /// @notice This cannot be done while the raffle stands at `state`.
    error RaffleWrongState(uint256 raffleId, State state);
    /// @notice No ticket is sold while the raffle stands at `state`.
    error RaffleNotOpen(uint256 raffleId, State state);
    /// @notice This field of the terms cannot be used.
    error RaffleTermsInvalid(string field);
    /// @notice No such number of tickets can be bought.
    error RaffleTicketsInvalid(uint64 count);
    /// @notice More tickets were asked for than are left.
    error RaffleSoldOut(uint256 raffleId, uint64 asked, uint64 left);
    /// @notice The buyer would hold more tickets than one may.
    error RaffleBuyerCap(uint256 raffleId, address buyer, uint64 cap);
    /// @notice Other POL was sent than is needed, in wei.
    error RafflePaymentWrong(uint256 sent, uint256 needed);
    /// @notice The token delivered another amount than asked (fee on transfer, rebasing), or is POL's ERC-20 face.
    error RaffleTokenRefused(address token);
    /// @notice Only the winner of the rank may do this.
    error RaffleNotWinner(uint256 raffleId, uint32 rank, address caller);
    /// @notice The raffle has no such rank, or nobody won it.
    error RaffleRankUnknown(uint256 raffleId, uint32 rank);
    /// @notice The prize was paid or returned before.
    error RaffleAlreadyClaimed(uint256 raffleId, uint32 rank);
    /// @notice The entry does not hold the winning ticket.
    error RaffleHintWrong(uint256 raffleId, uint32 entryIndex, uint64 ticket);
    /// @notice The raffle has no such entry.
    error RaffleEntryUnknown(uint256 raffleId, uint32 entryIndex);
    /// @notice The ticket was not sold.
    error RaffleTicketUnknown(uint256 raffleId, uint64 ticket);
    /// @notice The entry was paid back before.
    error RaffleAlreadyRefunded(uint256 raffleId, uint32 entryIndex);
    /// @notice A seed may still come; refunds are due at `dueAt`, Unix seconds.
    error RaffleRefundsNotDue(uint256 raffleId, uint64 dueAt);
    /// @notice The proceeds were paid before.
    error RaffleAlreadyWithdrawn(uint256 raffleId);
    /// @notice `to` refuses POL.
    error RafflePayoutFailed(address to, uint256 amount);
    /// @notice A fee above the ceiling, in basis points.
    error RaffleFeeTooHigh(uint16 feeBps, uint16 ceiling);
    /// @notice A fee needs a treasury.
    error RaffleTreasuryMissing();
    /// @notice Nobody can receive this: the zero address.
    error RaffleReceiverMissing();
    /// @notice Only the buyer of the entry may do this.
    error RaffleNotBuyer(uint256 raffleId, uint32 entryIndex, address caller);
    /// @notice No fee is credited to this treasury in this token.
    error RaffleNoFees(address treasury, address token);
    /// @notice A delay below the floor of live chains, in seconds.
    error RaffleRefundDelayTooShort(uint64 refundDelay);
    /// @notice Both lists need one item for each rank.
    error RaffleInputLengths(uint256 ranks, uint256 entryIndexes);
    /// @notice The price is in US dollars or the buyers are listed: use {buyTicketsWith}.
    error RaffleOptionsNeeded(uint256 raffleId);
    /// @notice The tickets cost more than the buyer agreed to.
    error RafflePaymentAboveMax(uint256 needed, uint256 maxPayment);
    /// @notice The leaf of this buyer and allowance is not in the raffle's allow-list.
    error RaffleNotListed(uint256 raffleId, address buyer, uint64 allowance);
    /// @notice More tickets were asked for than are left of the buyer's allowance.
    error RaffleAllowanceExceeded(uint256 raffleId, address buyer, uint64 asked, uint64 left);
    /// @notice No contract with 8 to 18 decimals, a token with more than 18, or no maximal age.
    error RafflePriceFeedInvalid(address token, address feed, uint32 maxAge);
    /// @notice The feed reverts or answers something else than a round.
    error RafflePriceUnavailable(address feed);
    /// @notice The feed's answer is zero or negative.
    error RafflePriceNotPositive(address feed, int256 answer);
    /// @notice The feed carries an answer over from an earlier round, or has none yet.
    error RafflePriceRoundIncomplete(address feed, uint80 roundId, uint80 answeredInRound);
    /// @notice `updatedAt` is more than `maxAge` seconds ago, or in the future.
    error RafflePriceStale(address feed, uint256 updatedAt, uint32 maxAge);
    /// @notice Called at its own address instead of through the raffle contract.
    error RaffleDeskDirectCall();
}
