// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Grants for hundreds of thousands, by a Merkle root
/// @notice The leaf at an index is `keccak256(abi.encode(chainId, vesting, campaignId, index, beneficiary, amount))` in a
/// tree as in {PositionalMerkle}. Anyone may claim for a beneficiary. A claim makes a grant on the campaign's plan, or
/// pays at once when the plan is over.
interface IVestingCampaigns is IVestingBook {
    /// @param planId The grants' plan; its creator runs the campaign.
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

    event CampaignCreated(
        uint256 indexed campaignId,
        uint256 indexed planId,
        address indexed creator,
        bytes32 root,
        uint64 leaves,
        uint96 total,
        uint64 deadline
    );
    /// @notice `grantId` is 0 when the amount was paid at once.
    event CampaignClaimed(
        uint256 indexed campaignId,
        uint256 indexed grantId,
        address indexed beneficiary,
        uint64 index,
        uint96 amount
    );
    event CampaignReclaimed(uint256 indexed campaignId, address indexed creator, uint96 amount);

    error VestingCampaignInvalid(string field);
    error VestingCampaignUnknown(uint256 campaignId);
    error VestingCampaignOver(uint256 campaignId, uint256 deadline);
    error VestingCampaignNotOver(uint256 campaignId, uint256 deadline);
    error VestingCampaignExhausted(uint256 campaignId, uint96 left, uint96 amount);
    error VestingLeafUsed(uint256 campaignId, uint64 index);
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

    function isClaimed(uint256 campaignId, uint64 index) external view returns (bool);
}
