// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {IERC3009} from "./IERC3009.sol";

/// @title What a token does by signature: approve (ERC-2612) and move (ERC-3009)
/// @notice Signers are people or contracts (ERC-1271). The EIP-712 domain is the clone's own name, version "1", the chain
/// and the clone's address, so a signature is good for one token on one chain.
interface ITokenSignatures is IERC20Permit, IERC3009 {
    /// @notice The permit was good until `deadline`, Unix seconds.
    error ERC2612ExpiredSignature(uint256 deadline);
    /// @notice The permit is not signed by `owner`; `signer` is who the signature points to.
    error ERC2612InvalidSigner(address signer, address owner);
    /// @notice The authorization is good strictly between these Unix seconds.
    error ERC3009InvalidAuthorizationTime(uint256 validAfter, uint256 validBefore);
    /// @notice The nonce was used or cancelled.
    error ERC3009UsedAuthorization(address authorizer, bytes32 nonce);
    /// @notice The authorization is not signed by whose tokens it moves.
    error ERC3009InvalidSignature();
    /// @notice Only who is to receive may submit this authorization.
    error ERC3009InvalidCaller(address caller, address to);

    /// @notice ERC-2612's permit with a signature of any length, as contracts that sign need it.
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        bytes calldata signature
    ) external;
}
