// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A grant in one word, and what became of it in a second
/// @notice First word, from the lowest bit: beneficiary (160), amount (95), turned (1). `turned` says that the grant was
/// revoked or a recovery was proposed once: only then a release looks further. Second word: released (96), delegatee (160).
library GrantWord {
    uint256 private constant AMOUNT_AT = 160;
    uint256 private constant TURNED = 1 << 255;
    uint256 private constant DELEGATEE_AT = 96;

    uint256 internal constant MOST_AMOUNT = 2 ** 95 - 1;

    function pack(address beneficiary, uint96 amount) internal pure returns (uint256) {
        return (uint256(amount) << AMOUNT_AT) | uint160(beneficiary);
    }

    function withBeneficiary(uint256 word, address beneficiary) internal pure returns (uint256) {
        return ((word >> AMOUNT_AT) << AMOUNT_AT) | uint160(beneficiary);
    }

    function turned(uint256 word) internal pure returns (uint256) {
        return word | TURNED;
    }

    function beneficiaryOf(uint256 word) internal pure returns (address) {
        return address(uint160(word));
    }

    function amountOf(uint256 word) internal pure returns (uint96) {
        return uint96((word & ~TURNED) >> AMOUNT_AT);
    }

    function isTurned(uint256 word) internal pure returns (bool) {
        return word & TURNED != 0;
    }

    function packProgress(uint96 released, address delegatee) internal pure returns (uint256) {
        return (uint256(uint160(delegatee)) << DELEGATEE_AT) | released;
    }

    function releasedOf(uint256 progress) internal pure returns (uint96) {
        return uint96(progress);
    }

    function delegateeOf(uint256 progress) internal pure returns (address) {
        return address(uint160(progress >> DELEGATEE_AT));
    }
}
