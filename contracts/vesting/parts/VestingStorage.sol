// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @title Where vesting keeps what it knows
/// @dev Everything in one namespace (ERC-7201); an upgrade may add at the end only.
abstract contract VestingStorage {
    /// @dev Two words: see {PlanWord}; the second holds the creator (160 bits), a bit that says that revocation was
    /// renounced, the number of grants (31), and cliff and step of a wide curve (32 each).
    struct Plan {
        uint256 first;
        uint256 second;
    }

    /// @param terms See {CampaignWord}.
    struct Campaign {
        bytes32 root;
        uint256 terms;
    }

    /// @custom:storage-location erc7201:tombola.vesting
    struct Book {
        uint48 planCount;
        uint40 pausedFrom;
        uint40 pausedUntil;
        address guardian;
        mapping(address token => uint256 amount) booked;
        mapping(uint256 planId => Plan plan) plans;
        mapping(uint256 planId => uint64[] tranches) tranches;
        mapping(uint256 grantId => uint256 word) grants;
        mapping(uint256 grantId => uint256 progress) progress;
        mapping(uint256 grantId => uint256 turn) turns;
        mapping(uint256 grantId => uint256 amount) settled;
        mapping(uint256 grantId => address beneficiary) proposed;
        mapping(uint256 campaignId => Campaign campaign) campaigns;
        mapping(uint256 campaignId => mapping(uint256 word => uint256 bits)) claimed;
        mapping(address token => mapping(address delegatee => Checkpoints.Trace208 trace)) votes;
    }

    // keccak256(abi.encode(uint256(keccak256("tombola.vesting")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant BOOK = 0xb414f7b59ac8e1898d4ae7f43d22da33454bd7a575a8bb5321842fef6d2eea00;

    function _book() internal pure returns (Book storage book) {
        assembly ("memory-safe") {
            book.slot := BOOK
        }
    }
}
