"""Which column of a list holds what: by its usual name, or as the request says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from listener.chain.draw.list_file import (
    ListFileError,
    account_column,
    listed,
    matching,
    simple_name,
    weight_column_at,
)

Field = Literal[
    "account",
    "weight",
    "comment",
    "comment_id",
    "posted_at",
    "likes",
    "followers",
    "account_created_at",
]
FIELDS: tuple[Field, ...] = get_args(Field)
MOST_COLUMNS = 2_000

USUAL_NAMES: dict[Field, tuple[str, ...]] = {
    "weight": ("weight", "weights", "tickets"),
    "comment": ("comment", "comment text", "text", "message", "content", "body"),
    "comment_id": ("comment id", "commentid"),
    "posted_at": (
        *("posted at", "commented at", "created at", "created time", "published at", "timestamp"),
        *("comment date", "datetime", "date", "time"),
    ),
    "likes": ("likes", "like count", "likecount", "comment likes"),
    "followers": ("followers", "followers count", "follower count"),
    "account_created_at": ("account created at", "account created", "joined at", "joined", "member since"),
}
"""Most telling first; compared in lower case with _ and - as spaces. Those of the account are the list file's."""


def find(names: Sequence[str], asked: Mapping[str, str]) -> dict[Field, int]:
    """The index of each field's column. `asked` names columns by field; an empty name means: leave it out.

    Raises ListFileError: no account's column, no such column, two of a name, more columns than are read.
    """
    if len(names) > MOST_COLUMNS:
        raise ListFileError(
            "too_many_columns",
            f"The list has {len(names)} columns; at most {MOST_COLUMNS} are read. "
            "Keep the accounts' column and those you need.",
        )
    found: dict[Field, int] = {"account": account_column(names, asked.get("account") or None)}
    simple = [simple_name(name) for name in names]
    for field, usual in USUAL_NAMES.items():
        name = asked.get(field)
        if name:
            found[field] = _named(names, field, name)
        elif name is None:
            # Two columns of a usual name: nobody can tell which is meant, and neither is needed.
            matches = [index for index in matching(simple, usual) if index not in found.values()]
            if len(matches) == 1:
                found[field] = matches[0]
    return found


def _named(names: Sequence[str], field: Field, name: str) -> int:
    if field == "weight":
        return weight_column_at(names, name)
    matches = matching([one.strip() for one in names], [name.strip()])
    if len(matches) != 1:
        how_many = f"{len(matches)} columns are" if matches else "No column is"
        raise ListFileError(
            "no_such_column",
            f"{how_many} called {name!r}, where {field.replace('_', ' ')} should be. "
            f"The columns are {listed(names)}.",
        )
    return matches[0]
