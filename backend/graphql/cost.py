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
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_operation_ast,
    parse,
)

from backend.graphql.limits import (
    LIST_ITEMS,
    MOST_COST,
    MOST_DEPTH,
    MOST_FIELDS,
    MOST_TOKENS,
    READ_COST,
    QueryRefused,
)
from backend.pages import DEFAULT_LIMIT, MOST_ITEMS

_LONGEST_NUMBER = 18


class Measure(NamedTuple):
    """Of a selection: how many levels of fields, and what they cost for one object."""

    depth: int
    cost: int


def read(query: str) -> DocumentNode:
    """The query as a tree. Raises QueryRefused, and GraphQLError for text that is no query."""
    try:
        return parse(query, max_tokens=MOST_TOKENS)
    except GraphQLError as error:
        if "nested too deeply" in error.message:
            raise _too_deep() from None
        if f"more than {MOST_TOKENS} tokens" in error.message:
            message = f"The query has more than {MOST_TOKENS} words and signs: ask for less at once."
            raise QueryRefused("query_too_long", message, limit=MOST_TOKENS) from None
        raise


def check(
    schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], operation: str | None
) -> Measure:
    """Measure the operation that would be executed. Raises QueryRefused."""
    fields = _fields(document)
    if fields > MOST_FIELDS:
        raise QueryRefused(
            "query_too_wide",
            f"The query names {fields} fields, and {MOST_FIELDS} are the most: ask for less at once.",
            limit=MOST_FIELDS,
            fields=fields,
        )
    meant = get_operation_ast(document, operation)
    if meant is None:
        raise QueryRefused(
            "operation_unclear",
            "The query has none or several operations: name one of them in `operationName`.",
        )
    found = _Measuring(schema, document, variables).measure(meant)
    if found.depth > MOST_DEPTH:
        raise _too_deep(found.depth)
    if found.cost > MOST_COST:
        raise QueryRefused(
            "query_too_costly",
            f"The query would cost {found.cost}, and {MOST_COST} is the most: "
            "ask for smaller pages (`limit`) or fewer fields.",
            limit=MOST_COST,
            cost=found.cost,
        )
    return found


def _too_deep(depth: int | None = None) -> QueryRefused:
    has = "" if depth is None else f"has {depth} levels: "
    said = {} if depth is None else {"depth": depth}
    return QueryRefused(
        "query_too_deep",
        f"The query {has or 'is nested too deeply: '}{MOST_DEPTH} levels of fields are the most.",
        limit=MOST_DEPTH,
        **said,
    )


def _fields(document: DocumentNode) -> int:
    """Selections as written in the whole document, whichever operation is chosen."""
    count = 0
    waiting = [one.selection_set for one in document.definitions if hasattr(one, "selection_set")]
    while waiting:
        selections = waiting.pop().selections
        count += len(selections)
        waiting += [inner for one in selections if (inner := getattr(one, "selection_set", None)) is not None]
    return count


@dataclass
class _Measuring:
    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]
    _known: dict[tuple[str, int | None], Measure | None] = field(default_factory=dict)
    _defaults: dict[str, Any] = field(default_factory=dict)

    def measure(self, operation: OperationDefinitionNode) -> Measure:
        """Of the whole operation."""
        self._defaults = {
            one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
        }
        root = self.schema.get_root_type(operation.operation)
        return self._selections(operation.selection_set, root, None)

    def _selections(self, selected: SelectionSetNode, parent: Any, items: int | None) -> Measure:
        """`parent` is None where the schema has no such thing; `items`: how many a page above would have."""
        depth = cost = 0
        for one in selected.selections:
            if isinstance(one, FieldNode):
                found = self._field(one, parent, items)
            elif isinstance(one, InlineFragmentNode):
                found = self._selections(one.selection_set, self._condition(one, parent), items)
            elif isinstance(one, FragmentSpreadNode):
                found = self._fragment(one.name.value, items)
            depth, cost = max(depth, found.depth), cost + found.cost
        return Measure(depth, cost)

    def _field(self, node: FieldNode, parent: Any, items: int | None) -> Measure:
        if node.name.value.startswith("__"):
            # The schema about itself, where that is allowed: it reads nothing.
            return Measure(1, 1)
        known: GraphQLField | None = (
            parent.fields.get(node.name.value) if isinstance(parent, GraphQLObjectType) else None
        )
        size = self._page_size(node, known)
        is_read = known is not None and (bool(known.args) or parent is self.schema.query_type)
        below = Measure(0, 0)
        if node.selection_set is not None:
            below_type = None if known is None else get_named_type(known.type)
            below = self._selections(node.selection_set, below_type, size)
        count = (items if items is not None else LIST_ITEMS) if known is not None and _is_list(known) else 1
        return Measure(1 + below.depth, (READ_COST if is_read else 0) + count * (1 + below.cost))

    def _fragment(self, name: str, items: int | None) -> Measure:
        """A fragment for which `_known` has None is being measured: it spreads itself."""
        key = (name, items)
        if key in self._known:
            found = self._known[key]
            if found is None:
                raise QueryRefused("fragment_cycle", f"Fragment {name[:50]} spreads itself: take that out.")
            return found
        self._known[key] = None
        definition = next(
            (
                one
                for one in self.document.definitions
                if isinstance(one, FragmentDefinitionNode) and one.name.value == name
            ),
            None,
        )
        found = Measure(0, 0)  # of a fragment that is not there; checking the query will say so
        if definition is not None:
            found = self._selections(definition.selection_set, self._condition(definition, None), items)
        self._known[key] = found
        return found

    def _condition(self, node: InlineFragmentNode | FragmentDefinitionNode, parent: Any) -> Any:
        return parent if node.type_condition is None else self.schema.get_type(node.type_condition.name.value)

    def _page_size(self, node: FieldNode, known: GraphQLField | None) -> int | None:
        """What `limit` asks for; the most there can be where that cannot be told. None: the field is no page."""
        if known is None or "limit" not in known.args:
            return None
        given: Any = next((one.value for one in node.arguments or () if one.name.value == "limit"), None)
        if isinstance(given, VariableNode):
            name = given.name.value
            given = self.variables[name] if name in self.variables else self._defaults.get(name)
        if given is None:
            return DEFAULT_LIMIT
        if isinstance(given, IntValueNode) and len(given.value) <= _LONGEST_NUMBER:
            given = int(given.value)
        return given if isinstance(given, int) and 1 <= given <= MOST_ITEMS else MOST_ITEMS


def _is_list(known: GraphQLField) -> bool:
    kind = known.type.of_type if isinstance(known.type, GraphQLNonNull) else known.type
    return isinstance(kind, GraphQLList)
