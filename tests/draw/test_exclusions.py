"""The tree over excluded persons: the shared vectors, the general encoder, and what a leaf is bound to."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode

from listener.chain.draw.exclusions import (
    EXCLUSION_TAG,
    exclusion_leaf,
    exclusion_leaves,
    exclusion_root,
    exclusion_salt,
    reason_hash,
)
from listener.chain.draw.hashing import ZERO32, keccak
from listener.chain.draw.merkle import id_hash, salt_of, verify
from tests.draw import exclusion_vectors

VECTORS: dict[str, Any] = json.loads(Path("tests/vectors/exclusions.json").read_text())
CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
KEY, SECRET = keccak(b"key"), keccak(b"secret")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def test_vectors__written_anew__unchanged() -> None:
    assert Path("tests/vectors/exclusions.json").read_text() == exclusion_vectors.text()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{len(case['excluded'])} persons")
def test_leaves__vector__equal_and_proved(case: dict[str, Any]) -> None:
    excluded = [(person["account_key"], person["reason"]) for person in case["excluded"]]
    place = {
        "chain_id": case["chain_id"],
        "contract": case["contract"],
        "contest_key": _bytes(case["contest_key"]),
    }

    leaves = exclusion_leaves(**place, secret=_bytes(case["secret"]), excluded=excluded)

    assert leaves == [_bytes(person["leaf"]) for person in case["excluded"]]
    assert exclusion_root(leaves) == _bytes(case["root"])
    for index, person in enumerate(case["excluded"]):
        hidden = id_hash(_bytes(person["salt"]), person["account_key"])
        assert exclusion_leaf(**place, index=index, id_hash=hidden, reason=person["reason"]) == leaves[index]
    for proof in case["proofs"]:
        index, siblings = proof["index"], [_bytes(node) for node in proof["siblings"]]
        assert verify(
            root=_bytes(case["root"]), n=len(leaves), index=index, leaf=leaves[index], proof=siblings
        )


def test_leaf__general_encoder__equal() -> None:
    hidden = id_hash(exclusion_salt(SECRET, 4), "ana")
    types = ["bytes32", "uint256", "address", "bytes32", "uint256", "bytes32", "bytes32"]
    values = [EXCLUSION_TAG, 137, CONTRACT, KEY, 4, hidden, reason_hash("hashtag_missing")]

    leaf = exclusion_leaf(
        chain_id=137, contract=CONTRACT, contest_key=KEY, index=4, id_hash=hidden, reason="hashtag_missing"
    )

    assert leaf == keccak(keccak(encode(types, values)))


def test_root__nobody_excluded__zero() -> None:
    assert exclusion_root([]) == ZERO32


def test_salt__same_index__differs_from_the_entry_s() -> None:
    assert exclusion_salt(SECRET, 5) != salt_of(SECRET, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"chain_id": 1},
        {"contract": "0x" + "11" * 20},
        {"contest_key": keccak(b"other")},
        {"secret": keccak(b"other")},
        {"excluded": [("bo", "hashtag_missing"), ("ana", "hashtag_missing")]},
        {"excluded": [("ana", "hashtag_missing"), ("bo", "earlier_winner")]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_root__anything_changed__another(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "chain_id": 137,
        "contract": CONTRACT,
        "contest_key": KEY,
        "secret": SECRET,
        "excluded": [("ana", "hashtag_missing"), ("bo", "hashtag_missing")],
    }

    assert exclusion_root(exclusion_leaves(**given)) != exclusion_root(
        exclusion_leaves(**{**given, **change})
    )
