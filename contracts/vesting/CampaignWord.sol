// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a campaign has beside its root, in one word
/// @notice From the lowest bit: amount left (96), plan (48), number of leaves (48), deadline (64).
library CampaignWord {
    uint256 private constant PLAN_AT = 96;
    uint256 private constant LEAVES_AT = 144;
    uint256 private constant DEADLINE_AT = 192;

    function pack(
        uint96 left,
        uint256 planId,
        uint64 leaves,
        uint64 deadline
    ) internal pure returns (uint256) {
        return
            left | (planId << PLAN_AT) | (uint256(leaves) << LEAVES_AT) | (uint256(deadline) << DEADLINE_AT);
    }

    function leftOf(uint256 word) internal pure returns (uint96) {
        return uint96(word);
    }

    function planOf(uint256 word) internal pure returns (uint256) {
        return uint48(word >> PLAN_AT);
    }

    function leavesOf(uint256 word) internal pure returns (uint64) {
        return uint48(word >> LEAVES_AT);
    }

    function deadlineOf(uint256 word) internal pure returns (uint64) {
        return uint64(word >> DEADLINE_AT);
    }
}
