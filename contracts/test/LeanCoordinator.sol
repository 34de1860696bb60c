// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VRFV2PlusClient} from "@chainlink/contracts/src/v0.8/vrf/dev/libraries/VRFV2PlusClient.sol";
import {IRandomness} from "../randomness/IRandomness.sol";

/// @title Stores and emits what Chainlink's deployed VRFCoordinatorV2_5 does for a request, and nothing else
/// @notice For gas: Chainlink's mock stores the whole request (five new slots), the deployed one a hash (one).
contract LeanCoordinator {
    event RandomWordsRequested(
        bytes32 indexed keyHash,
        uint256 requestId,
        uint256 preSeed,
        uint256 indexed subId,
        uint16 minimumRequestConfirmations,
        uint32 callbackGasLimit,
        uint32 numWords,
        bytes extraArgs,
        address indexed sender
    );

    struct Consumer {
        bool active;
        uint64 nonce;
        uint64 pending;
    }

    mapping(address consumer => mapping(uint256 subId => Consumer state)) private _consumers;
    mapping(uint256 requestId => bytes32 commitment) private _commitments;

    function addConsumer(uint256 subId, address consumer) external {
        _consumers[consumer][subId].active = true;
    }

    function requestRandomWords(
        VRFV2PlusClient.RandomWordsRequest calldata request
    ) external returns (uint256 requestId) {
        Consumer storage consumer = _consumers[msg.sender][request.subId];
        ++consumer.nonce;
        ++consumer.pending;
        uint256 preSeed = uint256(
            keccak256(abi.encode(request.keyHash, msg.sender, request.subId, consumer.nonce))
        );
        requestId = uint256(keccak256(abi.encode(request.keyHash, preSeed)));
        _commitments[requestId] = keccak256(abi.encode(requestId, block.number, request, msg.sender));
        emit RandomWordsRequested(
            request.keyHash,
            requestId,
            preSeed,
            request.subId,
            request.requestConfirmations,
            request.callbackGasLimit,
            request.numWords,
            request.extraArgs,
            msg.sender
        );
    }

    /// @notice Delivers a word and reports the gas of the callback alone.
    function deliver(address consumer, uint256 requestId, uint256 word) external returns (uint256 used) {
        uint256[] memory words = new uint256[](1);
        words[0] = word;
        uint256 before = gasleft();
        IRandomness(consumer).rawFulfillRandomWords(requestId, words);
        used = before - gasleft();
        emit Delivered(requestId, used);
    }

    event Delivered(uint256 requestId, uint256 used);
}
