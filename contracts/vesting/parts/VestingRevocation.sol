// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GrantWord} from "../GrantWord.sol";
import {IVestingRevocation} from "../IVestingRevocation.sol";
import {TurnWord} from "../TurnWord.sol";
import {VestingActs} from "./VestingActs.sol";

/// @title Ending grants early
abstract contract VestingRevocation is IVestingRevocation, VestingActs {
    using GrantWord for uint256;
    using TurnWord for uint256;

    /// @inheritdoc IVestingRevocation
    function revoke(uint256 grantId) external nonReentrant returns (uint96 returned) {
        return _revoke(grantId, uint40(block.timestamp));
    }

    /// @inheritdoc IVestingRevocation
    function revokeAt(uint256 grantId, uint64 time) external nonReentrant returns (uint96 returned) {
        if (time <= block.timestamp || time > type(uint40).max) revert VestingTimeInvalid(time);
        return _revoke(grantId, uint40(time));
    }

    /// @inheritdoc IVestingRevocation
    function renounceRevocation(uint256 planId) external {
        _requireRevocable(planId);
        _book().plans[planId].second |= RENOUNCED;
        emit RevocationRenounced(planId);
    }

    /// @dev The curve goes on as before until `time` and stays there; the rest goes back now, since nothing can change it.
    function _revoke(uint256 grantId, uint40 time) private returns (uint96 returned) {
        // Check
        _requireRunning();
        uint256 word = _grantWord(grantId);
        _requireRevocable(grantId >> 64);
        uint256 turn = _book().turns[grantId];
        if (turn.stopsAtOf() != 0) revert VestingAlreadyRevoked(grantId, turn.stopsAtOf());
        returned = word.amountOf() - _vestedOf(grantId, word, time);
        // Computed from the grant alone: no balance that a stranger could shift.
        // slither-disable-next-line incorrect-equality
        if (returned == 0) revert VestingNothingToReturn(grantId);
        // Effect
        _book().turns[grantId] = turn | TurnWord.pack(address(0), 0, time);
        _book().grants[grantId] = word.turned();
        address token = _tokenOf(grantId);
        _moveVotes(token, _book().progress[grantId].delegateeOf(), address(0), returned);
        emit Revoked(grantId, msg.sender, time, returned);
        // Effect, Interaction
        _giveBack(token, msg.sender, returned);
    }

    /// @dev Refuses who is not the creator, and a plan that is not revocable.
    function _requireRevocable(uint256 planId) private view {
        _requireCreator(planId);
        if (_book().plans[planId].second & RENOUNCED != 0) revert VestingNotRevocable(planId);
    }
}
