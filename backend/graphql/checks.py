"""Whether a query may be executed: by its text, by what it would cost, and by the schema, in the order of what that takes.

Nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values
from strawberry import Schema

from backend.graphql import cost
from backend.graphql.limits import MOST_ERRORS, QueryRefused
from backend.graphql.persisted import hash_of
from backend.graphql.schema import is_open, schema
from backend.settings import Settings, SettingsError


class QueryInvalid(Exception):
    """The query does not fit the schema, or its variables do not fit the query."""

    def __init__(self, found: list[GraphQLError]) -> None:
        self.messages = [one.message for one in found]
        super().__init__("; ".join(self.messages))


def prepare(about: Schema, text: str, variables: dict[str, Any], operation: str | None) -> DocumentNode:
    """The query as it can be executed. Raises QueryRefused and QueryInvalid."""
    document = _read(about, text, variables, operation)
    meant = get_operation_ast(document, operation)
    if not isinstance(meant, OperationDefinitionNode) or meant.operation is not OperationType.QUERY:
        raise QueryRefused(
            "query_invalid", "Queries alone are answered here: nothing is changed, nothing stays open."
        )
    coerced = get_variable_values(
        about._schema, meant.variable_definitions or (), variables, max_errors=MOST_ERRORS
    )
    if isinstance(coerced, list):
        raise QueryInvalid(coerced)
    return document


def check_documents(settings: Settings, documents: Mapping[str, str]) -> None:
    """Raises SettingsError for a query of the operator's list that would never be answered."""
    about = schema(introspection=settings.is_local)
    for text in documents.values():
        try:
            for operation in _operations(text):
                _read(about, text, {}, operation)
        except (QueryRefused, QueryInvalid, GraphQLError) as error:
            start = " ".join(text.split())[:60]
            raise SettingsError(
                f"GRAPHQL_DOCUMENTS: the query {start!r} (SHA-256 {hash_of(text)}) cannot be answered: {error}"
            ) from None


def _operations(text: str) -> list[str | None]:
    found = [one for one in cost.read(text).definitions if isinstance(one, OperationDefinitionNode)]
    return [one.name.value if one.name is not None else None for one in found] or [None]


def _read(about: Schema, text: str, variables: dict[str, Any], operation: str | None) -> DocumentNode:
    try:
        document = cost.read(text)
    except GraphQLError as error:
        raise QueryRefused("query_malformed", error.message) from None
    cost.check(about._schema, document, variables, operation)
    rules = specified_rules if is_open(about) else (*specified_rules, NoSchemaIntrospectionCustomRule)
    errors = validate(
        about._schema, document, rules, max_errors=MOST_ERRORS, hide_suggestions=not is_open(about)
    )
    if errors:
        raise QueryInvalid(errors)
    return document
