// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingVotes} from "../vesting/IVestingVotes.sol";

/// @title Votes of grants, as the test says; faulty if it says so
contract TestLockedVotes is IVestingVotes {
    /// @notice What `account` has in any token at any time.
    mapping(address account => uint256 votes) public votesOf;
    /// @notice 1: every question reverts, 2: it uses up all gas.
    uint256 public fault;

    error TestLockedVotesBroken();

    /// @notice Sets what an account has.
    function set(address account, uint256 votes) external {
        votesOf[account] = votes;
    }

    /// @notice Sets the fault, 0 for none.
    function breakDown(uint256 fault_) external {
        fault = fault_;
    }

    /// @inheritdoc IVestingVotes
    function getVotes(address, address account) public view returns (uint256) {
        if (fault == 1) revert TestLockedVotesBroken();
        if (fault == 2)
            assembly ("memory-safe") {
                invalid()
            }
        return votesOf[account];
    }

    /// @inheritdoc IVestingVotes
    function getPastVotes(address token, address account, uint256) external view returns (uint256) {
        return getVotes(token, account);
    }
}
