// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IVesting} from "../vesting/IVesting.sol";

/// @title As much of a vesting contract as the factory sees, which can be made to take too little
contract TestVesting {
    /// @notice Who owns each plan, in order.
    address[] public creators;
    uint256 private _short;
    uint256 private _back;

    /// @notice Takes this much too little from every plan.
    function fallShort(uint256 amount) external {
        _short = amount;
    }

    /// @notice Gives this much of every plan's tokens back.
    function giveBack(uint256 amount) external {
        _back = amount;
    }

    /// @notice What the factory asks of vesting.
    function createPlanFor(
        address creator,
        IVesting.PlanConfig calldata config,
        IVesting.GrantInput[] calldata grants
    ) external returns (uint256 planId, uint256 firstGrantId) {
        uint256 total = 0;
        for (uint256 i = 0; i < grants.length; ++i) total += grants[i].amount;
        creators.push(creator);
        planId = creators.length;
        firstGrantId = planId << 64;
        IERC20(config.token).transferFrom(msg.sender, address(this), total - _short);
        if (_back != 0) IERC20(config.token).transfer(msg.sender, _back);
    }
}
