// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PositionalMerkle} from "../lib/PositionalMerkle.sol";

/// @title {PositionalMerkle} for tests
contract MerkleHarness {
    function verify(
        bytes32 root,
        bytes32 leaf,
        uint64 index,
        uint64 n,
        bytes32[] calldata proof
    ) external pure returns (bool) {
        return PositionalMerkle.verify(root, leaf, index, n, proof);
    }
}
