// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSum} from "../lib/MerkleSum.sol";
import {PositionalMerkle} from "../lib/PositionalMerkle.sol";
import {Winners} from "../lib/Winners.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {IContest} from "./IContest.sol";
import {PrizeEscrow} from "./PrizeEscrow.sol";

/// @title What is stored of contests, and everything that can be asked of them
/// @dev Changes are made by {Contest} only.
abstract contract ContestBook is IContest, PrizeEscrow, Randomness {
    /// @dev An organiser's draws for one post, and how far the key salts have come.
    struct Series {
        uint32 count;
        bytes28 lastSalt;
    }

    bytes32 private constant LEAF_TAG = keccak256("TOMBOLA-1/leaf");
    /// @dev After the reveal; then a contest with prizes is over without a draw.
    uint64 private constant SEED_TIME = 30 days;
    /// @dev After `claimsFrom`; then unclaimed prizes go back.
    uint64 private constant CLAIM_TIME = 180 days;

    /// @inheritdoc IContest
    uint256 public contestCount;
    /// @dev Hash of the contest's {Terms}.
    mapping(uint256 contestId => bytes32 commitment) internal _commitments;
    mapping(address organiser => mapping(bytes32 postHash => Series series)) internal _series;
    /// @dev One bit per rank that was disqualified or proved to repeat an entry.
    mapping(uint256 contestId => mapping(uint256 word => uint256 bits)) private _out;

    /// @inheritdoc IContest
    function drawsOf(address organiser, bytes32 postHash) external view returns (uint32) {
        return _series[organiser][postHash].count;
    }

    /// @inheritdoc IContest
    function lastKeySaltOf(address organiser, bytes32 postHash) external view returns (bytes28) {
        return _series[organiser][postHash].lastSalt;
    }

    /// @inheritdoc IContest
    function isDrawnAt(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path
    ) external view returns (bool) {
        _checkTerms(contestId, terms);
        if (!_isFinal(contestId) || rank >= terms.winners + terms.alternates) return false;
        if (isOut(contestId, rank)) return false;
        (bool valid, uint64 start, uint256 length) = _rangeOf(terms, leaf, path);
        return valid && _within(start, length, _numberAt(contestId, rank));
    }

    /// @inheritdoc IContest
    function standingWinners(
        uint256 contestId,
        Terms calldata terms
    ) external view returns (uint32[] memory ranks, uint64[] memory numbers) {
        _checkTerms(contestId, terms);
        _checkDrawn(contestId);
        ranks = _standingRanks(contestId, terms.winners, terms.winners + terms.alternates);
        uint256 places = ranks.length;
        if (places == 0) return (ranks, numbers);
        // Ranks after the last one that stands need not be drawn; those that stand move to the front, in place.
        (bytes32 seed, ) = _finalDraw(contestId);
        numbers = Winners.winners(seed, _nOf(contestId), ranks[places - 1] + 1);
        for (uint256 place = 0; place < places; ++place) numbers[place] = numbers[ranks[place]];
        assembly ("memory-safe") {
            mstore(numbers, places)
        }
    }

    /// @inheritdoc IContest
    function isEntry(
        uint256 contestId,
        Terms calldata terms,
        Leaf calldata leaf,
        Path calldata path
    ) external view returns (bool valid) {
        _checkTerms(contestId, terms);
        (valid, , ) = _rangeOf(terms, leaf, path);
    }

    /// @inheritdoc IContest
    function placeOf(uint256 contestId, uint32 rank) external view returns (uint32) {
        (, uint32 k) = _finalDraw(contestId);
        if (rank >= k) revert ContestRankUnknown(contestId, rank);
        return _placeOf(contestId, rank);
    }

    /// @inheritdoc IContest
    function stateOf(uint256 contestId) public view returns (State) {
        if (!_isRequested(contestId)) return State.None;
        if (_isFinal(contestId)) return State.Drawn;
        bool tooLate = block.timestamp >= _seedDueAt(contestId) && _hasPrizes(contestId);
        return tooLate ? State.Expired : State.Drawing;
    }

    /// @inheritdoc IContest
    function returnDueAt(uint256 contestId, Terms calldata terms) public view returns (uint64) {
        _checkTerms(contestId, terms);
        if (terms.prizesHash == 0) revert ContestHasNoPrizes(contestId);
        return _isFinal(contestId) ? terms.claimsFrom + CLAIM_TIME : _seedDueAt(contestId);
    }

    /// @inheritdoc IContest
    function keyOf(address organiser, bytes32 postHash, bytes32 keySalt) public pure returns (bytes32) {
        return keccak256(abi.encode(organiser, postHash, keySalt));
    }

    /// @inheritdoc IContest
    function leafHash(bytes32 contestKey, Leaf calldata leaf) public view returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(
                LEAF_TAG,
                block.chainid,
                address(this),
                contestKey,
                leaf.index,
                leaf.weight,
                leaf.idHash,
                leaf.claimHash
            )
        );
        return keccak256(abi.encode(inner));
    }

    /// @inheritdoc IContest
    function isOut(uint256 contestId, uint32 rank) public view returns (bool) {
        return (_out[contestId][rank >> 8] >> (rank & 0xff)) & 1 == 1;
    }

    function _takeOut(uint256 contestId, uint32 rank) internal {
        _out[contestId][rank >> 8] |= 1 << (rank & 0xff);
    }

    /// @inheritdoc Randomness
    function _subjectOf(uint256 contestId) internal view override returns (bytes32 commitment, uint64 n) {
        return (_commitments[contestId], _nOf(contestId));
    }

    /// @inheritdoc Randomness
    function _checkFinalise(uint256 contestId) internal view override {
        if (stateOf(contestId) == State.Expired) revert ContestExpired(contestId);
    }

    function _checkTerms(uint256 contestId, Terms calldata terms) internal view {
        bytes32 committed = _commitments[contestId];
        if (committed == 0) revert ContestUnknown(contestId);
        bytes32 given = keccak256(abi.encode(terms));
        if (given != committed) revert ContestTermsWrong(contestId, given, committed);
    }

    function _checkDrawn(uint256 contestId) internal view {
        if (!_isFinal(contestId)) revert ContestNotDrawn(contestId);
    }

    /// @dev The number drawn at a rank of a drawn contest: an entry, or a unit of a weighted list.
    function _numberAt(uint256 contestId, uint32 rank) internal view returns (uint64) {
        (bytes32 seed, ) = _finalDraw(contestId);
        return Winners.winnerAt(seed, _nOf(contestId), rank);
    }

    /// @dev Reverts unless the rank was drawn and is not out.
    function _checkStands(uint256 contestId, Terms calldata terms, uint32 rank) internal view {
        if (rank >= terms.winners + terms.alternates) revert ContestRankUnknown(contestId, rank);
        if (isOut(contestId, rank)) revert ContestRankOut(contestId, rank);
    }

    /// @dev How many ranks before this one stand.
    function _placeOf(uint256 contestId, uint32 rank) internal view returns (uint32) {
        mapping(uint256 word => uint256 bits) storage out = _out[contestId];
        uint256 word = rank >> 8;
        uint256 fallen = _ones(out[word] & ((1 << (rank & 0xff)) - 1));
        while (word != 0) fallen += _ones(out[--word]);
        return rank - uint32(fallen);
    }

    /// @dev The units (or the entry number) that belong to a leaf, if it stands in the list.
    function _rangeOf(
        Terms calldata terms,
        Leaf calldata leaf,
        Path calldata path
    ) internal view returns (bool valid, uint64 start, uint256 length) {
        bytes32 node = leafHash(terms.contestKey, leaf);
        if (terms.totalWeight == 0) {
            valid =
                path.siblings.length == 0 &&
                PositionalMerkle.verify(terms.root, node, leaf.index, terms.entries, path.proof);
            return (valid, leaf.index, 1);
        }
        if (path.proof.length != 0) return (false, 0, 0);
        (valid, start) = _unitsOf(terms, node, leaf.weight, leaf.index, path.siblings);
        length = leaf.weight;
    }

    function _unitsOf(
        Terms calldata terms,
        bytes32 node,
        uint256 weight,
        uint64 index,
        MerkleSum.Node[] calldata siblings
    ) internal pure returns (bool valid, uint64 start) {
        return MerkleSum.verify(terms.root, terms.totalWeight, node, weight, index, terms.entries, siblings);
    }

    function _within(uint64 start, uint256 length, uint64 number) internal pure returns (bool) {
        return number >= start && number - start < length;
    }

    /// @dev The first `places` of k ranks that are not out.
    function _standingRanks(
        uint256 contestId,
        uint32 places,
        uint32 k
    ) private view returns (uint32[] memory ranks) {
        ranks = new uint32[](places);
        uint256 standing = 0;
        uint256 bits = 0;
        for (uint32 rank = 0; rank < k && standing < places; ++rank) {
            if (rank & 0xff == 0) bits = _out[contestId][rank >> 8];
            if ((bits >> (rank & 0xff)) & 1 == 1) continue;
            ranks[standing] = rank;
            ++standing;
        }
        // Fewer stand than there are places when the alternates are used up.
        assembly ("memory-safe") {
            mstore(ranks, standing)
        }
    }

    function _seedDueAt(uint256 contestId) private view returns (uint64) {
        return _revealAtOf(contestId) + SEED_TIME;
    }

    /// @dev How many bits are 1.
    function _ones(uint256 bits) private pure returns (uint256 count) {
        // Each turn clears the lowest one; few ranks fall out.
        unchecked {
            for (; bits != 0; ++count) bits &= bits - 1;
        }
    }
}
