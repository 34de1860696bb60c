"""drand chains of scheme bls-unchained-g1-rfc9380 (quicknet): rounds, G1 points and signatures.

Signatures are BLS12-381 G1 points: 48 bytes compressed, as drand's HTTP API publishes them, or 96 bytes x ‖ y, as the
contracts take them. Public keys are G2 points, 192 bytes x.c0 ‖ x.c1 ‖ y.c0 ‖ y.c1.
"""

import hashlib
from functools import lru_cache
from typing import Any

SCHEME = "bls-unchained-g1-rfc9380"
DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"

FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB
_COMPRESSED, _INFINITY, _LARGER_Y = 0x80, 0x40, 0x20


class PointInvalid(ValueError):
    """Bytes that are not a point of the curve."""


def round_after(time: int, *, genesis: int, period: int) -> int:
    """The first round published strictly after `time` (Unix seconds)."""
    if time < genesis:
        raise ValueError(f"Time {time} lies before the beacon's genesis {genesis}: no round decides it.")
    return (time - genesis) // period + 2


def time_of(drand_round: int, *, genesis: int, period: int) -> int:
    """Unix seconds at which a round (from 1) is published."""
    return genesis + (drand_round - 1) * period


def message(drand_round: int) -> bytes:
    """What the beacon signs for a round: SHA-256 of its number as 8 bytes."""
    return hashlib.sha256(drand_round.to_bytes(8, "big")).digest()


def compress(signature: bytes) -> bytes:
    """96 bytes x ‖ y → 48 bytes."""
    x, y = _coordinates(signature)
    flags = _COMPRESSED | (_LARGER_Y if y > FIELD - y else 0)
    return bytes([signature[0] | flags]) + signature[1:48]


def decompress(signature: bytes) -> bytes:
    """48 bytes → 96 bytes x ‖ y, as `finalise` takes them."""
    if len(signature) != 48:
        raise PointInvalid(f"A compressed signature has 48 bytes, this has {len(signature)}.")
    if not signature[0] & _COMPRESSED or signature[0] & _INFINITY:
        raise PointInvalid("This is no compressed point: its leading bits say so.")
    x = int.from_bytes(signature, "big") & (1 << 381) - 1
    if x >= FIELD:
        raise PointInvalid("The x coordinate is not below the field's prime.")
    y = pow(x**3 + 4, (FIELD + 1) // 4, FIELD)
    if (y * y - x**3 - 4) % FIELD:
        raise PointInvalid("No point of the curve has this x coordinate.")
    if (y > FIELD - y) != bool(signature[0] & _LARGER_Y):
        y = FIELD - y
    return x.to_bytes(48, "big") + y.to_bytes(48, "big")


def randomness_of(signature: bytes) -> bytes:
    """drand's public randomness of a signature (96 or 48 bytes): SHA-256 of the compressed form."""
    return hashlib.sha256(compress(signature) if len(signature) == 96 else signature).digest()


def verify(public_key: bytes, drand_round: int, signature: bytes) -> bool:
    """Whether `signature` (96 or 48 bytes) is the beacon's of this round. Takes seconds in pure Python.

    Needs the package py_ecc, which only tools and tests install: ModuleNotFoundError without it.
    """
    from py_ecc import optimized_bls12_381 as curve
    from py_ecc.bls.hash_to_curve import hash_to_G1

    try:
        point = _g1(signature if len(signature) == 96 else decompress(signature))
    except PointInvalid:
        return False
    if not curve.is_inf(curve.multiply(point, curve.curve_order)):
        return False
    hashed = hash_to_G1(message(drand_round), DST, hashlib.sha256)
    product = curve.pairing(_g2(public_key), hashed, final_exponentiate=False) * curve.pairing(
        curve.neg(curve.G2), point, final_exponentiate=False
    )
    return bool(curve.final_exponentiate(product) == curve.FQ12.one())


def _coordinates(signature: bytes) -> tuple[int, int]:
    if len(signature) != 96:
        raise PointInvalid(f"An uncompressed signature has 96 bytes, this has {len(signature)}.")
    x, y = int.from_bytes(signature[:48], "big"), int.from_bytes(signature[48:], "big")
    if x >= FIELD or y >= FIELD or (y * y - x**3 - 4) % FIELD:
        raise PointInvalid("These 96 bytes are no point of the curve.")
    return x, y


def _g1(signature: bytes) -> Any:
    from py_ecc import optimized_bls12_381 as curve

    x, y = _coordinates(signature)
    return curve.FQ(x), curve.FQ(y), curve.FQ.one()


@lru_cache(maxsize=8)
def _g2(public_key: bytes) -> Any:
    from py_ecc import optimized_bls12_381 as curve

    if len(public_key) != 192:
        raise PointInvalid(f"A public key has 192 bytes, this has {len(public_key)}.")
    words = [int.from_bytes(public_key[at : at + 48], "big") for at in range(0, 192, 48)]
    point = curve.FQ2(words[:2]), curve.FQ2(words[2:]), curve.FQ2.one()
    if any(value >= FIELD for value in words) or not curve.is_on_curve(point, curve.b2):
        raise PointInvalid("The public key is no point of the curve.")
    return point
