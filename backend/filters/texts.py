"""Texts in the form they are compared in, in SQL and, for what a filter holds itself, in Python.

`folded` is how account keys are made: NFKC, case-folded. `plain` has no accents besides. Most comments are ASCII, where
both are lower case: normalising them all would take ten times as long.
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, case, collate, func

UNICODE = "pg_unicode_fast"
_ACCENTS = "[\u0300-\u036f]"
_ENDS = " .,;:!?…¡¿\"'"


def folded(text: str) -> str:
    """NFKC, case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def plain(text: str) -> str:
    """As `folded`, without accents."""
    return re.sub(_ACCENTS, "", unicodedata.normalize("NFKD", text)).casefold()


def answer(text: str) -> str:
    """As `plain`, single blanks, without punctuation at its ends."""
    return re.sub(r"\s+", " ", plain(text)).strip(_ENDS)


def sql_folded(text: ColumnElement[str]) -> ColumnElement[str]:
    """`folded` of a column; empty for null."""
    return _by_alphabet(text, func.pg_catalog.normalize(text, "NFKC"))


def sql_plain(text: ColumnElement[str]) -> ColumnElement[str]:
    """`plain` of a column; empty for null."""
    return _by_alphabet(text, func.regexp_replace(func.pg_catalog.normalize(text, "NFKD"), _ACCENTS, "", "g"))


def sql_answer(text: ColumnElement[str]) -> ColumnElement[str]:
    """`answer` of a text that is plain."""
    return func.btrim(func.regexp_replace(text, r"\s+", " ", "g"), _ENDS)


def _by_alphabet(text: ColumnElement[str], normalised: ColumnElement[str]) -> ColumnElement[str]:
    return case(
        (text.is_(None), ""),
        (func.octet_length(text) == func.char_length(text), func.lower(collate(text, UNICODE))),
        else_=func.casefold(collate(normalised, UNICODE)),
    )
