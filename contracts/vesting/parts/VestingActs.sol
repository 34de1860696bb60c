// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {Assets} from "../../lib/Assets.sol";
import {GrantWord} from "../GrantWord.sol";
import {IVestingTransfer} from "../IVestingTransfer.sol";
import {IVestingDelegation} from "../IVestingDelegation.sol";
import {TurnWord} from "../TurnWord.sol";
import {VestingBook} from "./VestingBook.sol";

/// @title What the parts of vesting share when they change something
abstract contract VestingActs is VestingBook {
    using Checkpoints for Checkpoints.Trace208;
    using GrantWord for uint256;
    using TurnWord for uint256;

    /// @dev Refuses who is not the beneficiary. Acting shows that the key is not lost, which ends an open recovery.
    function _actAs(address who, uint256 grantId, uint256 word) internal {
        if (who != word.beneficiaryOf()) revert VestingNotBeneficiary(grantId, who);
        if (!word.isTurned()) return;
        uint256 turn = _book().turns[grantId];
        address candidate = turn.candidateOf();
        if (candidate == address(0)) return;
        _book().turns[grantId] = turn.withoutCandidate();
        emit IVestingTransfer.RecoveryVetoed(grantId, candidate);
    }

    /// @dev Gives what is no longer owed. The last thing that happens.
    function _giveBack(address token, address to, uint256 amount) internal {
        // Effect
        _book().booked[token] -= amount;
        // Interaction
        Assets.giveERC20(token, to, amount);
    }

    /// @dev Takes `units` of votes from one delegatee to another; the zero address is nobody and has none.
    function _moveVotes(address token, address from, address to, uint256 units) internal {
        // Nothing moves, so nothing is written.
        // slither-disable-next-line incorrect-equality
        if (from == to || units == 0) return;
        if (from != address(0)) _setVotes(token, from, _book().votes[token][from].latest() - units);
        if (to != address(0)) _setVotes(token, to, _book().votes[token][to].latest() + units);
    }

    function _setVotes(address token, address account, uint256 votes) private {
        Checkpoints.Trace208 storage trace = _book().votes[token][account];
        // A sum of fewer than 2⁸⁰ amounts below 2⁹⁵. What push returns second is what it was given.
        // slither-disable-next-line unused-return
        (uint256 before, ) = trace.push(uint48(block.timestamp), uint208(votes));
        emit IVestingDelegation.DelegateVotesChanged(token, account, before, votes);
    }
}
