"""Chainlink VRF proofs in Python: made, verified, and refused when anything is changed.

That Chainlink's coordinator agrees is shown in tests/contracts/test_vrf_proofs.py.
"""

import hashlib
from dataclasses import fields, replace
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.chain.draw import ecvrf
from listener.chain.draw.ecvrf import ORDER, Proof, ProofError
from tools.oracle.prover import ProvingKey, nonce_of

KEY = ProvingKey(0x746F6D626F6C61)
BLOCK = hashlib.sha256(b"a block").digest()
words = st.integers(0, 2**256 - 1)
PROOF = KEY.prove(7, BLOCK)
PAIR = "uint256[2]"
KINDS = (PAIR, PAIR, "uint256", "uint256", "uint256", "address", PAIR, PAIR, "uint256")


@settings(max_examples=100, deadline=None)
@given(secret=st.integers(1, ORDER - 1), seed=words, block=st.binary(min_size=32, max_size=32))
def test_proof__any_key_and_seed__verifies_and_gives_one_output(secret: int, seed: int, block: bytes) -> None:
    key = ProvingKey(secret)
    proof = key.prove(seed, block)
    assert ecvrf.verify(proof, block) == ecvrf.output_of(proof.gamma)
    assert key.prove(seed, block) == proof


def test_proof__words_there_and_back__same_proof() -> None:
    data = encode(list(KINDS), list(PROOF.arguments))
    assert Proof.from_words(data) == PROOF
    assert int.from_bytes(data[32 * ecvrf.SEED_WORD :][:32]) == PROOF.seed
    with pytest.raises(ProofError, match="416 bytes"):
        Proof.from_words(data[:-1])


def _changed(value: Any) -> Any:
    if isinstance(value, tuple):
        return (value[0], ecvrf.FIELD - value[1])
    return f"0x{int(value, 16) ^ 1:040x}" if isinstance(value, str) else value ^ 1


@pytest.mark.parametrize("name", [field.name for field in fields(Proof)])
def test_proof__field_changed__refused(name: str) -> None:
    with pytest.raises(ProofError):
        ecvrf.verify(replace(PROOF, **{name: _changed(getattr(PROOF, name))}), BLOCK)


@pytest.mark.parametrize("name", ["public_key", "gamma"])
def test_proof__point_off_the_curve__refused(name: str) -> None:
    with pytest.raises(ProofError, match="no point of the curve"):
        ecvrf.verify(replace(PROOF, **{name: (1, 1)}), BLOCK)


@pytest.mark.parametrize("name", ["c", "s"])
def test_proof__scalar_of_zero__refused(name: str) -> None:
    with pytest.raises(ProofError, match="scalar"):
        ecvrf.verify(replace(PROOF, **{name: 0}), BLOCK)


def test_proof__other_block__refused() -> None:
    with pytest.raises(ProofError):
        ecvrf.verify(PROOF, hashlib.sha256(BLOCK).digest())


def test_nonce__published_vector__same() -> None:
    """A widely used vector of RFC 6979 for secp256k1 and SHA-256 (key 1)."""
    found = nonce_of(1, hashlib.sha256(b"Satoshi Nakamoto").digest())
    assert found == 0x8F8A276C19F4149656B280621E358CCE24F5F52542772691EE69063B74F15D15


def test_hash_to_curve__many_seeds__even_points_of_the_curve() -> None:
    points = [ecvrf.hash_to_curve(KEY.public, seed) for seed in range(200)]
    assert all(ecvrf.is_on_curve(point) and point[1] % 2 == 0 for point in points)
    assert len(set(points)) == 200
