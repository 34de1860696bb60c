// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {IVestingVotes} from "../vesting/IVestingVotes.sol";

/// @title Votes of grants, as the test says; faulty if it says so
contract TestLockedVotes is IVestingVotes {
    using Checkpoints for Checkpoints.Trace208;

    mapping(address account => Checkpoints.Trace208 votes) private _votes;
    uint256 private _fault;

    error TestLockedVotesBroken();

    /// @notice Sets what an account has in any token from now on.
    function set(address account, uint208 votes) external {
        _votes[account].push(uint48(block.timestamp), votes);
    }

    /// @notice 1: every question reverts, 2: it uses up all gas, 0: all is well.
    function breakDown(uint256 fault) external {
        _fault = fault;
    }

    /// @inheritdoc IVestingVotes
    function getVotes(address, address account) external view returns (uint256) {
        return _votes[account].latest();
    }

    /// @inheritdoc IVestingVotes
    function getPastVotes(address, address account, uint256 timepoint) external view returns (uint256) {
        if (_fault == 1) revert TestLockedVotesBroken();
        if (_fault == 2)
            assembly ("memory-safe") {
                invalid()
            }
        return _votes[account].upperLookupRecent(uint48(timepoint));
    }
}
