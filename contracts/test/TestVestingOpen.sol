// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// @title Code that a proxy would run, and that anybody could initialise
contract TestVestingOpen is UUPSUpgradeable {
    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal override {}
}
