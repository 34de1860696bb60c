// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Transfers authorised by a signature (ERC-3009), with signatures as bytes
/// @notice Nonces are 32 bytes the signer chooses, in any order; each is good once. Bytes signatures also serve accounts
/// that are contracts (ERC-1271).
interface IERC3009 {
    /// @notice A transfer was made by this authorization; its nonce is used up.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    /// @notice The signer made a nonce unusable before it was used.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice Moves `value` from the signer to `to`; anyone may submit it.
    /// @param validAfter Unix seconds; the authorization is good strictly after it.
    /// @param validBefore Unix seconds; the authorization is good strictly before it.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice As {transferWithAuthorization}, but only `to` may submit it: a contract can tie it to what it is for.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice Makes a nonce unusable, by the signer's signature.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice Whether a nonce was used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);
}
