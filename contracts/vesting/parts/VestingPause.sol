// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable2StepUpgradeable} from "@openzeppelin/contracts-upgradeable/access/Ownable2StepUpgradeable.sol";

import {Brake} from "../Brake.sol";
import {IVestingPause} from "../IVestingPause.sol";
import {VestingBook} from "./VestingBook.sol";

/// @title The emergency brake
abstract contract VestingPause is IVestingPause, VestingBook, Ownable2StepUpgradeable {
    uint64 private constant MOST_PAUSE = 7 days;
    uint64 private constant PAUSE_COOLDOWN = 30 days;

    /// @inheritdoc IVestingPause
    function pauseUntil(uint64 time) external {
        // Check
        Book storage book = _book();
        if (msg.sender != book.guardian) revert VestingNotGuardian(msg.sender);
        uint256 from = book.pausedFrom;
        uint256 until = book.pausedUntil;
        if (block.timestamp >= until) {
            if (until != 0 && block.timestamp < until + PAUSE_COOLDOWN) {
                revert VestingPauseTooSoon(until + PAUSE_COOLDOWN);
            }
            from = block.timestamp;
        }
        uint256 latest = from + MOST_PAUSE;
        if (time < block.timestamp || time > latest) revert VestingPauseInvalid(time, latest);
        // Effect
        (book.pausedFrom, book.pausedUntil) = (uint40(from), uint40(time));
        Brake.set(time > block.timestamp);
        emit PauseChanged(uint64(from), time);
    }

    /// @inheritdoc IVestingPause
    function setGuardian(address guardian_) external onlyOwner {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IVestingPause
    function guardian() external view returns (address) {
        return _book().guardian;
    }

    /// @inheritdoc IVestingPause
    function lastPause() external view returns (uint64 from, uint64 until) {
        return (_book().pausedFrom, _book().pausedUntil);
    }

    function _setGuardian(address guardian_) internal {
        _book().guardian = guardian_;
        emit GuardianChanged(guardian_);
    }
}
