// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The votes of tokens that are still locked in grants
/// @notice Clock: timestamps (ERC-6372). A beneficiary delegates the unreleased part of a grant; until then it has no vote.
interface IVestingVotes {
    /// @notice Votes that delegated grants in `token` give `account` now.
    function getVotes(address token, address account) external view returns (uint256);

    /// @notice As {getVotes}, at the end of a past second; a time that is not over reverts.
    function getPastVotes(address token, address account, uint256 timepoint) external view returns (uint256);
}
