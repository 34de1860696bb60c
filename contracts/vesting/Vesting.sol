// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Assets} from "../lib/Assets.sol";
import {IVesting} from "./IVesting.sol";
import {VestingCurve} from "./VestingCurve.sol";

/// @title Vesting: plans are curves, grants are amounts on them
/// @dev No role and no pause: what is granted is owed. A grant takes one slot, its first release a second.
contract Vesting is IVesting, ReentrancyGuardTransient {
    using VestingCurve for VestingCurve.Curve;

    /// @dev Two slots, full to the last bit. A release reads both.
    struct Plan {
        address token;
        uint40 start;
        uint16 startUnlockBps;
        uint40 grantCount;
        // Second slot. Seconds in 32 bits are 136 years.
        address creator;
        uint32 cliff;
        uint32 duration;
        uint32 step;
    }

    struct GrantSlot {
        address beneficiary;
        uint96 amount;
    }

    /// @inheritdoc IVesting
    uint256 public planCount;
    /// @inheritdoc IVesting
    mapping(address token => uint256 amount) public owed;
    mapping(uint256 planId => Plan plan) private _plans;
    mapping(uint256 grantId => GrantSlot slot) private _grants;
    mapping(uint256 grantId => uint96 amount) private _released;

    /// @inheritdoc IVesting
    function createPlan(PlanConfig calldata config) external returns (uint256 planId) {
        return _createPlan(msg.sender, config);
    }

    /// @inheritdoc IVesting
    function createPlanWithGrants(
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 planId, uint256 firstGrantId) {
        planId = _createPlan(msg.sender, config);
        firstGrantId = _grant(planId, grants);
    }

    /// @inheritdoc IVesting
    function createPlanFor(
        address creator,
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 planId, uint256 firstGrantId) {
        if (creator == address(0)) revert VestingPlanInvalid("creator");
        planId = _createPlan(creator, config);
        firstGrantId = _grant(planId, grants);
    }

    /// @inheritdoc IVesting
    function grant(
        uint256 planId,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 firstGrantId) {
        _requireCreator(planId);
        return _grant(planId, grants);
    }

    /// @inheritdoc IVesting
    // The guard against reentrancy is in transient storage, which the detector does not know.
    // slither-disable-next-line reentrancy-no-eth
    function grantWithPermit(
        uint256 planId,
        GrantInput[] calldata grants,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint256 firstGrantId) {
        _requireCreator(planId);
        uint256 total = 0;
        for (uint256 i = 0; i < grants.length; ++i) total += grants[i].amount;
        Assets.permit(_plans[planId].token, msg.sender, total, deadline, signature);
        return _grant(planId, grants);
    }

    /// @inheritdoc IVesting
    function release(uint256 grantId) external nonReentrant returns (uint96 amount) {
        GrantSlot memory slot = _grantSlot(grantId);
        return _releaseSome(grantId, slot, slot.beneficiary);
    }

    /// @inheritdoc IVesting
    function releaseMany(uint256[] calldata grantIds) external nonReentrant {
        for (uint256 i = 0; i < grantIds.length; ++i) {
            GrantSlot memory slot = _grantSlot(grantIds[i]);
            _release(grantIds[i], slot, slot.beneficiary);
        }
    }

    /// @inheritdoc IVesting
    function releaseTo(uint256 grantId, address to) external nonReentrant returns (uint96 amount) {
        GrantSlot memory slot = _grantSlot(grantId);
        if (msg.sender != slot.beneficiary) revert VestingNotBeneficiary(grantId, msg.sender);
        return _releaseSome(grantId, slot, to);
    }

    /// @inheritdoc IVesting
    function planOf(
        uint256 planId
    ) external view returns (PlanConfig memory config, address creator, uint64 grantCount) {
        Plan storage plan = _plans[planId];
        if (plan.creator == address(0)) revert VestingPlanUnknown(planId);
        config = PlanConfig({
            token: plan.token,
            start: plan.start,
            cliff: plan.cliff,
            duration: plan.duration,
            step: plan.step,
            startUnlockBps: plan.startUnlockBps
        });
        return (config, plan.creator, plan.grantCount);
    }

    /// @inheritdoc IVesting
    function grantOf(uint256 grantId) external view returns (Grant memory) {
        GrantSlot storage slot = _grantSlot(grantId);
        return Grant({beneficiary: slot.beneficiary, amount: slot.amount, released: _released[grantId]});
    }

    /// @inheritdoc IVesting
    function vestedAmount(uint256 grantId, uint64 time) external view returns (uint96) {
        return _vested(_plans[grantId >> 64], _grantSlot(grantId).amount, time);
    }

    /// @inheritdoc IVesting
    function releasable(uint256 grantId) external view returns (uint96) {
        uint96 amount = _grantSlot(grantId).amount;
        return _vested(_plans[grantId >> 64], amount, block.timestamp) - _released[grantId];
    }

    function _createPlan(address creator, PlanConfig calldata config) private returns (uint256 planId) {
        // Check
        if (config.token == address(0)) revert VestingPlanInvalid("token");
        if (config.token == Assets.NATIVE_FACE) revert VestingTokenRefused(config.token);
        if (config.start > type(uint40).max) revert VestingPlanInvalid("start");
        if (config.duration == 0 || config.duration > type(uint32).max) revert VestingPlanInvalid("duration");
        if (config.cliff > config.duration) revert VestingPlanInvalid("cliff");
        if (config.step > config.duration) revert VestingPlanInvalid("step");
        if (config.startUnlockBps > VestingCurve.BPS) revert VestingPlanInvalid("startUnlockBps");
        // Effect
        planId = ++planCount;
        _plans[planId] = Plan({
            token: config.token,
            start: uint40(config.start),
            startUnlockBps: config.startUnlockBps,
            grantCount: 0,
            creator: creator,
            cliff: uint32(config.cliff),
            duration: uint32(config.duration),
            step: config.step == 0 ? 1 : uint32(config.step)
        });
        emit PlanCreated({
            planId: planId,
            creator: creator,
            token: config.token,
            start: config.start,
            cliff: config.cliff,
            duration: config.duration,
            step: config.step == 0 ? 1 : config.step,
            startUnlockBps: config.startUnlockBps
        });
    }

    function _grant(uint256 planId, GrantInput[] calldata grants) private returns (uint256 firstGrantId) {
        // Check
        Plan storage plan = _plans[planId];
        if (grants.length == 0) revert VestingGrantInvalid(0, "grants");
        // Effect
        firstGrantId = (planId << 64) | plan.grantCount;
        plan.grantCount += SafeCast.toUint40(grants.length);
        uint256 total = 0;
        for (uint256 i = 0; i < grants.length; ++i) {
            address beneficiary = grants[i].beneficiary;
            uint96 amount = grants[i].amount;
            if (beneficiary == address(0)) revert VestingGrantInvalid(i, "beneficiary");
            if (amount == 0) revert VestingGrantInvalid(i, "amount");
            total += amount;
            _grants[firstGrantId + i] = GrantSlot({beneficiary: beneficiary, amount: amount});
            emit Granted(firstGrantId + i, planId, beneficiary, amount, msg.sender);
        }
        address token = plan.token;
        owed[token] += total;
        // Interaction
        if (!Assets.takeERC20(token, msg.sender, total)) revert VestingTokenRefused(token);
    }

    function _releaseSome(
        uint256 grantId,
        GrantSlot memory slot,
        address to
    ) private returns (uint96 amount) {
        amount = _release(grantId, slot, to);
        if (amount > 0) return amount;
        revert VestingNothingToRelease(grantId);
    }

    /// @dev Pays what is releasable; 0 when there is nothing.
    function _release(uint256 grantId, GrantSlot memory slot, address to) private returns (uint96 amount) {
        // Check
        Plan memory plan = _plans[grantId >> 64];
        uint96 released = _released[grantId];
        uint96 vested = _vested(plan, slot.amount, block.timestamp);
        if (vested <= released) return 0;
        amount = vested - released;
        // Effect
        _released[grantId] = released + amount;
        owed[plan.token] -= amount;
        emit Released(grantId, slot.beneficiary, to, plan.token, amount, released + amount);
        // Interaction
        Assets.giveERC20(plan.token, to, amount);
    }

    function _requireCreator(uint256 planId) private view {
        address creator = _plans[planId].creator;
        if (creator == address(0)) revert VestingPlanUnknown(planId);
        if (msg.sender != creator) revert VestingNotCreator(planId, msg.sender);
    }

    function _vested(Plan memory plan, uint96 amount, uint256 time) private pure returns (uint96) {
        VestingCurve.Curve memory curve = VestingCurve.Curve({
            start: plan.start,
            cliff: plan.cliff,
            duration: plan.duration,
            step: plan.step,
            startUnlockBps: plan.startUnlockBps
        });
        return curve.vested(amount, time);
    }

    function _grantSlot(uint256 grantId) private view returns (GrantSlot storage slot) {
        slot = _grants[grantId];
        if (slot.beneficiary == address(0)) revert VestingGrantUnknown(grantId);
    }
}
