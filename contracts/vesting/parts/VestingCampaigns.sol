// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PositionalMerkle} from "../../lib/PositionalMerkle.sol";
import {Refusal} from "../../lib/Refusal.sol";
import {CampaignWord} from "../CampaignWord.sol";
import {GrantWord} from "../GrantWord.sol";
import {IVestingCampaigns} from "../IVestingCampaigns.sol";
import {PlanWord} from "../PlanWord.sol";
import {VestingActs} from "./VestingActs.sol";
import {VestingPlans} from "./VestingPlans.sol";

/// @title Grants for hundreds of thousands, by a Merkle root
abstract contract VestingCampaigns is IVestingCampaigns, VestingPlans, VestingActs {
    using CampaignWord for uint256;
    using PlanWord for uint256;

    /// @dev How long claims stay possible after a pause that took their last days.
    uint256 private constant GRACE = 7 days;

    /// @inheritdoc IVestingCampaigns
    function createCampaign(
        CampaignConfig memory config,
        bytes32 salt
    ) external nonReentrant returns (uint256 campaignId) {
        // Check
        _requireRunning();
        _requireCreator(config.planId);
        campaignId = campaignIdOf(msg.sender, salt);
        Campaign storage campaign = _book().campaigns[campaignId];
        if (campaign.root != 0) _refuse("salt");
        if (config.root == 0) _refuse("root");
        if (config.leaves == 0 || config.leaves > MOST_GRANTS) _refuse("leaves");
        if (config.total == 0) _refuse("total");
        if (config.deadline <= block.timestamp) _refuse("deadline");
        // Effect
        address token = _tokenOn(config.planId);
        campaign.root = config.root;
        campaign.terms = CampaignWord.pack(config.total, config.planId, config.leaves, config.deadline);
        _book().booked[token] += config.total;
        emit CampaignCreated({
            campaignId: campaignId,
            planId: config.planId,
            creator: msg.sender,
            root: config.root,
            leaves: config.leaves,
            total: config.total,
            deadline: config.deadline
        });
        // Interaction
        _take(token, config.total);
    }

    /// @inheritdoc IVestingCampaigns
    function claim(
        uint256 campaignId,
        uint64 index,
        address beneficiary,
        uint96 amount,
        bytes32[] calldata proof
    ) external nonReentrant returns (uint256 grantId) {
        // Check
        _requireRunning();
        Campaign storage campaign = _campaign(campaignId);
        uint256 terms = campaign.terms;
        uint256 closesAt = _closesAt(terms);
        if (block.timestamp >= closesAt) revert VestingCampaignOver(campaignId, closesAt);
        if (isClaimed(campaignId, index)) revert VestingLeafUsed(campaignId, index);
        if (amount > GrantWord.MOST_AMOUNT || beneficiary == address(0)) {
            revert VestingProofInvalid(campaignId, index);
        }
        bytes32 leaf = keccak256(
            abi.encode(block.chainid, address(this), campaignId, index, beneficiary, amount)
        );
        if (!PositionalMerkle.verify(campaign.root, leaf, index, terms.leavesOf(), proof)) {
            revert VestingProofInvalid(campaignId, index);
        }
        uint96 left = terms.leftOf();
        if (amount > left) revert VestingCampaignExhausted(campaignId, left, amount);
        // Effect
        campaign.terms = terms - amount;
        _book().claimed[campaignId][index >> 8] |= 1 << (index & 0xff);
        return _fulfil(campaignId, terms.planOf(), index, beneficiary, amount);
    }

    /// @inheritdoc IVestingCampaigns
    function reclaim(uint256 campaignId) external nonReentrant returns (uint96 amount) {
        // Check
        _requireRunning();
        Campaign storage campaign = _campaign(campaignId);
        uint256 terms = campaign.terms;
        _requireCreator(terms.planOf());
        uint256 closesAt = _closesAt(terms);
        if (block.timestamp < closesAt) revert VestingCampaignNotOver(campaignId, closesAt);
        amount = terms.leftOf();
        if (amount == 0) revert VestingCampaignExhausted(campaignId, 0, 0);
        // Effect
        campaign.terms = terms - amount;
        emit CampaignReclaimed(campaignId, msg.sender, amount);
        // Effect, Interaction
        _giveBack(_tokenOn(terms.planOf()), msg.sender, amount);
    }

    /// @inheritdoc IVestingCampaigns
    function campaignOf(
        uint256 campaignId
    ) external view returns (uint256 planId, bytes32 root, uint64 leaves, uint64 closesAt, uint96 left) {
        Campaign storage campaign = _campaign(campaignId);
        uint256 terms = campaign.terms;
        closesAt = uint64(_closesAt(terms));
        return (terms.planOf(), campaign.root, terms.leavesOf(), closesAt, terms.leftOf());
    }

    /// @inheritdoc IVestingCampaigns
    function campaignIdOf(address creator, bytes32 salt) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(creator, salt)));
    }

    /// @inheritdoc IVestingCampaigns
    function isClaimed(uint256 campaignId, uint64 index) public view returns (bool) {
        return (_book().claimed[campaignId][index >> 8] >> (index & 0xff)) & 1 == 1;
    }

    function _refuse(bytes32 field) private pure {
        Refusal.named(VestingCampaignInvalid.selector, field);
    }

    /// @dev A grant, or the money itself when it would all be vested.
    function _fulfil(
        uint256 campaignId,
        uint256 planId,
        uint64 index,
        address beneficiary,
        uint96 amount
    ) private returns (uint256 grantId) {
        uint256 first = _book().plans[planId].first;
        if (_vestedOn(planId, first, amount, block.timestamp) < amount) {
            grantId = _countGrants(planId, 1);
            emit CampaignClaimed(campaignId, grantId, beneficiary, index, amount);
            _addGrant(grantId, planId, beneficiary, amount, _creatorOf(planId));
            return grantId;
        }
        emit CampaignClaimed(campaignId, 0, beneficiary, index, amount);
        // Effect, Interaction
        _giveBack(first.tokenOf(), beneficiary, amount);
    }

    /// @dev A pause that began before the deadline takes nothing from those who claim late: claims stay possible for a
    /// while after it. The cool-down between pauses is longer, so only the last one counts.
    function _closesAt(uint256 terms) private view returns (uint256) {
        uint256 deadline = terms.deadlineOf();
        if (_book().pausedFrom >= deadline) return deadline;
        uint256 until = _book().pausedUntil;
        return until != 0 && until + GRACE > deadline ? until + GRACE : deadline;
    }

    function _campaign(uint256 campaignId) private view returns (Campaign storage campaign) {
        campaign = _book().campaigns[campaignId];
        if (campaign.root == 0) revert VestingCampaignUnknown(campaignId);
    }
}
