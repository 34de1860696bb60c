// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @title The address of vesting; what it does is {Vesting}, which its owner may exchange
contract VestingProxy is ERC1967Proxy {
    /// @param data The call of {IVesting-initialize}.
    constructor(address implementation, bytes memory data) ERC1967Proxy(implementation, data) {}
}
