// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A bucket that refills: at most `limit` at once, refilled evenly within `window` seconds
/// @notice What was used is kept and shrinks with time, rounded so that the limit never gives more than it should.
library RateLimit {
    /// @notice One slot.
    struct Bucket {
        uint184 used;
        uint40 time;
    }

    /// @notice How much can be taken now. A limit of zero, or a window of zero, lets nothing through.
    function available(Bucket memory bucket, uint256 limit, uint256 window) internal view returns (uint256) {
        if (window == 0) return 0;
        uint256 used = _usedNow(bucket, limit, window);
        return used < limit ? limit - used : 0;
    }

    /// @notice The bucket after `amount` was taken, which must be available.
    function afterTaking(
        Bucket memory bucket,
        uint256 amount,
        uint256 limit,
        uint256 window
    ) internal view returns (Bucket memory) {
        uint256 used = _usedNow(bucket, limit, window) + amount;
        return Bucket({used: uint184(used), time: uint40(block.timestamp)});
    }

    function _usedNow(Bucket memory bucket, uint256 limit, uint256 window) private view returns (uint256) {
        uint256 elapsed = block.timestamp - bucket.time;
        if (elapsed >= window) return 0;
        // Both factors have fewer than 256 bits together: 184 and 40.
        uint256 refilled = (limit * elapsed) / window;
        return refilled < bucket.used ? bucket.used - refilled : 0;
    }
}
