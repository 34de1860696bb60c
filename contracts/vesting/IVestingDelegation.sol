// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";
import {IVestingVotes} from "./IVestingVotes.sol";

/// @title Letting locked tokens vote
interface IVestingDelegation is IVestingBook, IVestingVotes {
    /// @notice The unreleased part of a grant votes with `to` instead of `from`; zero is nobody.
    event GrantDelegated(uint256 indexed grantId, address indexed from, address indexed to);
    /// @notice An account's votes from grants in `token` changed.
    event DelegateVotesChanged(
        address indexed token,
        address indexed delegatee,
        uint256 previousVotes,
        uint256 newVotes
    );

    /// @notice Votes are known for past seconds only.
    error VestingFutureLookup(uint256 timepoint, uint256 present);

    /// @notice The beneficiary of these grants lets `delegatee` vote with what is unreleased; zero takes the votes back.
    function delegate(uint256[] calldata grantIds, address delegatee) external;
}
