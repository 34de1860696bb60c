// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Vesting: plans are curves, grants are amounts on them
/// @notice A plan is shared by any number of grants. A grant id carries its plan: `planId << 64 | index`.
interface IVesting {
    /// @notice The curve of a plan. Nothing but the start unlock is vested before `start + cliff`; all at
    /// `start + duration`; between them linearly, in whole `step`s.
    /// @param token ERC-20 that is vested; one that delivers another amount than asked is refused.
    /// @param start Unix seconds.
    /// @param cliff Seconds after start, at most `duration`.
    /// @param duration Seconds after start at which all is vested; 0 is refused, at most 2³² − 1.
    /// @param step Seconds between two increases; 0 or 1 is every second.
    /// @param startUnlockBps Part unlocked at `start`, in basis points of the amount, at most 10,000.
    struct PlanConfig {
        address token;
        uint64 start;
        uint64 cliff;
        uint64 duration;
        uint64 step;
        uint16 startUnlockBps;
    }

    /// @notice One beneficiary of a batch.
    struct GrantInput {
        address beneficiary;
        uint96 amount;
    }

    /// @notice A grant as the chain holds it.
    struct Grant {
        address beneficiary;
        uint96 amount;
        uint96 released;
    }

    event PlanCreated(
        uint256 indexed planId,
        address indexed creator,
        address indexed token,
        uint64 start,
        uint64 cliff,
        uint64 duration,
        uint64 step,
        uint16 startUnlockBps
    );
    event Granted(
        uint256 indexed grantId,
        uint256 indexed planId,
        address indexed beneficiary,
        uint96 amount,
        address funder
    );
    event Released(
        uint256 indexed grantId,
        address indexed beneficiary,
        address to,
        address token,
        uint96 amount,
        uint96 totalReleased
    );

    error VestingPlanInvalid(string field);
    error VestingPlanUnknown(uint256 planId);
    error VestingNotCreator(uint256 planId, address caller);
    error VestingGrantInvalid(uint256 position, string field);
    error VestingGrantUnknown(uint256 grantId);
    error VestingNothingToRelease(uint256 grantId);
    error VestingNotBeneficiary(uint256 grantId, address caller);
    error VestingTokenRefused(address token);

    /// @notice Creates a plan; only its creator adds grants to it.
    function createPlan(PlanConfig calldata config) external returns (uint256 planId);

    /// @notice {createPlan} and {grant} in one transaction.
    function createPlanWithGrants(
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external returns (uint256 planId, uint256 firstGrantId);

    /// @notice As {createPlanWithGrants}, for somebody else: the caller pays (approve first), `creator` owns the plan.
    function createPlanFor(
        address creator,
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external returns (uint256 planId, uint256 firstGrantId);

    /// @notice Adds grants to a plan and takes their total from the caller (approve first).
    /// @return firstGrantId The grants have consecutive ids from here.
    function grant(uint256 planId, GrantInput[] calldata grants) external returns (uint256 firstGrantId);

    /// @notice As {grant}, with an ERC-2612 permit over the total.
    function grantWithPermit(
        uint256 planId,
        GrantInput[] calldata grants,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint256 firstGrantId);

    /// @notice Pays what is releasable to the beneficiary. Anyone may call.
    function release(uint256 grantId) external returns (uint96 amount);

    /// @notice {release} for several grants; grants with nothing to release are passed over.
    function releaseMany(uint256[] calldata grantIds) external;

    /// @notice The beneficiary takes what is releasable to another address.
    function releaseTo(uint256 grantId, address to) external returns (uint96 amount);

    function planCount() external view returns (uint256);

    function planOf(
        uint256 planId
    ) external view returns (PlanConfig memory config, address creator, uint64 grantCount);

    function grantOf(uint256 grantId) external view returns (Grant memory);

    /// @notice Vested of a grant at a time, in the token's smallest unit.
    function vestedAmount(uint256 grantId, uint64 time) external view returns (uint96);

    /// @notice Vested now less released.
    function releasable(uint256 grantId) external view returns (uint96);

    /// @notice What the contract owes in a token: all granted less all released.
    function owed(address token) external view returns (uint256);
}
