// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Merkle-sum proofs: the place of a leaf and the range of weight units that belongs to it
/// @notice node = keccak256(abi.encode(left hash, left sum, right hash, right sum)); its sum is left + right. An odd last
/// node goes up unchanged. A leaf's sum is its weight; its range starts after the weights of all leaves before it. The
/// tree is positional like {PositionalMerkle}'s, so one index has exactly one leaf, and the ranges of two leaves that
/// can be proved never overlap.
library MerkleSum {
    /// @notice A node beside the path from a leaf to the root.
    struct Node {
        bytes32 hash;
        uint64 sum;
    }

    /// @notice Where the range of `leaf` starts, if it stands at `index` of the tree of `entries` leaves with this root
    /// and this total weight. Every sibling must be used.
    /// @param siblings From the leaf up; a promoted node has none on its level.
    function verify(
        bytes32 root,
        uint64 total,
        bytes32 leaf,
        uint256 weight,
        uint64 index,
        uint64 entries,
        Node[] calldata siblings
    ) internal pure returns (bool valid, uint64 start) {
        // A sum that is carried up stays below 65 · 2⁶⁴ this way, far from any overflow.
        if (index >= entries || weight > total) return (false, 0);
        (bytes32 node, uint256 sum, uint256 before) = _climb(leaf, weight, index, entries - 1, siblings);
        // What is valid starts at most at the total, which has 64 bits.
        if (node == root && sum == total) return (true, uint64(before));
    }

    /// @dev The root that leaf and siblings make, its sum, and the sum of everything left of the leaf; zeros when there
    /// are too few siblings or too many.
    /// @param last Index of the last leaf, then of the last node on each level.
    function _climb(
        bytes32 leaf,
        uint256 weight,
        uint256 index,
        uint256 last,
        Node[] calldata siblings
    ) private pure returns (bytes32 node, uint256 sum, uint256 before) {
        uint256 used = 0;
        (node, sum) = (leaf, weight);
        // At most 64 levels and sums below 2⁶⁴ each.
        unchecked {
            for (; last != 0; last >>= 1) {
                // The only node without a sibling is the last one of a level of odd width.
                if (index != last || index & 1 == 1) {
                    if (used == siblings.length) return (0, 0, 0);
                    (bytes32 hash, uint256 added) = _at(siblings, used);
                    if (added > type(uint64).max) return (0, 0, 0);
                    if (index & 1 == 1) before += added;
                    node = _parent(index & 1, node, sum, hash, added);
                    sum += added;
                    ++used;
                }
                index >>= 1;
            }
        }
        if (used != siblings.length) return (0, 0, 0);
    }

    /// @dev A sibling without the checks that an array costs on every level of a claim; the caller makes them.
    function _at(Node[] calldata siblings, uint256 index) private pure returns (bytes32 hash, uint256 sum) {
        assembly ("memory-safe") {
            let at := add(siblings.offset, shl(6, index))
            hash := calldataload(at)
            sum := calldataload(add(at, 0x20))
        }
    }

    /// @param right 1 when the node is the right one of the two, 0 when it is the left one.
    function _parent(
        uint256 right,
        bytes32 node,
        uint256 sum,
        bytes32 sibling,
        uint256 siblingSum
    ) private pure returns (bytes32 parent) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let own := add(free, shl(6, right))
            let other := add(free, shl(6, xor(right, 1)))
            mstore(own, node)
            mstore(add(own, 0x20), sum)
            mstore(other, sibling)
            mstore(add(other, 0x20), siblingSum)
            parent := keccak256(free, 0x80)
        }
    }
}
