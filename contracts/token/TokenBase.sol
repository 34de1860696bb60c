// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20, IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {ITokenTemplate} from "./ITokenTemplate.sol";
import {TokenArguments} from "./TokenArguments.sol";

/// @title An ERC-20 whose name and symbol stand in the clone's code
/// @dev Who inherits keeps the balances. No clone is upgradeable, so storage needs no names of its own.
abstract contract TokenBase is ITokenTemplate, IERC20Metadata, IERC20Errors {
    using TokenArguments for bytes;

    address private immutable _template = address(this);
    mapping(address owner => mapping(address spender => uint256 value)) private _allowances;

    /// @inheritdoc IERC20
    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    /// @inheritdoc IERC20
    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    /// @dev An allowance of 2²⁵⁶ − 1 is never used up.
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        _spendAllowance(from, msg.sender, value);
        _transfer(from, to, value);
        return true;
    }

    /// @inheritdoc IERC20
    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    /// @inheritdoc IERC20Metadata
    function name() public view returns (string memory) {
        return _arguments().nameOf();
    }

    /// @inheritdoc IERC20Metadata
    function symbol() external view returns (string memory) {
        return _arguments().symbolOf();
    }

    /// @inheritdoc IERC20Metadata
    function decimals() external pure returns (uint8) {
        return 18;
    }

    function _approve(address owner, address spender, uint256 value) internal {
        if (owner == address(0)) revert ERC20InvalidApprover(address(0));
        if (spender == address(0)) revert ERC20InvalidSpender(address(0));
        _allowances[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    function _spendAllowance(address owner, address spender, uint256 value) internal {
        uint256 left = _allowances[owner][spender];
        if (left == type(uint256).max) return;
        if (left < value) revert ERC20InsufficientAllowance(spender, left, value);
        unchecked {
            _allowances[owner][spender] = left - value;
        }
    }

    function _transfer(address from, address to, uint256 value) internal {
        if (from == address(0)) revert ERC20InvalidSender(address(0));
        if (to == address(0)) revert ERC20InvalidReceiver(address(0));
        _move(from, to, value);
    }

    /// @dev Changes balances; neither account is the zero address.
    function _move(address from, address to, uint256 value) internal virtual;

    /// @dev The factory can prove itself by the address alone, and only for the clone that runs: not for the template.
    function _checkFactory() internal view {
        if (TokenArguments.addressOf(_template, _arguments(), msg.sender) == address(this)) return;
        revert TokenNotFactory(msg.sender);
    }

    function _isTemplate() internal view returns (bool) {
        return address(this) == _template;
    }

    function _arguments() internal view returns (bytes memory) {
        // The template is no clone: it has no name, and nobody can set it up.
        if (_isTemplate()) return TokenArguments.pack(0, 0, 0, "", "");
        return Clones.fetchCloneArgs(address(this));
    }
}
