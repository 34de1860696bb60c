"""What the API can answer and the web app says in the reader's language: nothing is missing there, nothing stale."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import backend
from backend.connectors.faults import Fault
from backend.contracts import arguments_of
from backend.errors import AppError
from backend.filters.words import SENTENCES
from listener.chain.draw.list_file import Reason
from tests.support.processes import ROOT

WEB = ROOT / "frontend" / "src"
PROBLEMS = ("plain", "valued", "say")
FOR_PROGRAMS = {
    # what only a program that calls the API or a webhook can do wrong
    *("api_key_refused", "scope_missing", "foreign_origin", "upload_malformed", "transfer_key_reused"),
    *("signature_invalid", "webhook_malformed", "answer_shown_once", "changed_meanwhile"),
    # of the ledger's own parts; no route of a page answers them
    *("hold_not_found", "hold_ended", "hold_not_due", "hold_amount_invalid"),
    # renewing a session, which the web app does unseen
    *("refresh_refused", "refresh_reused", "refresh_just_used"),
    # said by shared/api/problem.ts itself, without anything to load
    "not_signed_in",
}
WITHOUT_CLASS = {"body_too_large", "internal_error"}
"""Codes of middlewares and of the last handler."""


def _kinds(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _codes() -> set[str]:
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = [kind for kind in _kinds(AppError) if kind.__module__.startswith("backend.")]
    return {kind.code for kind in kinds if issubclass(kind, AppError)}


def _keys(path: str) -> set[str]:
    """The entries of a file's tables."""
    entry = r"^  (?:(?!say:)(\w+): (?:\(|missing|resting|tooMany)|'(\w+)',$)"
    return {one or other for one, other in re.findall(entry, (WEB / path).read_text(), re.MULTILINE)}


def test_codes__each_that_a_person_can_meet__has_its_sentence() -> None:
    said = set().union(*(_keys(f"shared/problems/{name}.ts") for name in PROBLEMS))
    codes = _codes()
    assert codes - said - FOR_PROGRAMS == set(), "add a sentence in frontend/src/shared/problems"
    assert said - codes - WITHOUT_CLASS == set(), "the API answers these no more"
    assert FOR_PROGRAMS - codes == set()


def test_reasons_of_exclusions__each__has_its_sentence_and_its_values() -> None:
    path = "features/contests/exclusion-words.ts"
    assert _keys(path) == set(SENTENCES["en"])
    text = (WEB / path).read_text()
    for reason, english in SENTENCES["en"].items():
        entry = re.search(rf"^  {reason}: .*?(?=^  \w+: |^\}})", text, re.MULTILINE | re.DOTALL)
        assert entry is not None
        missing = [name for name in re.findall(r"\{(\w+)\}", english) if name not in entry[0]]
        assert missing == [], reason


def test_faults_of_imports__each__has_its_sentence() -> None:
    read = "\n".join(
        path.read_text()
        for folder in ("backend/participants", "listener/chain/draw")
        for path in (ROOT / folder).glob("*.py")
    )
    codes = set(re.findall(r'(?:ListFileError|\breturn ListFileError)\(\s*"(\w+)"', read))
    codes |= set(re.findall(r'(?:_fail\(\s*services, reading|store\.fail\(db, contest, row), "(\w+)"', read))
    codes |= {Fault.code} | {kind.code for kind in _kinds(Fault) if issubclass(kind, Fault)}
    said = _keys("features/contests/import-words.ts")
    assert codes - said == set()
    words = (WEB / "features" / "contests" / "words.ts").read_text()
    assert [reason for reason in Reason if f"case '{reason}':" not in words] == []


def test_failures_of_intents__the_sender_s_own__have_their_sentences() -> None:
    source = (ROOT / "backend" / "sender" / "check.py").read_text()
    codes = set(re.findall(r'intent\.id, "(\w+)"', source))
    assert codes == _keys("shared/problems/failure.ts") != set()


def test_values_of_a_contract_s_error__out_of_its_sentence__in_their_order() -> None:
    said = "The contract refused: RaffleNotOpen(raffleId=1, state=2)"
    assert arguments_of("RaffleNotOpen", said) == ["1", "2"]
    assert arguments_of("Bare", "The contract refused: Bare()") == []
    assert arguments_of("Field", "The contract refused: Field(index=0, field=winners, or not)") == [
        "0",
        "winners, or not",
    ]
    assert arguments_of("RaffleNotOpen", said[:-3] + "…") == []
    assert arguments_of("Other", said) == []
