// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

import {Assets} from "../lib/Assets.sol";
import {IVesting} from "./IVesting.sol";
import {IVestingRelease} from "./IVestingRelease.sol";
import {VestingCampaigns} from "./parts/VestingCampaigns.sol";
import {VestingPause} from "./parts/VestingPause.sol";
import {VestingRevocation} from "./parts/VestingRevocation.sol";
import {VestingTransfer} from "./parts/VestingTransfer.sol";
import {VestingVotes} from "./parts/VestingVotes.sol";

/// @title Vesting: plans are curves, grants are amounts on them
/// @dev Lives behind an ERC-1967 proxy that its owner, the timelock, upgrades. A grant takes one slot, its first release a
/// second. The parts say one idea each; this puts them together.
contract Vesting is
    IVesting,
    VestingTransfer,
    VestingRevocation,
    VestingCampaigns,
    VestingVotes,
    VestingPause,
    UUPSUpgradeable
{
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IVesting
    function initialize(address owner_, address guardian_) external initializer {
        __Ownable_init(owner_);
        _setGuardian(guardian_);
    }

    /// @inheritdoc IVestingRelease
    function sweepSurplus(
        address token,
        address to
    ) external onlyOwner nonReentrant returns (uint256 amount) {
        // Check
        _requireRunning();
        uint256 balance = Assets.held(token);
        uint256 owed = _book().booked[token];
        if (balance <= owed) revert VestingNoSurplus(token, balance, owed);
        // Effect
        amount = balance - owed;
        emit SurplusSwept(token, to, amount);
        // Interaction
        Assets.giveERC20(token, to, amount);
    }

    /// @dev Only the owner upgrades.
    // solhint-disable-next-line no-empty-blocks
    function _authorizeUpgrade(address) internal override onlyOwner {}
}
