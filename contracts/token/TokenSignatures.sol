// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {Signatures} from "../lib/Signatures.sol";
import {IERC3009} from "./IERC3009.sol";
import {ITokenSignatures} from "./ITokenSignatures.sol";
import {TokenBase} from "./TokenBase.sol";
import {TokenDomain} from "./TokenDomain.sol";

/// @title Permits and authorised transfers
abstract contract TokenSignatures is ITokenSignatures, TokenBase, TokenDomain, Nonces {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256(
        "CancelAuthorization(address authorizer,bytes32 nonce)"
    );

    mapping(address authorizer => mapping(bytes32 nonce => bool used)) private _authorizations;

    /// @inheritdoc IERC20Permit
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _permit(owner, spender, value, deadline, abi.encodePacked(r, s, v));
    }

    /// @inheritdoc ITokenSignatures
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        bytes calldata signature
    ) external {
        _permit(owner, spender, value, deadline, signature);
    }

    /// @inheritdoc IERC3009
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        _checkWindow(validAfter, validBefore);
        bytes32 words = keccak256(
            abi.encode(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        _useAuthorization(from, nonce, words, signature);
        emit AuthorizationUsed(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        if (msg.sender != to) revert ERC3009InvalidCaller(msg.sender, to);
        _checkWindow(validAfter, validBefore);
        bytes32 words = keccak256(
            abi.encode(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        _useAuthorization(from, nonce, words, signature);
        emit AuthorizationUsed(from, nonce);
        _transfer(from, to, value);
    }

    /// @inheritdoc IERC3009
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        bytes32 words = keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce));
        _useAuthorization(authorizer, nonce, words, signature);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @inheritdoc IERC3009
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _authorizations[authorizer][nonce];
    }

    /// @inheritdoc IERC20Permit
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparator();
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(Nonces, IERC20Permit) returns (uint256) {
        return super.nonces(owner);
    }

    function _permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        bytes memory signature
    ) private {
        if (block.timestamp > deadline) revert ERC2612ExpiredSignature(deadline);
        bytes32 words = keccak256(
            abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline)
        );
        bytes32 hash = _typedHash(words);
        if (!Signatures.isValid(owner, hash, signature)) {
            // Only for the error: that the signature is wrong is known.
            // slither-disable-next-line unused-return
            (address signer, , ) = ECDSA.tryRecover(hash, signature);
            revert ERC2612InvalidSigner(signer, owner);
        }
        _approve(owner, spender, value);
    }

    /// @dev The nonce is used up before anything else happens.
    function _useAuthorization(
        address authorizer,
        bytes32 nonce,
        bytes32 words,
        bytes calldata signature
    ) private {
        if (_authorizations[authorizer][nonce]) revert ERC3009UsedAuthorization(authorizer, nonce);
        if (!Signatures.isValid(authorizer, _typedHash(words), signature)) revert ERC3009InvalidSignature();
        _authorizations[authorizer][nonce] = true;
    }

    function _checkWindow(uint256 validAfter, uint256 validBefore) private view {
        if (block.timestamp > validAfter && block.timestamp < validBefore) return;
        revert ERC3009InvalidAuthorizationTime(validAfter, validBefore);
    }

    function _domainName() internal view override returns (string memory) {
        return name();
    }
}
