// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";

/// @title Whether vesting may be paused, at the price of a warm read
/// @notice One bit above the address in the slot of the implementation (ERC-1967). The proxy has just read that slot, so
/// asking costs a release 100 gas; a slot of its own would cost 2,100. Proxy and upgrade read and write the address only.
/// The bit is set while a pause lasts, so the slot looks as ever at all other times.
library Brake {
    uint256 private constant ON = 1 << 255;

    function isOn() internal view returns (bool on) {
        bytes32 slot = ERC1967Utils.IMPLEMENTATION_SLOT;
        assembly ("memory-safe") {
            on := shr(255, sload(slot))
        }
    }

    function set(bool on) internal {
        bytes32 slot = ERC1967Utils.IMPLEMENTATION_SLOT;
        assembly ("memory-safe") {
            sstore(slot, or(and(sload(slot), not(ON)), mul(ON, on)))
        }
    }
}
