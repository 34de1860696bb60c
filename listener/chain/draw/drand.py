"""drand chains of scheme bls-unchained-g1-rfc9380 (quicknet): rounds, G1 points and signatures.

Signatures are BLS12-381 G1 points: 48 bytes compressed, as drand's HTTP API publishes them, or 96 bytes
x ‖ y, as the contracts take them. Public keys are G2 points of 192 bytes in drand's own order
x.c1 ‖ x.c0 ‖ y.c1 ‖ y.c0; `swap_key` gives the contracts' order c0 ‖ c1 and back.
"""

import hashlib
import sys
from functools import lru_cache
from typing import Any, cast

SCHEME = "bls-unchained-g1-rfc9380"
DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"

FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
_COMPRESSED, _INFINITY, _LARGER_Y = 0x80, 0x40, 0x20


class PointError(ValueError):
    """Bytes that are not a point of the curve."""


def round_after(time: int, *, genesis: int, period: int) -> int:
    """The first round published strictly after `time` (Unix seconds), as the contracts compute it."""
    return 1 if time < genesis else (time - genesis) // period + 2


def time_of(drand_round: int, *, genesis: int, period: int) -> int:
    """Unix seconds at which a round (from 1) is published."""
    return genesis + (drand_round - 1) * period


def message(drand_round: int) -> bytes:
    """What the beacon signs for a round: SHA-256 of its number as 8 bytes."""
    return hashlib.sha256(drand_round.to_bytes(8, "big")).digest()


def compress(signature: bytes) -> bytes:
    """96 bytes x ‖ y → 48 bytes."""
    _, y = _coordinates(signature)
    flags = _COMPRESSED | (_LARGER_Y if y > FIELD - y else 0)
    return bytes([signature[0] | flags]) + signature[1:48]


def decompress(signature: bytes) -> bytes:
    """48 bytes → 96 bytes x ‖ y, as `finalise` takes them."""
    if len(signature) != 48:
        raise PointError(f"A compressed signature has 48 bytes, this has {len(signature)}.")
    if not signature[0] & _COMPRESSED or signature[0] & _INFINITY:
        raise PointError("This is no compressed point: its leading bits say so.")
    x = int.from_bytes(signature, "big") & (1 << 381) - 1
    if x >= FIELD:
        raise PointError("The x coordinate is not below the field's prime.")
    y = pow(x**3 + 4, (FIELD + 1) // 4, FIELD)
    if (y * y - x**3 - 4) % FIELD:
        raise PointError("No point of the curve has this x coordinate.")
    if (y > FIELD - y) != bool(signature[0] & _LARGER_Y):
        y = FIELD - y
    return x.to_bytes(48, "big") + y.to_bytes(48, "big")


def randomness_of(signature: bytes) -> bytes:
    """drand's public randomness of a signature (96 or 48 bytes): SHA-256 of the compressed form."""
    return hashlib.sha256(compress(signature) if len(signature) == 96 else signature).digest()


def swap_key(public_key: bytes) -> bytes:
    """A 192-byte public key with the halves of x and y swapped: drand's order ↔ DrandBeacon's order."""
    if len(public_key) != 192:
        raise PointError(f"A public key has 192 bytes, this has {len(public_key)}.")
    words = [public_key[at : at + 48] for at in range(0, 192, 48)]
    return words[1] + words[0] + words[3] + words[2]


def compress_key(public_key: bytes) -> bytes:
    """192 bytes in drand's order → 96 bytes, as drand publishes keys."""
    if len(public_key) != 192:
        raise PointError(f"A public key has 192 bytes, this has {len(public_key)}.")
    imaginary, real = (int.from_bytes(public_key[at : at + 48], "big") for at in (96, 144))
    decides = imaginary or real
    flags = _COMPRESSED | (_LARGER_Y if decides > FIELD - decides else 0)
    return bytes([public_key[0] | flags]) + public_key[1:96]


def chain_hash(*, public_key: bytes, genesis: int, period: int, group_hash: bytes, beacon_id: str) -> bytes:
    """drand's name of a chain, from its constants (`public_key` of 192 bytes in drand's order)."""
    return hashlib.sha256(
        period.to_bytes(4, "big")
        + genesis.to_bytes(8, "big")
        + compress_key(public_key)
        + group_hash
        + beacon_id.encode()
    ).digest()


@lru_cache(maxsize=64)
def verify(public_key: bytes, drand_round: int, signature: bytes) -> bool:
    """Whether `signature` (96 or 48 bytes) is the beacon's of this round. Takes seconds in pure Python.

    Needs the package py_ecc, which only tools and tests install: ModuleNotFoundError without it.
    """
    limit = sys.getrecursionlimit()
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12
    from py_ecc.optimized_bls12_381.optimized_curve import G2, curve_order, is_inf, multiply, neg
    from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing

    sys.setrecursionlimit(limit)  # py_ecc raises it so far that deep JSON could exhaust the stack
    try:
        point = _g1(signature if len(signature) == 96 else decompress(signature))
    except PointError:
        return False
    if not is_inf(multiply(point, curve_order)):
        return False
    hashed = hash_to_G1(message(drand_round), DST, cast(Any, hashlib.sha256))
    product = pairing(_g2(public_key), hashed, final_exponentiate=False) * pairing(
        neg(G2), point, final_exponentiate=False
    )
    return bool(final_exponentiate(product) == FQ12.one())


def _coordinates(signature: bytes) -> tuple[int, int]:
    if len(signature) != 96:
        raise PointError(f"An uncompressed signature has 96 bytes, this has {len(signature)}.")
    x, y = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    if x >= FIELD or y >= FIELD or (y * y - x**3 - 4) % FIELD:
        raise PointError("These 96 bytes are no point of the curve.")
    return x, y


def _g1(signature: bytes) -> Any:
    from py_ecc.fields import optimized_bls12_381_FQ as FQ

    x, y = _coordinates(signature)
    return FQ(x), FQ(y), FQ.one()


@lru_cache(maxsize=8)
def _g2(public_key: bytes) -> Any:
    from py_ecc.fields import optimized_bls12_381_FQ2 as FQ2
    from py_ecc.optimized_bls12_381.optimized_curve import b2, is_on_curve

    key = swap_key(public_key)
    words = [int.from_bytes(key[at : at + 48], "big") for at in range(0, 192, 48)]
    point = FQ2(words[:2]), FQ2(words[2:]), FQ2.one()
    if any(value >= FIELD for value in words) or not is_on_curve(point, b2):
        raise PointError("The public key is no point of the curve.")
    return point
