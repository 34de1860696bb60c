"""A drand chain of our own: the scheme of quicknet under a key that is no secret."""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381 import G2, multiply, normalize

DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
SECRET = 0x746F6D626F6C61
GENESIS = 1_700_000_000
PERIOD = 3


def _bytes48(*elements: Any) -> bytes:
    return b"".join(int(element).to_bytes(48, "big") for element in elements)


@lru_cache
def public_key() -> bytes:
    """192 bytes in the order of EIP-2537: x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1."""
    x, y = normalize(multiply(G2, SECRET))
    return _bytes48(*x.coeffs, *y.coeffs)


@lru_cache
def sign(drand_round: int) -> bytes:
    """The round's signature, uncompressed: x ‖ y, 96 bytes."""
    message = sha256(drand_round.to_bytes(8, "big")).digest()
    x, y = normalize(multiply(hash_to_G1(message, DST, sha256), SECRET))
    return _bytes48(x, y)
