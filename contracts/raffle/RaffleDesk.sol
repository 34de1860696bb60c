// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {Assets} from "../lib/Assets.sol";
import {IRaffle} from "./IRaffle.sol";
import {IRaffleDesk} from "./IRaffleDesk.sol";
import {LARGE_VALUE, makePrizeSlot} from "./PrizeSlots.sol";
import {RaffleSale} from "./RaffleSale.sol";
import {RaffleStorage} from "./RaffleStorage.sol";
import {UsdPrice} from "./UsdPrice.sol";

/// @title The part of a raffle contract's code that does not fit into one contract
/// @notice {Raffle} makes its own desk and delegates to it; nobody can exchange it. It keeps nothing itself.
contract RaffleDesk is IRaffleDesk, RaffleSale {
    uint64 private constant LONGEST_SALE = 366 days;
    uint256 private constant MOST_TITLE_BYTES = 128;
    bytes32 private constant ALLOW_TAG = keccak256("TOMBOLA-1/allow");

    address private immutable _self = address(this);

    /// @dev What is sold at the desk's own address nobody could ever draw or refund.
    modifier throughRaffle() {
        _checkContext();
        _;
    }

    /// @inheritdoc IRaffleDesk
    function createRaffle(
        RaffleConfig calldata config
    ) external payable throughRaffle nonReentrant returns (uint256 raffleId) {
        RaffleOptions memory none = RaffleOptions(address(0), 0, 0, 0);
        raffleId = _create(config, none, keccak256(abi.encode(config)));
        // Interaction
        _takePrizes(config.prizes);
    }

    /// @inheritdoc IRaffleDesk
    function createRaffleWith(
        RaffleConfig calldata config,
        RaffleOptions calldata options
    ) external payable throughRaffle nonReentrant returns (uint256 raffleId) {
        // Check
        if (options.priceFeed == address(0) && options.allowListRoot == 0)
            revert RaffleTermsInvalid("options");
        // Effect
        raffleId = _create(config, options, keccak256(abi.encode(config, options)));
        _storeOptions(raffleId, config.paymentToken, options);
        // Interaction
        _takePrizes(config.prizes);
    }

    /// @inheritdoc IRaffleDesk
    // The guard against reentrancy is in transient storage, which the detector does not know.
    // slither-disable-next-line reentrancy-no-eth
    function buyTicketsWithPermit(
        uint256 raffleId,
        uint64 count,
        address buyer,
        uint256 deadline,
        bytes calldata signature
    ) external throughRaffle nonReentrant returns (uint32 entryIndex) {
        _checkSimple(raffleId);
        address token;
        uint256 cost;
        (entryIndex, token, cost) = _sell(raffleId, count, buyer, msg.sender, 0);
        if (token == address(0)) revert RafflePaymentWrong(0, cost);
        Assets.permit(token, msg.sender, cost, deadline, signature);
        _take(token, msg.sender, cost);
    }

    /// @inheritdoc IRaffleDesk
    function buyTicketsWith(
        Purchase calldata purchase,
        Permit calldata permit
    ) external payable throughRaffle nonReentrant returns (uint32 entryIndex) {
        // Check and effect
        address token;
        uint256 cost;
        (entryIndex, token, cost) = _sellListed(purchase, msg.sender);
        // Interaction
        if (token == address(0)) {
            if (msg.value < cost) revert RafflePaymentWrong(msg.value, cost);
            if (msg.value > cost) _give(token, msg.sender, msg.value - cost);
            return entryIndex;
        }
        _checkSent(0);
        Assets.permit(token, msg.sender, purchase.maxPayment, permit.deadline, permit.signature);
        _take(token, msg.sender, cost);
    }

    /// @inheritdoc IRaffleDesk
    function buyTicketsByAuthorization(
        Purchase calldata purchase,
        Authorization calldata authorization
    ) external throughRaffle nonReentrant returns (uint32 entryIndex) {
        // Check and effect
        address token;
        uint256 cost;
        address payer = authorization.payer;
        (entryIndex, token, cost) = _sellListed(purchase, payer);
        if (token == address(0)) revert RafflePaymentWrong(0, cost);
        // Interaction
        bool exact = Assets.takeWithAuthorization({
            token: token,
            from: payer,
            amount: purchase.maxPayment,
            validAfter: authorization.validAfter,
            validBefore: authorization.validBefore,
            nonce: _nonceOf(purchase, authorization),
            signature: authorization.signature
        });
        if (!exact) revert RaffleTokenRefused(token);
        uint256 excess = purchase.maxPayment - cost;
        if (excess != 0) _give(token, payer, excess);
    }

    /// @inheritdoc IRaffleDesk
    /// @dev The contract lets only its owner come here.
    function setPriceFeed(address token, address feed, uint32 maxAge) external throughRaffle {
        RaffleStorage.Book storage book = RaffleStorage.book();
        bool none = feed == address(0) && maxAge == 0;
        if (none) delete book.feeds[token];
        else book.feeds[token] = UsdPrice.configured(token, feed, maxAge);
        emit PriceFeedChanged(token, feed, maxAge);
    }

    /// @dev The contract that this code runs for knows it.
    function _stateOf(uint256 raffleId) internal view override returns (State) {
        return IRaffle(address(this)).stateOf(raffleId);
    }

    /// @dev {_sell} to a buyer who is on the list where there is one, for at most what was offered.
    function _sellListed(
        Purchase calldata purchase,
        address payer
    ) private returns (uint32 entryIndex, address token, uint256 cost) {
        if (_optionsOf(purchase.raffleId) & RaffleStorage.LISTED != 0) _checkListed(purchase);
        else if (purchase.allowance != 0)
            revert RaffleNotListed(purchase.raffleId, purchase.buyer, purchase.allowance);
        (entryIndex, token, cost) = _sell(
            purchase.raffleId,
            purchase.count,
            purchase.buyer,
            payer,
            purchase.allowance
        );
        if (cost > purchase.maxPayment) revert RafflePaymentAboveMax(cost, purchase.maxPayment);
    }

    /// @dev Check and effect of a creation, all but the options' storage.
    function _create(
        RaffleConfig calldata config,
        RaffleOptions memory options,
        bytes32 termsHash
    ) private returns (uint256 raffleId) {
        // Check
        _checkConfig(config);
        // Effect
        RaffleStorage.Book storage book = RaffleStorage.book();
        raffleId = ++book.count;
        _storeTerms(book.terms[raffleId], config, termsHash);
        book.terms[raffleId].sale.options = _optionBits(config, options);
        uint256 last = book.terms[raffleId].lastPrize;
        for (uint256 rank = 0; rank <= last; ++rank) _storePrize(raffleId, rank, config.prizes[rank]);
        _emitCreated(raffleId, config, termsHash, book.feeBps);
    }

    function _storeTerms(
        RaffleStorage.Terms storage terms,
        RaffleConfig calldata config,
        bytes32 termsHash
    ) private {
        RaffleStorage.Book storage book = RaffleStorage.book();
        terms.sale.maxTickets = uint40(config.maxTickets);
        terms.sale.closesAt = uint32(config.closesAt);
        terms.sale.ticketPrice = config.ticketPrice;
        terms.paymentToken = config.paymentToken;
        terms.minTickets = uint40(config.minTickets);
        terms.createdAt = uint32(block.timestamp);
        terms.feeBps = book.feeBps;
        terms.organiser = msg.sender;
        terms.maxPerBuyer = uint40(config.maxPerBuyer);
        terms.prizeCount = uint32(config.prizes.length);
        terms.treasury = book.treasury;
        terms.lastPrize = uint24(_lastPrize(config.prizes));
        terms.termsHash = termsHash;
    }

    /// @dev The feed is the one configured now; what is configured later does not touch the raffle.
    function _storeOptions(uint256 raffleId, address token, RaffleOptions calldata options) private {
        RaffleStorage.Book storage book = RaffleStorage.book();
        if (options.priceFeed != address(0)) {
            RaffleStorage.Feed memory feed = book.feeds[token];
            if (feed.feed != options.priceFeed) revert RaffleTermsInvalid("priceFeed");
            if (feed.maxAge != options.maxPriceAge) revert RaffleTermsInvalid("maxPriceAge");
            book.feedOf[raffleId] = feed;
        } else if (options.maxPriceAge != 0) revert RaffleTermsInvalid("maxPriceAge");
        if (options.allowListRoot != 0) {
            book.lists[raffleId] = RaffleStorage.AllowList({
                root: options.allowListRoot,
                key: keccak256(abi.encode(msg.sender, options.allowListSalt))
            });
        } else if (options.allowListSalt != 0) revert RaffleTermsInvalid("allowListSalt");
        emit RaffleOptionsFixed({
            raffleId: raffleId,
            priceFeed: options.priceFeed,
            maxPriceAge: options.maxPriceAge,
            allowListRoot: options.allowListRoot,
            allowListSalt: options.allowListSalt
        });
    }

    function _storePrize(uint256 raffleId, uint256 rank, Prize calldata prize) private {
        uint256 value = prize.kind == PrizeKind.ERC721 ? prize.tokenId : prize.amount;
        bool large = value >= LARGE_VALUE;
        RaffleStorage.Book storage book = RaffleStorage.book();
        book.prizes[raffleId][rank] = makePrizeSlot(prize.token, prize.kind, large ? LARGE_VALUE : value);
        if (large) book.largeValues[raffleId][rank] = value;
    }

    /// @dev The POL sent must be the sum of the POL prizes; tokens are pulled.
    function _takePrizes(Prize[] calldata prizes) private {
        uint256 native = 0;
        for (uint256 i = 0; i < prizes.length; ++i) {
            Prize calldata prize = prizes[i];
            if (prize.kind == PrizeKind.Native) native += prize.amount;
            else if (prize.kind == PrizeKind.ERC20) _take(prize.token, msg.sender, prize.amount);
            else if (!Assets.takeERC721(prize.token, msg.sender, prize.tokenId))
                revert RaffleTokenRefused(prize.token);
        }
        _checkSent(native);
    }

    function _emitCreated(
        uint256 raffleId,
        RaffleConfig calldata config,
        bytes32 termsHash,
        uint16 feeBps
    ) private {
        emit RaffleCreated({
            raffleId: raffleId,
            organiser: msg.sender,
            paymentToken: config.paymentToken,
            ticketPrice: config.ticketPrice,
            closesAt: config.closesAt,
            minTickets: config.minTickets,
            maxTickets: config.maxTickets,
            maxPerBuyer: config.maxPerBuyer,
            feeBps: feeBps,
            title: config.title,
            prizes: config.prizes,
            termsHash: termsHash
        });
    }

    function _checkContext() private view {
        if (address(this) == _self) revert RaffleDeskDirectCall();
    }

    function _checkListed(Purchase calldata purchase) private view {
        RaffleStorage.AllowList storage list = RaffleStorage.book().lists[purchase.raffleId];
        bytes32 inner = keccak256(
            abi.encode(ALLOW_TAG, block.chainid, address(this), list.key, purchase.buyer, purchase.allowance)
        );
        // Hashed twice, so that no inner node is ever taken for a leaf.
        bytes32 leaf = keccak256(abi.encode(inner));
        if (!MerkleProof.verifyCalldata(purchase.proof, list.root, leaf))
            revert RaffleNotListed(purchase.raffleId, purchase.buyer, purchase.allowance);
    }

    function _checkConfig(RaffleConfig calldata config) private view {
        _checkPaymentToken(config.paymentToken);
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

    function _checkPrize(Prize calldata prize) private view {
        bool native = prize.kind == PrizeKind.Native;
        bool single = prize.kind == PrizeKind.ERC721;
        if (native != (prize.token == address(0))) revert RaffleTermsInvalid("prizes.token");
        if (single != (prize.amount == 0)) revert RaffleTermsInvalid("prizes.amount");
        if (!single && prize.tokenId != 0) revert RaffleTermsInvalid("prizes.tokenId");
        if (!native && _isERC721(prize.token) != single) revert RaffleTokenRefused(prize.token);
    }

    function _checkPaymentToken(address token) private view {
        if (token == Assets.NATIVE_FACE) revert RaffleTokenRefused(token);
        if (token != address(0) && _isERC721(token)) revert RaffleTokenRefused(token);
    }

    /// @dev `transferFrom` of ERC-20 and ERC-721 is one selector, `transfer` is not: an ERC-721 taken as one unit of an ERC-20
    /// could not be given back. Each question has 30,000 gas and one word of answer.
    function _isERC721(address token) private view returns (bool) {
        return ERC165Checker.supportsInterface(token, type(IERC721).interfaceId);
    }

    /// @dev The rank whose prize all later ranks repeat.
    function _lastPrize(Prize[] calldata prizes) private pure returns (uint256 rank) {
        rank = prizes.length - 1;
        if (rank == 0) return 0;
        bytes32 repeated = keccak256(abi.encode(prizes[rank]));
        while (rank != 0 && keccak256(abi.encode(prizes[rank - 1])) == repeated) --rank;
    }

    function _optionBits(
        RaffleConfig calldata config,
        RaffleOptions memory options
    ) private pure returns (uint8 bits) {
        if (config.paymentToken != address(0)) bits |= RaffleStorage.IN_TOKEN;
        if (config.maxPerBuyer != 0) bits |= RaffleStorage.CAPPED;
        if (options.priceFeed != address(0)) bits |= RaffleStorage.IN_USD;
        if (options.allowListRoot != 0) bits |= RaffleStorage.LISTED;
    }

    function _nonceOf(
        Purchase calldata purchase,
        Authorization calldata authorization
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    purchase,
                    authorization.payer,
                    authorization.validAfter,
                    authorization.validBefore,
                    authorization.salt
                )
            );
    }
}
