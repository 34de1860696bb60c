// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title An ERC-20 that can answer false instead of reverting, and rebase what everybody holds
contract SilentERC20 is ERC20("Silent", "SILENT") {
    bool private _refuses;
    uint256 private _halvings;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function refuse(bool refuses) external {
        _refuses = refuses;
    }

    /// @notice From now on everybody holds half as much.
    function halve() external {
        ++_halvings;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !_refuses && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !_refuses && super.transferFrom(from, to, amount);
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) >> _halvings;
    }
}
