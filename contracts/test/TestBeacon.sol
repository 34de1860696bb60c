// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDrandBeacon} from "../randomness/IDrandBeacon.sol";

/// @title A beacon for EVMs without BLS precompiles: its signatures are hashes of the round under a known key
/// @dev Signatures look like points, x ‖ y, with x below 2^376 and y below 2^256, so that the randomness is that of the
/// real verifier: SHA-256 of x with the flag "compressed".
contract TestBeacon is IDrandBeacon {
    bytes32 private immutable _key;
    /// @inheritdoc IDrandBeacon
    uint64 public immutable genesis;
    /// @inheritdoc IDrandBeacon
    uint64 public immutable period;

    constructor(bytes32 key, uint64 genesis_, uint64 period_) {
        if (period_ == 0) revert DrandBeaconParameters();
        (_key, genesis, period) = (key, genesis_, period_);
    }

    /// @inheritdoc IDrandBeacon
    function verify(uint64 round, bytes calldata signature) external view returns (bytes32 randomness) {
        if (signature.length != 96) revert DrandBeaconSignatureLength(signature.length);
        if (keccak256(signature) != keccak256(_sign(round))) revert DrandBeaconSignatureInvalid(round);
        bytes memory compressed = signature[:48];
        compressed[0] |= 0x80;
        return sha256(compressed);
    }

    /// @inheritdoc IDrandBeacon
    function roundAfter(uint64 time) external view returns (uint64 round) {
        return time < genesis ? 1 : (time - genesis) / period + 2;
    }

    /// @inheritdoc IDrandBeacon
    function timeOf(uint64 round) external view returns (uint64 time) {
        return genesis + (round - 1) * period;
    }

    /// @inheritdoc IDrandBeacon
    function publicKey() external view returns (bytes memory key) {
        return bytes.concat(_key, new bytes(160));
    }

    function _sign(uint64 round) private view returns (bytes memory) {
        bytes32 x = keccak256(abi.encodePacked(_key, round, "x"));
        bytes32 y = keccak256(abi.encodePacked(_key, round, "y"));
        return bytes.concat(new bytes(16), x, new bytes(16), y);
    }
}
