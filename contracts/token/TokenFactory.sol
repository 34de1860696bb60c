// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

import {IToken} from "./IToken.sol";
import {ITokenFactory} from "./ITokenFactory.sol";
import {TokenArguments} from "./TokenArguments.sol";

/// @title Launches tokens as clones of a template
contract TokenFactory is ITokenFactory, Ownable2Step {
    using TokenArguments for bytes;

    /// @dev How many tokens a creator has stands beside the first of them, so that a first token costs one slot.
    struct Instance {
        address token;
        uint96 count;
    }

    /// @notice No fee can be set above this.
    uint256 public constant FEE_CEILING = 1_000 ether;
    uint256 private constant MOST_NAME_BYTES = 64;
    uint256 private constant MOST_SYMBOL_BYTES = 32;
    /// @dev Length of an ERC-1167 clone's code before its arguments, and where the template stands in it.
    uint256 private constant CLONE_BYTES = 45;
    uint256 private constant TEMPLATE_AT = 10;

    /// @inheritdoc ITokenFactory
    address public template;
    uint96 private _fee;
    mapping(address creator => mapping(uint256 index => Instance instance)) private _instances;

    constructor(address owner_, address template_, uint256 fee_) Ownable(owner_) {
        _setTemplate(template_);
        _setFee(fee_);
    }

    /// @inheritdoc ITokenFactory
    function createToken(
        TokenConfig calldata config,
        bytes32 salt,
        uint256 maxFee
    ) external payable returns (address token) {
        // Check
        uint256 due = _fee;
        if (due > maxFee) revert TokenFactoryFeeAboveMax(due, maxFee);
        if (msg.value < due) revert TokenFactoryFeeUnpaid(msg.value, due);
        _checkConfig(config);
        // Effect: creating the clone runs none of its code.
        bytes memory arguments = _arguments(msg.sender, config, salt);
        token = Clones.cloneDeterministicWithImmutableArgs(template, arguments, arguments.saltOf());
        _remember(msg.sender, token);
        _emitCreated(token, config, salt);
        // Interaction
        IToken(token).initialize(config.admin, config.recipient, config.initialSupply);
        if (msg.value > due) _send(msg.sender, msg.value - due);
    }

    /// @inheritdoc ITokenFactory
    function setFee(uint256 fee_) external onlyOwner {
        _setFee(fee_);
    }

    /// @inheritdoc ITokenFactory
    function setTemplate(address template_) external onlyOwner {
        _setTemplate(template_);
    }

    /// @inheritdoc ITokenFactory
    function withdrawFees(address payable to) external onlyOwner {
        uint256 amount = address(this).balance;
        emit FeesWithdrawn(to, amount);
        _send(to, amount);
    }

    /// @inheritdoc ITokenFactory
    function fee() external view returns (uint256) {
        return _fee;
    }

    /// @inheritdoc ITokenFactory
    function predictToken(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) external view returns (address token) {
        return TokenArguments.addressOf(template, _arguments(creator, config, salt), address(this));
    }

    /// @inheritdoc ITokenFactory
    /// @dev Nothing is stored for this: only this factory can have put this code at that address.
    function isInstance(address token) external view returns (bool) {
        bytes memory code = token.code;
        if (code.length <= CLONE_BYTES) return false;
        address itsTemplate;
        assembly ("memory-safe") {
            itsTemplate := shr(96, mload(add(add(code, 0x20), TEMPLATE_AT)))
        }
        return TokenArguments.addressOf(itsTemplate, Clones.fetchCloneArgs(token), address(this)) == token;
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

    function _setFee(uint256 fee_) private {
        if (fee_ > FEE_CEILING) revert TokenFactoryFeeTooHigh(fee_, FEE_CEILING);
        _fee = uint96(fee_);
        emit FeeChanged(fee_);
    }

    function _setTemplate(address template_) private {
        if (template_.code.length == 0) revert TokenFactoryConfigInvalid("template");
        template = template_;
        emit TemplateChanged(template_);
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

    function _send(address to, uint256 amount) private {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = to.call{value: amount}("");
        if (!success) revert TokenFactoryWithdrawFailed(to, amount);
    }

    function _emitCreated(address token, TokenConfig calldata config, bytes32 salt) private {
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
            salt: salt
        });
    }

    /// @dev The salt binds the address to who creates and to every word of the configuration.
    function _arguments(
        address creator,
        TokenConfig calldata config,
        bytes32 salt
    ) private pure returns (bytes memory) {
        bytes16 boundSalt = bytes16(keccak256(abi.encode(creator, config, salt)));
        return TokenArguments.pack(boundSalt, uint208(config.cap), config.name, config.symbol);
    }

    function _checkConfig(TokenConfig calldata config) private pure {
        uint256 nameLength = bytes(config.name).length;
        uint256 symbolLength = bytes(config.symbol).length;
        if (nameLength == 0 || nameLength > MOST_NAME_BYTES) revert TokenFactoryConfigInvalid("name");
        if (symbolLength == 0 || symbolLength > MOST_SYMBOL_BYTES) revert TokenFactoryConfigInvalid("symbol");
        if (config.cap == 0 || config.cap > type(uint208).max) revert TokenFactoryConfigInvalid("cap");
        if (config.initialSupply > config.cap) revert TokenFactoryConfigInvalid("initialSupply");
        if (config.initialSupply != 0 && config.recipient == address(0)) {
            revert TokenFactoryConfigInvalid("recipient");
        }
        if (config.initialSupply == 0 && config.admin == address(0))
            revert TokenFactoryConfigInvalid("admin");
    }
}
