// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {ITombolaGovernor} from "./ITombolaGovernor.sol";
import {IVestingVotes} from "../vesting/IVestingVotes.sol";

/// @title Who votes, how it is counted and for how long
/// @dev OpenZeppelin's parts, with floors under the settings and the late-quorum check made cheap.
abstract contract GovernorVoting is
    ITombolaGovernor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorProposalGuardian
{
    /// @notice Least seconds of {votingDelay}, except on the local chain.
    uint48 public constant LEAST_VOTING_DELAY = 1 hours;
    /// @notice Least seconds of {votingPeriod}, except on the local chain.
    uint32 public constant LEAST_VOTING_PERIOD = 1 days;
    uint256 private constant LOCAL_CHAIN = 31337;

    IVestingVotes private immutable _vesting;

    constructor(
        IVotes token_,
        IVestingVotes vesting_,
        address guardian,
        Settings memory settings
    )
        Governor("Tombola Governor")
        GovernorSettings(settings.votingDelay, settings.votingPeriod, settings.proposalThreshold)
        GovernorVotes(token_)
        GovernorVotesQuorumFraction(settings.quorumPercent)
        GovernorPreventLateQuorum(settings.voteExtension)
    {
        _vesting = vesting_;
        _setProposalGuardian(guardian);
    }

    /// @inheritdoc ITombolaGovernor
    function vesting() external view returns (address) {
        return address(_vesting);
    }

    /// @notice Unix seconds, as the token's clock.
    function clock() public view override(Governor, GovernorVotes) returns (uint48) {
        return Time.timestamp();
    }

    /// @notice ERC-6372 description of {clock}.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Governor, GovernorVotes) returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc GovernorPreventLateQuorum
    function proposalDeadline(
        uint256 proposalId
    ) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(proposalId);
    }

    /// @inheritdoc GovernorSettings
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    /// @inheritdoc Governor
    /// @dev As OpenZeppelin's, but vesting is asked only about those whose held votes do not suffice.
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override returns (uint256) {
        if (!_isValidDescriptionForProposer(msg.sender, description)) {
            revert GovernorRestrictedProposer(msg.sender);
        }
        _checkThreshold(msg.sender);
        return _propose(targets, values, calldatas, description, msg.sender);
    }

    function _checkThreshold(address proposer) private view {
        uint256 threshold = proposalThreshold();
        if (threshold == 0) return;
        uint256 timepoint = clock() - 1;
        uint256 votes = token().getPastVotes(proposer, timepoint);
        if (votes < threshold) votes += _lockedVotes(proposer, timepoint);
        if (votes < threshold) revert GovernorInsufficientProposerVotes(proposer, votes, threshold);
    }

    /// @dev Held and locked votes.
    function _getVotes(
        address account,
        uint256 timepoint,
        bytes memory params
    ) internal view override(Governor, GovernorVotes) returns (uint256) {
        return super._getVotes(account, timepoint, params) + _lockedVotes(account, timepoint);
    }

    /// @dev An upgrade of vesting that breaks its votes must not stop the vote that mends it, so they count as none then.
    /// Who sends a vote cannot bring that about with little gas: what is left for the rest of the vote is a 64th of what
    /// the call was given.
    function _lockedVotes(address account, uint256 timepoint) private view returns (uint256) {
        if (address(_vesting) == address(0)) return 0;
        try _vesting.getPastVotes(address(token()), account, timepoint) returns (uint256 votes) {
            return votes;
        } catch {
            return 0;
        }
    }

    /// @dev {GovernorPreventLateQuorum} would look for the quorum after every vote and store when it was reached. Only a
    /// vote so late that the extension reaches beyond the deadline can change anything, and only if the quorum is
    /// missing before it: the others need not look. The first half of the voting is never late, see
    /// {_maxLateQuorumVoteExtension}.
    function _countVote(
        uint256 proposalId,
        address account,
        uint8 support,
        uint256 totalWeight,
        bytes memory params
    ) internal override(Governor, GovernorCountingSimple) returns (uint256 weight) {
        uint256 end = Governor.proposalDeadline(proposalId);
        bool late =
            clock() > (proposalSnapshot(proposalId) + end) / 2 && clock() + lateQuorumVoteExtension() > end;
        bool mayExtend = late && !_quorumReached(proposalId);
        weight = super._countVote(proposalId, account, support, totalWeight, params);
        if (mayExtend) GovernorPreventLateQuorum._tallyUpdated(proposalId);
    }

    /// @dev {_countVote} has seen to it.
    function _tallyUpdated(uint256) internal override(Governor, GovernorPreventLateQuorum) {}

    /// @dev Half a voting period. A proposal made under a shorter period is extended at most from its own second half.
    function _maxLateQuorumVoteExtension() internal view override returns (uint256) {
        return votingPeriod() / 2;
    }

    function _validateCancel(
        uint256 proposalId,
        address caller
    ) internal view override(Governor, GovernorProposalGuardian) returns (bool) {
        return super._validateCancel(proposalId, caller);
    }

    function _setVotingDelay(uint48 votingDelay_) internal override {
        if (votingDelay_ < LEAST_VOTING_DELAY && block.chainid != LOCAL_CHAIN) {
            revert TombolaGovernorVotingDelayTooShort(votingDelay_, LEAST_VOTING_DELAY);
        }
        super._setVotingDelay(votingDelay_);
    }

    function _setVotingPeriod(uint32 votingPeriod_) internal override {
        if (votingPeriod_ < LEAST_VOTING_PERIOD && block.chainid != LOCAL_CHAIN) {
            revert TombolaGovernorVotingPeriodTooShort(votingPeriod_, LEAST_VOTING_PERIOD);
        }
        super._setVotingPeriod(votingPeriod_);
    }

    /// @dev Without a quorum a single vote that nobody watched would decide.
    function _updateQuorumNumerator(uint256 percent) internal override {
        if (percent == 0) revert GovernorInvalidQuorumFraction(percent, quorumDenominator());
        super._updateQuorumNumerator(percent);
    }
}
