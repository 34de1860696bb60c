// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title The emergency brake
/// @notice While paused no token moves. Curves, votes, transfers and vetoes go on. A pause ends by itself, lasts at most
/// 7 days and cannot follow another before 30 days have passed.
interface IVestingPause is IVestingBook {
    /// @notice No token moves from `from` to `until` (Unix seconds).
    event PauseChanged(uint64 from, uint64 until);
    /// @notice Who may pause is now another; zero is nobody.
    event GuardianChanged(address indexed guardian);

    /// @notice Only the guardian may do this.
    error VestingNotGuardian(address caller);
    /// @notice The end lies in the past or after `latest`, 7 days from the start.
    error VestingPauseInvalid(uint256 until, uint256 latest);
    /// @notice The next pause may begin at `from`.
    error VestingPauseTooSoon(uint256 from);

    /// @notice Guardian only. While paused it moves the end, up to 7 days from the start; the present ends it.
    function pauseUntil(uint64 time) external;

    /// @notice Owner only; the zero address is nobody.
    function setGuardian(address guardian) external;

    /// @notice Who may pause; zero is nobody.
    function guardian() external view returns (address);

    /// @notice The last pause: zeros when there was none.
    function lastPause() external view returns (uint64 from, uint64 until);
}
