// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {ITokenTemplate} from "./ITokenTemplate.sol";
import {TokenArguments} from "./TokenArguments.sol";
import {TokenSignatures} from "./TokenSignatures.sol";

/// @title A token of fixed supply that belongs to nobody but its holders
/// @notice ERC-20, ERC-2612 and ERC-3009; no roles, no features. What exists stands in the code as the cap.
contract PlainToken is TokenSignatures {
    using TokenArguments for bytes;

    mapping(address account => uint256 balance) private _balances;

    /// @inheritdoc ITokenTemplate
    /// @dev Nothing is stored to know that this happened: the factory calls only what it made in the same transaction, and no
    /// address can be made twice.
    function initialize(address admin, address recipient, uint256 initialSupply, uint256 held) external {
        // Check
        _checkFactory();
        bytes memory arguments = _arguments();
        if (admin != address(0)) revert TokenConfigInvalid("admin");
        if (arguments.featuresOf() != 0) revert TokenConfigInvalid("features");
        if (initialSupply == 0) revert TokenConfigInvalid("initialSupply");
        if (arguments.capOf() != initialSupply) revert TokenConfigInvalid("cap");
        // Effect: the factory saw to it that there is a recipient.
        if (held != 0) _create(msg.sender, held);
        if (held != initialSupply) _create(recipient, initialSupply - held);
    }

    /// @inheritdoc IERC20
    function totalSupply() external view returns (uint256) {
        return _arguments().capOf();
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    function _move(address from, address to, uint256 value) internal override {
        uint256 balance = _balances[from];
        if (balance < value) revert ERC20InsufficientBalance(from, balance, value);
        unchecked {
            // All balances together are the supply.
            _balances[from] = balance - value;
            _balances[to] += value;
        }
        emit Transfer(from, to, value);
    }

    function _create(address to, uint256 amount) private {
        _balances[to] += amount;
        emit Transfer(address(0), to, amount);
    }
}
