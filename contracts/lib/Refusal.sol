// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reverting with an error that names a field, in little code
/// @dev Literal strings in `revert` cost some 70 bytes of code each; a word and a shared jump cost a third of it.
library Refusal {
    /// @notice Reverts with `Error(string field)`.
    /// @param selector Of the error.
    /// @param field At most 32 bytes, zeros behind it.
    function named(bytes4 selector, bytes32 field) internal pure {
        uint256 length = _length(field);
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, selector)
            mstore(add(at, 0x04), 0x20)
            mstore(add(at, 0x24), length)
            mstore(add(at, 0x44), field)
            revert(at, 0x64)
        }
    }

    /// @notice Reverts with `Error(uint256 position, string field)`.
    function named(bytes4 selector, uint256 position, bytes32 field) internal pure {
        uint256 length = _length(field);
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, selector)
            mstore(add(at, 0x04), position)
            mstore(add(at, 0x24), 0x40)
            mstore(add(at, 0x44), length)
            mstore(add(at, 0x64), field)
            revert(at, 0x84)
        }
    }

    function _length(bytes32 field) private pure returns (uint256 length) {
        assembly ("memory-safe") {
            for {} lt(length, 32) {
                length := add(length, 1)
            } {
                if iszero(byte(length, field)) {
                    break
                }
            }
        }
    }
}
