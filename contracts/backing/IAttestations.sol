// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Statements about books that lie off chain, which whoever keeps those books can never take back
/// @notice What is owed to people (proof of backing) and the head of the audit's log: docs/backing.md. A statement is
/// an event. Those of a topic form a list that can be walked from its end without a search, so that none can be hidden.
interface IAttestations {
    /// @notice A statement was published.
    /// @param topic What it is about, for example "backing" and the address of a token.
    /// @param snapshotBlock The block whose state it tells. Rises with every statement of the topic.
    /// @param root Commits to everything that is summed up: root of a Merkle-sum tree, or head of a log.
    /// @param total What it sums up to: an amount in the smallest unit, or a number of entries.
    /// @param document Hash of what belongs to it and is served off chain; zero without any.
    /// @param previous Block in which the topic's statement before this one was published; zero for the first.
    event Attested(
        bytes32 indexed topic,
        uint64 indexed snapshotBlock,
        bytes32 root,
        uint256 total,
        bytes32 document,
        uint64 previous
    );
    /// @notice Who publishes from now on; the zero address is nobody.
    event PublisherSet(address indexed publisher);

    /// @notice The caller is not the publisher.
    error AttestationsNotPublisher(address caller);
    /// @notice `snapshotBlock` is not above the topic's last one, or it is no past block.
    /// @param last The topic's last snapshot block.
    /// @param current The block of this call.
    error AttestationsBlockInvalid(uint64 snapshotBlock, uint64 last, uint256 current);

    /// @notice Publish a statement about a past block; for the publisher.
    /// @param topic What it is about.
    /// @param snapshotBlock Above that of the topic's last statement, below the present block.
    /// @param root Commits to everything that is summed up.
    /// @param total What it sums up to.
    /// @param document Hash of what belongs to it and is served off chain; zero without any.
    function publish(
        bytes32 topic,
        uint64 snapshotBlock,
        bytes32 root,
        uint256 total,
        bytes32 document
    ) external;

    /// @notice Name who publishes from now on; for the owner. The zero address is nobody.
    function setPublisher(address publisher_) external;

    /// @notice Who publishes.
    function publisher() external view returns (address);

    /// @notice A topic's last statement: the block it tells of, and the block whose logs have it. Zeros without one.
    function lastOf(bytes32 topic) external view returns (uint64 snapshotBlock, uint64 publishedIn);
}
