// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A purchase in one word: buyer (160 bits) ‖ end (64) ‖ refunded (1). Its tickets lie before `end` and begin at
/// the end of the entry before it. Zero is no entry: it ends at 0 and holds no ticket.
type Entry is uint256;

using {buyerOf, endOf, isRefunded, refunded} for Entry global;

function makeEntry(address buyer, uint64 end) pure returns (Entry) {
    return Entry.wrap(uint160(buyer) | (uint256(end) << 160));
}

function buyerOf(Entry entry) pure returns (address) {
    return address(uint160(Entry.unwrap(entry)));
}

function endOf(Entry entry) pure returns (uint64) {
    return uint64(Entry.unwrap(entry) >> 160);
}

function isRefunded(Entry entry) pure returns (bool) {
    return Entry.unwrap(entry) >> 224 != 0;
}

/// @dev The same entry, refunded.
function refunded(Entry entry) pure returns (Entry) {
    return Entry.wrap(Entry.unwrap(entry) | (1 << 224));
}
