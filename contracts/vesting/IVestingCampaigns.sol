// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Grants for hundreds of thousands, by a Merkle root
/// @notice The leaf at an index is `keccak256(abi.encode(chainId, vesting, campaignId, index, beneficiary, amount))` in a
/// tree as in {PositionalMerkle}. Anyone may claim for a beneficiary. A claim makes a grant on the campaign's plan, or
/// pays at once when the plan is over.
interface IVestingCampaigns is IVestingBook {
    /// @notice What a campaign is opened with.
    /// @param planId The grants' plan; its creator runs the campaign.
    /// @param root Of the tree of leaves.
    /// @param leaves How many leaves the tree has.
    /// @param total Taken from the creator at once; the sum of the leaves' amounts.
    /// @param deadline Unix seconds; claims are good before it, {reclaim} from it on.
    struct CampaignConfig {
        uint256 planId;
        bytes32 root;
        uint64 leaves;
        uint96 total;
        uint64 deadline;
    }

    /// @notice A campaign was opened and its total taken.
    event CampaignCreated(
        uint256 indexed campaignId,
        uint256 indexed planId,
        address indexed creator,
        bytes32 root,
        uint64 leaves,
        uint96 total,
        uint64 deadline
    );
    /// @notice A leaf was claimed; `grantId` is 0 when the amount was paid at once.
    event CampaignClaimed(
        uint256 indexed campaignId,
        uint256 indexed grantId,
        address indexed beneficiary,
        uint64 index,
        uint96 amount
    );
    /// @notice What was not claimed went back to the plan's creator.
    event CampaignReclaimed(uint256 indexed campaignId, address indexed creator, uint96 amount);

    /// @notice The configuration cannot be: "salt" (used before), "root", "leaves", "total" or "deadline".
    error VestingCampaignInvalid(string field);
    /// @notice No campaign has this id.
    error VestingCampaignUnknown(uint256 campaignId);
    /// @notice Claims ended at `deadline` (Unix seconds).
    error VestingCampaignOver(uint256 campaignId, uint256 deadline);
    /// @notice Claims are possible until `deadline` (Unix seconds); nothing is reclaimed before.
    error VestingCampaignNotOver(uint256 campaignId, uint256 deadline);
    /// @notice The leaves' sum is above the campaign's total: less is left than the leaf names; or nothing is left.
    error VestingCampaignExhausted(uint256 campaignId, uint96 left, uint96 amount);
    /// @notice The leaf was claimed before.
    error VestingLeafUsed(uint256 campaignId, uint64 index);
    /// @notice The campaign has no such leaf there.
    error VestingProofInvalid(uint256 campaignId, uint64 index);

    /// @notice Opens a campaign and takes its total (approve first).
    /// @param salt Chosen by the creator; with the creator it gives the id, so that leaves can be made beforehand.
    function createCampaign(
        CampaignConfig calldata config,
        bytes32 salt
    ) external returns (uint256 campaignId);

    /// @notice Turns one leaf into a grant, or into money when the plan is over.
    /// @return grantId 0 when it was paid at once.
    function claim(
        uint256 campaignId,
        uint64 index,
        address beneficiary,
        uint96 amount,
        bytes32[] calldata proof
    ) external returns (uint256 grantId);

    /// @notice Gives what was not claimed back to the plan's creator, who alone may call, after the deadline.
    function reclaim(uint256 campaignId) external returns (uint96 amount);

    /// @notice The id of {createCampaign} by this creator with this salt.
    function campaignIdOf(address creator, bytes32 salt) external view returns (uint256);

    /// @notice A campaign, and how much of its total is left. `closesAt` is the deadline; a pause that began before it and
    /// ended after it or shortly before has moved it back.
    function campaignOf(
        uint256 campaignId
    ) external view returns (uint256 planId, bytes32 root, uint64 leaves, uint64 closesAt, uint96 left);

    /// @notice Whether a leaf was claimed.
    function isClaimed(uint256 campaignId, uint64 index) external view returns (bool);
}
