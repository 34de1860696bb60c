"""Chainlink VRF proofs in Python: made, verified, and refused when anything is changed.

tests/vectors/vrf.json, shared with the web app, holds proofs that Chainlink made. That its coordinator accepts ours is
shown in tests/contracts/test_vrf_proofs.py.
"""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from listener.chain.draw import ecvrf
from listener.chain.draw.ecvrf import ORDER, Proof, ProofError
from scripts._networks import LOCAL_CHAIN_ID, network_of
from tools.oracle.prover import ProvingKey, nonce_of

KEY = ProvingKey(0x746F6D626F6C61)
BLOCK = hashlib.sha256(b"a block").digest()
words = st.integers(0, 2**256 - 1)
PROOF = KEY.prove(7, BLOCK)
PAIR = "uint256[2]"
KINDS = (PAIR, PAIR, "uint256", "uint256", "uint256", "address", PAIR, PAIR, "uint256")
VECTORS: dict[str, Any] = json.loads(Path("tests/vectors/vrf.json").read_text())


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("case", VECTORS["proofs"], ids=lambda case: f"{case['by']}: {case['name']}")
def test_verify__vector__gives_its_output_and_words(case: dict[str, Any]) -> None:
    proof, key = Proof.from_words(_bytes(case["proof"])), _bytes(case["key_hash"])

    output = ecvrf.verify(proof, _bytes(case["block_hash"]))

    assert output == int(case["output"], 16)
    assert [ecvrf.random_word(output, index) for index in range(3)] == [int(w, 16) for w in case["words"]]
    assert ecvrf.key_hash(proof.public_key) == key
    assert proof.seed == int(case["pre_seed"], 16)
    assert ecvrf.request_id(key, proof.seed) == int(case["request_id"], 16)


@pytest.mark.parametrize("case", VECTORS["proofs"], ids=lambda case: f"{case['by']}: {case['name']}")
def test_prove__vector__same_gamma_as_chainlink_and_same_proof_as_ever(case: dict[str, Any]) -> None:
    told = Proof.from_words(_bytes(case["proof"]))
    made = ProvingKey(int(case["secret"], 16)).prove(told.seed, _bytes(case["block_hash"]))
    assert (made.public_key, made.gamma) == (told.public_key, told.gamma)
    # Chainlink chooses its nonces at random.
    assert (made == told) == (case["by"] == "Tombola")


@pytest.mark.parametrize("case", VECTORS["tampered"], ids=lambda case: case["name"])
def test_verify__tampered_vector__refused_for_its_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ProofError) as refused:
        ecvrf.verify(Proof.from_words(_bytes(case["proof"])), _bytes(case["block_hash"]))
    assert str(refused.value) == case["says"]


def test_vectors__coordinators__are_those_of_the_deployment() -> None:
    for chain, coordinator in VECTORS["coordinators"].items():
        assert network_of(int(chain)).coordinator == coordinator
    assert str(LOCAL_CHAIN_ID) not in VECTORS["coordinators"]


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
