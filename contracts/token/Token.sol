// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";
import {IERC20, IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IERC3009} from "./IERC3009.sol";
import {IToken} from "./IToken.sol";
import {ITokenBridge} from "./ITokenBridge.sol";
import {ITokenTemplate} from "./ITokenTemplate.sol";
import {ITokenVotes} from "./ITokenVotes.sol";
import {TokenArguments} from "./TokenArguments.sol";
import {TokenBridge} from "./TokenBridge.sol";
import {TokenFeatures} from "./TokenFeatures.sol";
import {TokenVotes} from "./TokenVotes.sol";
import {VoteHistory} from "./VoteHistory.sol";

/// @title The full token: signatures, votes, and per token a choice of cap, mint, burn, pause and bridges
contract Token is IToken, TokenVotes, TokenBridge, AccessControl {
    using TokenArguments for bytes;

    /// @inheritdoc IToken
    bytes32 public constant MINTER_ROLE = keccak256("MINTER_ROLE");
    /// @inheritdoc IToken
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");
    /// @inheritdoc IToken
    bytes32 public constant BRIDGE_ROLE = keccak256("BRIDGE_ROLE");

    /// @inheritdoc IToken
    bool public paused;

    /// @inheritdoc ITokenTemplate
    function initialize(address admin, address recipient, uint256 initialSupply, uint256 held) external {
        // Check
        _checkFactory();
        _checkFresh();
        _checkConfig(admin, initialSupply);
        // Effect
        if (initialSupply == 0) _startEmpty();
        if (admin != address(0)) _grantRole(DEFAULT_ADMIN_ROLE, admin);
        if (held != 0) _mint(msg.sender, held);
        if (held != initialSupply) _mint(recipient, initialSupply - held);
    }

    /// @inheritdoc IToken
    function mint(address to, uint256 amount) external {
        if (!_has(TokenFeatures.MINT)) revert TokenFeatureMissing("mint");
        _checkRoleOrAdmin(MINTER_ROLE);
        _mint(to, amount);
    }

    /// @inheritdoc IToken
    function burn(uint256 amount) external {
        if (!_has(TokenFeatures.BURN)) revert TokenFeatureMissing("burn");
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IToken
    function burnFrom(address account, uint256 amount) external {
        if (!_has(TokenFeatures.BURN)) revert TokenFeatureMissing("burn");
        _spendAllowance(account, msg.sender, amount);
        _burn(account, amount);
    }

    /// @inheritdoc IToken
    function pause() external {
        _checkPauser();
        if (paused) revert TokenPaused();
        paused = true;
        emit Paused(msg.sender);
    }

    /// @inheritdoc IToken
    function unpause() external {
        _checkPauser();
        if (!paused) revert TokenNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IERC7802
    function crosschainMint(address to, uint256 amount) external {
        _checkBridge();
        _useMintLimit(msg.sender, amount);
        _mint(to, amount);
        emit CrosschainMint(to, amount, msg.sender);
    }

    /// @inheritdoc IERC7802
    function crosschainBurn(address from, uint256 amount) external {
        _checkBridge();
        _checkMoving();
        _useBurnLimit(msg.sender, amount);
        _burn(from, amount);
        emit CrosschainBurn(from, amount, msg.sender);
    }

    /// @inheritdoc ITokenBridge
    function setBridgeLimit(
        address bridge,
        uint256 limit,
        uint256 window
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_has(TokenFeatures.BRIDGE)) revert TokenFeatureMissing("bridge");
        _setBridgeLimit(bridge, limit, window);
    }

    /// @inheritdoc IToken
    function features() public view returns (uint8) {
        return _isTemplate() ? 0 : TokenArguments.ownFeatures();
    }

    /// @inheritdoc ITokenVotes
    function cap() public view override returns (uint256) {
        uint256 chosen = _arguments().capOf();
        return chosen == 0 ? VoteHistory.MOST : chosen;
    }

    /// @notice ERC-165; ERC-7802 only where the token has bridges.
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(AccessControl, IERC165) returns (bool) {
        if (interfaceId == type(IERC7802).interfaceId) return _has(TokenFeatures.BRIDGE);
        return
            interfaceId == type(IERC20).interfaceId ||
            interfaceId == type(IERC20Metadata).interfaceId ||
            interfaceId == type(IERC20Permit).interfaceId ||
            interfaceId == type(IERC3009).interfaceId ||
            interfaceId == type(IERC5267).interfaceId ||
            interfaceId == type(IVotes).interfaceId ||
            interfaceId == type(IERC6372).interfaceId ||
            super.supportsInterface(interfaceId);
    }

    function _move(address from, address to, uint256 value) internal override {
        _checkMoving();
        super._move(from, to, value);
    }

    function _checkConfig(address admin, uint256 initialSupply) private view {
        uint8 chosen = features();
        if (chosen > TokenFeatures.ALL) revert TokenConfigInvalid("features");
        if (chosen & TokenFeatures.WITH_ROLE != 0 && admin == address(0)) revert TokenConfigInvalid("admin");
        // Otherwise there would never be any.
        bool canGrow = chosen & (TokenFeatures.MINT | TokenFeatures.BRIDGE) != 0;
        if (initialSupply == 0 && !canGrow) revert TokenConfigInvalid("initialSupply");
    }

    function _checkPauser() private view {
        if (!_has(TokenFeatures.PAUSE)) revert TokenFeatureMissing("pause");
        _checkRoleOrAdmin(PAUSER_ROLE);
    }

    function _checkBridge() private view {
        if (!_has(TokenFeatures.BRIDGE)) revert TokenFeatureMissing("bridge");
        _checkRole(BRIDGE_ROLE);
    }

    /// @dev A token that cannot be paused reads no storage for it.
    function _checkMoving() private view {
        if (_has(TokenFeatures.PAUSE) && paused) revert TokenPaused();
    }

    function _checkRoleOrAdmin(bytes32 role) private view {
        if (!hasRole(DEFAULT_ADMIN_ROLE, msg.sender)) _checkRole(role);
    }

    function _has(uint8 feature) private view returns (bool) {
        return features() & feature != 0;
    }
}
