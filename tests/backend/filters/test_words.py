"""Every reason there is has a sentence, and every sentence has what it names."""

from __future__ import annotations

import pytest

from backend.filters.kinds import CODES
from backend.filters.words import SENTENCES, sentence


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences__any_language__one_for_each_code(language: str) -> None:
    assert set(SENTENCES[language]) == {code for codes in CODES.values() for code in codes}


def test_codes__no_two_filters_share_one() -> None:
    codes = [code for kind in CODES.values() for code in kind]
    assert len(codes) == len(set(codes))


def test_sentence__lists_and_match__told_in_words() -> None:
    detail = {"filter": 0, "tags": ["#a", "#b"], "match": "all"}
    assert sentence("@ana", "hashtag_missing", detail) == (
        "@ana wrote no comment with all of these hashtags: #a, #b."
    )


def test_sentence__unknown_language_or_reason__still_says_something() -> None:
    assert sentence("bo", "staff", {}, "xx") == "bo belongs to the organiser's staff."
    assert sentence("bo", "of_old", {"filter": 1}) == "bo: of_old."
