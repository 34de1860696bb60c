// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSum} from "../lib/MerkleSum.sol";

/// @title {MerkleSum} for tests
contract MerkleSumHarness {
    function verify(
        bytes32 root,
        uint64 total,
        bytes32 leaf,
        uint256 weight,
        uint64 index,
        uint64 entries,
        MerkleSum.Node[] calldata siblings
    ) external pure returns (bool valid, uint64 start) {
        return MerkleSum.verify(root, total, leaf, weight, index, entries, siblings);
    }
}
