"""The oracle every fault test ends with: what must hold once the faults stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.intents.tables import OUTCOMES, TERMINAL
from tests.support.anvil import Anvil

OPEN = """
    SELECT count(*) FROM app.intent i JOIN app.wallet w ON w.id = i.wallet_id
    WHERE i.state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled') AND w.frozen_at IS NULL
"""

IN_FLIGHT_FROZEN = """
    SELECT a.hash FROM app.attempt a JOIN app.slot s ON s.id = a.slot_id JOIN app.wallet w ON w.id = s.wallet_id
    WHERE s.state <> 'final' AND w.frozen_at IS NOT NULL
"""


async def all_terminal(engine: AsyncEngine) -> bool:
    """Whether no intent is open; those of a frozen wallet wait for people."""
    async with engine.connect() as db:
        return bool(await db.scalar(text(OPEN)) == 0)


async def all_watched(engine: AsyncEngine, anvil: Anvil) -> bool:
    """Whether of frozen wallets, too, nothing is open that the chain has mined: law 7."""
    async with engine.connect() as db:
        hashes = list(await db.scalars(text(IN_FLIGHT_FROZEN)))
    return not any(anvil.call("eth_getTransactionReceipt", "0x" + one.hex()) for one in hashes)


async def assert_nothing_lost_or_doubled(engine: AsyncEngine, anvil: Anvil) -> None:
    """CUSTODY.md's oracle. Expects transfers of POL to addresses that nobody else pays."""
    async with engine.connect() as db:
        intents = (await db.execute(text("SELECT * FROM app.intent"))).mappings().all()
        slots = (await db.execute(text("SELECT * FROM app.slot ORDER BY wallet_id, nonce"))).mappings().all()
        wallets = (await db.execute(text("SELECT * FROM app.wallet"))).mappings().all()
        holds = (await db.execute(text("SELECT * FROM app.hold"))).mappings().all()
        attempts = (await db.execute(text("SELECT * FROM app.attempt"))).mappings().all()
    frozen = {wallet["id"] for wallet in wallets if wallet["frozen_at"] is not None}
    _every_intent_is_terminal([row for row in intents if row["wallet_id"] not in frozen])
    _slots_are_contiguous(wallets, slots)
    _winners_are_our_attempts(slots, frozen, attempts, anvil)
    _holds_follow_intents(intents, holds)
    _recipients_got_what_was_confirmed(intents, anvil)


def _every_intent_is_terminal(intents: Any) -> None:
    assert [row["state"] for row in intents if row["state"] not in TERMINAL] == []


def _slots_are_contiguous(wallets: Any, slots: Any) -> None:
    for wallet in wallets:
        nonces = [slot["nonce"] for slot in slots if slot["wallet_id"] == wallet["id"]]
        first = wallet["first_nonce"]
        if first is None:
            assert nonces == []
            continue
        assert nonces == list(range(first, first + len(nonces)))
        assert wallet["next_nonce"] == first + len(nonces)


def _winners_are_our_attempts(slots: Any, frozen: Any, attempts: Any, anvil: Anvil) -> None:
    """Every slot has exactly one hash on chain, and it is the one recorded; an open one of a frozen wallet none."""
    for slot in slots:
        hashes = [attempt["hash"] for attempt in attempts if attempt["slot_id"] == slot["id"]]
        receipts = [anvil.call("eth_getTransactionReceipt", "0x" + one.hex()) for one in hashes]
        mined = [receipt["transactionHash"] for receipt in receipts if receipt]
        is_left = slot["wallet_id"] in frozen and slot["state"] != "final"
        expected = [] if is_left else ["0x" + slot["winner"].hex()]
        assert mined == expected, f"slot {slot['id']} nonce {slot['nonce']}"


def _holds_follow_intents(intents: Any, holds: Any) -> None:
    states = {row["id"]: row["state"] for row in intents}
    for hold in holds:
        assert hold["outcome"] == OUTCOMES.get(states[hold["intent_id"]], "open")


def _recipients_got_what_was_confirmed(intents: Any, anvil: Anvil) -> None:
    owed: Counter[str] = Counter()
    for row in intents:
        if row["kind"] == "transfer" and row["params"].get("token") is None:
            owed[row["params"]["to"]] += int(row["params"]["amount"]) * (row["state"] == "confirmed")
    for recipient, amount in owed.items():
        assert int(anvil.call("eth_getBalance", recipient, "latest"), 16) == amount, recipient


SPENT = """
    SELECT s.wallet_id, s.winner, a.purpose, (i.calls -> s.position ->> 'value')::numeric AS value
    FROM app.slot s JOIN app.attempt a ON a.hash = s.winner JOIN app.intent i ON i.id = s.intent_id
    WHERE s.state = 'final'
"""
TOPPED_UP = """
    SELECT (params ->> 'wallet_id')::uuid AS wallet_id, sum((params ->> 'amount')::numeric) AS amount
    FROM app.intent WHERE kind = 'top_up' AND state = 'confirmed' GROUP BY 1
"""


async def assert_wallets_are_explained(engine: AsyncEngine, anvil: Anvil, funds: Mapping[UUID, int]) -> None:
    """What each wallet has, to the wei: what it began with (`funds`), and top-ups, less values sent and gas paid."""
    async with engine.connect() as db:
        spent = (await db.execute(text(SPENT))).all()
        given = {row.wallet_id: int(row.amount) for row in await db.execute(text(TOPPED_UP))}
        addresses = {
            row.id: row.address for row in await db.execute(text("SELECT id, address FROM app.wallet"))
        }
    left = Counter({wallet_id: amount + given.get(wallet_id, 0) for wallet_id, amount in funds.items()})
    for row in spent:
        receipt = anvil.call("eth_getTransactionReceipt", "0x" + row.winner.hex())
        left[row.wallet_id] -= int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        if receipt["status"] == "0x1" and row.purpose in ("call", "bump"):
            left[row.wallet_id] -= int(row.value)
    for wallet_id in funds:
        address = "0x" + addresses[wallet_id].hex()
        assert int(anvil.call("eth_getBalance", address, "latest"), 16) == left[wallet_id], address


async def assert_calls_counted(engine: AsyncEngine, anvil: Anvil, counter: str) -> None:
    """A contract that counts its calls was called by each confirmed intent once, and by no other."""
    query = "SELECT count(*) FROM app.intent WHERE state = 'confirmed' AND lower(calls -> 0 ->> 'to') = lower(:to)"
    async with engine.connect() as db:
        confirmed = await db.scalar(text(query), {"to": counter})
    assert int(anvil.call("eth_getStorageAt", counter, "0x0", "latest"), 16) == confirmed
