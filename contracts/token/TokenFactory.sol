// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IVesting} from "../vesting/IVesting.sol";
import {FactoryFees} from "./FactoryFees.sol";
import {FactoryTemplates} from "./FactoryTemplates.sol";
import {ITokenFactory} from "./ITokenFactory.sol";
import {ITokenTemplate} from "./ITokenTemplate.sol";
import {TokenArguments} from "./TokenArguments.sol";
import {VoteHistory} from "./VoteHistory.sol";

/// @title Launches tokens as clones of registered templates
contract TokenFactory is ITokenFactory, FactoryTemplates, FactoryFees {
    using TokenArguments for bytes;

    /// @notice A template to begin with.
    struct FirstTemplate {
        bytes32 kind;
        address implementation;
    }

    /// @dev How many tokens a creator has stands beside the first of them, so that a first token costs one slot.
    struct Instance {
        address token;
        uint96 count;
    }

    uint256 private constant MOST_NAME_BYTES = 64;
    uint256 private constant MOST_SYMBOL_BYTES = 32;

    /// @inheritdoc ITokenFactory
    address public immutable vesting;
    mapping(address creator => mapping(uint256 index => Instance instance)) private _instances;
    mapping(address creator => bool allowed) private _allowed;

    /// @param fee_ In POL; creation is open to all.
    constructor(
        address owner_,
        address treasury_,
        address vesting_,
        uint256 fee_,
        FirstTemplate[] memory templates
    ) Ownable(owner_) {
        if (vesting_.code.length == 0) revert TokenFactoryConfigInvalid("vesting");
        vesting = vesting_;
        _setTreasury(treasury_);
        _setFee(fee_, address(0));
        for (uint256 i = 0; i < templates.length; ++i)
            _register(templates[i].kind, templates[i].implementation);
    }

    /// @inheritdoc ITokenFactory
    function createToken(
        TokenConfig calldata config,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token) {
        Terms memory terms = _feeTerms();
        // Check
        _checkCreator(terms);
        _checkFee(terms, maxFee);
        // Effect
        token = _create(config, salt, 0);
        // Interaction
        _settleFee(terms, token);
    }

    /// @inheritdoc ITokenFactory
    function launch(
        TokenConfig calldata config,
        LaunchPlan[] calldata plans,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token, uint256[] memory planIds) {
        Terms memory terms = _feeTerms();
        // Check
        _checkCreator(terms);
        _checkFee(terms, maxFee);
        uint256 vested = _sumOf(plans);
        if (vested > config.initialSupply) revert TokenFactoryConfigInvalid("initialSupply");
        // Effect
        token = _create(config, salt, vested);
        // Interaction: the vesting contract is ours.
        planIds = _vest(token, plans, vested);
        emit TokenVested(token, msg.sender, planIds, vested);
        _settleFee(terms, token);
    }

    /// @inheritdoc ITokenFactory
    function setOpen(bool open) external onlyOwner {
        _setRestricted(!open);
        emit CreationOpened(open);
    }

    /// @inheritdoc ITokenFactory
    function setCreators(address[] calldata creators, bool allowed) external onlyOwner {
        for (uint256 i = 0; i < creators.length; ++i) {
            _allowed[creators[i]] = allowed;
            emit CreatorAllowed(creators[i], allowed);
        }
    }

    /// @inheritdoc ITokenFactory
    function predictToken(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) external view returns (address token) {
        address template = _template(config.templateId).implementation;
        return TokenArguments.addressOf(template, _arguments(creator, config, salt), address(this));
    }

    /// @inheritdoc ITokenFactory
    /// @dev Nothing is stored for this: only this factory can have put this code at that address, and it makes clones of
    /// registered templates only.
    function isInstance(address token) external view returns (bool) {
        bytes memory code = token.code;
        if (code.length <= TokenArguments.CLONE_BYTES) return false;
        bytes memory arguments = Clones.fetchCloneArgs(token);
        return TokenArguments.addressOf(code.templateOf(), arguments, address(this)) == token;
    }

    /// @inheritdoc ITokenFactory
    function instancesOf(
        address creator,
        uint256 from,
        uint256 count
    ) external view returns (address[] memory tokens) {
        uint256 total = _instances[creator][0].count;
        uint256 left = from < total ? total - from : 0;
        tokens = new address[](count < left ? count : left);
        for (uint256 i = 0; i < tokens.length; ++i) tokens[i] = _instances[creator][from + i].token;
    }

    /// @inheritdoc ITokenFactory
    function isOpen() external view returns (bool) {
        return !_feeTerms().restricted;
    }

    /// @inheritdoc ITokenFactory
    function canCreate(address creator) external view returns (bool) {
        return !_feeTerms().restricted || _allowed[creator];
    }

    /// @dev The clone is set up in the transaction that makes it; its template is the owner's choice and calls nobody.
    function _create(
        TokenConfig calldata config,
        bytes32 salt,
        uint256 held
    ) private returns (address token) {
        _checkConfig(config, held);
        address template = _activeTemplate(config.templateId);
        bytes memory arguments = _arguments(msg.sender, config, salt);
        token = Clones.cloneDeterministicWithImmutableArgs(template, arguments, arguments.saltOf());
        _remember(msg.sender, token);
        _emitCreated(token, template, config, salt);
        ITokenTemplate(token).initialize(config.admin, config.recipient, config.initialSupply, held);
    }

    function _vest(
        address token,
        LaunchPlan[] calldata plans,
        uint256 vested
    ) private returns (uint256[] memory planIds) {
        planIds = new uint256[](plans.length);
        // Our own token: it reverts or answers true.
        // slither-disable-next-line unused-return
        IERC20(token).approve(vesting, vested);
        for (uint256 i = 0; i < plans.length; ++i) {
            if (plans[i].config.token != token) revert TokenFactoryPlanInvalid(i, "token");
            // The ids of the grants follow from the plan's.
            // slither-disable-next-line unused-return
            (planIds[i], ) = IVesting(vesting).createPlanFor(msg.sender, plans[i].config, plans[i].grants);
        }
        uint256 left = IERC20(token).balanceOf(address(this));
        uint256 allowed = IERC20(token).allowance(address(this), vesting);
        if (left != 0 || allowed != 0) revert TokenFactoryVestingIncomplete(left, allowed);
    }

    function _remember(address creator, address token) private {
        Instance storage first = _instances[creator][0];
        uint96 count = first.count;
        if (count == 0) {
            _instances[creator][0] = Instance({token: token, count: 1});
            return;
        }
        _instances[creator][count].token = token;
        first.count = count + 1;
    }

    function _emitCreated(
        address token,
        address template,
        TokenConfig calldata config,
        bytes32 salt
    ) private {
        emit TokenCreated({
            token: token,
            creator: msg.sender,
            template: template,
            name: config.name,
            symbol: config.symbol,
            admin: config.admin,
            recipient: config.recipient,
            cap: config.cap,
            initialSupply: config.initialSupply,
            salt: salt,
            templateId: config.templateId,
            features: config.features
        });
    }

    function _checkCreator(Terms memory terms) private view {
        if (!terms.restricted || _allowed[msg.sender]) return;
        revert TokenFactoryCreatorNotAllowed(msg.sender);
    }

    function _sumOf(LaunchPlan[] calldata plans) private pure returns (uint256 sum) {
        if (plans.length == 0) revert TokenFactoryConfigInvalid("plans");
        for (uint256 i = 0; i < plans.length; ++i) {
            IVesting.GrantInput[] calldata grants = plans[i].grants;
            if (grants.length == 0) revert TokenFactoryPlanInvalid(i, "grants");
            for (uint256 j = 0; j < grants.length; ++j) sum += grants[j].amount;
        }
    }

    /// @dev The salt binds the address to who creates and to every word of the configuration.
    function _arguments(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) private pure returns (bytes memory) {
        bytes20 boundSalt = bytes20(keccak256(abi.encode(creator, config, salt)));
        return
            TokenArguments.pack(boundSalt, config.features, uint184(config.cap), config.name, config.symbol);
    }

    /// @dev What templates can rely on; the rest is their own to check.
    function _checkConfig(TokenConfig calldata config, uint256 held) private pure {
        uint256 nameLength = bytes(config.name).length;
        uint256 symbolLength = bytes(config.symbol).length;
        if (nameLength == 0 || nameLength > MOST_NAME_BYTES) revert TokenFactoryConfigInvalid("name");
        if (symbolLength == 0 || symbolLength > MOST_SYMBOL_BYTES) revert TokenFactoryConfigInvalid("symbol");
        if (config.cap > VoteHistory.MOST) revert TokenFactoryConfigInvalid("cap");
        uint256 most = config.cap == 0 ? VoteHistory.MOST : config.cap;
        if (config.initialSupply > most) revert TokenFactoryConfigInvalid("initialSupply");
        if (config.initialSupply != held && config.recipient == address(0)) {
            revert TokenFactoryConfigInvalid("recipient");
        }
    }
}
