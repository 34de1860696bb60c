// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {Brake} from "../Brake.sol";
import {GrantWord} from "../GrantWord.sol";
import {IVestingBook} from "../IVestingBook.sol";
import {PlanWord} from "../PlanWord.sol";
import {TurnWord} from "../TurnWord.sol";
import {VestingCurve} from "../VestingCurve.sol";
import {VestingStorage} from "./VestingStorage.sol";

/// @title What vesting knows, read and unpacked
abstract contract VestingBook is IVestingBook, VestingStorage, ReentrancyGuardTransient {
    using GrantWord for uint256;
    using PlanWord for uint256;
    using TurnWord for uint256;

    uint256 internal constant RENOUNCED = 1 << 160;
    uint256 internal constant COUNT_AT = 161;
    uint256 internal constant MOST_GRANTS = 2 ** 31 - 1;

    /// @inheritdoc IVestingBook
    function planCount() external view returns (uint256) {
        return _book().planCount;
    }

    /// @inheritdoc IVestingBook
    function planOf(
        uint256 planId
    ) external view returns (PlanConfig memory config, address creator, uint64 grantCount, bool revocable) {
        Plan storage plan = _book().plans[planId];
        creator = _creatorOf(planId);
        grantCount = uint64((plan.second >> COUNT_AT) & MOST_GRANTS);
        revocable = plan.second & RENOUNCED == 0;
        VestingCurve.Curve memory curve = plan.first.unpack(plan.second);
        config = PlanConfig({
            token: plan.first.tokenOf(),
            start: curve.start,
            cliff: curve.cliff,
            duration: curve.duration,
            step: curve.step,
            startUnlockBps: curve.startUnlockBps
        });
    }

    /// @inheritdoc IVestingBook
    function tranchesOf(uint256 planId) external view returns (uint64[] memory) {
        _creatorOf(planId);
        return _book().tranches[planId];
    }

    /// @inheritdoc IVestingBook
    function grantOf(uint256 grantId) external view returns (Grant memory) {
        uint256 word = _grantWord(grantId);
        uint256 progress = _book().progress[grantId];
        return
            Grant({
                beneficiary: word.beneficiaryOf(),
                amount: word.amountOf(),
                released: progress.releasedOf(),
                returned: word.amountOf() - _keptOf(grantId, word),
                stopsAt: uint64(_book().turns[grantId].stopsAtOf()),
                delegatee: progress.delegateeOf()
            });
    }

    /// @inheritdoc IVestingBook
    function vestedAmount(uint256 grantId, uint64 time) external view returns (uint96) {
        uint256 word = _grantWord(grantId);
        return _vestedOf(grantId, word, _stopped(grantId, word, time));
    }

    /// @inheritdoc IVestingBook
    function releasable(uint256 grantId) external view returns (uint96) {
        uint256 word = _grantWord(grantId);
        uint96 vested = _vestedOf(grantId, word, _stopped(grantId, word, block.timestamp));
        return vested - _book().progress[grantId].releasedOf();
    }

    /// @inheritdoc IVestingBook
    function booked(address token) external view returns (uint256) {
        return _book().booked[token];
    }

    /// @dev Refuses while paused; the first call after a pause lets the brake go.
    function _requireRunning() internal {
        if (!Brake.isOn()) return;
        uint256 until = _book().pausedUntil;
        if (block.timestamp < until) revert VestingPaused(until);
        Brake.set(false);
    }

    function _grantWord(uint256 grantId) internal view returns (uint256 word) {
        word = _book().grants[grantId];
        if (word == 0) revert VestingGrantUnknown(grantId);
    }

    function _tokenOf(uint256 grantId) internal view returns (address) {
        return _tokenOn(grantId >> 64);
    }

    function _tokenOn(uint256 planId) internal view returns (address) {
        return _book().plans[planId].first.tokenOf();
    }

    function _creatorOf(uint256 planId) internal view returns (address creator) {
        creator = address(uint160(_book().plans[planId].second));
        if (creator == address(0)) revert VestingPlanUnknown(planId);
    }

    /// @dev Refuses who is not the plan's creator.
    function _requireCreator(uint256 planId) internal view {
        if (msg.sender != _creatorOf(planId)) revert VestingNotCreator(planId, msg.sender);
    }

    /// @dev What of a grant will ever be vested: all, or what was at its end when it is revoked.
    function _keptOf(uint256 grantId, uint256 word) internal view returns (uint96) {
        if (!word.isTurned()) return word.amountOf();
        return _vestedOf(grantId, word, _stopped(grantId, word, type(uint40).max));
    }

    /// @dev `time`, or when the grant stopped if that was before.
    function _stopped(uint256 grantId, uint256 word, uint256 time) internal view returns (uint256) {
        if (!word.isTurned()) return time;
        uint256 stopsAt = _book().turns[grantId].stopsAtOf();
        return stopsAt != 0 && stopsAt < time ? stopsAt : time;
    }

    /// @dev By the plan alone, as if the grant were not revoked.
    function _vestedOf(uint256 grantId, uint256 word, uint256 time) internal view returns (uint96) {
        Plan storage plan = _book().plans[grantId >> 64];
        return _vestedOn(grantId >> 64, plan.first, word.amountOf(), time);
    }

    /// @param first The plan's first word.
    function _vestedOn(
        uint256 planId,
        uint256 first,
        uint96 amount,
        uint256 time
    ) internal view returns (uint96) {
        if (!first.isWide()) return VestingCurve.vested(first.unpack(0), amount, time);
        VestingCurve.Curve memory curve = first.unpack(_book().plans[planId].second);
        if (curve.step != 0) return VestingCurve.vested(curve, amount, time);
        return VestingCurve.vestedByTranches(_book().tranches[planId], amount, time);
    }
}
