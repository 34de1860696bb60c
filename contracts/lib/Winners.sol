// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title TOMBOLA-1: which numbers win, from a seed
/// @notice The first k steps of a Fisher-Yates shuffle of 0 … n − 1, every step exactly uniform. Nothing is stored and no
/// list of n is ever built. Twins: listener/chain/draw (Python), frontend (TypeScript); shared vectors in tests/vectors.
/// @dev Step j swaps place j with place x_j = j + U(j, n − j); afterwards place j holds the winner of rank j.
library Winners {
    /// @notice What {rankOf} answers for a number that did not win.
    uint32 internal constant NO_RANK = type(uint32).max;

    /// @notice U(j, m): a number below `m`, every one exactly as likely (rejection sampling).
    /// @param m Above 0.
    function uniform(bytes32 seed, uint256 j, uint256 m) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            // Hashes below 2²⁵⁶ mod m would make small results likelier; they are passed over.
            let least := mod(sub(0, m), m)
            let attempt := shl(64, j)
            mstore(0x00, seed)
            mstore(0x20, attempt)
            result := keccak256(0x00, 0x40)
            for {} lt(result, least) {} {
                attempt := add(attempt, 1)
                mstore(0x20, attempt)
                result := keccak256(0x00, 0x40)
            }
            result := mod(result, m)
        }
    }

    /// @notice The winners of ranks 0 … k − 1. Memory grows with k only.
    /// @param k At most n.
    function winners(bytes32 seed, uint64 n, uint32 k) internal pure returns (uint64[] memory ranked) {
        ranked = new uint64[](k);
        // Only places that a swap changed are kept: an open hash table, at most half full.
        uint256 mask = 1;
        while (mask < 2 * uint256(k)) mask = 2 * mask + 1;
        uint256[] memory table = new uint256[](mask + 1);
        // j < k <= n < 2⁶⁴, so nothing here can overflow.
        unchecked {
            for (uint256 j = 0; j < k; ++j) {
                uint256 x = j + uniform(seed, j, n - j);
                (uint256 slot, uint256 winner) = _find(table, mask, x);
                ranked[j] = uint64(winner);
                if (x == j) continue;
                // Place j is never looked at again, so only the other half of the swap is kept.
                (, uint256 moved) = _find(table, mask, j);
                table[slot] = ((x + 1) << 64) | moved;
            }
        }
    }

    /// @notice The winner of one rank, without memory: follows its place backward through the swaps.
    /// @param rank Below n.
    function winnerAt(bytes32 seed, uint64 n, uint32 rank) internal pure returns (uint64) {
        // rank < n < 2⁶⁴, so nothing here can overflow.
        unchecked {
            uint256 place = rank + uniform(seed, rank, n - rank);
            // The loop is the whole cost of a claim at a high rank: {uniform} is written out. The seed is still at 0x00.
            assembly ("memory-safe") {
                for {
                    let j := rank
                } j {} {
                    j := sub(j, 1)
                    let m := sub(n, j)
                    let attempt := shl(64, j)
                    mstore(0x20, attempt)
                    let hash := keccak256(0x00, 0x40)
                    let least := mod(sub(0, m), m)
                    for {} lt(hash, least) {} {
                        attempt := add(attempt, 1)
                        mstore(0x20, attempt)
                        hash := keccak256(0x00, 0x40)
                    }
                    if eq(place, add(j, mod(hash, m))) {
                        place := j
                    }
                }
            }
            return uint64(place);
        }
    }

    /// @notice The rank a number was drawn at, {NO_RANK} when it is not among the first k.
    /// @param k At most n.
    function rankOf(bytes32 seed, uint64 n, uint32 k, uint64 number) internal pure returns (uint32) {
        if (number >= n) return NO_RANK;
        uint256 place = number;
        // j < k <= n < 2⁶⁴, so nothing here can overflow.
        unchecked {
            for (uint256 j = 0; j < k; ++j) {
                uint256 x = j + uniform(seed, j, n - j);
                if (place == x) return uint32(j);
                if (place == j) place = x;
            }
        }
        return NO_RANK;
    }

    /// @dev Where a place is (or would be) kept, and the number that stands there now.
    /// An item is `(place + 1) << 64 | number`; zero is free.
    function _find(
        uint256[] memory table,
        uint256 mask,
        uint256 place
    ) private pure returns (uint256 slot, uint256 held) {
        assembly ("memory-safe") {
            let items := add(table, 0x20)
            let tag := add(place, 1)
            held := place
            for {
                slot := and(place, mask)
            } 1 {
                slot := and(add(slot, 1), mask)
            } {
                let item := mload(add(items, shl(5, slot)))
                if iszero(item) {
                    break
                }
                if eq(shr(64, item), tag) {
                    held := and(item, 0xffffffffffffffff)
                    break
                }
            }
        }
    }
}
