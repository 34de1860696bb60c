"""Merkle-sum proofs in Solidity: the shared vectors, and that nothing forged is ever valid."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from listener.chain.draw.hashing import keccak
from listener.chain.draw.sums import SumTree, locate
from tests.evm.engine import Call

VECTORS = json.loads(Path("tests/vectors/weighted.json").read_text())
MOST = 2**64 - 1


@pytest.fixture(scope="session")
def sums(project: Any, owner: Any) -> Any:
    return owner.deploy(project.MerkleSumHarness)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{len(v['weights'])} entries, total {v['total']}")
def test_verify__every_vector__agrees(sums: Any, winners_harness: Any, vector: dict[str, Any]) -> None:
    total, weights = int(vector["total"]), [int(weight) for weight in vector["weights"]]
    for path in vector["paths"]:
        index = path["index"]
        siblings = [(node["hash"], int(node["sum"])) for node in path["siblings"]]
        found = sums.verify(
            vector["root"], total, vector["leaves"][index], weights[index], index, len(weights), siblings
        )
        assert (found.valid, found.start) == (True, int(path["start"]))
    assert winners_harness.winners(vector["seed"], total, vector["k"]) == [
        int(unit) for unit in vector["units"]
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_verify__anything_else_than_an_honest_proof__is_not_valid(sums: Any, data: st.DataObject) -> None:
    """Index, weight, root, total, number of entries, any sibling's hash or sum, too few and too many: as Python says."""
    weights = data.draw(st.lists(st.integers(1, 2**50), min_size=1, max_size=20))
    tree = SumTree([keccak(bytes([index])) for index in range(len(weights))], weights)
    index = data.draw(st.integers(0, len(weights) - 1))
    (leaf, weight), siblings = tree.node(index), tree.siblings(index)
    honest = [tree.root, tree.total, leaf, weight, index, len(weights), siblings]
    found = sums.verify(*honest)
    assert (found.valid, found.start) == (True, tree.start(index))
    at = data.draw(st.integers(0, 6))
    forged = list(honest)
    forged[at] = data.draw(_another(at, honest))
    expected = _python(forged)
    found = sums.verify(*forged)
    assert (found.valid, found.start) == (expected is not None, expected or 0)
    if at != 5:
        # Only the number of entries may change without harm, where the path has the same shape.
        assert not found.valid


def test_verify__sums_near_the_end_of_64_bits__cannot_overflow(sums: Any) -> None:
    tree = SumTree([keccak(b"a"), keccak(b"b")], [MOST - 1, 1])
    (leaf, _), [(beside, _)] = tree.node(0), tree.siblings(0)
    assert sums.verify(tree.root, MOST, leaf, MOST - 1, 0, 2, [(beside, 1)]).valid
    # 2⁶⁴ more on either side would be the same sum if it wrapped.
    for weight, amount in ((MOST - 1 + 2**64, 1), (MOST, MOST), (2**256 - 1, 1), (2**255, 2**63)):
        assert not sums.verify(tree.root, MOST, leaf, weight, 0, 2, [(beside, amount)]).valid


def test_verify__a_sum_of_more_than_64_bits__is_not_valid(sums: Any) -> None:
    tree = SumTree([keccak(b"a"), keccak(b"b")], [3, 4])
    (leaf, weight), [(beside, amount)] = tree.node(1), tree.siblings(1)
    honest = sums.verify.encode_input(tree.root, 7, leaf, weight, 1, 2, [(beside, amount)])
    dirty = honest[:-32] + (amount + 2**64).to_bytes(32)
    caller = sums.chain.accounts[0]
    answers = []
    for data in (honest, dirty):
        answers.append(sums.chain.read(Call(caller.address, sums.address, data, 0, 1_000_000)))
    assert answers[0][31] == 1
    assert answers[1] == bytes(64)


def _another(at: int, honest: list[Any]) -> st.SearchStrategy[Any]:
    """Another value for one argument."""
    if at in (0, 2):
        return st.binary(min_size=32, max_size=32)
    if at == 6:
        return _other_siblings(honest[6])
    most = 2**256 - 1 if at == 3 else MOST
    return st.integers(0, most).filter(lambda value: value != honest[at])


def _other_siblings(siblings: list[tuple[bytes, int]]) -> st.SearchStrategy[Any]:
    longer = st.just([*siblings, (bytes(32), 0)])
    if not siblings:
        return longer

    def change(place: tuple[int, bytes, int]) -> list[tuple[bytes, int]]:
        at, node, amount = place
        return [*siblings[:at], (node, amount), *siblings[at + 1 :]]

    places = st.integers(0, len(siblings) - 1).flatmap(
        lambda at: st.one_of(
            st.tuples(st.just(at), st.binary(min_size=32, max_size=32), st.just(siblings[at][1])),
            st.tuples(
                st.just(at),
                st.just(siblings[at][0]),
                st.integers(0, MOST).filter(lambda value: value != siblings[at][1]),
            ),
        )
    )
    return st.one_of(longer, st.just(siblings[:-1]), places.map(change))


def _python(arguments: list[Any]) -> int | None:
    root, total, leaf, weight, index, entries, siblings = arguments
    return locate(
        root=root, total=total, entries=entries, index=index, leaf=(leaf, weight), siblings=siblings
    )
