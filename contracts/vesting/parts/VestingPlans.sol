// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assets} from "../../lib/Assets.sol";
import {Refusal} from "../../lib/Refusal.sol";
import {GrantWord} from "../GrantWord.sol";
import {IVestingPlans} from "../IVestingPlans.sol";
import {PlanWord} from "../PlanWord.sol";
import {VestingCurve} from "../VestingCurve.sol";
import {VestingBook} from "./VestingBook.sol";

/// @title Making plans and grants
abstract contract VestingPlans is IVestingPlans, VestingBook {
    using PlanWord for uint256;

    uint256 private constant MOST_TRANCHES = 48;

    /// @inheritdoc IVestingPlans
    function createPlan(PlanConfig calldata config) external returns (uint256 planId) {
        return _addPlan(msg.sender, config.token, _curveOf(config), 0);
    }

    /// @inheritdoc IVestingPlans
    function createPlanFor(
        address creator,
        PlanConfig calldata config,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 planId, uint256 firstGrantId) {
        planId = _addPlan(creator, config.token, _curveOf(config), grants.length);
        firstGrantId = planId << 64;
        _fill(planId, firstGrantId, config.token, grants);
    }

    /// @inheritdoc IVestingPlans
    function createTranchePlan(
        address creator,
        address token,
        Tranche[] calldata tranches,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 planId, uint256 firstGrantId) {
        VestingCurve.Curve memory span = _spanOf(tranches);
        planId = _addPlan(creator, token, span, grants.length);
        _addTranches(planId, tranches, span);
        firstGrantId = planId << 64;
        if (grants.length > 0) _fill(planId, firstGrantId, token, grants);
    }

    /// @inheritdoc IVestingPlans
    function grant(
        uint256 planId,
        GrantInput[] calldata grants
    ) external nonReentrant returns (uint256 firstGrantId) {
        _requireCreator(planId);
        return _grant(planId, grants);
    }

    /// @inheritdoc IVestingPlans
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
        address token = _tokenOn(planId);
        Assets.permit(token, msg.sender, total, deadline, signature);
        return _grant(planId, grants);
    }

    /// @inheritdoc IVestingPlans
    function grantWithAuthorization(
        uint256 planId,
        GrantInput[] calldata grants,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external nonReentrant returns (uint256 firstGrantId) {
        uint256 total;
        (firstGrantId, total) = _addPaid(planId, grants);
        bytes32 nonce = keccak256(abi.encode(planId, grants, salt));
        _takeAuthorized(planId, total, validAfter, validBefore, nonce, signature);
    }

    /// @param creator Zero is the caller.
    /// @param count How many grants it starts with.
    function _addPlan(
        address creator,
        address token,
        VestingCurve.Curve memory curve,
        uint256 count
    ) private returns (uint256 planId) {
        // Check
        if (token == address(0)) _refusePlan("token");
        if (token == Assets.NATIVE_FACE) revert VestingTokenRefused(token);
        if (creator == address(0)) creator = msg.sender;
        // Effect
        unchecked {
            // No chain lives to see 2⁴⁸ plans.
            planId = uint256(_book().planCount) + 1;
        }
        _book().planCount = uint48(planId);
        Plan storage plan = _book().plans[planId];
        (uint256 first, uint256 second) = PlanWord.pack(token, curve);
        plan.first = first;
        plan.second = second | uint160(creator) | (count << COUNT_AT);
        emit PlanCreated({
            planId: planId,
            creator: creator,
            token: token,
            start: curve.start,
            cliff: curve.cliff,
            duration: curve.duration,
            step: curve.step,
            startUnlockBps: curve.startUnlockBps
        });
    }

    function _addTranches(
        uint256 planId,
        Tranche[] calldata tranches,
        VestingCurve.Curve memory span
    ) private {
        uint64[] storage kept = _book().tranches[planId];
        uint256 most = uint256(span.start) + type(uint32).max;
        uint256 before = 0;
        for (uint256 i = 0; i < tranches.length; ++i) {
            (uint64 time, uint16 bps) = (tranches[i].time, tranches[i].cumulativeBps);
            if (time <= before >> 16 || bps <= uint16(before) || time > most)
                revert VestingTranchesInvalid(i);
            before = (uint256(time) << 16) | bps;
            kept.push(uint64(before));
            emit TrancheAdded(planId, time, bps);
        }
    }

    /// @dev Makes the grants and takes their total from the caller.
    function _grant(uint256 planId, GrantInput[] calldata grants) private returns (uint256 first) {
        first = _countGrants(planId, grants.length);
        _fill(planId, first, _tokenOn(planId), grants);
    }

    /// @dev Makes grants that the plan's creator pays.
    function _addPaid(
        uint256 planId,
        GrantInput[] calldata grants
    ) private returns (uint256 first, uint256 total) {
        first = _countGrants(planId, grants.length);
        total = _addGrants(planId, first, _tokenOn(planId), grants, _creatorOf(planId));
    }

    /// @dev {_grant} with ids from `first` on, which are counted already.
    function _fill(uint256 planId, uint256 first, address token, GrantInput[] calldata grants) private {
        uint256 total = _addGrants(planId, first, token, grants, msg.sender);
        // Interaction
        _take(token, total);
    }

    /// @dev Makes the grants and books their total; the caller of this takes it.
    function _addGrants(
        uint256 planId,
        uint256 first,
        address token,
        GrantInput[] calldata grants,
        address funder
    ) private returns (uint256 total) {
        // Check
        _requireRunning();
        if (grants.length == 0) _refuseGrant(0, "grants");
        // Effect. Amounts are below 2⁹⁵, and no chain lives to see 2¹⁶⁰ of them.
        unchecked {
            for (uint256 i = 0; i < grants.length; ++i) {
                GrantInput calldata input = grants[i];
                (address beneficiary, uint96 amount) = (input.beneficiary, input.amount);
                if (beneficiary == address(0)) _refuseGrant(i, "beneficiary");
                if (amount == 0 || amount > GrantWord.MOST_AMOUNT) _refuseGrant(i, "amount");
                total += amount;
                _addGrant(first + i, planId, beneficiary, amount, funder);
            }
            _book().booked[token] += total;
        }
    }

    function _addGrant(
        uint256 grantId,
        uint256 planId,
        address beneficiary,
        uint96 amount,
        address funder
    ) internal {
        _book().grants[grantId] = GrantWord.pack(beneficiary, amount);
        emit Granted(grantId, planId, beneficiary, amount, funder);
    }

    /// @dev Reserves ids.
    function _countGrants(uint256 planId, uint256 more) internal returns (uint256 first) {
        Plan storage plan = _book().plans[planId];
        uint256 second = plan.second;
        uint256 count = (second >> COUNT_AT) & MOST_GRANTS;
        if (more > MOST_GRANTS - count) _refuseGrant(MOST_GRANTS - count, "grants");
        plan.second = second + (more << COUNT_AT);
        return (planId << 64) | count;
    }

    function _take(address token, uint256 amount) internal {
        if (!Assets.takeERC20(token, msg.sender, amount)) revert VestingTokenRefused(token);
    }

    /// @dev From the plan's creator.
    function _takeAuthorized(
        uint256 planId,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) private {
        address token = _tokenOn(planId);
        address from = _creatorOf(planId);
        bool exact = Assets.takeWithAuthorization(
            token,
            from,
            amount,
            validAfter,
            validBefore,
            nonce,
            signature
        );
        if (!exact) revert VestingTokenRefused(token);
    }

    /// @dev From the first tranche to the last, as a curve without step; what is between is checked by {_addTranches}.
    function _spanOf(Tranche[] calldata tranches) private pure returns (VestingCurve.Curve memory span) {
        uint256 count = tranches.length;
        if (count == 0 || count > MOST_TRANCHES) revert VestingTranchesInvalid(count);
        Tranche calldata last = tranches[count - 1];
        if (last.cumulativeBps != VestingCurve.BPS) revert VestingTranchesInvalid(count - 1);
        uint64 start = tranches[0].time;
        if (start > PlanWord.MOST_START) revert VestingTranchesInvalid(0);
        unchecked {
            span.duration = uint32(last.time - start);
        }
        span.start = uint40(start);
        span.startUnlockBps = tranches[0].cumulativeBps;
    }

    /// @dev The curve of a configuration, checked.
    function _curveOf(PlanConfig calldata config) private pure returns (VestingCurve.Curve memory curve) {
        (uint256 start, uint256 cliff, uint256 duration, uint256 step, uint256 bps) = _words(config);
        if (start > PlanWord.MOST_START) _refusePlan("start");
        if (duration == 0 || duration > type(uint32).max) _refusePlan("duration");
        if (cliff > duration) _refusePlan("cliff");
        if (step > duration) _refusePlan("step");
        if (bps > VestingCurve.BPS) _refusePlan("startUnlockBps");
        // Within their fields by the checks; in the order of the struct.
        assembly ("memory-safe") {
            mstore(curve, start)
            mstore(add(curve, 0x20), cliff)
            mstore(add(curve, 0x40), duration)
            mstore(add(curve, 0x60), or(step, iszero(step)))
            mstore(add(curve, 0x80), bps)
        }
    }

    /// @dev The five numbers as they stand in calldata: {_curveOf} bounds them more narrowly than their types.
    function _words(
        PlanConfig calldata config
    ) private pure returns (uint256 start, uint256 cliff, uint256 duration, uint256 step, uint256 bps) {
        assembly ("memory-safe") {
            start := calldataload(add(config, 0x20))
            cliff := calldataload(add(config, 0x40))
            duration := calldataload(add(config, 0x60))
            step := calldataload(add(config, 0x80))
            bps := calldataload(add(config, 0xa0))
        }
    }

    function _refusePlan(bytes32 field) private pure {
        Refusal.named(VestingPlanInvalid.selector, field);
    }

    function _refuseGrant(uint256 position, bytes32 field) private pure {
        Refusal.named(VestingGrantInvalid.selector, position, field);
    }
}
