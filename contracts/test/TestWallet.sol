// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable avoid-low-level-calls

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title A wallet that is a contract: it signs what its owner approved beforehand (ERC-1271)
contract TestWallet is IERC1271 {
    bytes4 private constant REFUSED = 0xffffffff;

    mapping(bytes32 signed => bool approved) private _approved;

    /// @notice From now on this is a signature of that hash.
    function approveSignature(bytes32 hash, bytes calldata signature) external {
        _approved[keccak256(abi.encode(hash, signature))] = true;
    }

    /// @notice Calls another contract as this wallet.
    function execute(address target, bytes calldata data) public payable {
        (bool success, bytes memory reason) = target.call{value: msg.value}(data);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @notice Several calls in one transaction, so at one time.
    function executeMany(address target, bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) execute(target, calls[i]);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes memory signature) external view returns (bytes4) {
        return
            _approved[keccak256(abi.encode(hash, signature))] ? IERC1271.isValidSignature.selector : REFUSED;
    }
}
