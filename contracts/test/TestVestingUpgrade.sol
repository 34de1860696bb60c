// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vesting} from "../vesting/Vesting.sol";

/// @title A later version of vesting, with one function more
contract TestVestingUpgrade is Vesting {
    /// @notice Only this version answers.
    function version() external pure returns (uint256) {
        return 2;
    }
}
