// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRandomness} from "../randomness/IRandomness.sol";

/// @title Draws over a list that stays off chain
/// @notice The list's Merkle root, the number of winners and the rules are committed in the same transaction that fixes
/// which randomness decides. The cost does not depend on the list's length. Entries are numbered from 0.
interface IContest is IRandomness {
    /// @notice What is fixed when a contest opens.
    /// @param keySalt Chosen by the organiser; with the organiser's address it makes the contest key of the leaves.
    /// @param root Root of the positional Merkle tree over the entries' leaves.
    /// @param entries Number of leaves.
    /// @param winners Ranks 0 … winners − 1 win.
    /// @param alternates The ranks after them, in order, replace disqualified winners.
    /// @param rulesHash keccak256 of the rules text (UTF-8).
    /// @param listSha256 SHA-256 of the list file.
    /// @param exclusionRoot Root over the exclusions, 0 when there are none.
    /// @param postHash keccak256 of the post's reference (UTF-8); draws per organiser and post are counted.
    struct ContestConfig {
        bytes32 keySalt;
        bytes32 root;
        uint64 entries;
        uint32 winners;
        uint32 alternates;
        bytes32 rulesHash;
        bytes32 listSha256;
        bytes32 exclusionRoot;
        bytes32 postHash;
    }

    /// @notice One leaf of the list and its place.
    struct Leaf {
        uint64 index;
        uint256 weight;
        bytes32 idHash;
        bytes32 claimHash;
    }

    /// @notice A contest as the chain holds it.
    struct Info {
        address organiser;
        bytes32 contestKey;
        bytes32 root;
        uint64 entries;
        uint32 winners;
        uint32 alternates;
        bytes32 detailsHash;
        uint32 drawNumber;
        uint32 disqualified;
    }

    enum State {
        None,
        Drawing,
        Drawn
    }

    /// @notice `drawNumber` counts this organiser's draws for the same post, from 1: shopping for a good draw shows.
    event ContestOpened(
        uint256 indexed contestId,
        address indexed organiser,
        bytes32 indexed postHash,
        bytes32 contestKey,
        bytes32 root,
        uint64 entries,
        uint32 winners,
        uint32 alternates,
        bytes32 rulesHash,
        bytes32 listSha256,
        bytes32 exclusionRoot,
        bytes32 commitment,
        uint32 drawNumber
    );
    /// @notice The organiser disqualified a rank and says why; the next alternate moves up.
    event RankDisqualified(
        uint256 indexed contestId,
        uint32 indexed rank,
        address indexed organiser,
        string reason
    );

    error ContestUnknown(uint256 contestId);
    error ContestTermsInvalid(string field);
    error ContestKeyUsed(bytes32 contestKey);
    error ContestNotDrawn(uint256 contestId);
    error ContestNotOrganiser(uint256 contestId, address caller);
    error ContestRankUnknown(uint256 contestId, uint32 rank);
    error ContestAlreadyDisqualified(uint256 contestId, uint32 rank);
    error ContestReasonInvalid(uint256 length);

    /// @notice Commits to a list and requests its draw in one transaction.
    function open(ContestConfig calldata config) external returns (uint256 contestId);

    /// @notice Disqualifies a drawn rank with a reason (1 to 256 bytes). Organiser only.
    function disqualify(uint256 contestId, uint32 rank, string calldata reason) external;

    function contestCount() external view returns (uint256);

    function stateOf(uint256 contestId) external view returns (State);

    function infoOf(uint256 contestId) external view returns (Info memory);

    /// @notice The key in a contest's leaves: keccak256(abi.encode(organiser, keySalt)).
    function keyOf(address organiser, bytes32 keySalt) external pure returns (bytes32);

    /// @notice How many draws this organiser opened for this post.
    function drawsOf(address organiser, bytes32 postHash) external view returns (uint32);

    /// @notice The leaf's hash as it stands in the tree of `contestKey`.
    function leafHash(bytes32 contestKey, Leaf calldata leaf) external view returns (bytes32);

    /// @notice Whether `leaf` stands at its index in the committed list.
    function isEntry(
        uint256 contestId,
        Leaf calldata leaf,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice Whether the leaf's entry was drawn at `rank` (winner or alternate) and is not disqualified.
    function isDrawnAt(
        uint256 contestId,
        uint32 rank,
        Leaf calldata leaf,
        bytes32[] calldata proof
    ) external view returns (bool);

    function isDisqualified(uint256 contestId, uint32 rank) external view returns (bool);

    /// @notice The standing winners: the first `winners` ranks that are not disqualified, with their entry numbers.
    function standingWinners(
        uint256 contestId
    ) external view returns (uint32[] memory ranks, uint64[] memory entries);
}
