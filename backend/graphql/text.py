"""How large a query's text is, told by looking over its words and signs: parsing it would take ten times as long.

What is counted here is never more than what the parser would find in a query that it accepts.
"""

from __future__ import annotations

import re

from backend.graphql.limits import (
    MOST_DEPTH,
    MOST_DIRECTIVES,
    MOST_FIELDS,
    MOST_NESTING,
    MOST_TOKENS,
    QueryRefused,
)

# Section 2.1 of GraphQL's specification. What matches nothing else counts as a sign; the parser refuses it.
_TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*+"""|"(?:[^"\\\n\r]|\\.)*+"|#[^\n\r]*+|[_A-Za-z][_0-9A-Za-z]*+'
    r"|-?[0-9][0-9.eE+-]*+|\.\.\.|[^\s,\ufeff]"
)


def look_over(query: str) -> int:
    """How many fields and fragments are written there.

    Raises QueryRefused for a text that is too long, nested too deeply, too wide or full of directives.
    """
    braces = brackets = fields = directives = 0
    last = before = ""
    for count, match in enumerate(_TOKEN.finditer(query), 1):
        sign = match.group()
        if count > MOST_TOKENS:
            message = f"The query has more than {MOST_TOKENS} words and signs: ask for less at once."
            raise QueryRefused("query_too_long", message, limit=MOST_TOKENS)
        if sign[0] == "#":
            continue
        if sign in "([":
            brackets += 1
        elif sign in ")]":
            brackets -= 1
        elif sign == "{":
            braces += 1
        elif sign == "}":
            braces -= 1
        elif sign == "@":
            directives += 1
        elif braces > 0 and brackets == 0 and (sign == "..." or sign[0].isalpha() or sign[0] == "_"):
            # Not the name after an alias, of a directive, of a fragment, and what a fragment is on.
            is_condition = last == "on" and before == "..."
            fields += last not in (":", "@", "...") and not is_condition
        if braces + brackets > MOST_NESTING:
            raise too_deep()
        before, last = last, sign
    if fields > MOST_FIELDS:
        raise QueryRefused(
            "query_too_wide",
            f"The query names {fields} fields, and {MOST_FIELDS} are the most: ask for less at once.",
            limit=MOST_FIELDS,
            fields=fields,
        )
    if directives > MOST_DIRECTIVES:
        raise QueryRefused(
            "query_too_conditional",
            f"The query has {directives} directives, and {MOST_DIRECTIVES} are the most: leave out some.",
            limit=MOST_DIRECTIVES,
            directives=directives,
        )
    return fields


def too_deep(depth: int | None = None) -> QueryRefused:
    """`depth`: how many levels of fields there are, where that was counted."""
    has = "" if depth is None else f"has {depth} levels: "
    said = {} if depth is None else {"depth": depth}
    return QueryRefused(
        "query_too_deep",
        f"The query {has or 'is nested too deeply: '}{MOST_DEPTH} levels of fields are the most.",
        limit=MOST_DEPTH,
        **said,
    )
