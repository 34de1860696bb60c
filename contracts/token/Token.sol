// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControlUpgradeable} from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {ERC20PermitUpgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {ERC20VotesUpgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20VotesUpgradeable.sol";
import {NoncesUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {IToken} from "./IToken.sol";
import {TokenArguments} from "./TokenArguments.sol";

/// @title The token of the factory's clones
/// @dev OpenZeppelin's upgradeable parts are used for their namespaced storage; nothing is upgradeable. None of their
/// initialisers is needed: what they would store is read from the clone's code instead.
contract Token is IToken, ERC20PermitUpgradeable, ERC20VotesUpgradeable, AccessControlUpgradeable {
    using TokenArguments for bytes;

    /// @inheritdoc IToken
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");

    address private immutable _template = address(this);

    /// @inheritdoc IToken
    function initialize(address admin, address recipient, uint256 initialSupply) external {
        if (TokenArguments.addressOf(_template, _arguments(), msg.sender) != address(this)) {
            revert TokenNotFactory(msg.sender);
        }
        if (admin != address(0)) _grantRole(DEFAULT_ADMIN_ROLE, admin);
        if (initialSupply != 0) _mint(recipient, initialSupply);
    }

    /// @inheritdoc IToken
    function mint(address to, uint256 amount) external onlyRole(MINTER_ROLE) {
        _mint(to, amount);
    }

    /// @inheritdoc IToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IToken
    function cap() public view returns (uint256) {
        return _arguments().capOf();
    }

    /// @inheritdoc ERC20Upgradeable
    function name() public view override returns (string memory) {
        return _arguments().nameOf();
    }

    /// @inheritdoc ERC20Upgradeable
    function symbol() public view override returns (string memory) {
        return _arguments().symbolOf();
    }

    /// @notice Votes count by timestamp.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice ERC-6372 description of {clock}.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc AccessControlUpgradeable
    function hasRole(bytes32 role, address account) public view override returns (bool) {
        return
            super.hasRole(role, account) ||
            (role == MINTER_ROLE && super.hasRole(DEFAULT_ADMIN_ROLE, account));
    }

    /// @inheritdoc ERC20PermitUpgradeable
    function nonces(
        address owner
    ) public view override(ERC20PermitUpgradeable, NoncesUpgradeable) returns (uint256) {
        return super.nonces(owner);
    }

    /// @dev Checks the cap; the cap itself is at most what votes can count.
    function _update(
        address from,
        address to,
        uint256 value
    ) internal override(ERC20Upgradeable, ERC20VotesUpgradeable) {
        super._update(from, to, value);
        if (from == address(0) && totalSupply() > cap()) revert TokenCapExceeded(totalSupply(), cap());
    }

    /// @dev The domain of every clone is its own name and address.
    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Name() internal view override returns (string memory) {
        return name();
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _arguments() private view returns (bytes memory) {
        // The template is no clone: it has no name, and nobody can set it up.
        if (address(this) == _template) return TokenArguments.pack(0, 0, "", "");
        return Clones.fetchCloneArgs(address(this));
    }
}
