// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Winners} from "../lib/Winners.sol";

/// @title {Winners} for tests
contract WinnersHarness {
    function winners(bytes32 seed, uint64 n, uint32 k) external pure returns (uint64[] memory) {
        return Winners.winners(seed, n, k);
    }

    function winnerAt(bytes32 seed, uint64 n, uint32 rank) external pure returns (uint64) {
        return Winners.winnerAt(seed, n, rank);
    }

    function rankOf(bytes32 seed, uint64 n, uint32 k, uint64 number) external pure returns (uint32) {
        return Winners.rankOf(seed, n, k, number);
    }

    function uniform(bytes32 seed, uint256 j, uint256 m) external pure returns (uint256) {
        return Winners.uniform(seed, j, m);
    }

    /// @notice Gas of {Winners.winnerAt} alone.
    function gasOfWinnerAt(bytes32 seed, uint64 n, uint32 rank) external view returns (uint256) {
        uint256 before = gasleft();
        Winners.winnerAt(seed, n, rank);
        return before - gasleft();
    }

    /// @notice Gas of {Winners.winners} alone.
    function gasOfWinners(bytes32 seed, uint64 n, uint32 k) external view returns (uint256) {
        uint256 before = gasleft();
        Winners.winners(seed, n, k);
        return before - gasleft();
    }
}
