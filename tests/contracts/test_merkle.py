"""Positional proofs: the honest one holds, and nothing else does."""

from typing import Any

import pytest
from eth_utils import keccak

from listener.chain.draw.merkle import Tree


@pytest.fixture(scope="session")
def merkle(project: Any, owner: Any) -> Any:
    return owner.deploy(project.MerkleHarness)


def tree_of(n: int) -> Tree:
    return Tree([keccak(index.to_bytes(8, "big")) for index in range(n)])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 7, 11, 16, 1000])
def test_verify__honest_proofs__hold_at_their_index_only(merkle: Any, n: int) -> None:
    tree = tree_of(n)
    for index in sorted({0, n // 2, n - 1}):
        proof = tree.proof(index)
        assert merkle.verify(tree.root, tree.leaf(index), index, n, proof)
        for wrong in {0, index ^ 1, index + 1, index - 1, n, n + index} - {index}:
            if wrong >= 0:
                assert not merkle.verify(tree.root, tree.leaf(index), wrong, n, proof)


def test_verify__padded_shortened_or_swapped_proof__fails(merkle: Any) -> None:
    tree = tree_of(11)
    leaf, proof = tree.leaf(4), tree.proof(4)
    assert not merkle.verify(tree.root, leaf, 4, 11, [*proof, bytes(32)])
    assert not merkle.verify(tree.root, leaf, 4, 11, [*proof, tree.root])
    assert not merkle.verify(tree.root, leaf, 4, 11, proof[:-1])
    assert not merkle.verify(tree.root, leaf, 4, 11, [proof[1], proof[0], *proof[2:]])
    assert not merkle.verify(tree.root, leaf, 4, 11, [])


@pytest.mark.parametrize("n", [10, 9, 16, 2**64 - 1])
def test_verify__other_number_of_leaves__fails_for_a_promoted_leaf(merkle: Any, n: int) -> None:
    tree = tree_of(11)
    assert not merkle.verify(tree.root, tree.leaf(10), 10, n, tree.proof(10))


def test_verify__inner_node_as_leaf__fails(merkle: Any) -> None:
    tree = tree_of(4)
    node = keccak(tree.leaf(0) + tree.leaf(1))
    sibling = keccak(tree.leaf(2) + tree.leaf(3))
    assert merkle.verify(tree.root, node, 0, 2, [sibling])
    assert not merkle.verify(tree.root, node, 0, 4, [sibling])


def test_verify__no_leaves__nothing_is_in(merkle: Any) -> None:
    assert not merkle.verify(bytes(32), bytes(32), 0, 0, [])
