// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PositionalMerkle} from "../lib/PositionalMerkle.sol";
import {Winners} from "../lib/Winners.sol";
import {IDrandBeacon} from "../randomness/IDrandBeacon.sol";
import {Randomness} from "../randomness/Randomness.sol";
import {IContest} from "./IContest.sol";

/// @title Draws over a list that stays off chain
/// @dev Opening and requesting are one step: the draw's requester is the organiser.
contract Contest is IContest, Randomness {
    /// @dev What is stored of a contest, under its contest key.
    struct Record {
        uint64 entries;
        uint32 winners;
        uint32 drawNumber;
        uint32 disqualified;
        bytes32 root;
        bytes32 detailsHash;
    }

    bytes32 private constant LEAF_TAG = keccak256("TOMBOLA-1/leaf");
    uint256 private constant MOST_REASON_BYTES = 256;

    /// @inheritdoc IContest
    uint256 public contestCount;
    mapping(uint256 contestId => bytes32 contestKey) private _keys;
    mapping(bytes32 contestKey => Record record) private _records;
    mapping(address organiser => mapping(bytes32 postHash => uint32 count)) private _drawCounts;
    /// @dev One bit per rank.
    mapping(uint256 contestId => mapping(uint256 word => uint256 bits)) private _disqualified;

    constructor(
        address owner_,
        IDrandBeacon beacon_,
        uint64 revealDelay_,
        uint64 vrfMargin_,
        VrfConfig memory vrf
    ) Randomness(owner_, beacon_, revealDelay_, vrfMargin_, vrf) {}

    /// @inheritdoc IContest
    function open(ContestConfig calldata config) external nonReentrant returns (uint256 contestId) {
        // Check
        if (config.root == 0) revert ContestTermsInvalid("root");
        if (config.winners == 0) revert ContestTermsInvalid("winners");
        uint256 k = uint256(config.winners) + config.alternates;
        if (k > type(uint32).max || k > config.entries) revert ContestTermsInvalid("entries");
        bytes32 contestKey = keyOf(msg.sender, config.keySalt);
        Record storage record = _records[contestKey];
        if (record.entries != 0) revert ContestKeyUsed(contestKey);
        // Effect
        contestId = ++contestCount;
        _keys[contestId] = contestKey;
        bytes32 detailsHash = keccak256(
            abi.encode(config.rulesHash, config.listSha256, config.exclusionRoot, config.postHash)
        );
        uint32 drawNumber = ++_drawCounts[msg.sender][config.postHash];
        _records[contestKey] = Record({
            entries: config.entries,
            winners: config.winners,
            drawNumber: drawNumber,
            disqualified: 0,
            root: config.root,
            detailsHash: detailsHash
        });
        bytes32 commitment = _commitment(record, config.alternates);
        _emitOpened(contestId, config, contestKey, commitment, drawNumber);
        // Interaction
        _requestDraw(contestId, commitment, config.entries, uint32(k));
    }

    /// @inheritdoc IContest
    function disqualify(uint256 contestId, uint32 rank, string calldata reason) external {
        // Check
        Record storage record = _recordOf(contestId);
        if (msg.sender != _requesterOf(contestId)) revert ContestNotOrganiser(contestId, msg.sender);
        if (!_isFinal(contestId)) revert ContestNotDrawn(contestId);
        (, uint32 k) = _finalDraw(contestId);
        if (rank >= k) revert ContestRankUnknown(contestId, rank);
        if (isDisqualified(contestId, rank)) revert ContestAlreadyDisqualified(contestId, rank);
        uint256 length = bytes(reason).length;
        if (length == 0 || length > MOST_REASON_BYTES) revert ContestReasonInvalid(length);
        // Effect
        _disqualified[contestId][rank >> 8] |= 1 << (rank & 0xff);
        ++record.disqualified;
        emit RankDisqualified(contestId, rank, msg.sender, reason);
    }

    /// @inheritdoc IContest
    function stateOf(uint256 contestId) external view returns (State) {
        if (!_isRequested(contestId)) return State.None;
        return _isFinal(contestId) ? State.Drawn : State.Drawing;
    }

    /// @inheritdoc IContest
    function infoOf(uint256 contestId) external view returns (Info memory) {
        Record storage record = _recordOf(contestId);
        return
            Info({
                organiser: _requesterOf(contestId),
                contestKey: _keys[contestId],
                root: record.root,
                entries: record.entries,
                winners: record.winners,
                alternates: _alternatesOf(contestId, record),
                detailsHash: record.detailsHash,
                drawNumber: record.drawNumber,
                disqualified: record.disqualified
            });
    }

    /// @inheritdoc IContest
    function drawsOf(address organiser, bytes32 postHash) external view returns (uint32) {
        return _drawCounts[organiser][postHash];
    }

    /// @inheritdoc IContest
    function isDrawnAt(
        uint256 contestId,
        uint32 rank,
        Leaf calldata leaf,
        bytes32[] calldata proof
    ) external view returns (bool) {
        (bytes32 seed, uint32 k) = _finalDraw(contestId);
        if (!_isFinal(contestId) || rank >= k || isDisqualified(contestId, rank)) return false;
        if (Winners.winnerAt(seed, _recordOf(contestId).entries, rank) != leaf.index) return false;
        return isEntry(contestId, leaf, proof);
    }

    /// @inheritdoc IContest
    function standingWinners(
        uint256 contestId
    ) external view returns (uint32[] memory ranks, uint64[] memory entries) {
        Record storage record = _recordOf(contestId);
        if (!_isFinal(contestId)) revert ContestNotDrawn(contestId);
        (bytes32 seed, uint32 k) = _finalDraw(contestId);
        uint64[] memory ranked = Winners.winners(seed, record.entries, k);
        uint256 places = record.winners;
        ranks = new uint32[](places);
        entries = new uint64[](places);
        uint256 standing = 0;
        for (uint32 rank = 0; rank < k && standing < places; ++rank) {
            if (isDisqualified(contestId, rank)) continue;
            ranks[standing] = rank;
            entries[standing] = ranked[rank];
            ++standing;
        }
        // Fewer stand than there are places when the alternates are used up.
        assembly ("memory-safe") {
            mstore(ranks, standing)
            mstore(entries, standing)
        }
    }

    /// @inheritdoc IContest
    function keyOf(address organiser, bytes32 keySalt) public pure returns (bytes32) {
        return keccak256(abi.encode(organiser, keySalt));
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
    function isEntry(
        uint256 contestId,
        Leaf calldata leaf,
        bytes32[] calldata proof
    ) public view returns (bool) {
        Record storage record = _recordOf(contestId);
        bytes32 leafNode = leafHash(_keys[contestId], leaf);
        return PositionalMerkle.verify(record.root, leafNode, leaf.index, record.entries, proof);
    }

    /// @inheritdoc IContest
    function isDisqualified(uint256 contestId, uint32 rank) public view returns (bool) {
        return (_disqualified[contestId][rank >> 8] >> (rank & 0xff)) & 1 == 1;
    }

    /// @inheritdoc Randomness
    function _subjectOf(uint256 contestId) internal view override returns (bytes32 commitment, uint64 n) {
        Record storage record = _recordOf(contestId);
        return (_commitment(record, _alternatesOf(contestId, record)), record.entries);
    }

    function _recordOf(uint256 contestId) private view returns (Record storage record) {
        bytes32 contestKey = _keys[contestId];
        if (contestKey == 0) revert ContestUnknown(contestId);
        return _records[contestKey];
    }

    function _alternatesOf(uint256 contestId, Record storage record) private view returns (uint32) {
        (, uint32 k) = _finalDraw(contestId);
        return k - record.winners;
    }

    function _commitment(Record storage record, uint32 alternates) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(record.root, record.entries, record.winners, alternates, record.detailsHash)
            );
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
}
