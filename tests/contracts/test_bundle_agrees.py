"""A bundle's numbers in Solidity: the contracts' own code says of them what Python and TypeScript say."""

import json
from pathlib import Path
from typing import Any

import pytest

from listener.chain.draw.merkle import Tree, id_hash

VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.fixture(scope="module")
def merkle(project: Any, owner: Any) -> Any:
    return owner.deploy(project.MerkleHarness)


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VECTORS / "bundle.json").read_text())
    return found


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def test_bundle__winners_and_openings__follow_in_solidity(
    winners_harness: Any, merkle: Any, bundle: dict[str, Any]
) -> None:
    final, leaves = bundle["draw"]["final"], [_bytes(leaf) for leaf in bundle["leaves"]]
    numbers = winners_harness.winners(_bytes(final["seed"]), int(final["n"]), final["k"])
    assert [opening["index"] for opening in bundle["openings"]] == list(numbers)
    for opening in bundle["openings"]:
        index, key = opening["index"], _bytes(bundle["contest_key"])
        leaf = merkle.entryLeaf(
            bundle["chain_id"],
            bundle["contract"],
            key,
            index,
            _bytes(opening["salt"]),
            opening["account_key"],
        )
        assert bytes(leaf) == leaves[index]
        proof = [_bytes(node) for node in opening["proof"]]
        root, n = _bytes(bundle["root"]), bundle["entries"]
        assert merkle.verify(root, leaf, index, n, proof)
        assert not merkle.verify(root, leaf, index ^ 1, n, proof)


def test_bundle__exclusions__follow_in_solidity(merkle: Any, bundle: dict[str, Any]) -> None:
    root, exclusions = _bytes(bundle["exclusion_root"]), bundle["exclusions"]
    tree = Tree([_bytes(one["leaf"]) for one in exclusions])
    for index, one in enumerate(exclusions):
        leaf = _bytes(one["leaf"])
        assert merkle.verify(root, leaf, index, len(exclusions), tree.proof(index))
        if one["reason"] is not None:
            key, hidden = _bytes(bundle["contest_key"]), _bytes(one["id_hash"])
            made = merkle.exclusionLeaf(
                bundle["chain_id"], bundle["contract"], key, index, hidden, one["reason"]
            )
            assert bytes(made) == leaf


def test_exclusions__vectors__follow_in_solidity(merkle: Any) -> None:
    for case in json.loads((VECTORS / "exclusions.json").read_text())["cases"]:
        for index, person in enumerate(case["excluded"]):
            hidden = id_hash(_bytes(person["salt"]), person["account_key"])
            leaf = merkle.exclusionLeaf(
                case["chain_id"],
                case["contract"],
                _bytes(case["contest_key"]),
                index,
                hidden,
                person["reason"],
            )
            assert bytes(leaf) == _bytes(person["leaf"])
        for proof in case["proofs"]:
            leaf = _bytes(case["excluded"][proof["index"]]["leaf"])
            siblings = [_bytes(node) for node in proof["siblings"]]
            count = len(case["excluded"])
            assert merkle.verify(_bytes(case["root"]), leaf, proof["index"], count, siblings)
