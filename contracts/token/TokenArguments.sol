// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title What stands in a token's code behind the clone's own bytes
/// @notice salt (20 bytes) ‖ features (1) ‖ cap (23) ‖ length of name (1) ‖ name ‖ symbol. The salt is the one of CREATE2,
/// so the code alone proves who created it: nothing is stored for that.
library TokenArguments {
    uint256 private constant FEATURES_AT = 20;
    uint256 private constant CAP_AT = 21;
    uint256 private constant NAME_AT = 45;
    /// @dev Length of an ERC-1167 clone's code before its arguments, and where the template stands in it.
    uint256 internal constant CLONE_BYTES = 45;
    uint256 private constant TEMPLATE_AT = 10;

    function pack(
        bytes20 salt,
        uint8 features,
        uint184 cap,
        string memory name,
        string memory symbol
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(salt, features, cap, uint8(bytes(name).length), name, symbol);
    }

    /// @notice Where `creator` puts a clone of `template` with these arguments; nobody else can.
    function addressOf(
        address template,
        bytes memory arguments,
        address creator
    ) internal pure returns (address) {
        return
            Clones.predictDeterministicAddressWithImmutableArgs(
                template,
                arguments,
                saltOf(arguments),
                creator
            );
    }

    function saltOf(bytes memory arguments) internal pure returns (bytes32) {
        return bytes20(_word(arguments, 0));
    }

    function featuresOf(bytes memory arguments) internal pure returns (uint8) {
        return uint8(bytes1(_word(arguments, FEATURES_AT)));
    }

    function capOf(bytes memory arguments) internal pure returns (uint184) {
        return uint184(bytes23(_word(arguments, CAP_AT)));
    }

    function nameOf(bytes memory arguments) internal pure returns (string memory) {
        return _slice(arguments, NAME_AT, NAME_AT + uint8(arguments[NAME_AT - 1]));
    }

    function symbolOf(bytes memory arguments) internal pure returns (string memory) {
        return _slice(arguments, NAME_AT + uint8(arguments[NAME_AT - 1]), arguments.length);
    }

    /// @notice The features of the clone that runs, read from its code alone: every move asks for them.
    function ownFeatures() internal view returns (uint8 features) {
        assembly ("memory-safe") {
            mstore(0, 0)
            extcodecopy(address(), 31, add(CLONE_BYTES, FEATURES_AT), 1)
            features := mload(0)
        }
    }

    /// @notice The template that a clone's code names.
    function templateOf(bytes memory code) internal pure returns (address) {
        return address(bytes20(_word(code, TEMPLATE_AT)));
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }

    function _slice(bytes memory data, uint256 from, uint256 end) private pure returns (string memory) {
        bytes memory part = new bytes(end - from);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(data, 0x20), from), mload(part))
        }
        return string(part);
    }
}
