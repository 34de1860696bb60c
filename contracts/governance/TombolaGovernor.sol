// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

import {GovernorVoting} from "./GovernorVoting.sol";
import {ITombolaGovernor} from "./ITombolaGovernor.sol";
import {IVestingVotes} from "../vesting/IVestingVotes.sol";

/// @title Holders decide, the timelock acts
/// @dev OpenZeppelin's GovernorTimelockControl stores for every proposal the id of its operation in the timelock and when it
/// is due. Here both ids are one, and the time is the timelock's to know: two slots less per queued proposal. The timelock
/// never changes; it replaces the governor instead, by granting and revoking its own roles.
contract TombolaGovernor is GovernorVoting {
    /// @dev What the timelock holds in place of a time once an operation was executed.
    uint256 private constant DONE = 1;

    TimelockController private immutable _timelock;

    constructor(
        IVotes token_,
        IVestingVotes vesting_,
        TimelockController timelock_,
        address guardian,
        Settings memory settings
    ) GovernorVoting(token_, vesting_, guardian, settings) {
        _timelock = timelock_;
    }

    /// @inheritdoc ITombolaGovernor
    function timelock() external view returns (address) {
        return address(_timelock);
    }

    /// @notice The id of a proposal, which is also the id of its operation in the timelock.
    /// @dev The salt carries this governor's address: the same proposal to another governor has another id.
    function getProposalId(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public view override returns (uint256) {
        bytes32 salt = _saltOf(descriptionHash);
        return uint256(keccak256(abi.encode(targets, values, calldatas, bytes32(0), salt)));
    }

    /// @inheritdoc Governor
    function state(uint256 proposalId) public view override returns (ProposalState) {
        ProposalState current = super.state(proposalId);
        // An account that may execute in the timelock, if there ever is another than this, may have done so directly.
        if (current == ProposalState.Queued && proposalEta(proposalId) == DONE) return ProposalState.Executed;
        return current;
    }

    /// @inheritdoc Governor
    function proposalNeedsQueuing(uint256) public pure override returns (bool) {
        return true;
    }

    /// @notice When a queued proposal can be executed, Unix seconds; 0 unless queued, 1 once executed.
    function proposalEta(uint256 proposalId) public view override returns (uint256) {
        return _timelock.getTimestamp(bytes32(proposalId));
    }

    /// @inheritdoc Governor
    function queue(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override returns (uint256 proposalId) {
        // Check
        proposalId = getProposalId(targets, values, calldatas, descriptionHash);
        _validateStateBitmap(proposalId, _encodeStateBitmap(ProposalState.Succeeded));
        // Effect and interaction: the timelock holds what there is to store.
        uint256 delay = _timelock.getMinDelay();
        emit ProposalQueued(proposalId, block.timestamp + delay);
        _timelock.scheduleBatch(targets, values, calldatas, 0, _saltOf(descriptionHash), delay);
    }

    function _executeOperations(
        uint256,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override {
        bytes32 salt = _saltOf(descriptionHash);
        _timelock.executeBatch{value: msg.value}(targets, values, calldatas, 0, salt);
    }

    /// @dev A queued proposal leaves the timelock too.
    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override returns (uint256 proposalId) {
        proposalId = super._cancel(targets, values, calldatas, descriptionHash);
        if (_timelock.isOperationPending(bytes32(proposalId))) _timelock.cancel(bytes32(proposalId));
    }

    function _executor() internal view override returns (address) {
        return address(_timelock);
    }

    function _saltOf(bytes32 descriptionHash) private view returns (bytes32) {
        return bytes20(address(this)) ^ descriptionHash;
    }
}
