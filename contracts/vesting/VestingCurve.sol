// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title How much of an amount is vested at a time
/// @notice Pure integer maths, rounded down; the twin in Python is in tests/contracts.
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

    /// @notice 0 before start; then unlock = ⌊amount · bps / 10,000⌋; from the cliff on also
    /// ⌊(amount − unlock) · elapsed / duration⌋, where elapsed is cut down to whole steps since start; the whole amount from
    /// start + duration on.
    function vested(Curve memory curve, uint96 amount, uint256 time) internal pure returns (uint96) {
        if (time < curve.start) return 0;
        uint256 elapsed = time - curve.start;
        if (elapsed >= curve.duration) return amount;
        uint256 unlock = (uint256(amount) * curve.startUnlockBps) / BPS;
        if (elapsed < curve.cliff) return uint96(unlock);
        elapsed -= elapsed % curve.step;
        // At most `amount`, because elapsed < duration.
        return uint96(unlock + ((amount - unlock) * elapsed) / curve.duration);
    }
}
