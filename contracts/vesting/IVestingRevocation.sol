// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Ending grants early
/// @notice The creator of a plan may revoke its grants, unless they renounced it. What is vested stays the beneficiary's.
interface IVestingRevocation is IVestingBook {
    /// @notice A grant stops vesting at `stopsAt` (Unix seconds); `returned` went back to the plan's creator.
    event Revoked(uint256 indexed grantId, address indexed creator, uint64 stopsAt, uint96 returned);
    /// @notice Grants of this plan can never be revoked.
    event RevocationRenounced(uint256 indexed planId);

    /// @notice The right to revoke grants of this plan was renounced.
    error VestingNotRevocable(uint256 planId);
    /// @notice The grant was revoked before.
    error VestingAlreadyRevoked(uint256 grantId, uint256 stopsAt);
    /// @notice Everything will be vested by then.
    error VestingNothingToReturn(uint256 grantId);
    /// @notice The time is not in the future, or not below 2⁴⁰.
    error VestingTimeInvalid(uint256 time);

    /// @notice Stops a grant now and returns what is not vested to the plan's creator.
    function revoke(uint256 grantId) external returns (uint96 returned);

    /// @notice Stops a grant at a future time. What will not be vested by then is returned at once.
    function revokeAt(uint256 grantId, uint64 time) external returns (uint96 returned);

    /// @notice Gives up the right to revoke grants of a plan, for good.
    function renounceRevocation(uint256 planId) external;
}
