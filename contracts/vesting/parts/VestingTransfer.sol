// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GrantWord} from "../GrantWord.sol";
import {IVestingTransfer} from "../IVestingTransfer.sol";
import {TurnWord} from "../TurnWord.sol";
import {VestingRelease} from "./VestingRelease.sol";

/// @title Giving a grant to another beneficiary
abstract contract VestingTransfer is IVestingTransfer, VestingRelease {
    using GrantWord for uint256;
    using TurnWord for uint256;

    uint64 private constant RECOVERY_PERIOD = 30 days;
    uint64 private constant RECOVERY_WINDOW = 30 days;
    uint64 private constant RECOVERY_COOLDOWN = 180 days;

    /// @inheritdoc IVestingTransfer
    function proposeTransfer(uint256 grantId, address to) external {
        _actAs(msg.sender, grantId, _grantWord(grantId));
        _book().proposed[grantId] = to;
        emit TransferProposed(grantId, msg.sender, to);
    }

    /// @inheritdoc IVestingTransfer
    function acceptTransfer(uint256 grantId) external {
        if (msg.sender != _book().proposed[grantId]) revert VestingNotProposed(grantId, msg.sender);
        _changeBeneficiary(grantId, msg.sender);
    }

    /// @inheritdoc IVestingTransfer
    function proposeRecovery(uint256 grantId, address candidate) external {
        // Check
        uint256 word = _grantWord(grantId);
        _requireCreator(grantId >> 64);
        if (candidate == address(0)) revert VestingBeneficiaryInvalid(candidate);
        uint256 turn = _book().turns[grantId];
        uint256 from = turn.recoverableAtOf() == 0 ? 0 : turn.recoverableAtOf() + RECOVERY_COOLDOWN;
        if (block.timestamp < from) revert VestingRecoveryTooSoon(grantId, from);
        // Effect
        uint64 readyAt = uint64(block.timestamp) + RECOVERY_PERIOD;
        _book().turns[grantId] = TurnWord.pack(candidate, readyAt, turn.stopsAtOf());
        _book().grants[grantId] = word.turned();
        emit RecoveryProposed(grantId, candidate, readyAt);
    }

    /// @inheritdoc IVestingTransfer
    function vetoRecovery(uint256 grantId) external {
        uint256 word = _grantWord(grantId);
        bool isOpen = _book().turns[grantId].candidateOf() != address(0);
        _actAs(msg.sender, grantId, word);
        if (!isOpen) revert VestingRecoveryNone(grantId);
    }

    /// @inheritdoc IVestingTransfer
    function forbidRecovery(uint256 grantId) external {
        uint256 word = _grantWord(grantId);
        _actAs(msg.sender, grantId, word);
        uint256 stopsAt = _book().turns[grantId].stopsAtOf();
        _book().turns[grantId] = TurnWord.pack(address(0), type(uint40).max, stopsAt);
        _book().grants[grantId] = word.turned();
        emit RecoveryForbidden(grantId);
    }

    /// @inheritdoc IVestingTransfer
    function completeRecovery(uint256 grantId) external {
        uint256 turn = _book().turns[grantId];
        if (msg.sender != turn.candidateOf()) revert VestingNotProposed(grantId, msg.sender);
        uint256 readyAt = turn.recoverableAtOf();
        if (block.timestamp < readyAt) revert VestingRecoveryNotReady(grantId, readyAt);
        uint256 expiresAt = readyAt + RECOVERY_WINDOW;
        if (block.timestamp >= expiresAt) revert VestingRecoveryExpired(grantId, expiresAt);
        _changeBeneficiary(grantId, msg.sender);
    }

    /// @inheritdoc IVestingTransfer
    function proposalsOf(
        uint256 grantId
    ) external view returns (address offeredTo, address candidate, uint64 readyAt) {
        offeredTo = _book().proposed[grantId];
        if (!_recoveryIsOpen(grantId)) return (offeredTo, address(0), 0);
        uint256 turn = _book().turns[grantId];
        return (offeredTo, turn.candidateOf(), uint64(turn.recoverableAtOf()));
    }

    /// @dev The votes go with the old beneficiary; so does every proposal.
    function _changeBeneficiary(uint256 grantId, address to) private {
        uint256 word = _grantWord(grantId);
        address from = word.beneficiaryOf();
        uint256 progress = _book().progress[grantId];
        address delegatee = progress.delegateeOf();
        if (delegatee != address(0)) {
            uint96 released = progress.releasedOf();
            uint256 units = _keptOf(grantId, word) - released;
            _book().progress[grantId] = GrantWord.packProgress(released, address(0));
            _moveVotes(_tokenOf(grantId), delegatee, address(0), units);
        }
        if (word.isTurned()) _book().turns[grantId] = _book().turns[grantId].withoutRecovery();
        delete _book().proposed[grantId];
        _book().grants[grantId] = word.withBeneficiary(to);
        emit BeneficiaryChanged(grantId, from, to);
    }

    function _recoveryIsOpen(uint256 grantId) internal view override returns (bool) {
        uint256 turn = _book().turns[grantId];
        if (turn.candidateOf() == address(0)) return false;
        return block.timestamp < turn.recoverableAtOf() + RECOVERY_WINDOW;
    }
}
