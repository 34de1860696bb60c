// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRaffleTypes} from "./IRaffleTypes.sol";

/// @notice A prize in one word: token (160 bits) ‖ kind (8) ‖ amount or token id (88), which is {LARGE_VALUE} when it does
/// not fit and stands elsewhere.
type PrizeSlot is uint256;

using {tokenOf, kindOf, valueOf} for PrizeSlot global;

uint256 constant LARGE_VALUE = type(uint88).max;

/// @param value At most {LARGE_VALUE}.
function makePrizeSlot(address token, IRaffleTypes.PrizeKind kind, uint256 value) pure returns (PrizeSlot) {
    return PrizeSlot.wrap(uint160(token) | (uint256(kind) << 160) | (value << 168));
}

function tokenOf(PrizeSlot slot) pure returns (address) {
    return address(uint160(PrizeSlot.unwrap(slot)));
}

function kindOf(PrizeSlot slot) pure returns (IRaffleTypes.PrizeKind) {
    return IRaffleTypes.PrizeKind(uint8(PrizeSlot.unwrap(slot) >> 160));
}

function valueOf(PrizeSlot slot) pure returns (uint256) {
    return PrizeSlot.unwrap(slot) >> 168;
}
