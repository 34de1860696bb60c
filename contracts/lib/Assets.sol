// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

import {IERC3009} from "../token/IERC3009.sol";

/// @title Taking and giving of POL and tokens
/// @notice The zero address stands for POL. What is taken must arrive in full, measured by balances: tokens with a fee on
/// transfer, tokens that rebase in between and POL's ERC-20 face are refused. Callers name the error.
library Assets {
    using SafeERC20 for IERC20;

    /// @notice POL's second face as an ERC-20 on Polygon; holding it and POL would count one balance twice.
    address internal constant NATIVE_FACE = 0x0000000000000000000000000000000000001010;

    /// @notice Takes `amount` of an ERC-20; false when another amount arrived or the token is POL's face.
    function takeERC20(address token, address from, uint256 amount) internal returns (bool exact) {
        if (token == NATIVE_FACE) return false;
        uint256 before = held(token);
        IERC20(token).safeTransferFrom(from, address(this), amount);
        return held(token) == before + amount;
    }

    /// @notice As {takeERC20}, by the payer's ERC-3009 signature: no approval is needed and anyone may submit it.
    /// @param nonce Derived by the caller from everything the payment is for, or the signature would serve for anything.
    function takeWithAuthorization(
        address token,
        address from,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) internal returns (bool exact) {
        if (token == NATIVE_FACE) return false;
        uint256 before = held(token);
        IERC3009(token).receiveWithAuthorization(
            from,
            address(this),
            amount,
            validAfter,
            validBefore,
            nonce,
            signature
        );
        return held(token) == before + amount;
    }

    /// @notice Takes one ERC-721; false when it is not ours afterwards.
    function takeERC721(address token, address from, uint256 tokenId) internal returns (bool exact) {
        IERC721(token).transferFrom(from, address(this), tokenId);
        return IERC721(token).ownerOf(tokenId) == address(this);
    }

    /// @notice Gives POL; false when the receiver refuses it.
    function giveNative(address to, uint256 amount) internal returns (bool done) {
        assembly ("memory-safe") {
            // No return data is copied: a receiver cannot make its caller pay for it.
            done := call(gas(), to, amount, 0, 0, 0, 0)
        }
    }

    /// @notice Gives an ERC-20; the token's own error goes through.
    function giveERC20(address token, address to, uint256 amount) internal {
        IERC20(token).safeTransfer(to, amount);
    }

    /// @notice Gives one ERC-721, without asking the receiver: one that refuses could otherwise hold up its payer.
    function giveERC721(address token, address to, uint256 tokenId) internal {
        IERC721(token).transferFrom(address(this), to, tokenId);
    }

    /// @notice Uses an ERC-2612 permit. One that fails is passed over: somebody may have used it first, and then the
    /// allowance is there; otherwise the transfer that follows says what is missing.
    /// @param signature 65 bytes: r ‖ s ‖ v.
    function permit(
        address token,
        address from,
        uint256 amount,
        uint256 deadline,
        bytes calldata signature
    ) internal {
        if (signature.length != 65 || token.code.length == 0) return;
        bytes32 r = bytes32(signature[:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        try IERC20Permit(token).permit(from, address(this), amount, deadline, v, r, s) {} catch {}
    }

    /// @notice What this contract holds of an ERC-20.
    /// @dev `balanceOf` of this contract, in half the gas of the compiler's way; a failure of the token goes through.
    function held(address token) internal view returns (uint256 amount) {
        assembly ("memory-safe") {
            mstore(0x00, 0x70a0823100000000000000000000000000000000000000000000000000000000)
            mstore(0x04, address())
            if iszero(staticcall(gas(), token, 0x00, 0x24, 0x00, 0x20)) {
                let data := mload(0x40)
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            if lt(returndatasize(), 0x20) {
                revert(0, 0)
            }
            amount := mload(0x00)
        }
    }
}
