// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Tombola's governor has beyond OpenZeppelin's
/// @notice Votes are those of held tokens and of unreleased grants, counted at the second a proposal's voting starts. What
/// passes runs through the timelock. The guardian may cancel a proposal, and nothing else.
interface ITombolaGovernor {
    /// @notice What the governor starts with; proposals change it within the floors.
    /// @param votingDelay Seconds from proposal to the start of voting, when weights are taken.
    /// @param votingPeriod Seconds of voting.
    /// @param voteExtension Seconds that are left to vote, at least, when the quorum is reached late.
    /// @param proposalThreshold Votes needed to propose, smallest unit.
    /// @param quorumPercent For and abstain votes needed, percent of the supply, 1 to 100.
    struct Settings {
        uint48 votingDelay;
        uint32 votingPeriod;
        uint48 voteExtension;
        uint256 proposalThreshold;
        uint256 quorumPercent;
    }

    /// @notice A voting delay below the floor of live chains, in seconds.
    error TombolaGovernorVotingDelayTooShort(uint256 votingDelay, uint256 least);
    /// @notice A voting period below the floor of live chains, in seconds.
    error TombolaGovernorVotingPeriodTooShort(uint256 votingPeriod, uint256 least);

    /// @notice The vesting contract whose grants vote.
    function vesting() external view returns (address);

    /// @notice The timelock that executes what passes; the owner of the contracts.
    function timelock() external view returns (address);
}
