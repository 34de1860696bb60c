"""The Merkle-sum tree: honest proofs lead to root and total, nothing else does, and no sum can be made smaller."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.backing import topics
from backend.backing.tree import BLOCK, END, NODE, Node, Place, Seed, build, parent, siblings, size_for
from listener.chain.draw.hashing import word
from scripts.verify_backing import climb
from tests.support.processes import ROOT

PLACE = Place(31337, b"\x07" * 20, topics.backing(bytes(20)), 1_000)
SEED = Seed(b"\x05" * 32)
owed_by_account = st.dictionaries(
    st.binary(min_size=20, max_size=20), st.integers(1, 2**200), min_size=0, max_size=600
)


def way(owed: dict[bytes, int], tree: Any, account: bytes) -> list[Node]:
    """As the store asks for it: with the claims of the same part alone."""
    index = tree.indexes[account]
    first = index // BLOCK * BLOCK
    near = {at: (one, owed[one]) for one, at in tree.indexes.items() if first <= at < first + BLOCK}
    return siblings(PLACE, SEED, tree.blocks, index, near)


@settings(max_examples=15, deadline=None)
@given(owed=owed_by_account, data=st.data())
def test_build__any_claims__each_has_its_way_and_the_total_is_their_sum(
    owed: dict[bytes, int], data: st.DataObject
) -> None:
    tree = build(PLACE, SEED, owed)
    assert tree.total == sum(owed.values())
    assert tree.size == size_for(len(owed)) >= BLOCK
    assert len(set(tree.indexes.values())) == len(owed)
    for account in data.draw(st.lists(st.sampled_from(sorted(owed)), max_size=3)) if owed else []:
        leaf, amount = PLACE.leaf(account, owed[account], SEED.salt(account))
        assert climb(leaf, amount, tree.indexes[account], way(owed, tree, account)) == (tree.root, tree.total)


@settings(max_examples=40, deadline=None)
@given(
    amounts=st.lists(st.integers(1, 10**30), min_size=1, max_size=9),
    what=st.sampled_from(["amount", "account", "salt", "index", "hash", "sum", "swap", "shorter"]),
    data=st.data(),
)
def test_build__anything_in_a_proof_is_another__leads_elsewhere(
    amounts: list[int], what: str, data: st.DataObject
) -> None:
    """A claim made smaller would have to show in the total, as would a sum moved from one sibling to another."""
    owed = {number.to_bytes(20): amount for number, amount in enumerate(amounts, 1)}
    tree = build(PLACE, SEED, owed)
    account, other = next(iter(owed)), b"\xff" * 20
    amount, index, path = owed[account], tree.indexes[account], way(owed, tree, account)
    salt, claimed, at = SEED.salt(account), account, data.draw(st.integers(0, len(path) - 1))
    match what:
        case "amount":
            amount = data.draw(st.integers(0, END - 1).filter(lambda one: one != owed[account]))
        case "account":
            claimed = other
        case "salt":
            salt = SEED.salt(other)
        case "index":
            index ^= 1 << at
        case "hash":
            path[at] = (data.draw(st.binary(min_size=32, max_size=32)), path[at][1])
        case "sum":
            path[at] = (path[at][0], data.draw(st.integers(0, END - 1).filter(lambda s: s != path[at][1])))
        case "swap":
            amount, path[0] = path[0][1], (path[0][0], amount)
            if amount == owed[account]:
                return
        case "shorter":
            path.pop()
    leaf, _ = PLACE.leaf(claimed, amount, salt)
    assert climb(leaf, amount, index, path) != (tree.root, tree.total)


@pytest.mark.parametrize(
    "change",
    [{"chain_id": 137}, {"contract": b"\x08" * 20}, {"topic": topics.AUDIT}, {"snapshot_block": 1_001}],
    ids=lambda one: next(iter(one)),
)
def test_leaf__of_another_tree__is_another(change: dict[str, Any]) -> None:
    here = PLACE.leaf(b"\x01" * 20, 5, b"\x02" * 32)
    assert Place(**{**PLACE.__dict__, **change}).leaf(b"\x01" * 20, 5, b"\x02" * 32) != here


def test_parent__covers_both_sums__so_that_they_cannot_be_shifted() -> None:
    """Maxwell's first scheme hashed left + right, so that sums could be moved between siblings unseen."""
    left, right = (b"\x01" * 32, 3), (b"\x02" * 32, 4)
    assert parent(left, right) == (
        keccak(NODE + left[0] + word(3) + right[0] + word(4)),
        7,
    )
    assert parent((left[0], 4), (right[0], 3))[0] != parent(left, right)[0]


def test_parent__the_sum_does_not_fit__is_refused() -> None:
    with pytest.raises(OverflowError):
        parent((b"\x01" * 32, END - 1), (b"\x02" * 32, 1))
    with pytest.raises(OverflowError):
        parent((b"\x01" * 32, -1), (b"\x02" * 32, 5))


def test_build__people_of_two_days__have_other_salts_and_paddings() -> None:
    """Nobody can follow a person, or count people, from one day to the next."""
    account, tomorrow = b"\x01" * 20, Seed(b"\x06" * 32)
    assert SEED.salt(account) != tomorrow.salt(account) != tomorrow.salt(b"\x02" * 20)
    assert SEED.padding(3)[0] not in (tomorrow.padding(3)[0], SEED.padding(4)[0])
    places = {build(PLACE, SEED, {account: 1}).indexes[account] for _ in range(20)}
    assert len(places) > 1


@pytest.mark.parametrize(("count", "size"), [(0, 256), (1, 256), (256, 256), (257, 512), (70_000, 131_072)])
def test_size_for__any_number__is_a_power_of_two_of_at_least_256(count: int, size: int) -> None:
    assert size_for(count) == size


@pytest.mark.parametrize(
    ("topic", "token", "currency"),
    [
        (topics.backing(b"\x03" * 20), b"\x03" * 20, None),
        (topics.credits_of("CREDIT"), None, "CREDIT"),
        (topics.AUDIT, None, None),
    ],
    ids=["token", "credits", "audit"],
)
def test_topics__each__is_read_as_what_it_is(topic: bytes, token: bytes | None, currency: str | None) -> None:
    assert (len(topic), topics.token_of(topic), topics.currency_of(topic)) == (32, token, currency)


def test_vectors__shared_with_the_web_app_and_the_script__agree() -> None:
    mine = json.loads((ROOT / "tests" / "vectors" / "backing.json").read_text())["mine"]
    account = bytes.fromhex(mine["account"][2:])
    for proof in mine["proofs"]:
        contract, topic = bytes.fromhex(mine["contract"][2:]), bytes.fromhex(proof["topic"][2:])
        place = Place(mine["chain_id"], contract, topic, mine["snapshot_block"])
        node = place.leaf(account, int(proof["amount"]), bytes.fromhex(proof["salt"][2:]))
        index = proof["index"]
        for one in proof["siblings"]:
            beside = (bytes.fromhex(one["hash"][2:]), int(one["sum"]))
            node = parent(beside, node) if index & 1 else parent(node, beside)
            index >>= 1
        assert node == (bytes.fromhex(proof["root"][2:]), int(proof["total"]))
