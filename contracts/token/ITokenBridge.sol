// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC7802} from "@openzeppelin/contracts/interfaces/draft-IERC7802.sol";

/// @title Minting and burning by bridges (ERC-7802), within limits
/// @notice Each bridge has two buckets of one size, one for each direction. What it uses comes back evenly within the
/// window, so a bridge that is broken into mints at most the limit at once, and again within every window.
interface ITokenBridge is IERC7802 {
    /// @notice A bridge may move `limit` in each direction, which comes back within `window` seconds.
    event BridgeLimitChanged(address indexed bridge, uint256 limit, uint256 window);

    /// @notice More than what is left of the bridge's limit in this direction.
    error TokenBridgeLimitExceeded(address bridge, uint256 amount, uint256 available);
    /// @notice A window of 0 seconds, or of 2⁴⁰ and more.
    error TokenBridgeWindowInvalid(uint256 window);

    /// @notice Limits a bridge; one without a limit moves nothing. Admin role only. What the bridge has used lately stays
    /// used.
    /// @param limit Most at once in each direction, smallest unit; 0 stops the bridge.
    /// @param window Seconds in which all of it comes back, at most 2⁴⁰ − 1.
    function setBridgeLimit(address bridge, uint256 limit, uint256 window) external;

    /// @notice Limit (smallest unit, in each direction) and window (seconds) of a bridge; zeros when it has none.
    function bridgeLimit(address bridge) external view returns (uint256 limit, uint256 window);

    /// @notice What a bridge can mint and burn right now, as far as its limit goes.
    function bridgeAvailable(address bridge) external view returns (uint256 mintable, uint256 burnable);
}
