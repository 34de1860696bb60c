// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDrandBeacon} from "./IDrandBeacon.sol";

/// @title Verifier of one drand chain by the BLS12-381 precompiles of EIP-2537
/// @dev e(signature, −G2) · e(H(message), key) = 1, with message = SHA-256(round as 8 bytes) and H of RFC 9380. The pairing
/// precompile checks that all points are on the curve and in the right subgroup. Field elements of the precompiles are
/// 64 bytes: 16 zero bytes, then 48.
contract DrandBeacon is IDrandBeacon {
    /// @dev RFC 9380 DST_prime: the suite's tag and its length.
    bytes private constant TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_\x2b";
    /// @dev The field's prime as 64 bytes.
    bytes private constant PRIME =
        hex"000000000000000000000000000000001a0111ea397fe69a4b1ba7b6434bacd7"
        hex"64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    /// @dev (p − 1) / 2: of y and −y the compressed form marks the one above it. High 16 and low 32 bytes.
    uint256 private constant HALF_HIGH = 0x0d0088f51cbff34d258dd3db21a5d66b;
    uint256 private constant HALF_LOW = 0xb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd555;
    bytes private constant G1_GENERATOR =
        hex"0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0f"
        hex"c3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        hex"0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4"
        hex"fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";
    bytes private constant G2_GENERATOR_NEGATED =
        hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051"
        hex"c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        hex"0000000000000000000000000000000013e02b6052719f607dacd3a088274f65"
        hex"596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        hex"000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bc"
        hex"b679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa"
        hex"0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d"
        hex"993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed";

    address private constant MODEXP = address(0x05);
    address private constant G1_ADD = address(0x0b);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_TO_G1 = address(0x10);

    /// @inheritdoc IDrandBeacon
    uint64 public immutable genesis;
    /// @inheritdoc IDrandBeacon
    uint64 public immutable period;

    // The key as the precompile wants it, 32 bytes at a time: immutables cannot be longer.
    bytes32 private immutable _key0;
    bytes32 private immutable _key1;
    bytes32 private immutable _key2;
    bytes32 private immutable _key3;
    bytes32 private immutable _key4;
    bytes32 private immutable _key5;
    bytes32 private immutable _key6;
    bytes32 private immutable _key7;

    /// @param key Uncompressed G2 key, 192 bytes: x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1. One that is no point of the group (also one
    /// with c0 and c1 exchanged) is refused.
    /// @param genesis_ Unix time of round 1.
    /// @param period_ Seconds between rounds.
    constructor(bytes memory key, uint64 genesis_, uint64 period_) {
        if (key.length != 192 || period_ == 0) revert DrandBeaconParameters();
        bytes memory padded = _padded(key);
        bytes32[8] memory words = abi.decode(padded, (bytes32[8]));
        (_key0, _key1, _key2, _key3) = (words[0], words[1], words[2], words[3]);
        (_key4, _key5, _key6, _key7) = (words[4], words[5], words[6], words[7]);
        genesis = genesis_;
        period = period_;
        // The point at infinity is in the group but would accept the signature at infinity for every round.
        if (keccak256(key) == keccak256(new bytes(192))) revert DrandBeaconParameters();
        (bool isPoint, ) = PAIRING.staticcall(bytes.concat(G1_GENERATOR, padded));
        if (!isPoint) revert DrandBeaconParameters();
    }

    /// @inheritdoc IDrandBeacon
    function verify(uint64 round, bytes calldata signature) external view returns (bytes32 randomness) {
        if (signature.length != 96) revert DrandBeaconSignatureLength(signature.length);
        (bool success, bytes memory isOne) = PAIRING.staticcall(
            bytes.concat(
                bytes16(0),
                signature[:48],
                bytes16(0),
                signature[48:],
                G2_GENERATOR_NEGATED,
                _hashToG1(sha256(abi.encodePacked(round))),
                _paddedKey()
            )
        );
        if (!success || abi.decode(isOne, (uint256)) != 1) revert DrandBeaconSignatureInvalid(round);
        return sha256(_compress(signature));
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
        bytes memory padded = _paddedKey();
        key = new bytes(192);
        for (uint256 element = 0; element < 4; ++element) {
            for (uint256 i = 0; i < 48; ++i) key[48 * element + i] = padded[64 * element + 16 + i];
        }
    }

    function _paddedKey() private view returns (bytes memory) {
        return abi.encodePacked(_key0, _key1, _key2, _key3, _key4, _key5, _key6, _key7);
    }

    /// @dev RFC 9380 hash_to_curve; the map precompile clears the cofactor of each point, which commutes with adding.
    function _hashToG1(bytes32 message) private view returns (bytes memory) {
        // expand_message_xmd to 128 bytes.
        bytes32 b0 = sha256(abi.encodePacked(new bytes(64), message, uint16(128), uint8(0), TAG));
        bytes memory input = abi.encodePacked(b0, uint8(1), TAG);
        bytes32 b1 = sha256(input);
        bytes32 b2 = _nextBlock(input, b0 ^ b1, 2);
        bytes32 b3 = _nextBlock(input, b0 ^ b2, 3);
        bytes32 b4 = _nextBlock(input, b0 ^ b3, 4);
        return _call(G1_ADD, bytes.concat(_mapToG1(b1, b2), _mapToG1(b3, b4)));
    }

    /// @dev SHA-256 of the same input with another head and ordinal.
    function _nextBlock(bytes memory input, bytes32 head, uint8 ordinal) private pure returns (bytes32) {
        assembly ("memory-safe") {
            mstore(add(input, 0x20), head)
            mstore8(add(input, 0x40), ordinal)
        }
        return sha256(input);
    }

    /// @dev A point from 64 bytes: reduced modulo the prime, then mapped.
    function _mapToG1(bytes32 high, bytes32 low) private view returns (bytes memory) {
        bytes memory reduced = _call(
            MODEXP,
            abi.encodePacked(uint256(64), uint256(1), uint256(64), high, low, uint8(1), PRIME)
        );
        return _call(MAP_TO_G1, reduced);
    }

    /// @dev The 48-byte form: x with the flags "compressed" and, for the greater of the two y, "sign".
    function _compress(bytes calldata signature) private pure returns (bytes memory compressed) {
        uint256 yHigh = uint128(bytes16(signature[48:64]));
        uint256 yLow = uint256(bytes32(signature[64:96]));
        bool greater = yHigh > HALF_HIGH || (yHigh == HALF_HIGH && yLow > HALF_LOW);
        compressed = signature[:48];
        compressed[0] |= greater ? bytes1(0xa0) : bytes1(0x80);
    }

    /// @dev 192 bytes as the precompiles want them: four elements of 64 bytes.
    function _padded(bytes memory key) private pure returns (bytes memory padded) {
        padded = new bytes(256);
        for (uint256 element = 0; element < 4; ++element) {
            for (uint256 i = 0; i < 48; ++i) padded[64 * element + 16 + i] = key[48 * element + i];
        }
    }

    /// @dev A precompile whose input is well-formed by construction.
    function _call(address precompile, bytes memory input) private view returns (bytes memory output) {
        bool success;
        (success, output) = precompile.staticcall(input);
        assert(success && output.length != 0);
    }
}
