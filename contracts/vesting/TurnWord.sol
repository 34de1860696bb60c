// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What only revoked or recovered grants have, in one word
/// @notice From the lowest bit: candidate of a recovery (160), when it can take over (40), when the grant stopped by
/// revocation (40). Once the middle was set, the candidate may be zero: vetoed.
library TurnWord {
    uint256 private constant RECOVERABLE_AT = 160;
    uint256 private constant STOPS_AT = 200;

    function pack(address candidate, uint256 recoverableAt, uint256 stopsAt) internal pure returns (uint256) {
        return uint160(candidate) | (recoverableAt << RECOVERABLE_AT) | (stopsAt << STOPS_AT);
    }

    function withoutCandidate(uint256 word) internal pure returns (uint256) {
        return (word >> RECOVERABLE_AT) << RECOVERABLE_AT;
    }

    /// @notice Only the revocation.
    function withoutRecovery(uint256 word) internal pure returns (uint256) {
        return (word >> STOPS_AT) << STOPS_AT;
    }

    function candidateOf(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    function recoverableAtOf(uint256 word) internal pure returns (uint256) {
        return uint40(word >> RECOVERABLE_AT);
    }

    function stopsAtOf(uint256 word) internal pure returns (uint256) {
        return word >> STOPS_AT;
    }
}
