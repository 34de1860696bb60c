"""The positional tree: every honest proof holds, nothing else does."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw.hashing import keccak
from listener.chain.draw.merkle import (
    LEAF_TAG,
    Tree,
    claim_hash,
    contest_key,
    id_hash,
    leaf_hash,
    list_leaves,
    root_of,
    salt_of,
    verify,
)

CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
KEY = keccak(b"key")


def _leaves(count: int) -> list[bytes]:
    return [keccak(index.to_bytes(8, "big")) for index in range(count)]


def test_root__small_trees__odd_last_node_moves_up() -> None:
    a, b, c, d, e = _leaves(5)
    ab, cd = keccak(a + b), keccak(c + d)

    assert root_of([a]) == a
    assert root_of([a, b]) == ab
    assert root_of([a, b, c]) == keccak(ab + c)
    assert root_of([a, b, c, d, e]) == keccak(keccak(ab + cd) + e)
    assert Tree([a, b, c, d, e]).proof(4) == [keccak(ab + cd)]


@given(st.integers(1, 70), st.data())
def test_verify__honest_proof__holds_at_its_place_only(count: int, data: st.DataObject) -> None:
    leaves = _leaves(count)
    tree = Tree(leaves)
    index = data.draw(st.integers(0, count - 1))
    proof = tree.proof(index)

    assert verify(root=tree.root, n=count, index=index, leaf=leaves[index], proof=proof)
    for other in range(count + 2):
        if other != index:
            assert not verify(root=tree.root, n=count, index=other, leaf=leaves[index], proof=proof)


@given(st.integers(1, 70), st.data())
def test_verify__changed_proof__fails(count: int, data: st.DataObject) -> None:
    leaves = _leaves(count)
    tree = Tree(leaves)
    index = data.draw(st.integers(0, count - 1))
    proof = tree.proof(index)
    changed = data.draw(
        st.sampled_from(
            [
                [*proof, bytes(32)],
                [bytes(32), *proof],
                [*proof, tree.root],
                *(
                    [proof[:-1], [*proof[:-1], keccak(proof[-1])], [proof[0][:31], *proof[1:]]]
                    if proof
                    else []
                ),
            ]
        )
    )

    assert not verify(root=tree.root, n=count, index=index, leaf=leaves[index], proof=changed)


def test_verify__inner_node_as_leaf__fails() -> None:
    a, b, c, d = _leaves(4)
    tree = Tree([a, b, c, d])

    assert not verify(root=tree.root, n=4, index=0, leaf=keccak(a + b), proof=[keccak(c + d)])
    assert not verify(root=tree.root, n=4, index=0, leaf=tree.root, proof=[])


@given(st.text(), st.binary(min_size=32, max_size=32), st.integers(0, 2**64 - 1), st.integers(0, 2**256 - 1))
def test_leaf_hash__any_entry__equal_to_the_general_encoder(
    account: str, salt: bytes, index: int, weight: int
) -> None:
    identity = id_hash(salt, account)
    leaf = leaf_hash(
        chain_id=137,
        contract=CONTRACT,
        contest_key=KEY,
        index=index,
        id_hash=identity,
        weight=weight,
        claim_hash=salt,
    )
    types = ["bytes32", "uint256", "address", "bytes32", "uint256", "uint256", "bytes32", "bytes32"]
    values = [LEAF_TAG, 137, CONTRACT, KEY, index, weight, identity, salt]

    assert identity == keccak(encode(["bytes32", "string"], [salt, account]))
    assert leaf == keccak(keccak(encode(types, values)))


def test_contest_key__equal_to_the_general_encoder() -> None:
    post = keccak(b"post")
    assert contest_key(CONTRACT, post, KEY) == keccak(
        encode(["address", "bytes32", "bytes32"], [CONTRACT, post, KEY])
    )


def test_claim_hash__equal_to_the_general_encoder() -> None:
    assert claim_hash(CONTRACT, KEY) == keccak(encode(["address", "bytes32"], [CONTRACT, KEY]))


def test_list_leaves__each_leaf__opens_with_its_salt() -> None:
    secret, accounts = b"secret", ["anna", "жанна", "李"]

    leaves = list_leaves(
        chain_id=31337, contract=CONTRACT, contest_key=KEY, secret=secret, account_keys=accounts
    )

    for index, account in enumerate(accounts):
        identity = id_hash(salt_of(secret, index), account)
        assert leaves[index] == leaf_hash(
            chain_id=31337, contract=CONTRACT, contest_key=KEY, index=index, id_hash=identity
        )


def test_tree__no_or_broken_leaves__refused() -> None:
    with pytest.raises(ValueError, match="without entries"):
        Tree([])
    with pytest.raises(ValueError, match="Leaf 1 has 31 bytes"):
        Tree([bytes(32), bytes(31)])
    with pytest.raises(IndexError, match="leaves 0 to 1"):
        Tree(_leaves(2)).proof(2)


def test_tree__ten_thousand_entries__proves_the_last() -> None:
    leaves = list_leaves(
        chain_id=137, contract=CONTRACT, contest_key=KEY, secret=KEY, account_keys=map(str, range(10_000))
    )
    tree = Tree(leaves)

    assert verify(root=tree.root, n=10_000, index=9_999, leaf=leaves[-1], proof=tree.proof(9_999))
