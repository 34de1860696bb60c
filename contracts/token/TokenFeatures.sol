// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a token may do beyond moving: bits that stand in its code for ever
library TokenFeatures {
    /// @notice Minters create tokens up to the cap.
    uint8 internal constant MINT = 1;
    /// @notice Holders destroy their own tokens, or those they have an allowance for.
    uint8 internal constant BURN = 2;
    /// @notice Pausers stop moves.
    uint8 internal constant PAUSE = 4;
    /// @notice Bridges mint and burn within their limit (ERC-7802).
    uint8 internal constant BRIDGE = 8;
    uint8 internal constant ALL = 15;
    /// @notice Features that are somebody's role, so the token needs an admin.
    uint8 internal constant WITH_ROLE = MINT | PAUSE | BRIDGE;
}
