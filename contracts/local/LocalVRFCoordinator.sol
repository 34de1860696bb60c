// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VRFCoordinatorV2_5Mock} from "@chainlink/contracts/src/v0.8/vrf/mocks/VRFCoordinatorV2_5Mock.sol";
// Ape passes on only the remappings that our own files use; Chainlink's file needs this one.
// solhint-disable-next-line no-unused-import, import-path-check
import {EnumerableSet} from "@openzeppelin/contracts@4.9.6/utils/structs/EnumerableSet.sol";

/// @title Chainlink's VRF v2.5 coordinator for the local chain
/// @notice Chainlink's own mock, unchanged; never deployed to a live chain.
contract LocalVRFCoordinator is VRFCoordinatorV2_5Mock {
    constructor(
        uint96 baseFee,
        uint96 gasPrice,
        int256 weiPerUnitLink
    ) VRFCoordinatorV2_5Mock(baseFee, gasPrice, weiPerUnitLink) {}
}
