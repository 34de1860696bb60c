// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IAttestations} from "./IAttestations.sol";

/// @title Statements about books that lie off chain; see IAttestations
contract Attestations is IAttestations, Ownable2Step {
    struct Last {
        uint64 snapshotBlock;
        uint64 publishedIn;
    }

    /// @inheritdoc IAttestations
    address public publisher;
    mapping(bytes32 topic => Last last) private _last;

    /// @param owner_ Names the publisher; on a live chain the timelock.
    /// @param publisher_ Who publishes at first; the zero address is nobody.
    constructor(address owner_, address publisher_) Ownable(owner_) {
        _setPublisher(publisher_);
    }

    /// @inheritdoc IAttestations
    function publish(
        bytes32 topic,
        uint64 snapshotBlock,
        bytes32 root,
        uint256 total,
        bytes32 document
    ) external {
        // Check: one statement a block and topic, so that nobody is told two.
        if (msg.sender != publisher) revert AttestationsNotPublisher(msg.sender);
        Last memory last = _last[topic];
        if (snapshotBlock <= last.snapshotBlock || snapshotBlock >= block.number) {
            revert AttestationsBlockInvalid(snapshotBlock, last.snapshotBlock, block.number);
        }
        // Effect
        _last[topic] = Last(snapshotBlock, uint64(block.number));
        emit Attested(topic, snapshotBlock, root, total, document, last.publishedIn);
    }

    /// @inheritdoc IAttestations
    function setPublisher(address publisher_) external onlyOwner {
        _setPublisher(publisher_);
    }

    /// @inheritdoc IAttestations
    function lastOf(bytes32 topic) external view returns (uint64 snapshotBlock, uint64 publishedIn) {
        Last memory last = _last[topic];
        return (last.snapshotBlock, last.publishedIn);
    }

    function _setPublisher(address publisher_) private {
        publisher = publisher_;
        emit PublisherSet(publisher_);
    }
}
