"""What the body of an intent may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.intents.schemas import EXAMPLES, UINT32_MAX, IntentIn, RefundEntry

INTENT: TypeAdapter[IntentIn] = TypeAdapter(IntentIn)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_examples__are_intents_of_their_kind(kind: str) -> None:
    assert INTENT.validate_python(EXAMPLES[kind]["value"]).kind == kind


@pytest.mark.parametrize("index", [0, 7, UINT32_MAX])
def test_refund_entry__number_of_an_entry__taken(index: int) -> None:
    body = {"kind": "refund_entry", "raffle_id": "1", "entry_index": index}
    assert INTENT.validate_python(body) == RefundEntry(kind="refund_entry", raffle_id="1", entry_index=index)


@pytest.mark.parametrize("index", [-1, UINT32_MAX + 1, "0", 1.0, True, None])
def test_refund_entry__anything_else__refused(index: Any) -> None:
    with pytest.raises(ValidationError, match="entry_index"):
        INTENT.validate_python({"kind": "refund_entry", "raffle_id": "1", "entry_index": index})
