// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Verifier of one drand chain (scheme bls-unchained-g1-rfc9380, as quicknet)
/// @notice Stateless: key, genesis and period are fixed for the life of the contract.
interface IDrandBeacon {
    /// @notice The signature bytes are not 96 bytes long.
    error DrandBeaconSignatureLength(uint256 length);
    /// @notice The signature is not the beacon's signature of `round`.
    error DrandBeaconSignatureInvalid(uint64 round);
    /// @notice The constructor was given a public key that is not 192 bytes, or a period of zero.
    error DrandBeaconParameters();

    /// @notice Unix time of round 1, in seconds.
    function genesis() external view returns (uint64);

    /// @notice Seconds between two rounds.
    function period() external view returns (uint64);

    /// @notice The BLS12-381 G2 public key, uncompressed, 192 bytes: x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1.
    function publicKey() external view returns (bytes memory);

    /// @notice The first round that is published strictly after `time`: ⌊(time − genesis) / period⌋ + 2.
    function roundAfter(uint64 time) external view returns (uint64 round);

    /// @notice Unix time at which `round` is published: genesis + (round − 1) · period.
    function timeOf(uint64 round) external view returns (uint64 time);

    /// @notice Checks the beacon's signature of a round and returns drand's public randomness for it.
    /// @param round drand round number, from 1.
    /// @param signature Uncompressed G1 point, 96 bytes: x ‖ y.
    /// @return randomness SHA-256 of the compressed 48-byte signature, as drand's API publishes it.
    function verify(uint64 round, bytes calldata signature) external view returns (bytes32 randomness);
}
