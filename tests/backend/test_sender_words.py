"""Law 3, as a property: whatever text a provider answers, an intent never gets another nonce."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from backend.sender import lease, steps
from backend.sender.answers import Outcome, outcome_of
from backend.sender.context import Context
from listener.chain.faults import PermanentError, RpcError
from tests.backend.proxy import FaultProxy
from tests.backend.test_sender_faults import SEND, faulty, proxy
from tests.backend.world import Person, World
from tests.support.waiting import wait_until_async

__all__ = ["faulty", "proxy"]
PATIENCE = 120.0  # seconds, for a machine where everybody works


@pytest.fixture
async def told(faulty: World) -> AsyncIterator[World]:
    """A world that settles when all examples were tried."""
    yield faulty
    async with faulty.services.engine.begin() as db:
        await db.execute(text("UPDATE app.wallet SET due_at = now(), lease_until = NULL"))
    async with faulty.sender():
        await faulty.settled(PATIENCE)


KNOWN = [
    *("already known", "nonce too low", "replacement transaction underpriced", "intrinsic gas too low"),
    *(
        "insufficient funds for gas * price + value",
        "tx fee (2.0 ether) exceeds the configured cap (1.0 ether)",
    ),
]
TEXTS = st.one_of(
    st.text(max_size=80), st.sampled_from(KNOWN), st.text(max_size=9).map(lambda t: f"{t} nonce {t}")
)


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_text_nobody_knows__maybe_sent(words: str) -> None:
    """Only what stands in the list of words means anything."""
    error = PermanentError("§" + words.replace("a", "").replace("e", "").replace("o", ""))
    assert outcome_of(error) is Outcome.MAYBE_SENT


@given(
    words=TEXTS,
    code=st.integers(-40_000, 40_000),
    data=st.none() | st.text(max_size=9),
    reached=st.booleans(),
)
@example(words="", code=0, data=None, reached=True)
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would send for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_answer_to_sending__one_slot_for_life(
    told: World, proxy: FaultProxy, words: str, code: int, data: str | None, reached: bool
) -> None:
    async def fault(call: dict[str, Any], forward: Any) -> dict[str, Any]:
        if reached:
            await forward()
        return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": code, "message": words, "data": data}}

    person = await told.person()
    intents = [await told.transfer(person, 1000) for _ in range(2)]
    proxy.faults[SEND] = fault
    for _ in range(2):
        await _pass(told, proxy, person)
    proxy.faults = {}
    async with told.services.engine.connect() as db:
        rows = await db.execute(
            text("SELECT intent_id, nonce FROM app.slot WHERE wallet_id = :id ORDER BY nonce"),
            {"id": person.wallet_id},
        )
        assert [(row.intent_id, row.nonce) for row in rows] == list(zip(intents, range(2), strict=True))
        after = await db.scalar(
            text("SELECT next_nonce FROM app.wallet WHERE id = :id"), {"id": person.wallet_id}
        )
    assert after == 2


async def _pass(world: World, proxy: FaultProxy, person: Person) -> None:
    """Passes over one wallet, paused or resting, until something was sent or nothing is left to send.

    More than one may be needed: after the faults of the examples before, the provider may be left alone for a while.
    """
    before, engine = proxy.seen[SEND], world.services.engine

    async def worked() -> bool:
        async with engine.begin() as db:
            await db.execute(text("UPDATE app.wallet SET due_at = NULL"))
            await db.execute(
                text(
                    "UPDATE app.wallet SET paused_until = NULL, due_at = now(), lease_until = NULL WHERE id = :id"
                ),
                {"id": person.wallet_id},
            )
            await db.execute(
                text("UPDATE app.slot SET sent_at = NULL WHERE state <> 'final' AND wallet_id = :id"),
                {"id": person.wallet_id},
            )
        lane = await lease.claim(engine, uuid4(), 60, 1)
        with suppress(RpcError):
            await steps.advance(Context(world.services), lane)
        async with engine.connect() as db:
            states = set(
                await db.scalars(
                    text("SELECT state FROM app.slot WHERE wallet_id = :id"), {"id": person.wallet_id}
                )
            )
        return proxy.seen[SEND] > before or (bool(states) and states <= {"mined", "final"})

    await wait_until_async(worked, PATIENCE, what="a pass that sends")
