// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VestingCurve} from "./VestingCurve.sol";

/// @title A plan's token and curve in one word, so that a release reads one slot for both
/// @notice From the lowest bit: token (160), startUnlockBps (14), start (34), unit (2), then with a unit duration (16),
/// cliff (16) and step (14) as multiples of it; without one the duration in seconds (32), and cliff and step stand in the
/// plan's second word. Whole days, hours or minutes are the usual case. A step of 0 says that dated tranches count; such a
/// plan has no unit.
library PlanWord {
    uint256 private constant BPS_AT = 160;
    uint256 private constant START_AT = 174;
    uint256 private constant UNIT_AT = 208;
    uint256 private constant DURATION_AT = 210;
    uint256 private constant CLIFF_AT = 226;
    uint256 private constant STEP_AT = 242;
    /// @dev Where cliff and step of a curve without unit stand in the second word.
    uint256 private constant WIDE_CLIFF_AT = 192;
    uint256 private constant WIDE_STEP_AT = 224;

    uint256 internal constant MOST_START = 0x3ffffffff;

    /// @return word The first word.
    /// @return second What the curve needs of the second word.
    function pack(
        address token,
        VestingCurve.Curve memory curve
    ) internal pure returns (uint256 word, uint256 second) {
        // The fields stand in memory in the order of the struct.
        assembly ("memory-safe") {
            let cliff := mload(add(curve, 0x20))
            let duration := mload(add(curve, 0x40))
            let step := mload(add(curve, 0x60))
            word := or(token, shl(START_AT, mload(curve)))
            word := or(word, shl(BPS_AT, mload(add(curve, 0x80))))
            // The largest unit of which all three are whole multiples that fit; a step of one second is none of it.
            let unit := 0
            let size := 86400
            for {
                let candidate := mul(3, gt(step, 0))
            } candidate {
                candidate := sub(candidate, 1)
                size := div(3600, add(1, mul(59, lt(candidate, 2))))
            } {
                let misfit := or(or(mod(duration, size), mod(cliff, size)), gt(div(duration, size), 0xffff))
                if gt(step, 1) {
                    misfit := or(misfit, or(mod(step, size), gt(div(step, size), 0x3fff)))
                }
                if iszero(misfit) {
                    unit := candidate
                    break
                }
            }
            switch unit
            case 0 {
                word := or(word, shl(DURATION_AT, duration))
                second := or(shl(WIDE_CLIFF_AT, cliff), shl(WIDE_STEP_AT, step))
            }
            default {
                word := or(or(word, shl(UNIT_AT, unit)), shl(DURATION_AT, div(duration, size)))
                word := or(or(word, shl(CLIFF_AT, div(cliff, size))), shl(STEP_AT, div(step, size)))
            }
        }
    }

    function tokenOf(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    /// @notice Whether {unpack} needs the second word.
    function isWide(uint256 word) internal pure returns (bool) {
        return (word >> UNIT_AT) & 3 == 0;
    }

    /// @param second Read for wide curves only; anything for others.
    function unpack(uint256 word, uint256 second) internal pure returns (VestingCurve.Curve memory curve) {
        // Every release comes here. The fields stand in memory in the order of the struct.
        assembly ("memory-safe") {
            let cliff := and(shr(WIDE_CLIFF_AT, second), 0xffffffff)
            let duration := and(shr(DURATION_AT, word), 0xffffffff)
            let step := shr(WIDE_STEP_AT, second)
            let unit := and(shr(UNIT_AT, word), 3)
            if unit {
                let size := 60
                if gt(unit, 1) {
                    size := 3600
                    if gt(unit, 2) {
                        size := 86400
                    }
                }
                cliff := mul(and(shr(CLIFF_AT, word), 0xffff), size)
                duration := mul(and(duration, 0xffff), size)
                step := mul(shr(STEP_AT, word), size)
                step := or(step, iszero(step))
            }
            mstore(curve, and(shr(START_AT, word), MOST_START))
            mstore(add(curve, 0x20), cliff)
            mstore(add(curve, 0x40), duration)
            mstore(add(curve, 0x60), step)
            mstore(add(curve, 0x80), and(shr(BPS_AT, word), 0x3fff))
        }
    }
}
