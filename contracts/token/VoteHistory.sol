// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title An amount and all it ever was, by time
/// @notice The present stands in one slot: how many entries the past has (32 bits) ‖ since when (40) ‖ amount (184). An
/// amount that changed once costs one slot, not three; reading what it was at the last snapshot is mostly one read.
library VoteHistory {
    struct History {
        uint256 present;
        mapping(uint256 index => uint256 entry) past;
    }

    uint256 internal constant MOST = type(uint184).max;
    uint256 private constant TIME_AT = 184;
    uint256 private constant COUNT_AT = 224;

    /// @notice Sets the amount from now on; at most {MOST}.
    function set(History storage history, uint256 amount) internal {
        uint256 present = history.present;
        uint256 count = present >> COUNT_AT;
        if (present != 0 && _timeOf(present) != block.timestamp) {
            history.past[count] = present;
            ++count;
        }
        history.present = (count << COUNT_AT) | (uint256(uint40(block.timestamp)) << TIME_AT) | amount;
    }

    /// @notice Whether the amount was ever set.
    function began(History storage history) internal view returns (bool) {
        return history.present != 0;
    }

    /// @notice The amount now.
    function latest(History storage history) internal view returns (uint256) {
        return history.present & MOST;
    }

    /// @notice The amount at the end of a second that is over.
    function asOf(History storage history, uint256 time) internal view returns (uint256) {
        uint256 present = history.present;
        if (_timeOf(present) <= time) return present & MOST;
        // The first entry that is later than `time`; the one before it is what was.
        uint256 low = 0;
        uint256 high = present >> COUNT_AT;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_timeOf(history.past[middle]) <= time) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : history.past[low - 1] & MOST;
    }

    function _timeOf(uint256 entry) private pure returns (uint256) {
        return uint40(entry >> TIME_AT);
    }
}
