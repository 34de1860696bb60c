// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Making plans and grants
interface IVestingPlans is IVestingBook {
    /// @notice A plan was made; `step` 0 says that {TrancheAdded} events tell its curve.
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
    /// @notice One tranche of a plan whose `step` is 0, in order.
    event TrancheAdded(uint256 indexed planId, uint64 time, uint16 cumulativeBps);
    /// @notice A grant was made and is paid for by `funder`.
    event Granted(
        uint256 indexed grantId,
        uint256 indexed planId,
        address indexed beneficiary,
        uint96 amount,
        address funder
    );

    /// @notice The configuration cannot be; `field` says where.
    error VestingPlanInvalid(string field);
    /// @notice The tranche at `position` does not rise, or is too late; the last is not 10,000; or their number is
    /// wrong.
    error VestingTranchesInvalid(uint256 position);
    /// @notice The grant at `position` has no "beneficiary", an "amount" of 0 or above 2⁹⁵ − 1, or there are none or
    /// too many "grants".
    error VestingGrantInvalid(uint256 position, string field);

    /// @notice Creates a plan; only its creator adds grants to it.
    function createPlan(PlanConfig calldata config) external returns (uint256 planId);

    /// @notice {createPlan} and {grant} in one transaction, also for somebody else: the caller pays (approve first),
    /// `creator` owns the plan; zero is the caller.
    function createPlanFor(
        address creator,
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external returns (uint256 planId, uint256 firstGrantId);

    /// @notice A plan by dated tranches, with grants or none; the caller pays, `creator` owns the plan; zero is the caller.
    /// @param tranches At most 48, both numbers strictly rising; the last is 10,000.
    function createTranchePlan(
        address creator,
        address token,
        Tranche[] calldata tranches,
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

    /// @notice As {grant}, paid by the ERC-3009 signature of the plan's creator; anyone may submit it.
    /// @dev The authorization pays the total to this contract, with the nonce
    /// `keccak256(abi.encode(planId, grants, salt))`.
    function grantWithAuthorization(
        uint256 planId,
        GrantInput[] calldata grants,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external returns (uint256 firstGrantId);
}
