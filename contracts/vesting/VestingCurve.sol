// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title How much of an amount is vested at a time
/// @notice Pure integer maths, rounded down; the twins are listener/mirror/reads/curve.py, the web app and the tests.
library VestingCurve {
    /// @notice The shape of a plan: times in seconds, unlock in basis points.
    struct Curve {
        uint40 start;
        uint32 cliff;
        uint32 duration;
        uint32 step;
        uint16 startUnlockBps;
    }

    uint256 internal constant BPS = 10_000;
    /// @dev A tranche is `time << 16 | cumulativeBps`.
    uint256 internal constant TRANCHE_TIME_AT = 16;

    /// @notice 0 before start; then unlock = ⌊amount · bps / 10,000⌋; from the cliff on also
    /// ⌊(amount − unlock) · elapsed / duration⌋, where elapsed is cut down to whole steps since start; the whole amount from
    /// start + duration on.
    function vested(Curve memory curve, uint96 amount, uint256 time) internal pure returns (uint96) {
        // Every product is below 2¹²⁸, and elapsed < duration keeps the sum at most `amount`.
        unchecked {
            uint256 elapsed = curve.start;
            if (time < elapsed) return 0;
            elapsed = time - elapsed;
            uint256 duration = curve.duration;
            if (elapsed >= duration) return amount;
            uint256 unlock = (uint256(amount) * curve.startUnlockBps) / BPS;
            if (elapsed < curve.cliff) return uint96(unlock);
            elapsed -= elapsed % curve.step;
            return uint96(unlock + ((amount - unlock) * elapsed) / duration);
        }
    }

    /// @notice ⌊amount · bps / 10,000⌋ of the last tranche that has come; the last one of all has 10,000.
    function vestedByTranches(
        uint64[] storage tranches,
        uint96 amount,
        uint256 time
    ) internal view returns (uint96) {
        uint256 bps = 0;
        for (uint256 i = 0; i < tranches.length; ++i) {
            uint256 tranche = tranches[i];
            if (time < tranche >> TRANCHE_TIME_AT) break;
            bps = uint16(tranche);
        }
        return uint96((uint256(amount) * bps) / BPS);
    }
}
