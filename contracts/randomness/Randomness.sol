// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVRFCoordinatorV2Plus} from "@chainlink/contracts/src/v0.8/vrf/dev/interfaces/IVRFCoordinatorV2Plus.sol";
import {VRFV2PlusClient} from "@chainlink/contracts/src/v0.8/vrf/dev/libraries/VRFV2PlusClient.sol";
import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Winners} from "../lib/Winners.sol";
import {IDrandBeacon} from "./IDrandBeacon.sol";
import {IRandomness} from "./IRandomness.sol";

/// @title The draw step shared by {Raffle} and {Contest}
/// @dev A minimal VRF v2.5 consumer of its own: Chainlink's base contract lets an owner exchange the coordinator under a
/// pending draw. Here the owner can only choose what future draws ask.
abstract contract Randomness is IRandomness, Ownable2Step, ReentrancyGuardTransient {
    /// @dev What is stored of a draw; times, round and commitment follow from it and from the draw's subject.
    struct DrawRecord {
        uint40 requestedAt;
        uint24 coordinatorIndex;
        uint32 k;
        uint64 n;
        uint256 vrfWord;
        bytes32 seed;
    }

    /// @dev {VrfConfig} in three slots.
    struct VrfSettings {
        address coordinator;
        uint32 callbackGasLimit;
        uint16 requestConfirmations;
        bool nativePayment;
        uint24 coordinatorIndex;
        uint256 subscriptionId;
        bytes32 keyHash;
    }

    bytes32 private constant SEED_TAG = keccak256("TOMBOLA-1/seed");
    /// @dev The chain of `make run`, on which floors of waiting times do not hold.
    uint256 internal constant LOCAL_CHAIN = 31337;
    uint64 private constant LEAST_REVEAL_DELAY = 10 minutes;
    uint64 private constant LEAST_VRF_MARGIN = 60 seconds;
    /// @dev What a coordinator may use for a request; Chainlink's uses about 60,000.
    uint256 private constant VRF_REQUEST_GAS = 300_000;

    /// @inheritdoc IRandomness
    IDrandBeacon public immutable beacon;
    /// @inheritdoc IRandomness
    uint64 public immutable revealDelay;
    /// @inheritdoc IRandomness
    uint64 public immutable vrfMargin;
    uint64 private immutable _genesis;
    uint64 private immutable _period;

    VrfSettings private _vrf;
    /// @dev Every coordinator ever configured; index 0 stands for none.
    address[] private _coordinators;
    mapping(address coordinator => bool known) private _isCoordinator;
    mapping(address coordinator => mapping(uint256 requestId => uint256 drawId)) private _drawOfRequest;
    mapping(uint256 drawId => DrawRecord record) private _draws;

    constructor(
        address owner_,
        IDrandBeacon beacon_,
        uint64 revealDelay_,
        uint64 vrfMargin_,
        VrfConfig memory vrf
    ) Ownable(owner_) {
        bool tooShort =
            block.chainid != LOCAL_CHAIN &&
                (revealDelay_ < LEAST_REVEAL_DELAY || vrfMargin_ < LEAST_VRF_MARGIN);
        if (tooShort || vrfMargin_ >= revealDelay_) revert RandomnessDelayTooShort(revealDelay_, vrfMargin_);
        beacon = beacon_;
        revealDelay = revealDelay_;
        vrfMargin = vrfMargin_;
        _genesis = beacon_.genesis();
        _period = beacon_.period();
        _coordinators.push(address(0));
        _setVrfConfig(vrf);
    }

    /// @inheritdoc IRandomness
    function setVrfConfig(VrfConfig calldata config) external onlyOwner {
        _setVrfConfig(config);
    }

    /// @inheritdoc IRandomness
    function finalise(uint256 drawId, bytes calldata signature) external {
        // Check: requested, not final, the round is published, and the subject still waits for its seed.
        DrawRecord storage draw = _draws[drawId];
        uint64 requestedAt = draw.requestedAt;
        if (requestedAt == 0) revert DrawNotRequested(drawId);
        if (draw.seed != 0) revert DrawAlreadyFinal(drawId);
        uint64 revealAt = requestedAt + revealDelay;
        if (block.timestamp <= revealAt) revert DrawTooEarly(drawId, revealAt);
        _checkFinalise(drawId);
        uint64 round = _roundAfter(revealAt);
        bytes32 drandRandomness = beacon.verify(round, signature);
        // Effect
        uint256 vrfWord = draw.vrfWord;
        bytes32 randomness = keccak256(abi.encode(vrfWord, round, drandRandomness));
        (bytes32 commitment, uint64 n) = _subjectOf(drawId);
        bytes32 seed = keccak256(
            abi.encode(SEED_TAG, block.chainid, address(this), drawId, commitment, n, randomness)
        );
        draw.seed = seed;
        emit DrawFinalised(drawId, seed, n, draw.k, commitment, vrfWord, round, drandRandomness, msg.sender);
    }

    /// @inheritdoc IRandomness
    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external {
        uint256 drawId = _drawOfRequest[msg.sender][requestId];
        if (drawId == 0 && !_isCoordinator[msg.sender]) revert RandomnessNotCoordinator(msg.sender);
        uint256 word = randomWords.length == 0 ? 0 : randomWords[0];
        DrawRecord storage draw = _draws[drawId];
        // From here on nothing reverts. Draw 0 does not exist: its deadline has long passed. The word 0 stands for none:
        // were it accepted, a second word could follow it.
        bool late = block.timestamp >= uint256(draw.requestedAt) + revealDelay - vrfMargin;
        if (late || word == 0 || draw.vrfWord != 0) {
            emit VrfWordIgnored(requestId, word);
            return;
        }
        draw.vrfWord = word;
        emit VrfWordAccepted(drawId, requestId, word);
    }

    /// @inheritdoc IRandomness
    function vrfConfig() external view returns (VrfConfig memory) {
        VrfSettings storage vrf = _vrf;
        return
            VrfConfig({
                coordinator: vrf.coordinator,
                subscriptionId: vrf.subscriptionId,
                keyHash: vrf.keyHash,
                callbackGasLimit: vrf.callbackGasLimit,
                requestConfirmations: vrf.requestConfirmations,
                nativePayment: vrf.nativePayment
            });
    }

    /// @inheritdoc IRandomness
    function drawOf(uint256 drawId) external view returns (Draw memory draw) {
        DrawRecord storage record = _draws[drawId];
        if (record.requestedAt == 0) return draw;
        draw.coordinator = _coordinators[record.coordinatorIndex];
        draw.requestedAt = record.requestedAt;
        draw.revealAt = draw.requestedAt + revealDelay;
        draw.vrfDeadline = draw.revealAt - vrfMargin;
        draw.round = _roundAfter(draw.revealAt);
        draw.vrfWord = record.vrfWord;
        (draw.commitment, draw.n) = _subjectOf(drawId);
        draw.k = record.k;
        draw.seed = record.seed;
    }

    /// @inheritdoc IRandomness
    function winningNumbers(
        uint256 drawId,
        uint32 from,
        uint32 count
    ) external view returns (uint64[] memory numbers) {
        uint256 end = uint256(from) + count;
        (bytes32 seed, uint32 k) = _finalDraw(drawId);
        if (!_isFinal(drawId)) revert DrawNotFinal(drawId);
        if (end > k) revert DrawRanksUnknown(drawId, end, k);
        (, uint64 n) = _subjectOf(drawId);
        uint64[] memory ranked = Winners.winners(seed, n, uint32(end));
        numbers = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) numbers[i] = ranked[from + i];
    }

    /// @dev Requests the draw of a subject whose commitment and n are fixed. Callers are `nonReentrant` and made sure that
    /// there was no request before.
    function _requestDraw(uint256 drawId, bytes32 commitment, uint64 n, uint32 k) internal {
        // Effect
        uint64 revealAt = uint64(block.timestamp) + revealDelay;
        // The word and the seed are zero already: writing that again would cost.
        DrawRecord storage draw = _draws[drawId];
        draw.requestedAt = uint40(block.timestamp);
        draw.coordinatorIndex = _vrf.coordinatorIndex;
        draw.k = k;
        draw.n = n;
        // Interaction: the draw goes on without VRF when the coordinator refuses.
        address coordinator = _vrf.coordinator;
        uint256 requestId = _askVrf(coordinator);
        if (requestId != 0) {
            // An id that was given before stays with its draw.
            if (_drawOfRequest[coordinator][requestId] == 0) _drawOfRequest[coordinator][requestId] = drawId;
            else requestId = 0;
        }
        emit DrawRequested({
            drawId: drawId,
            commitment: commitment,
            n: n,
            k: k,
            round: _roundAfter(revealAt),
            revealAt: revealAt,
            vrfDeadline: revealAt - vrfMargin,
            coordinator: coordinator,
            vrfRequestId: requestId
        });
    }

    /// @dev What the draw is about: its commitment and how many take part. Constant once requested.
    function _subjectOf(uint256 drawId) internal view virtual returns (bytes32 commitment, uint64 n);

    /// @dev Reverts when the subject no longer waits for a seed.
    function _checkFinalise(uint256 drawId) internal view virtual {}

    function _isRequested(uint256 drawId) internal view returns (bool) {
        return _draws[drawId].requestedAt != 0;
    }

    function _isFinal(uint256 drawId) internal view returns (bool) {
        return _draws[drawId].seed != 0;
    }

    /// @dev Unix seconds of a requested draw's reveal.
    function _revealAtOf(uint256 drawId) internal view returns (uint64) {
        return _draws[drawId].requestedAt + revealDelay;
    }

    /// @dev How many take part in a requested draw.
    function _nOf(uint256 drawId) internal view returns (uint64) {
        return _draws[drawId].n;
    }

    /// @dev Seed (0 until final) and number of ranks of a draw.
    function _finalDraw(uint256 drawId) internal view returns (bytes32 seed, uint32 k) {
        return (_draws[drawId].seed, _draws[drawId].k);
    }

    function _setVrfConfig(VrfConfig memory config) private {
        uint256 index = 0;
        if (config.coordinator != address(0)) {
            if (config.coordinator.code.length == 0) revert RandomnessCoordinatorInvalid(config.coordinator);
            index = _coordinators.length;
            _coordinators.push(config.coordinator);
            _isCoordinator[config.coordinator] = true;
        }
        _vrf = VrfSettings({
            coordinator: config.coordinator,
            callbackGasLimit: config.callbackGasLimit,
            requestConfirmations: config.requestConfirmations,
            nativePayment: config.nativePayment,
            coordinatorIndex: SafeCast.toUint24(index),
            subscriptionId: config.subscriptionId,
            keyHash: config.keyHash
        });
        emit VrfConfigured({
            coordinator: config.coordinator,
            subscriptionId: config.subscriptionId,
            keyHash: config.keyHash,
            callbackGasLimit: config.callbackGasLimit,
            requestConfirmations: config.requestConfirmations,
            nativePayment: config.nativePayment
        });
    }

    /// @dev Asks for one word; 0 when there is no coordinator or it refuses. Its gas is bounded and guaranteed: it can
    /// neither use up the caller's nor be starved by a caller who would rather have a draw without VRF.
    function _askVrf(address coordinator) private returns (uint256 requestId) {
        if (coordinator == address(0)) return 0;
        bytes memory request = abi.encodeCall(
            IVRFCoordinatorV2Plus.requestRandomWords,
            VRFV2PlusClient.RandomWordsRequest({
                keyHash: _vrf.keyHash,
                subId: _vrf.subscriptionId,
                requestConfirmations: _vrf.requestConfirmations,
                callbackGasLimit: _vrf.callbackGasLimit,
                numWords: 1,
                extraArgs: VRFV2PlusClient._argsToBytes(
                    VRFV2PlusClient.ExtraArgsV1({nativePayment: _vrf.nativePayment})
                )
            })
        );
        // A call passes on 63/64 of what is left at most.
        uint256 available = (gasleft() * 63) / 64;
        uint256 needed = VRF_REQUEST_GAS + 10_000;
        if (available < needed) revert RandomnessGasTooLow(available, needed);
        assembly ("memory-safe") {
            // At most one word of the answer is read, whatever the coordinator sends.
            let success := call(
                VRF_REQUEST_GAS,
                coordinator,
                0,
                add(request, 0x20),
                mload(request),
                0x00,
                0x20
            )
            if and(success, gt(returndatasize(), 0x1f)) {
                requestId := mload(0x00)
            }
        }
    }

    /// @dev {IDrandBeacon.roundAfter} without leaving this contract.
    function _roundAfter(uint64 time) private view returns (uint64) {
        return time < _genesis ? 1 : (time - _genesis) / _period + 2;
    }
}
