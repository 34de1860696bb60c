"""Signatures for contracts/test/TestBeacon.sol: hashes of the round under a key that is no secret."""

from hashlib import sha256

from eth_utils import keccak

KEY = keccak(text="quick drand")
GENESIS = 1_700_000_000
PERIOD = 3


def sign(drand_round: int) -> bytes:
    """The round's signature, 96 bytes: x ‖ y."""
    message = KEY + drand_round.to_bytes(8, "big")
    return bytes(16) + keccak(message + b"x") + bytes(16) + keccak(message + b"y")


def randomness_of(signature: bytes) -> bytes:
    """As of a real signature: SHA-256 of x with the flag "compressed"."""
    return sha256(bytes([signature[0] | 0x80]) + signature[1:48]).digest()
