// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vesting} from "../vesting/Vesting.sol";

/// @title A later version of vesting that can forget what a grant was paid
contract TestVestingTampering is Vesting {
    /// @notice Called as it begins to run, this is a grant that was never paid anything.
    function forget(uint256 grantId) external {
        delete _book().progress[grantId];
    }
}
