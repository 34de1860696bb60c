// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Merkle proofs that also prove the place of a leaf
/// @notice node = keccak256(left ‖ right); an odd last node goes up unchanged. Directions and promotions follow from the
/// index and the number of leaves, so one index has exactly one leaf (a proof with sorted pairs could not promise that).
library PositionalMerkle {
    /// @notice Whether `leaf` stands at `index` in the tree of `n` leaves with this root. Every proof word must be used.
    function verify(
        bytes32 root,
        bytes32 leaf,
        uint64 index,
        uint64 n,
        bytes32[] calldata proof
    ) internal pure returns (bool) {
        if (index >= n) return false;
        bytes32 node = leaf;
        uint256 place = index;
        uint256 width = n;
        uint256 used = 0;
        while (width > 1) {
            bool promoted = place == width - 1 && place % 2 == 0;
            if (!promoted) {
                if (used == proof.length) return false;
                bytes32 sibling = proof[used];
                node = place % 2 == 0 ? _hash(node, sibling) : _hash(sibling, node);
                ++used;
            }
            place /= 2;
            width = (width + 1) / 2;
        }
        return used == proof.length && node == root;
    }

    function _hash(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
