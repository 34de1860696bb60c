"""What the body of an intent may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.intents.schemas import EXAMPLES, IntentIn
from backend.intents.wishes.fields import UINT32_MAX, UINT256_MAX
from backend.intents.wishes.raffles import RefundEntry

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


def body(kind: str, **changes: Any) -> dict[str, Any]:
    """The example of a kind with other values."""
    return {**EXAMPLES[kind]["value"], **changes}


NFT = {"kind": "erc721", "token": "0x" + "0c" * 20, "token_id": "1"}
GRANT = {"beneficiary": "0x" + "0b" * 20, "amount": "1"}
CURVE = EXAMPLES["create_plan"]["value"]["curve"]
CALL = EXAMPLES["propose"]["value"]["calls"][0]


@pytest.mark.parametrize(
    ("wish", "where"),
    [
        (body("cast_vote", support=3), "support"),
        (body("cast_vote", reason="x" * 1_001), "reason"),
        (body("cast_vote", reason="no\x00"), "reason"),
        (body("propose", calls=[]), "calls"),
        (body("propose", calls=[CALL] * 11), "calls"),
        (body("propose", calls=[{**CALL, "calldata": "0x" + "00" * 4_097}]), "calldata"),
        (body("propose", calls=[{**CALL, "calldata": "0x0"}]), "calldata"),
        (body("propose", description="x" * 10_001), "description"),
        (body("delegate_votes", token="0x" + "0c" * 20), "token"),
        (body("finish_draw", of="vesting"), "of"),
        (body("finish_draw", signature="0x00"), "signature"),
        (body("return_prizes", ranks=list(range(101))), "ranks"),
        (body("create_raffle", prizes=[{"kind": "native", "amount": "1"}] * 501), "prizes"),
        (body("create_raffle", prizes=[{"kind": "native", "amount": "1", "token_id": "1"}]), "native has"),
        (body("create_raffle", prizes=[{"kind": "erc20", "amount": "1"}]), "erc20 token and amount"),
        (body("create_raffle", prizes=[NFT] * 21), "at most 20"),
        (
            body("create_raffle", prizes=[{"kind": "native", "amount": str(UINT256_MAX)}] * 2),
            "together are too large",
        ),
        (body("create_raffle", allow_list_root="0x" + "01" * 32), "belong together"),
        (body("create_raffle", closes_at=1_900_000_000), "closes_at"),
        (body("create_raffle", closes_at="2030-01-01T00:00:00"), "closes_at"),
        (body("create_raffle", title="two\nlines"), "title"),
        (body("create_grants", grants=[]), "grants"),
        (body("create_grants", grants=[GRANT] * 101), "grants"),
        (body("create_plan", curve={**CURVE, "start": "2600-01-01T00:00:00Z"}), "start"),
        (body("create_token", features=["steal"]), "features"),
        (
            body("create_token", plans=[{"curve": CURVE, "grants": [GRANT] * 150}] * 2),
            "at most 200 grants",
        ),
    ],
)
def test_wishes__too_much_or_of_another_form__refused(wish: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        INTENT.validate_python(wish)
