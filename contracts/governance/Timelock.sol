// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Owner of the contracts and holder of the treasury; acts only on what the governor schedules
/// @notice OpenZeppelin's, with a floor under the delay. It starts without a delay: in that state the deployment sets the
/// system up and hands it over in one batch, which also sets the delay and takes every role from the deployer.
contract Timelock is TimelockController {
    /// @notice Least delay in seconds that {updateDelay} accepts, except on the local chain.
    uint256 public constant LEAST_DELAY = 1 days;
    uint256 private constant LOCAL_CHAIN = 31337;

    /// @notice A delay below the floor of live chains, in seconds.
    error TimelockDelayTooShort(uint256 delay, uint256 least);

    /// @param deployer Proposer, canceller and executor until the hand-over; there is no other admin than the timelock.
    constructor(address deployer) TimelockController(0, _only(deployer), _only(deployer), address(0)) {}

    /// @inheritdoc TimelockController
    function updateDelay(uint256 newDelay) public override {
        if (newDelay < LEAST_DELAY && block.chainid != LOCAL_CHAIN) {
            revert TimelockDelayTooShort(newDelay, LEAST_DELAY);
        }
        super.updateDelay(newDelay);
    }

    function _only(address account) private pure returns (address[] memory accounts) {
        accounts = new address[](1);
        accounts[0] = account;
    }
}
