// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {GrantWord} from "../GrantWord.sol";
import {IVestingDelegation} from "../IVestingDelegation.sol";
import {IVestingVotes} from "../IVestingVotes.sol";
import {VestingActs} from "./VestingActs.sol";

/// @title The votes of tokens that are still locked in grants
abstract contract VestingVotes is IVestingDelegation, VestingActs {
    using Checkpoints for Checkpoints.Trace208;
    using GrantWord for uint256;

    /// @inheritdoc IVestingDelegation
    function delegate(uint256[] calldata grantIds, address delegatee) external {
        for (uint256 i = 0; i < grantIds.length; ++i) {
            uint256 grantId = grantIds[i];
            uint256 word = _grantWord(grantId);
            _actAs(msg.sender, grantId, word);
            uint256 progress = _book().progress[grantId];
            uint96 released = progress.releasedOf();
            address from = progress.delegateeOf();
            _book().progress[grantId] = GrantWord.packProgress(released, delegatee);
            emit GrantDelegated(grantId, from, delegatee);
            uint256 units = _keptOf(grantId, word) - released;
            _moveVotes(_tokenOf(grantId), from, delegatee, units);
        }
    }

    /// @inheritdoc IVestingVotes
    function getVotes(address token, address account) external view returns (uint256) {
        return _book().votes[token][account].latest();
    }

    /// @inheritdoc IVestingVotes
    function getPastVotes(address token, address account, uint256 timepoint) external view returns (uint256) {
        if (timepoint >= block.timestamp) revert VestingFutureLookup(timepoint, block.timestamp);
        return _book().votes[token][account].upperLookup(uint48(timepoint));
    }
}
