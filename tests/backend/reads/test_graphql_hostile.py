"""Texts and variables that nobody means well with: refused in words, never a fault of ours, nothing asked for it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from httpx import AsyncClient
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.graphql import cost
from backend.graphql.checks import QueryInvalid, prepare
from backend.graphql.limits import LIST_ITEMS, MOST_COST, READ_COST, QueryRefused
from backend.graphql.schema import schema
from backend.graphql.text import look_over
from backend.pages import MOST_ITEMS
from backend.services import Services
from tests.backend.reads.graphql_kit import SCHEMA, URL, statements

ABOUT = schema(introspection=False)
SIGNS = [
    *(
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "!",
        "$",
        "&",
        "=",
        "@",
        ":",
        "|",
        "...",
        '"',
        '"""',
        "\\",
        "#",
        "\n",
        ",",
        " ",
    ),
    *(
        "query",
        "fragment",
        "on",
        "subscription",
        "Query",
        "RafflePage",
        "F",
        "G",
        "raffles",
        "raffle",
        "items",
        "id",
    ),
    *(
        "prizes",
        "entries",
        "analytics",
        "metrics",
        "points",
        "limit",
        "a:",
        "$n",
        "1",
        "-1",
        "1e9",
        "9" * 30,
        "null",
    ),
    *(
        "@skip(if: true)",
        "...F",
        "...G",
        "... on Query {",
        "fragment F on Query {",
        "__schema",
        "__typename",
        "\ufeff",
    ),
    *(
        "{ items {",
        "(limit: 100)",
        "(limit: $n)",
        '(id: "1")',
        '(since: "2020-01-01")',
        "\u0000",
        "é",
        "\ud800",
    ),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


class _Count(Visitor):
    """Fields and fragments of a tree's selections."""

    found = 0

    def enter(self, node: Any, *_: Any) -> None:
        self.found += isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(SIGNS), max_size=60).map(" ".join), st.dictionaries(st.just("n"), VALUES))
def test_any_signs__refused_or_in_order__and_no_other_fault(query: str, variables: dict[str, Any]) -> None:
    with suppress(QueryRefused, QueryInvalid):
        prepare(ABOUT, query, variables, None)


# Selections that are syntax in order; what they name there may not be.
_NAMES = st.sampled_from(["a", "on", "items", "raffles", "fragment", "query", "_x9"])
_ARGUMENTS = st.sampled_from(
    ["", '(a: "} { b \\" c")', "(a: [{b: 1, c: $d}])", '(a: """ { d "" } """)', "(a: x)"]
)
_DIRECTIVES = st.sampled_from(["", "@skip(if: true)", "@a"])
_SEPARATED = st.sampled_from([" ", ",", "\n", " # { c }\n", "\ufeff"])


