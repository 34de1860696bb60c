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

    /// @notice A leaf of the tree of exclusions, as documented; contests only keep its root.
    function exclusionLeaf(
        uint256 chainId,
        address contest,
        bytes32 contestKey,
        uint256 index,
        bytes32 idHash,
        string calldata reason
    ) external pure returns (bytes32) {
        bytes32 tag = keccak256("TOMBOLA-1/exclusion");
        bytes32 reasonHash = keccak256(bytes(reason));
        bytes memory fields = abi.encode(tag, chainId, contest, contestKey, index, idHash, reasonHash);
        return keccak256(bytes.concat(keccak256(fields)));
    }

    /// @notice A leaf of an unweighted list without claimants.
    function entryLeaf(
        uint256 chainId,
        address contest,
        bytes32 contestKey,
        uint256 index,
        bytes32 salt,
        string calldata accountKey
    ) external pure returns (bytes32) {
        bytes32 tag = keccak256("TOMBOLA-1/leaf");
        bytes32 idHash = keccak256(abi.encode(salt, accountKey));
        bytes memory fields = abi.encode(
            tag,
            chainId,
            contest,
            contestKey,
            index,
            uint256(1),
            idHash,
            bytes32(0)
        );
        return keccak256(bytes.concat(keccak256(fields)));
    }
}
