"""The Merkle-sum tree and who wins from a weighted list."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from listener.chain.draw.hashing import keccak
from listener.chain.draw.standing import repeats, standing_ranks, standing_winners
from listener.chain.draw.sums import MAX_TOTAL, SumTree, entries_with, locate
from listener.chain.draw.winners import winners
from tests.draw import weighted_vectors

WEIGHTS = st.lists(st.integers(1, 2**40), min_size=1, max_size=40)


def _leaves(count: int) -> list[bytes]:
    return [keccak(index.to_bytes(4)) for index in range(count)]


def _tree(weights: list[int]) -> SumTree:
    return SumTree(_leaves(len(weights)), weights)


def test_vectors__as_committed__are_what_the_reference_gives() -> None:
    assert weighted_vectors.FILE.read_text() == weighted_vectors.text()


def test_node__two_and_three_leaves__as_the_general_encoder_hashes() -> None:
    a, b, c = _leaves(3)
    types = ["bytes32", "uint256", "bytes32", "uint256"]
    pair = keccak(encode(types, [a, 5, b, 7]))
    assert (_tree([5, 7]).root, _tree([5, 7]).total) == (pair, 12)
    # The third leaf goes up unchanged.
    assert _tree([5, 7, 9]).root == keccak(encode(types, [pair, 12, c, 9]))
    assert _tree([5]).root == a


@given(WEIGHTS)
def test_tree__every_leaf__is_located_where_its_units_begin(weights: list[int]) -> None:
    tree = _tree(weights)
    before = 0
    for index, weight in enumerate(weights):
        place = {"root": tree.root, "total": tree.total, "entries": len(weights), "index": index}
        assert locate(**place, leaf=tree.node(index), siblings=tree.siblings(index)) == before
        assert tree.start(index) == before
        assert {tree.entry_with(before), tree.entry_with(before + weight - 1)} == {index}
        before += weight


@given(WEIGHTS, st.data())
def test_locate__anything_changed__says_no(weights: list[int], data: st.DataObject) -> None:
    tree = _tree(weights)
    index = data.draw(st.integers(0, len(weights) - 1))
    (leaf, weight), siblings = tree.node(index), tree.siblings(index)
    given_ = {
        "root": tree.root,
        "total": tree.total,
        "entries": len(weights),
        "index": index,
        "leaf": (leaf, weight),
        "siblings": siblings,
    }
    changes: list[dict[str, object]] = [
        {"leaf": (leaf, weight + 1)},
        {"leaf": (leaf, -1)},
        {"leaf": (keccak(leaf), weight)},
        {"total": tree.total + 1},
        {"root": keccak(tree.root)},
        {"index": len(weights)},
        {"index": -1},
        {"siblings": [*siblings, (leaf, 1)]},
    ]
    if siblings:
        at = data.draw(st.integers(0, len(siblings) - 1))
        node, amount = siblings[at]
        for changed in ((node, amount + 1), (keccak(node), amount), (node, 2**64), (node[1:], amount)):
            changes.append({"siblings": [*siblings[:at], changed, *siblings[at + 1 :]]})
        changes.append({"siblings": siblings[:-1]})
        # Weight moved from the neighbour: the sum stays right, the hash does not.
        changes.append(
            {"leaf": (leaf, weight + 1), "siblings": [(siblings[0][0], siblings[0][1] - 1), *siblings[1:]]}
        )
    for change in changes:
        assert locate(**{**given_, **change}) is None  # type: ignore[arg-type]


@given(WEIGHTS, st.binary(min_size=32, max_size=32))
def test_entries_with__units_of_a_draw__are_their_owners(weights: list[int], seed: bytes) -> None:
    units = winners(seed, sum(weights), min(sum(weights), 20))
    flat = [(sum(weights[:index]), sum(weights[: index + 1])) for index in range(len(weights))]
    for unit, entry in zip(units, entries_with(weights, units), strict=True):
        assert flat[entry][0] <= unit < flat[entry][1]


def test_tree__unusable_weights__refused_with_the_reason() -> None:
    for weights, reason in (
        ([], "without entries"),
        ([1, 0], "Entry 1 has weight 0"),
        ([1, -3], "Entry 1 has weight -3"),
        ([MAX_TOTAL, 1], "at most 2\\^64"),
    ):
        with pytest.raises(ValueError, match=reason):
            _tree(weights)
    with pytest.raises(ValueError, match="1 leaves and 2 weights"):
        SumTree(_leaves(1), [1, 2])
    with pytest.raises(ValueError, match="Leaf 0 has 31 bytes"):
        SumTree([bytes(31)], [1])
    with pytest.raises(IndexError, match="units 0 to 2"):
        _tree([1, 2]).entry_with(3)
    with pytest.raises(IndexError, match="leaves 0 to 1"):
        _tree([1, 2]).siblings(2)


def test_repeats__an_entry_drawn_often__wins_by_its_first_rank_only() -> None:
    entries = [4, 9, 4, 1, 9, 4, 7]
    assert repeats(entries) == {2: 0, 4: 1, 5: 0}
    assert standing_winners(entries, 3) == [(0, 4), (1, 9), (3, 1)]
    # A disqualified entry does not come back by another of its units.
    assert standing_winners(entries, 3, [0]) == [(1, 9), (3, 1), (6, 7)]
    assert standing_winners(entries, 9, [1, 3]) == [(0, 4), (6, 7)]
    assert standing_ranks(4, 2, {0, 3}) == [1, 2]


def test_draw__a_million_weighted_entries_and_ten_thousand_ranks__gives_all_places() -> None:
    weights = [1 + index % 50 for index in range(1_000_000)]

    units = winners(bytes(32), sum(weights), 10_000)
    standing = standing_winners(entries_with(weights, units), 5_000)

    assert len({entry for _, entry in standing}) == 5_000
