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

    /// @notice keccak256 of each draw's winners as words, for many draws in one call. The last rank of each is looked up
    /// backward and forward too.
    function digests(
        bytes32[] calldata seeds,
        uint64[] calldata ns,
        uint32[] calldata ks
    ) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint64[] memory ranked = Winners.winners(seeds[i], ns[i], ks[i]);
            uint32 rank = ks[i] - 1;
            assert(Winners.winnerAt(seeds[i], ns[i], rank) == ranked[rank]);
            assert(Winners.rankOf(seeds[i], ns[i], ks[i], ranked[rank]) == rank);
            // An array of numbers is padded to words also when it is packed.
            hashes[i] = keccak256(abi.encodePacked(ranked));
        }
    }
}
