// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDrandBeacon} from "./IDrandBeacon.sol";

/// @title Randomness of a draw: Chainlink VRF v2.5 and drand, the one cut off before the other is known
/// @notice Shared by {IRaffle} and {IContest}. A draw is requested once. Its seed needs the drand round that is
/// published after `revealAt`; a VRF word that arrives before the cut-off is mixed in. Nothing is ever requested again.
interface IRandomness {
    /// @notice What is stored of one draw.
    /// @param coordinator VRF coordinator recorded at the request; the only one whose word is accepted.
    /// @param round drand round that decides the draw.
    /// @param requestedAt Unix seconds of the request; 0 while there is none.
    /// @param revealAt Unix seconds after which the round is published.
    /// @param vrfDeadline Unix seconds from which a VRF word comes too late.
    /// @param vrfWord The VRF word, 0 when none came in time.
    /// @param commitment What was fixed before the request (terms or list), part of the seed.
    /// @param n How many tickets or entries take part.
    /// @param k How many ranks are drawn.
    /// @param seed The draw's seed, 0 until finalised.
    struct Draw {
        address coordinator;
        uint64 round;
        uint64 requestedAt;
        uint64 revealAt;
        uint64 vrfDeadline;
        uint256 vrfWord;
        bytes32 commitment;
        uint64 n;
        uint32 k;
        bytes32 seed;
    }

    /// @notice How VRF is asked. Changes touch future draws only.
    /// @param coordinator Chainlink VRF v2.5 coordinator; the zero address means drand alone.
    /// @param subscriptionId Its subscription that pays.
    /// @param keyHash Gas lane.
    /// @param callbackGasLimit Gas for the callback (it stores one word: 100,000 is plenty).
    /// @param requestConfirmations Blocks the oracle waits.
    /// @param nativePayment Whether the subscription pays in the chain's own currency.
    struct VrfConfig {
        address coordinator;
        uint256 subscriptionId;
        bytes32 keyHash;
        uint32 callbackGasLimit;
        uint16 requestConfirmations;
        bool nativePayment;
    }

    /// @notice A draw was requested; everything that decides it but the randomness is fixed from here on.
    /// @param vrfRequestId The coordinator's request, 0 when it could not be asked.
    event DrawRequested(
        uint256 indexed drawId,
        bytes32 commitment,
        uint64 n,
        uint32 k,
        uint64 round,
        uint64 revealAt,
        uint64 vrfDeadline,
        address coordinator,
        uint256 vrfRequestId
    );
    /// @notice The VRF word arrived in time and will be part of the seed.
    event VrfWordAccepted(uint256 indexed drawId, uint256 indexed vrfRequestId, uint256 word);
    /// @notice A VRF word was ignored: it was too late (a final draw's always is), 0, repeated, or for no draw.
    event VrfWordIgnored(uint256 indexed vrfRequestId, uint256 word);
    /// @notice The seed is set; winners follow from `seed`, `n` and `k` by TOMBOLA-1.
    event DrawFinalised(
        uint256 indexed drawId,
        bytes32 seed,
        uint64 n,
        uint32 k,
        bytes32 commitment,
        uint256 vrfWord,
        uint64 round,
        bytes32 drandRandomness,
        address finaliser
    );
    /// @notice Future draws ask this coordinator.
    event VrfConfigured(
        address coordinator,
        uint256 subscriptionId,
        bytes32 keyHash,
        uint32 callbackGasLimit,
        uint16 requestConfirmations,
        bool nativePayment
    );

    /// @notice `finalise` for a draw that was not requested.
    error DrawNotRequested(uint256 drawId);
    /// @notice `finalise` for a draw whose seed is set.
    error DrawAlreadyFinal(uint256 drawId);
    /// @notice The deciding round is not published before `revealAt`.
    error DrawTooEarly(uint256 drawId, uint64 revealAt);
    /// @notice A callback from an address that is no coordinator of an open draw.
    error RandomnessNotCoordinator(address caller);
    /// @notice Winners were asked of a draw without a seed.
    error DrawNotFinal(uint256 drawId);
    /// @notice Ranks beyond k were asked.
    error DrawRanksUnknown(uint256 drawId, uint256 end, uint32 k);
    /// @notice The VRF coordinator could not be given its full gas. Send the transaction with a higher gas limit.
    error RandomnessGasTooLow(uint256 available, uint256 needed);
    /// @notice There is no contract at the coordinator's address.
    error RandomnessCoordinatorInvalid(address coordinator);
    /// @notice Waiting times below the floor that holds on live chains (10 minutes, 60 seconds), or a margin that leaves
    /// VRF no time.
    error RandomnessDelayTooShort(uint64 revealDelay, uint64 vrfMargin);

    /// @notice The drand verifier, fixed at construction.
    function beacon() external view returns (IDrandBeacon);

    /// @notice Seconds from request to reveal (T − request), fixed at construction.
    function revealDelay() external view returns (uint64);

    /// @notice Seconds before reveal from which a VRF word comes too late, fixed at construction.
    function vrfMargin() external view returns (uint64);

    /// @notice What future draws ask for.
    function vrfConfig() external view returns (VrfConfig memory);

    /// @notice The draw with this id; all zero before its request.
    function drawOf(uint256 drawId) external view returns (Draw memory);

    /// @notice Sets what future draws ask for; draws already requested keep their coordinator. Owner only.
    function setVrfConfig(VrfConfig calldata config) external;

    /// @notice Sets the seed from the drand round recorded at the request. Anyone may call once `revealAt` has passed.
    /// @param signature Uncompressed G1 signature of the recorded round, 96 bytes.
    function finalise(uint256 drawId, bytes calldata signature) external;

    /// @notice The coordinator's callback (Chainlink VRF v2.5 name). Stores one word; never depends on n or k.
    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external;

    /// @notice Winning numbers of ranks `from … from + count − 1` of a final draw, by TOMBOLA-1.
    function winningNumbers(
        uint256 drawId,
        uint32 from,
        uint32 count
    ) external view returns (uint64[] memory numbers);
}
