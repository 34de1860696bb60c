// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingCampaigns} from "./IVestingCampaigns.sol";
import {IVestingPause} from "./IVestingPause.sol";
import {IVestingPlans} from "./IVestingPlans.sol";
import {IVestingRelease} from "./IVestingRelease.sol";
import {IVestingRevocation} from "./IVestingRevocation.sol";
import {IVestingTransfer} from "./IVestingTransfer.sol";
import {IVestingDelegation} from "./IVestingDelegation.sol";

/// @title Vesting: plans are curves, grants are amounts on them
interface IVesting is
    IVestingTransfer,
    IVestingRelease,
    IVestingRevocation,
    IVestingCampaigns,
    IVestingPlans,
    IVestingDelegation,
    IVestingPause
{
    /// @notice Sets up the proxy, once.
    /// @param owner May upgrade, sweep what is surplus and name the guardian: the timelock.
    function initialize(address owner, address guardian) external;
}
