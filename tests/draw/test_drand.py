"""Rounds, points and a real signature of drand's quicknet."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw import drand

QUICKNET = json.loads(Path("tests/vectors/drand.json").read_text())[0]
KEY = bytes.fromhex(QUICKNET["public_key_g2_uncompressed"])
SIGNATURE = bytes.fromhex(QUICKNET["signature_g1_uncompressed"])
COMPRESSED = bytes.fromhex(QUICKNET["signature_g1_compressed"])
ROUND = QUICKNET["round"]


def test_signature__both_forms__convert_into_each_other() -> None:
    assert drand.compress(SIGNATURE) == COMPRESSED
    assert drand.decompress(COMPRESSED) == SIGNATURE
    assert drand.randomness_of(SIGNATURE) == hashlib.sha256(COMPRESSED).digest()
    assert drand.randomness_of(COMPRESSED) == hashlib.sha256(COMPRESSED).digest()


def test_compress__mirrored_point__other_sign_and_back() -> None:
    mirrored = SIGNATURE[:48] + (drand.FIELD - int.from_bytes(SIGNATURE[48:], "big")).to_bytes(48, "big")

    assert drand.compress(mirrored) == bytes([COMPRESSED[0] ^ 0x20]) + COMPRESSED[1:]
    assert drand.decompress(drand.compress(mirrored)) == mirrored


def test_message__round__as_the_vector() -> None:
    assert drand.message(ROUND).hex() == QUICKNET["message_sha256_of_round"]


@pytest.mark.parametrize(
    ("point", "says"),
    [
        (bytes(95), "95"),
        (bytes(96), "no point"),
        (SIGNATURE[:-1] + bytes([SIGNATURE[-1] ^ 1]), "no point"),
    ],
)
def test_compress__no_point__refused(point: bytes, says: str) -> None:
    with pytest.raises(drand.PointError, match=says):
        drand.compress(point)


@pytest.mark.parametrize(
    ("point", "says"),
    [
        (SIGNATURE, "48 bytes, this has 96"),
        (SIGNATURE[:48], "leading bits"),
        (b"\xc0" + bytes(47), "leading bits"),
        (b"\x9f" + b"\xff" * 47, "field's prime"),
        (b"\x80" + bytes(46) + b"\x01", "No point"),
    ],
)
def test_decompress__no_point__refused(point: bytes, says: str) -> None:
    with pytest.raises(drand.PointError, match=says):
        drand.decompress(point)


def test_verify__real_round__holds_for_it_alone() -> None:
    assert drand.verify(KEY, ROUND, SIGNATURE)
    assert drand.verify(KEY, ROUND, COMPRESSED)
    assert not drand.verify(KEY, ROUND + 1, SIGNATURE)
    assert not drand.verify(KEY, ROUND, bytes(96))


def test_swap_key__twice__the_same() -> None:
    assert drand.swap_key(drand.swap_key(KEY)) == KEY
    assert drand.swap_key(KEY)[:48] == KEY[48:96]
    with pytest.raises(drand.PointError, match="192 bytes, this has 96"):
        drand.swap_key(KEY[:96])


def test_chain_hash__quicknet__its_public_name() -> None:
    assert drand.compress_key(KEY).hex().startswith("83cf0f2896adee7e")
    assert (
        drand.chain_hash(
            public_key=KEY,
            genesis=QUICKNET["genesis_time"],
            period=QUICKNET["period_seconds"],
            group_hash=bytes.fromhex("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"),
            beacon_id="quicknet",
        ).hex()
        == "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
    )


@given(st.integers(0, 2**40), st.integers(1, 60), st.integers(0, 2**40))
def test_round_after__any_time__first_strictly_after(genesis: int, period: int, later: int) -> None:
    time = genesis + later

    drand_round = drand.round_after(time, genesis=genesis, period=period)

    assert drand.time_of(drand_round, genesis=genesis, period=period) > time
    assert drand.time_of(drand_round - 1, genesis=genesis, period=period) <= time


def test_round_after__before_genesis__first_round() -> None:
    assert drand.round_after(9, genesis=10, period=3) == 1
