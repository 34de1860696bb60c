// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlanWord} from "../vesting/PlanWord.sol";
import {VestingCurve} from "../vesting/VestingCurve.sol";

/// @title {VestingCurve} and {PlanWord} for tests
contract CurveHarness {
    uint64[] private _tranches;

    function setTranches(uint64[] calldata tranches) external {
        _tranches = tranches;
    }

    /// @notice Many times at once, so that a property test needs few calls.
    function vestedAt(
        VestingCurve.Curve calldata curve,
        uint96 amount,
        uint256[] calldata times
    ) external pure returns (uint96[] memory amounts) {
        amounts = new uint96[](times.length);
        for (uint256 i = 0; i < times.length; ++i) amounts[i] = VestingCurve.vested(curve, amount, times[i]);
    }

    function vestedByTranchesAt(
        uint96 amount,
        uint256[] calldata times
    ) external view returns (uint96[] memory amounts) {
        amounts = new uint96[](times.length);
        for (uint256 i = 0; i < times.length; ++i) {
            amounts[i] = VestingCurve.vestedByTranches(_tranches, amount, times[i]);
        }
    }

    /// @notice A curve through its packed form and back.
    function repacked(
        address token,
        VestingCurve.Curve calldata curve
    ) external pure returns (address, VestingCurve.Curve memory, bool isWide) {
        (uint256 word, uint256 second) = PlanWord.pack(token, curve);
        return (PlanWord.tokenOf(word), PlanWord.unpack(word, second), PlanWord.isWide(word));
    }
}
