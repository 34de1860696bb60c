"""What a query would cost, from its text and the schema alone.

Measured before the query is even checked: checking has a cost of its own. Page sizes multiply what is below them,
conditions (`@skip`, `@include`) count as met, a fragment counts wherever it is spread and is measured once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
    parse,
)

from backend.graphql.limits import (
    LIST_ITEMS,
    MOST_COST,
    MOST_DEPTH,
    MOST_REPEATS,
    MOST_TOKENS,
    READ_COST,
    READS,
    SIZES,
    Arguments,
    QueryRefused,
)
from backend.graphql.text import look_over, too_deep
from backend.pages import DEFAULT_LIMIT, MOST_ITEMS

_LONGEST_NUMBER = 18
_ITEMS = "items"
_NOTHING = object()
"""What no argument can be."""


class Measure(NamedTuple):
    """Of a selection: how many levels of fields, what they cost for one object, and besides for each item of the page
    that it is asked of. Apart, so that a fragment is measured once for pages of all sizes.
    """

    depth: int
    cost: int
    each: int = 0


def read(query: str) -> DocumentNode:
    """The query as a tree. Raises QueryRefused, and GraphQLError for text that is no query."""
    look_over(query)
    return parse(query, max_tokens=MOST_TOKENS, no_location=True)


def check(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], operation: str | None
) -> Measure:
    """Measure the operation that would be executed. Raises QueryRefused."""
    meant = get_operation_ast(document, operation)
    if meant is None:
        raise QueryRefused(
            "operation_unclear",
            "The query has none or several operations: name one of them in `operationName`.",
        )
    found = _Measuring(schema, document, variables).measure(meant)
    if found.depth > MOST_DEPTH:
        raise too_deep(found.depth)
    if found.cost > MOST_COST:
        raise QueryRefused(
            "query_too_costly",
            f"The query would cost {found.cost}, and {MOST_COST} is the most: "
            "ask for smaller pages (`limit`) or fewer fields.",
            limit=MOST_COST,
            cost=found.cost,
        )
    return found


def _repetitive(name: str) -> QueryRefused:
    message = (
        f"The query asks for {name[:50]} more than {MOST_REPEATS} times at one place: ask once, or rename."
    )
    return QueryRefused("query_repetitive", message, limit=MOST_REPEATS)


_Sizes = frozenset[tuple[str, int]]
"""How long lists are, by the names of their fields."""
_UNTOLD: _Sizes = frozenset()


@dataclass
class _Measuring:
    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]
    _known: dict[tuple[str, _Sizes], Measure | None] = field(default_factory=dict)
    _defaults: dict[str, Any] = field(default_factory=dict)
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)

    def measure(self, operation: OperationDefinitionNode) -> Measure:
        """Of the whole operation."""
        self._defaults = {
            one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
        }
        for one in self.document.definitions:
            if isinstance(one, FragmentDefinitionNode):
                self._fragments.setdefault(one.name.value, one)
        root = self.schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, _UNTOLD)

    def _selections(self, selected: SelectionSetNode, parent: Any, sizes: _Sizes) -> Measure:
        """`parent` is None where the schema has no such thing; `sizes`: what is told above of the lists in it."""
        depth = cost = each = 0
        named: dict[str, int] = {}
        for one in selected.selections:
            if isinstance(one, FieldNode):
                name = (one.alias or one.name).value
                named[name] = named.get(name, 0) + 1
                if named[name] > MOST_REPEATS:
                    raise _repetitive(name)
                found = self._field(one, parent, sizes)
            elif isinstance(one, InlineFragmentNode):
                found = self._selections(one.selection_set, self._condition(one, parent), sizes)
            elif isinstance(one, FragmentSpreadNode):
                found = self._fragment(one.name.value, sizes)
            depth, cost, each = max(depth, found.depth), cost + found.cost, each + found.each
        return Measure(depth, cost, each)

    def _field(self, node: FieldNode, parent: Any, sizes: _Sizes) -> Measure:
        name = node.name.value
        if name.startswith("__"):
            # The schema about itself, where that is allowed: it reads nothing.
            return Measure(1, 1)
        known: GraphQLField | None = (
            parent.fields.get(name) if isinstance(parent, GraphQLObjectType) else None
        )
        if known is None:
            # Checking the query will say so; until then it counts as a thing with what is asked of it.
            below = self._below(node, None, _UNTOLD)
            return Measure(1 + below.depth, 1 + below.cost)
        arguments = self._arguments(node) if known.args else {}
        reads, told = _weights(known, arguments, is_root=parent is self.schema.query_type)
        below = self._below(node, get_named_type(known.type), frozenset(told.items()) if told else sizes)
        most = _limit(arguments) if "limit" in known.args else LIST_ITEMS
        inner = 1 + below.cost + most * below.each
        if name == _ITEMS and "limit" not in known.args:
            return Measure(1 + below.depth, 0, inner)
        count = (
            (most if "limit" in known.args else dict(sizes).get(name, LIST_ITEMS)) if _is_list(known) else 1
        )
        return Measure(1 + below.depth, reads * READ_COST + count * inner)

    def _below(self, node: FieldNode, kind: Any, sizes: _Sizes) -> Measure:
        return (
            Measure(0, 0) if node.selection_set is None else self._selections(node.selection_set, kind, sizes)
        )

    def _fragment(self, name: str, sizes: _Sizes) -> Measure:
        """A fragment for which `_known` has None is being measured: it spreads itself."""
        key = (name, sizes)
        if key in self._known:
            found = self._known[key]
            if found is None:
                raise QueryRefused("fragment_cycle", f"Fragment {name[:50]} spreads itself: take that out.")
            return found
        self._known[key] = None
        definition = self._fragments.get(name)
        found = Measure(0, 0)  # of a fragment that is not there; checking the query will say so
        if definition is not None:
            found = self._selections(definition.selection_set, self._condition(definition, None), sizes)
        self._known[key] = found
        return found

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode, parent: Any) -> Any:
        return parent if node.type_condition is None else self.schema.get_type(node.type_condition.name.value)

    def _arguments(self, node: FieldNode) -> dict[str, Any]:
        """What is given, as far as it can be told; what is null or not given is left out."""
        given = {one.name.value: self._value(one.value) for one in node.arguments or ()}
        return {name: value for name, value in given.items() if value is not None}

    def _value(self, node: Any) -> Any:
        if isinstance(node, VariableNode):
            name = node.name.value
            return self.variables[name] if name in self.variables else self._value(self._defaults.get(name))
        if isinstance(node, IntValueNode):
            return int(node.value) if len(node.value) <= _LONGEST_NUMBER else _NOTHING
        if isinstance(node, StringValueNode):
            return node.value
        if isinstance(node, ListValueNode):
            return list(node.values)
        return None if node is None or isinstance(node, NullValueNode) else _NOTHING


def _weights(known: GraphQLField, arguments: Arguments, *, is_root: bool) -> tuple[int, dict[str, int]]:
    """As how many reads a field counts, and how long the lists below it can be."""
    definition = known.extensions.get("strawberry-definition")
    metadata = definition.metadata if definition is not None else {}
    reads = metadata.get(READS, 1 if known.args or is_root else 0)
    sizes = metadata.get(SIZES)
    return reads(arguments) if callable(reads) else reads, sizes(arguments) if sizes is not None else {}


def _limit(arguments: Arguments) -> int:
    """What `limit` asks for; the most there can be where that cannot be told."""
    size = arguments.get("limit", DEFAULT_LIMIT)
    return size if isinstance(size, int) and 1 <= size <= MOST_ITEMS else MOST_ITEMS


def _is_list(known: GraphQLField) -> bool:
    kind = known.type.of_type if isinstance(known.type, GraphQLNonNull) else known.type
    return isinstance(kind, GraphQLList)
