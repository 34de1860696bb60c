// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title An ERC-20 with a bad habit
contract OddERC20 is ERC20("Odd", "ODD") {
    /// @dev ReturnFalse: moves nothing and says so. Shrink: balances are half of what they were. BurnGas: a question for an
    /// interface costs all gas. SayYes: it supports every interface. ManyDecimals: 19 of them.
    enum Oddity {
        None,
        ReturnFalse,
        Shrink,
        BurnGas,
        SayYes,
        ManyDecimals
    }

    Oddity private _oddity;

    function become(Oddity oddity) external {
        _oddity = oddity;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice As ERC-3009's, but one unit less arrives, and nobody is asked.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256,
        uint256,
        bytes32,
        bytes calldata
    ) external {
        _transfer(from, to, value - 1);
    }

    function supportsInterface(bytes4) external view returns (bool) {
        if (_oddity == Oddity.BurnGas) {
            // solhint-disable-next-line no-empty-blocks
            while (true) {}
        }
        return _oddity == Oddity.SayYes;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (_oddity == Oddity.ReturnFalse) return false;
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (_oddity == Oddity.ReturnFalse) return false;
        return super.transferFrom(from, to, amount);
    }

    function balanceOf(address holder) public view override returns (uint256) {
        uint256 balance = super.balanceOf(holder);
        return _oddity == Oddity.Shrink ? balance / 2 : balance;
    }

    function decimals() public view override returns (uint8) {
        return _oddity == Oddity.ManyDecimals ? 19 : 18;
    }
}