def _selections(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    below = st.one_of(st.just(""), inner)
    fields = st.builds(
        lambda alias, name, arguments, directives, below: f"{alias}{name}{arguments} {directives} {below}",
        st.one_of(st.just(""), _NAMES.map("{}:".format)),
        _NAMES,
        _ARGUMENTS,
        _DIRECTIVES,
        below,
    )
    spreads = st.builds(
        lambda name, directives: f"...{name} {directives}",
        _NAMES.filter(lambda one: one != "on"),
        _DIRECTIVES,
    )
    inline = st.builds(
        lambda condition, below: f"... {condition} {below}", st.sampled_from(["on A", ""]), inner
    )
    one = fields | spreads | inline
    return st.builds(
        lambda some, sign: "{" + sign.join(some) + "}", st.lists(one, min_size=1, max_size=4), _SEPARATED
    )


QUERIES = st.recursive(st.sampled_from(["{ a }", "{ a: b ...c }"]), _selections, max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_looking_over_a_query__counts_what_the_parser_finds(query: str) -> None:
    try:
        counted = look_over(query)
    except QueryRefused:
        return
    tree, count = parse(query), _Count()
    visit(tree, count)
    assert counted == count.found
    # However it is written.
    assert look_over(print_ast(tree)) == counted


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{ raffle(id: "1") { analytics(span: "hour", since: "2026-01-01T00", until: "2026-01-01T05",'
         ' metrics: ["volume"]) { metrics { lines { points { at value } } } } } }',
         READ_COST + 1 + 5 * READ_COST + 1 + 1 * (1 + 10 * (1 + 5 * 3))),
        ('{ raffle(id: "1") { analytics { metrics { lines { points { value } } } } } }',
         READ_COST + 1 + 5 * READ_COST + 1 + 8 * (1 + 10 * (1 + 30 * 2))),
        ('query ($s: Time, $m: [String!]) { raffle(id: "1") { analytics(since: $s, until: "2026-01-03", metrics: $m)'
         " { metrics { lines { points { value } } } } } }",
         READ_COST + 1 + 5 * READ_COST + 1 + 2 * (1 + 10 * (1 + 2 * 2))),
        # What is no range counts as the longest there is, and is refused in words when it is asked.
        ('{ raffle(id: "1") { analytics(since: "x", metrics: ["volume"]) { metrics { unit } } } }',
         READ_COST + 1 + 5 * READ_COST + 1 + 1 * 2),
        ('{ account(address: "0x") { balances(limit: 7) { amount } } }', READ_COST + 1 + READ_COST + 7 * 2),
        ('{ proposals(limit: 2) { items { id } } }', READ_COST + 1 + 2 * 2),
        ('{ proposals(limit: 2, state: "active") { items { id } } }', 10 * READ_COST + 1 + 2 * 2),
        ('{ raffles(limit: 3) { items { madePaymentToken { name } } } }', READ_COST + 1 + 3 * 3),
        ('{ raffles(limit: 3) { items { prizes { rank } } } }', READ_COST + 1 + 3 * (1 + LIST_ITEMS * 2)),
        # A fragment is measured once; each page multiplies it by its own size.
        ("{ a: raffles(limit: 2) { ...P } b: raffles(limit: 5) { ...P } } fragment P on RafflePage { items { id } }",
         2 * (READ_COST + 1) + 7 * 2),
    ],
)  # fmt: skip
def test_cost__of_figures_and_lists(query: str, expected: int) -> None:
    variables = {"s": "2026-01-01", "m": ["volume", "entries"]}
    assert cost.check(SCHEMA, cost.read(query), variables, None).cost == expected


def test_cost__of_a_range_that_cannot_be_read__the_most() -> None:
    for since in ('"x"', "$n", "9", "[]", '"0001-01-01"', '"9999-12-31T23:59:59+00:00"', "null"):
        query = (
            f'query ($n: Time) {{ raffle(id: "1") {{ analytics(since: {since}, until: "2026-01-02", '
            'span: "hour") { metrics { lines { points { at value } } } } } }'
        )
        try:
            found = cost.check(SCHEMA, cost.read(query), {"n": {"a": [1]}}, None).cost
        except QueryRefused as refused:
            found = refused.said["cost"]
        # Without a beginning it is one day.
        assert (found > MOST_COST) is (since != "null"), since


def test_pages__as_many_as_can_be_said__measured_without_measuring_what_they_share_again() -> None:
    fields = " ".join(f"a{number}: title" for number in range(100))
    pages = " ".join(f"p{number}: raffles(limit: {number + 1}) {{ ...P }}" for number in range(40))
    query = (
        f"{{ {pages} }} fragment P on RafflePage {{ items {{ ...R }} }} fragment R on Raffle {{ {fields} }}"
    )
    measuring = cost._Measuring(SCHEMA, cost.read(query), {})
    operation = measuring.document.definitions[0]
    found = measuring.measure(operation)  # type: ignore[arg-type]
    assert found.cost == 40 * (READ_COST + 1) + sum(range(1, 41)) * 101
    assert len(measuring._known) == 2


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


LIMIT = "query ($n: Int) { raffles(limit: $n) { final } }"
BODIES: dict[str, tuple[str, str]] = {
    "half a pair in a variable": (
        '{"query": "query ($s: String) { raffles(state: $s) { final } }", "variables": {"s": "\\ud800"}}',
        "invalid_input",
    ),
    "zeros": (
        json.dumps({"query": "query ($s: String) { raffles(organiser: $s) { final } }", "variables": {"s": "\0"}}),
        "invalid_input",
    ),
    "a large number": ('{"query": "{ raffles(limit: ' + "9" * 5_000 + ') { final } }"}', "query_invalid"),
    "a large fraction": ('{"query": "{ raffles(limit: 1e' + "9" * 5_000 + ') { final } }"}', "query_invalid"),
    "a large number as text": (json.dumps({"query": '{ raffle(id: "' + "9" * 5_000 + '") { id } }'}), "invalid_input"),
    "infinity": (json.dumps({"query": LIMIT, "variables": {"n": float("inf")}}), "query_invalid"),
    "no number": (json.dumps({"query": LIMIT, "variables": {"n": float("nan")}}), "query_invalid"),
    "a deep variable": (json.dumps({"query": LIMIT, "variables": {"n": deep(400)}}), "query_invalid"),
    "a list of many": (json.dumps({"query": LIMIT, "variables": {"n": [1] * 3_000}}), "query_invalid"),
    "a time of no calendar": (
        json.dumps({"query": '{ raffle(id: "1") { analytics(since: "0000-99-99") { until } } }'}),
        "query_invalid",
    ),
    "a time that is none as a variable": (
        json.dumps({
            "query": 'query ($t: Time) { raffle(id: "1") { analytics(since: $t) { until } } }',
            "variables": {"t": {"a": 1}},
        }),
        "query_invalid",
    ),
    "introspection of introspection": (
        json.dumps({"query": "{ __schema { types " + "{ fields { type { fields { type " * 4 + "{ name }" + " }" * 17 + " }"}),
        "query_invalid",
    ),
    "introspection": (json.dumps({"query": "{ __schema { types { fields { type { name } } } } }"}), "query_invalid"),
    "a subscription": (json.dumps({"query": "subscription { a }"}), "query_invalid"),
    "deferred": (json.dumps({"query": "{ ... @defer { asOf { block } } }"}), "query_invalid"),
}  # fmt: skip


async def test_bodies__said_in_words__and_nothing_asked_but_where_only_the_answer_can_tell(
    told: AsyncClient, services: Services
) -> None:
    services.settings = services.settings.model_copy(update={"environment": "production"})
    for name, (body, code) in BODIES.items():
        with statements(services) as sent:
            answer = await told.post(URL, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["errors"][0]["extensions"]["code"] == code, (name, answer.json())
        # Arguments are looked at where they are used: beside the snapshot's own, no statement is sent.
        assert len(sent) == (2 if code == "invalid_input" else 0), (name, sent)


@pytest.mark.parametrize(
    "body",
    [
        '{"query": "{a}", "variables": {"n": ' + "[" * 7_000 + "]" * 7_000 + "}}",
        '{"query": "{a}", "variables": {"n": ' + "9" * 6_000 + "}}",
        '{"query": "{ raffles(state: \\"\\ud800\\") { final } }"}',
        json.dumps({"query": "{a}", "operationName": "\ud800"}),
        '{"query": "{a}", "extensions": ' + '{"a":' * 2_000 + "1" + "}" * 2_001,
    ],
)
async def test_bodies__that_no_reader_takes__a_problem(told: AsyncClient, body: str) -> None:
    answer = await told.post(URL, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["errors"], answer.text
    else:
        assert answer.headers["content-type"] == "application/problem+json"


def test_limits__of_pages_are_those_of_rest() -> None:
    for size, expected in (
        (MOST_ITEMS, 2 * MOST_ITEMS),
        (MOST_ITEMS + 1, 2 * MOST_ITEMS),
        (0, 2 * MOST_ITEMS),
    ):
        document = cost.read(f"{{ raffles(limit: {size}) {{ items {{ id }} }} }}")
        assert cost.check(SCHEMA, document, {}, None).cost == READ_COST + 1 + expected


def test_parser__says_of_its_own_what_is_beyond_looking_over() -> None:
    with pytest.raises(GraphQLError):
        cost.read("{ a(b: " + "1-2" * 300 + ") }")
