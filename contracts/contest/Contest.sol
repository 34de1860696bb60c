// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSum} from "../lib/MerkleSum.sol";
import {IRaffleTypes} from "../raffle/IRaffleTypes.sol";
import {IDrandBeacon} from "../randomness/IDrandBeacon.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {ContestBook} from "./ContestBook.sol";
import {IContest} from "./IContest.sol";

/// @title Draws over a list that stays off chain
/// @dev Opening and requesting are one step. No role but the organiser, and that one only until claims begin.
contract Contest is ContestBook {
    /// @dev What `standingWinners` can still tell in one call.
    uint256 private constant MOST_WINNERS = 10_000;
    uint256 private constant MOST_RANKS = 20_000;
    uint256 private constant MOST_REASON_BYTES = 256;
    /// @dev Between the reveal and the first claim.
    uint64 private constant LEAST_OBJECTION_TIME = 1 days;
    uint64 private constant LONGEST_WAIT = 366 days;

    constructor(
        address owner_,
        IDrandBeacon beacon_,
        uint64 revealDelay_,
        uint64 vrfMargin_,
        VrfConfig memory vrf
    ) Randomness(owner_, beacon_, revealDelay_, vrfMargin_, vrf) {}

    /// @inheritdoc IContest
    function open(ContestConfig calldata config) external nonReentrant returns (uint256 contestId) {
        // Check and effect
        contestId = _commit(config, 0, 0, 0);
        // Interaction
        _request(contestId, config, config.entries);
    }

    /// @inheritdoc IContest
    function openWith(
        ContestConfig calldata config,
        ContestExtras calldata extras
    ) external payable nonReentrant returns (uint256 contestId) {
        // Check
        uint64 weight = extras.totalWeight;
        if (weight != 0 && weight < config.entries) revert ContestTermsInvalid("totalWeight");
        _checkPrizes(config, extras);
        // Effect
        bool hasPrizes = extras.prizes.length != 0;
        bytes32 prizesHash = hasPrizes ? keccak256(abi.encode(extras.prizes)) : bytes32(0);
        contestId = _commit(config, weight, extras.claimsFrom, prizesHash);
        if (weight != 0) emit WeightsCommitted(contestId, weight);
        _storePrizes(contestId, extras.prizes);
        if (hasPrizes) emit PrizesEscrowed(contestId, msg.sender, extras.claimsFrom, extras.prizes);
        // Interaction
        _takePrizes(extras.prizes);
        _request(contestId, config, weight == 0 ? config.entries : weight);
    }

    /// @inheritdoc IContest
    function disqualify(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        string calldata reason
    ) external {
        // Check
        _checkObjection(contestId, terms);
        if (msg.sender != terms.organiser) revert ContestNotOrganiser(contestId, msg.sender);
        uint256 length = bytes(reason).length;
        if (length == 0 || length > MOST_REASON_BYTES) revert ContestReasonInvalid(length);
        _checkStands(contestId, terms, rank);
        if (terms.prizesHash != 0 && _standing(contestId, terms) <= terms.winners)
            revert ContestAlternatesUsedUp(contestId);
        // Effect
        _takeOut(contestId, rank);
        emit RankDisqualified(contestId, rank, msg.sender, reason);
    }

    /// @inheritdoc IContest
    function proveRepeat(
        uint256 contestId,
        Terms calldata terms,
        uint32 earlierRank,
        uint32 rank,
        uint64 index,
        MerkleSum.Node calldata node,
        MerkleSum.Node[] calldata siblings
    ) external {
        // Check
        _checkObjection(contestId, terms);
        if (terms.totalWeight == 0) revert ContestNotWeighted(contestId);
        (bool valid, uint64 start) = _unitsOf(terms, node.hash, node.sum, index, siblings);
        if (!valid) revert ContestProofInvalid(contestId, index);
        _checkStands(contestId, terms, rank);
        if (
            earlierRank >= rank ||
            !_within(start, node.sum, _numberAt(contestId, earlierRank)) ||
            !_within(start, node.sum, _numberAt(contestId, rank))
        ) revert ContestNotRepeated(contestId, earlierRank, rank);
        // Effect
        _takeOut(contestId, rank);
        emit RankRepeated(contestId, rank, earlierRank, index, msg.sender);
    }

    /// @inheritdoc IContest
    function claim(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path,
        address claimant,
        bytes32 claimSalt
    ) external nonReentrant {
        _checkClaimant(contestId, rank, leaf, claimant, claimSalt);
        uint32 place = _checkClaim(contestId, terms, rank, leaf, path);
        _payPrize(contestId, rank, place, leaf.index, claimant, claimant);
    }

    /// @inheritdoc IContest
    function claimTo(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path,
        bytes32 claimSalt,
        address to
    ) external nonReentrant {
        if (to == address(0)) revert ContestReceiverMissing();
        _checkClaimant(contestId, rank, leaf, msg.sender, claimSalt);
        uint32 place = _checkClaim(contestId, terms, rank, leaf, path);
        _payPrize(contestId, rank, place, leaf.index, msg.sender, to);
    }

    /// @inheritdoc IContest
    function returnPrize(uint256 contestId, Terms calldata terms, uint32 place) external nonReentrant {
        // Check
        uint64 dueAt = returnDueAt(contestId, terms);
        if (block.timestamp < dueAt) revert ContestReturnNotDue(contestId, dueAt);
        if (place >= terms.winners) revert ContestPlaceUnknown(contestId, place);
        // Effect
        IRaffleTypes.Prize memory prize = _settle(contestId, place);
        address organiser = terms.organiser;
        emit PrizeReturned(contestId, place, organiser, prize.kind, prize.token, prize.amount, prize.tokenId);
        // Interaction
        _givePrize(prize, organiser);
    }

    /// @dev Numbers the contest, counts the draw and stores the hash of all terms.
    function _commit(
        ContestConfig calldata config,
        uint64 totalWeight,
        uint64 claimsFrom,
        bytes32 prizesHash
    ) private returns (uint256 contestId) {
        // Check
        if (config.root == 0) revert ContestTermsInvalid("root");
        if (config.winners == 0 || config.winners > MOST_WINNERS) revert ContestTermsInvalid("winners");
        uint256 k = uint256(config.winners) + config.alternates;
        if (k > MOST_RANKS) revert ContestTermsInvalid("alternates");
        if (config.entries == 0 || k > (totalWeight == 0 ? config.entries : totalWeight))
            revert ContestTermsInvalid("entries");
        // Effect
        contestId = ++contestCount;
        Terms memory terms = Terms({
            organiser: msg.sender,
            contestKey: keyOf(msg.sender, config.postHash, config.keySalt),
            root: config.root,
            entries: config.entries,
            totalWeight: totalWeight,
            winners: config.winners,
            alternates: config.alternates,
            detailsHash: keccak256(
                abi.encode(config.rulesHash, config.listSha256, config.exclusionRoot, config.postHash)
            ),
            prizesHash: prizesHash,
            claimsFrom: claimsFrom
        });
        bytes32 commitment = keccak256(abi.encode(terms));
        _commitments[contestId] = commitment;
        _emitOpened(contestId, config, terms.contestKey, commitment, _countDraw(config));
    }

    /// @dev The number of this draw for its post. The salts of one post only rise, so that no key serves twice.
    function _countDraw(ContestConfig calldata config) private returns (uint32 drawNumber) {
        Series memory series = _series[msg.sender][config.postHash];
        bytes28 salt = bytes28(config.keySalt);
        if (salt <= series.lastSalt) revert ContestKeySaltTooLow(salt, series.lastSalt);
        drawNumber = series.count + 1;
        _series[msg.sender][config.postHash] = Series({count: drawNumber, lastSalt: salt});
    }

    function _request(uint256 contestId, ContestConfig calldata config, uint64 n) private {
        _requestDraw(contestId, _commitments[contestId], n, config.winners + config.alternates);
    }

    function _payPrize(
        uint256 contestId,
        uint32 rank,
        uint32 place,
        uint64 entry,
        address winner,
        address to
    ) private {
        // Effect
        IRaffleTypes.Prize memory prize = _settle(contestId, place);
        emit PrizeClaimed(
            contestId,
            rank,
            winner,
            place,
            to,
            entry,
            prize.kind,
            prize.token,
            prize.amount,
            prize.tokenId
        );
        // Interaction
        _givePrize(prize, to);
    }

    function _emitOpened(
        uint256 contestId,
        ContestConfig calldata config,
        bytes32 contestKey,
        bytes32 commitment,
        uint32 drawNumber
    ) private {
        emit ContestOpened({
            contestId: contestId,
            organiser: msg.sender,
            postHash: config.postHash,
            contestKey: contestKey,
            root: config.root,
            entries: config.entries,
            winners: config.winners,
            alternates: config.alternates,
            rulesHash: config.rulesHash,
            listSha256: config.listSha256,
            exclusionRoot: config.exclusionRoot,
            commitment: commitment,
            drawNumber: drawNumber
        });
    }

    /// @dev Prizes need one for each place and a time for objections; without prizes there is nothing to wait for.
    function _checkPrizes(ContestConfig calldata config, ContestExtras calldata extras) private view {
        if (extras.prizes.length == 0) {
            if (extras.claimsFrom != 0) revert ContestTermsInvalid("claimsFrom");
            return;
        }
        if (extras.prizes.length != config.winners) revert ContestTermsInvalid("prizes");
        uint256 least = block.timestamp + revealDelay;
        if (block.chainid != LOCAL_CHAIN) least += LEAST_OBJECTION_TIME;
        if (extras.claimsFrom < least || extras.claimsFrom > block.timestamp + LONGEST_WAIT)
            revert ContestTermsInvalid("claimsFrom");
    }

    /// @dev Ranks may fall out of a drawn contest; where prizes wait, only until claims begin.
    function _checkObjection(uint256 contestId, Terms calldata terms) private view {
        _checkTerms(contestId, terms);
        _checkDrawn(contestId);
        if (terms.prizesHash != 0 && block.timestamp >= terms.claimsFrom)
            revert ContestObjectionsClosed(contestId, terms.claimsFrom);
    }

    /// @dev The winning place the rank stands at, if the leaf's entry was drawn there and claims have begun.
    function _checkClaim(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path
    ) private view returns (uint32 place) {
        _checkTerms(contestId, terms);
        if (terms.prizesHash == 0) revert ContestHasNoPrizes(contestId);
        _checkDrawn(contestId);
        if (block.timestamp < terms.claimsFrom) revert ContestClaimsNotOpen(contestId, terms.claimsFrom);
        _checkStands(contestId, terms, rank);
        place = _placeOf(contestId, rank);
        if (place >= terms.winners) revert ContestRankWinsNothing(contestId, rank, place);
        (bool valid, uint64 start, uint256 length) = _rangeOf(terms, leaf, path);
        if (!valid) revert ContestProofInvalid(contestId, leaf.index);
        if (!_within(start, length, _numberAt(contestId, rank)))
            revert ContestNotDrawnAt(contestId, rank, leaf.index);
    }

    /// @dev How many ranks are not out.
    function _standing(uint256 contestId, Terms calldata terms) private view returns (uint32) {
        return _placeOf(contestId, terms.winners + terms.alternates);
    }

    function _checkClaimant(
        uint256 contestId,
        uint32 rank,
        Leaf calldata leaf,
        address claimant,
        bytes32 claimSalt
    ) private pure {
        if (leaf.claimHash != keccak256(abi.encode(claimant, claimSalt)))
            revert ContestNotClaimant(contestId, rank, claimant);
    }
}
