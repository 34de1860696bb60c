// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VestingCurve} from "../vesting/VestingCurve.sol";

/// @title {VestingCurve} for tests
contract CurveHarness {
    function vested(
        VestingCurve.Curve calldata curve,
        uint96 amount,
        uint256 time
    ) external pure returns (uint96) {
        return VestingCurve.vested(curve, amount, time);
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
}
