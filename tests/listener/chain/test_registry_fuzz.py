"""Whatever a registry file holds, it is used or refused with a sentence: a running listener reads it too."""

import copy
import json
import sys
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from listener.chain.registry import RegistryError, registry_of
from listener.mirror.schema import tables_of
from listener.mirror.sources import source_changes, sources_of
from listener.sync.routes import Routes
from tests.listener.abis import REGISTRY

_TYPES = st.one_of(
    st.sampled_from(
        [
            "uint256",
            "uint8[3]",
            "uint",
            "tuple",
            "tuple[]",
            "tuple[2][]",
            "function",
            "uint256[0]",
            "uint7",
            "bytes33",
        ]
    ),
    st.sampled_from(
        ["uint256[99999999999]", "uint256[" + "9" * 5000 + "]", "address" + "[]" * 3000, "uint\u0668"]
    ),
    st.sampled_from(["uint256[100000]", "string[2][3]"]),
    st.text(max_size=8),
)
_TEXTS = st.one_of(
    _TYPES, st.text(alphabet=st.characters(), max_size=6), st.sampled_from(["\ud800", "a\0b", "x" * 300])
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 2**70), st.floats(), _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from(["type", "name", "components", "indexed", "inputs"]), _TEXTS), inner
        ),
    ),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of everything in a document."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, child in children for found in places(child, (*path, key)))]


PLACES = [path for path in places(dict(REGISTRY)) if path]


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document: Any = copy.deepcopy(dict(REGISTRY))
    node = document
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return document  # type: ignore[no-any-return]


def is_used(content: bytes) -> bool:
    """Whether it is used; everything the listener computes from it must work then."""
    try:
        registry = registry_of(content, "file")
    except RegistryError:
        return False
    tables = tables_of(registry)
    Routes(registry, tables)
    source_changes([], sources_of(registry, tables), 100)
    for table in tables:
        table.ddl.encode()
    return True


def deep(levels: int) -> dict[str, Any]:
    argument: dict[str, Any] = {"type": "uint256", "name": "x"}
    for _ in range(levels):
        argument = {"type": "tuple", "name": "x", "components": [argument]}
    return argument


@settings(max_examples=400, deadline=None)
@example(("contracts", "Raffle", "abi", 0, "inputs", 0), deep(60))
@example(("contracts", "Raffle", "abi", 0, "inputs", 0, "type"), "uint256[99999999999]")
@example(("contracts", "Raffle", "abi", 0, "inputs", 0, "type"), "uint256[" + "9" * 5000 + "]")
@example(("contracts", "Raffle", "abi", 0, "inputs", 0, "type"), "address" + "[]" * 3000)
@example(("contracts", "Raffle", "abi", 0, "name"), "\ud800")
@example(("contracts", "Raffle", "abi", 0, "inputs", 0, "name"), "\ud800")
@given(st.sampled_from(PLACES), _JSON)
def test_registry__one_part_replaced_by_anything__used_or_refused(path: tuple[Any, ...], value: Any) -> None:
    is_used(json.dumps(changed(path, value)).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 2000))
def test_registry__any_bytes_or_half_of_a_file__refused(content: bytes, length: int) -> None:
    whole = json.dumps(REGISTRY).encode()
    assert not is_used(content)
    assert not is_used(whole[: min(length, len(whole) - 1)])


def test_registry__deep_brackets__refused() -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)  # Python's own; a library of other tests raises it above what the stack holds
    try:
        assert not is_used(b"[" * 200_000)
    finally:
        sys.setrecursionlimit(before)
