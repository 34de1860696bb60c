// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title What stands in a token's code behind the clone's own bytes
/// @notice salt (16 bytes) ‖ cap (26) ‖ length of name (1) ‖ name ‖ symbol. The salt is the one of CREATE2, so the code
/// alone proves who created it: nothing is stored for that.
library TokenArguments {
    uint256 private constant CAP_AT = 16;
    uint256 private constant NAME_AT = 43;

    function pack(
        bytes16 salt,
        uint208 cap,
        string memory name,
        string memory symbol
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(salt, cap, uint8(bytes(name).length), name, symbol);
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
        return bytes16(_word(arguments, 0));
    }

    function capOf(bytes memory arguments) internal pure returns (uint208) {
        return uint208(bytes26(_word(arguments, CAP_AT)));
    }

    function nameOf(bytes memory arguments) internal pure returns (string memory) {
        return _slice(arguments, NAME_AT, NAME_AT + uint8(arguments[NAME_AT - 1]));
    }

    function symbolOf(bytes memory arguments) internal pure returns (string memory) {
        return _slice(arguments, NAME_AT + uint8(arguments[NAME_AT - 1]), arguments.length);
    }

    function _word(bytes memory data, uint256 at) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), at))
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
