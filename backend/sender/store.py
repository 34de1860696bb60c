"""The sender's statements. Reads take any connection; writes run inside `lease.fenced`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.intents.tables import OUTCOMES, Attempt
from backend.policies import service as policies
from backend.sender.model import (
    Fees,
    OpenIntent,
    OpenSlot,
    PlannedCall,
    ReadyIntent,
    Receipt,
    Rejection,
    SignedAttempt,
)

# States in the order an intent passes them; a jump forward records the ones it passed through.
PATH = ("created", "signed", "broadcast", "mined", "confirmed")
CANCELLED = ("cancelled", "Cancelled as asked: an empty transaction took its place.")

_NEW_INTENTS = text("""
    SELECT i.id, i.wallet_id, i.calls, i.traceparent
    FROM unnest(CAST(:ids AS uuid[])) AS w (id)
    CROSS JOIN LATERAL (
        SELECT id, wallet_id, calls, seq, traceparent FROM app.intent
        WHERE wallet_id = w.id AND state = 'created'
        ORDER BY seq
        LIMIT greatest(0, :most - (SELECT count(*) FROM app.slot WHERE wallet_id = w.id AND state <> 'final'))
    ) AS i
    ORDER BY i.wallet_id, i.seq
""")

_OPEN_SLOTS = text("""
    SELECT s.id, s.wallet_id, s.nonce, s.intent_id, s.position, s.gas_limit, s.state, s.winner,
        s.block_number, s.block_hash,
        CAST(extract(epoch FROM clock_timestamp() - s.sent_at) AS float8) AS age_since_send,
        a.attempt_age, a.hashes, a.raw, a.purpose, a.max_fee, a.priority_fee, i.calls -> s.position AS call,
        i.cancel_requested_at IS NOT NULL AS is_unwanted, i.traceparent,
        CAST(extract(epoch FROM clock_timestamp() - s.created_at) AS float8) AS age
    FROM app.slot s
    JOIN app.intent i ON i.id = s.intent_id
    CROSS JOIN LATERAL (
        SELECT array_agg(hash ORDER BY created_at DESC) AS hashes,
            (array_agg(raw ORDER BY created_at DESC))[1] AS raw,
            (array_agg(purpose ORDER BY created_at DESC))[1] AS purpose,
            (array_agg(max_fee ORDER BY created_at DESC))[1] AS max_fee,
            (array_agg(priority_fee ORDER BY created_at DESC))[1] AS priority_fee,
            CAST(extract(epoch FROM clock_timestamp() - max(created_at)) AS float8) AS attempt_age
        FROM app.attempt WHERE slot_id = s.id
    ) AS a
    WHERE s.wallet_id = ANY (CAST(:ids AS uuid[])) AND s.state <> 'final'
    ORDER BY s.wallet_id, s.nonce
""")

_KEYS = text("""
    SELECT DISTINCT ON (wallet_id) wallet_id, version, sealed FROM app.wallet_key
    WHERE wallet_id = ANY (CAST(:ids AS uuid[]))
    ORDER BY wallet_id, version DESC
""")

_RESERVE = text("""
    UPDATE app.wallet w
    SET first_nonce = coalesce(w.first_nonce, n.first), next_nonce = n.following
    FROM unnest(CAST(:ids AS uuid[]), CAST(:firsts AS bigint[]), CAST(:followings AS bigint[]))
        AS n (id, first, following)
    WHERE w.id = n.id AND coalesce(w.next_nonce, n.first) = n.first
    RETURNING w.id
""")

_ADD_SLOTS = text("""
    WITH made AS (
        SELECT * FROM unnest(CAST(:wallets AS uuid[]), CAST(:nonces AS bigint[]), CAST(:intents AS uuid[]),
            CAST(:positions AS smallint[]), CAST(:gas_limits AS bigint[]), CAST(:hashes AS bytea[]),
            CAST(:raws AS bytea[]), CAST(:max_fees AS numeric[]), CAST(:priority_fees AS numeric[]))
            AS n (wallet_id, nonce, intent_id, position, gas_limit, hash, raw, max_fee, priority_fee)
    ), slots AS (
        INSERT INTO app.slot (wallet_id, nonce, intent_id, position, gas_limit, state)
        SELECT wallet_id, nonce, intent_id, position, gas_limit, 'signed' FROM made
        RETURNING id, wallet_id, nonce
    )
    INSERT INTO app.attempt (hash, slot_id, raw, max_fee, priority_fee, purpose)
    SELECT m.hash, s.id, m.raw, m.max_fee, m.priority_fee, 'call'
    FROM made m JOIN slots s ON s.wallet_id = m.wallet_id AND s.nonce = m.nonce
""")

_MINE = text("""
    UPDATE app.slot s
    SET state = m.state, winner = m.hash, succeeded = m.succeeded, block_number = m.block_number,
        block_hash = m.block_hash, fee = m.fee,
        final_at = CASE WHEN m.state = 'final' THEN clock_timestamp() END
    FROM unnest(CAST(:slots AS bigint[]), CAST(:states AS text[]), CAST(:hashes AS bytea[]),
        CAST(:succeeded AS boolean[]), CAST(:numbers AS bigint[]), CAST(:blocks AS bytea[]),
        CAST(:fees AS numeric[]))
        AS m (slot, state, hash, succeeded, block_number, block_hash, fee)
    WHERE s.id = m.slot AND s.state <> 'final'
""")

_UNMINE = text("""
    UPDATE app.slot SET state = 'broadcast', winner = NULL, succeeded = NULL, block_number = NULL,
        block_hash = NULL, fee = NULL, sent_at = NULL
    WHERE id = ANY (CAST(:slots AS bigint[])) AND state = 'mined'
""")

_SENT = text("""
    UPDATE app.slot SET sent_at = clock_timestamp(),
        state = CASE WHEN state = 'signed' AND id = ANY (CAST(:known AS bigint[])) THEN 'broadcast' ELSE state
        END WHERE id = ANY (CAST(:slots AS bigint[]))
""")

# What an intent's slots say about it. A no-op or a cancellation that won its slot means the call was never
# made.
_INTENT_STATES = text("""
    SELECT i.id, i.state AS known,
        CASE
            WHEN bool_and(s.state = 'final') THEN
                CASE WHEN bool_and(s.succeeded AND a.purpose IN ('call', 'bump')) THEN 'confirmed'
                    WHEN bool_or(a.purpose = 'cancel') THEN 'cancelled'
                    ELSE 'reverted' END
            WHEN bool_and(s.state IN ('mined', 'final')) THEN 'mined'
            WHEN bool_and(s.state IN ('broadcast', 'mined', 'final')) THEN 'broadcast'
            ELSE 'signed' END AS state,
        bool_or(coalesce(a.purpose, 'call') = 'noop') AS replaced
    FROM app.intent i
    JOIN app.slot s ON s.intent_id = i.id
    LEFT JOIN app.attempt a ON a.hash = s.winner
    WHERE i.id = ANY (CAST(:ids AS uuid[])) AND i.state NOT IN ('confirmed', 'reverted', 'rejected', 'cancelled')
    GROUP BY i.id
""")

_SET_STATES = text("""
    UPDATE app.intent i SET state = n.state, error_code = n.code, error_message = n.message
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:codes AS text[]),
        CAST(:messages AS text[]))
        AS n (id, state, code, message)
    WHERE i.id = n.id
""")

_STAGES = text("""
    INSERT INTO app.intent_stage (intent_id, state)
    SELECT id, state
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[])) WITH ORDINALITY AS n (id, state, at)
    ORDER BY at
""")

_SETTLE = text("""
    UPDATE app.hold h SET outcome = n.outcome, settled_at = clock_timestamp()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:outcomes AS text[])) AS n (id, outcome)
    WHERE h.intent_id = n.id AND h.outcome = 'open'
""")


async def new_intents(db: AsyncConnection, wallet_ids: Sequence[UUID], most: int) -> list[OpenIntent]:
    """Accepted intents without slots, oldest first, so many that a wallet has at most `most` open slots."""
    rows = await db.execute(_NEW_INTENTS, {"ids": list(wallet_ids), "most": most})
    return [
        OpenIntent(
            row.id, row.wallet_id, tuple(PlannedCall.load(call) for call in row.calls), row.traceparent
        )
        for row in rows
    ]


async def open_slots(db: AsyncConnection, wallet_ids: Sequence[UUID]) -> list[OpenSlot]:
    """Slots that are not final, in nonce order within each wallet."""
    rows = await db.execute(_OPEN_SLOTS, {"ids": list(wallet_ids)})
    return [_slot(row) for row in rows]


async def sealed_keys(db: AsyncConnection, wallet_ids: Sequence[UUID]) -> dict[UUID, tuple[int, bytes]]:
    """Newest key version and envelope of each wallet."""
    rows = await db.execute(_KEYS, {"ids": list(wallet_ids)})
    return {row.wallet_id: (row.version, row.sealed) for row in rows}


async def reserve(db: AsyncConnection, wanted: Mapping[UUID, tuple[int, int]]) -> set[UUID]:
    """Move next nonces past (first, count) slots; the wallets whose next nonce was still `first`."""
    rows = await db.scalars(
        _RESERVE,
        {
            "ids": list(wanted),
            "firsts": [first for first, _ in wanted.values()],
            "followings": [first + count for first, count in wanted.values()],
        },
    )
    return set(rows)


async def add_slots(
    db: AsyncConnection,
    signed: Mapping[UUID, tuple[int, Sequence[tuple[ReadyIntent, Sequence[SignedAttempt]]]]],
) -> None:
    """Store slots with their signed bytes, by wallet; nonces run on from each wallet's first."""
    rows = [
        (wallet_id, nonce, ready.intent.id, position, ready.gas_limits[position], attempt)
        for wallet_id, (first, batch) in signed.items()
        for nonce, (ready, position, attempt) in enumerate(_in_order(batch), first)
    ]
    await db.execute(
        _ADD_SLOTS,
        {
            "wallets": [row[0] for row in rows],
            "nonces": [row[1] for row in rows],
            "intents": [row[2] for row in rows],
            "positions": [row[3] for row in rows],
            "gas_limits": [row[4] for row in rows],
            "hashes": [row[5].hash for row in rows],
            "raws": [row[5].raw for row in rows],
            "max_fees": [Decimal(row[5].fees.max_fee) for row in rows],
            "priority_fees": [Decimal(row[5].fees.priority_fee) for row in rows],
        },
    )


def _in_order(
    batch: Sequence[tuple[ReadyIntent, Sequence[SignedAttempt]]],
) -> Iterator[tuple[ReadyIntent, int, SignedAttempt]]:
    for ready, attempts in batch:
        for position, attempt in enumerate(attempts):
            yield ready, position, attempt


async def add_attempt(db: AsyncConnection, slot_id: int, attempt: SignedAttempt, purpose: str) -> None:
    """Store another attempt of a slot; the slot is due to be sent again."""
    await db.execute(insert(Attempt), [_attempt(slot_id, attempt, purpose)])
    await db.execute(text("UPDATE app.slot SET sent_at = NULL WHERE id = :id"), {"id": slot_id})


async def raws_between(db: AsyncConnection, wallet_id: UUID, low: int, high: int) -> list[bytes]:
    """Bytes that won nonces `low` … `high` − 1 of a wallet, in order, at most 500."""
    rows = await db.scalars(
        text("""
            SELECT a.raw FROM app.slot s JOIN app.attempt a ON a.hash = s.winner
            WHERE s.wallet_id = :id AND s.nonce >= :low AND s.nonce < :high ORDER BY s.nonce LIMIT 500
        """),
        {"id": wallet_id, "low": low, "high": high},
    )
    return [bytes(raw) for raw in rows]


async def raws_of(db: AsyncConnection, slot_id: int) -> list[bytes]:
    """Bytes of all attempts of a slot, newest first."""
    rows = await db.scalars(
        text("SELECT raw FROM app.attempt WHERE slot_id = :id ORDER BY created_at DESC"), {"id": slot_id}
    )
    return [bytes(raw) for raw in rows]


async def mark_sent(db: AsyncConnection, sent: Sequence[int], known: Sequence[int]) -> None:
    """Bytes of `sent` slots went out; of `known` ones a node said that it has them."""
    await db.execute(_SENT, {"slots": list(sent), "known": list(known)})


async def mark_mined(
    db: AsyncConnection, found: Sequence[tuple[OpenSlot, Receipt]], final: Set[bytes]
) -> None:
    """Store where slots were mined; `final` are the hashes whose receipts never change again."""
    receipts = [receipt for _, receipt in found]
    await db.execute(
        _MINE,
        {
            "slots": [slot.id for slot, _ in found],
            "states": ["final" if receipt.hash in final else "mined" for receipt in receipts],
            "hashes": [receipt.hash for receipt in receipts],
            "succeeded": [receipt.succeeded for receipt in receipts],
            "numbers": [receipt.block_number for receipt in receipts],
            "blocks": [receipt.block_hash for receipt in receipts],
            "fees": [receipt.fee for receipt in receipts],
        },
    )


async def mark_unmined(db: AsyncConnection, slot_ids: Sequence[int]) -> None:
    """A reorg took these slots out of the chain: they are to be sent again."""
    await db.execute(_UNMINE, {"slots": list(slot_ids)})


async def settle(
    db: AsyncConnection, intent_ids: Iterable[UUID], reasons: dict[UUID, tuple[str, str]]
) -> list[tuple[UUID, str]]:
    """Derive the intents' states from their slots; write state, stages, holds together; return what changed.

    `reasons`: why a reverted intent failed, where that is known.
    """
    rows = await db.execute(_INTENT_STATES, {"ids": list(set(intent_ids))})
    changed: list[tuple[UUID, str, str]] = []
    errors: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        if row.state != row.known:
            changed.append((row.id, row.known, row.state))
            if row.state == "reverted":
                errors[row.id] = _reason(reasons.get(row.id), row.replaced)
            elif row.state == "cancelled":
                errors[row.id] = CANCELLED
    if changed:
        await _write_states(db, changed, errors)
    return [(intent_id, state) for intent_id, _, state in changed]


async def are_new(db: AsyncConnection, intent_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the intents that are still `created`; under the wallet's row lock nobody else changes that."""
    rows = await db.scalars(
        text("SELECT id FROM app.intent WHERE id = ANY (CAST(:ids AS uuid[])) AND state = 'created'"),
        {"ids": list(intent_ids)},
    )
    return set(rows)


async def start(db: AsyncConnection, intent_ids: Sequence[UUID]) -> None:
    """Created intents got their slots: signed."""
    await _write_states(db, [(intent_id, "created", "signed") for intent_id in intent_ids], {})


async def reject(db: AsyncConnection, rejections: Sequence[Rejection]) -> None:
    """End intents that will not be sent; their holds are released in the same transaction.

    One that was cancelled meanwhile stays so.
    """
    waiting = await are_new(db, [one.intent_id for one in rejections])
    await _write_states(
        db,
        [(one.intent_id, "created", "rejected") for one in rejections if one.intent_id in waiting],
        {one.intent_id: (one.code, one.message) for one in rejections},
    )


async def freeze(db: AsyncConnection, wallet_id: UUID, reason: str) -> None:
    """Stop signing and sending for a wallet until an operator looked at it."""
    await policies.freeze(db, wallet_id, reason, policies.SENDER)


async def pause(db: AsyncConnection, wallet_ids: Sequence[UUID], seconds: float, reason: str) -> None:
    """Leave wallets alone for a while; their slots stay."""
    await db.execute(
        text("""
            UPDATE app.wallet SET paused_reason = :reason,
                paused_until = clock_timestamp() + make_interval(secs => :seconds)
            WHERE id = ANY (CAST(:ids AS uuid[]))
        """),
        {"ids": list(wallet_ids), "seconds": seconds, "reason": reason},
    )


async def _write_states(
    db: AsyncConnection,
    changed: Sequence[tuple[UUID, str, str]],
    errors: dict[UUID, tuple[str, str]],
) -> None:
    ids = [intent_id for intent_id, _, _ in changed]
    states = [state for _, _, state in changed]
    none = (None, None)
    await db.execute(
        _SET_STATES,
        {
            "ids": ids,
            "states": states,
            "codes": [errors.get(intent_id, none)[0] for intent_id in ids],
            "messages": [errors.get(intent_id, none)[1] for intent_id in ids],
        },
    )
    passed = [(intent_id, state) for intent_id, known, new in changed for state in _between(known, new)]
    await db.execute(_STAGES, {"ids": [one for one, _ in passed], "states": [state for _, state in passed]})
    settled = [(intent_id, OUTCOMES[state]) for intent_id, _, state in changed if state in OUTCOMES]
    if settled:
        await db.execute(
            _SETTLE, {"ids": [one for one, _ in settled], "outcomes": [outcome for _, outcome in settled]}
        )


def _between(known: str, new: str) -> list[str]:
    """The states an intent passed, up to and with the new one."""
    end = "confirmed" if new in ("reverted", "cancelled") else new
    if known in PATH and end in PATH and PATH.index(end) > PATH.index(known):
        passed = list(PATH[PATH.index(known) + 1 : PATH.index(end)])
        return [*passed, new]
    return [new]


def _reason(known: tuple[str, str] | None, replaced: bool) -> tuple[str, str]:
    if replaced:
        return (
            "never_valid",
            "Every provider calls this transaction invalid, so it was replaced by an empty one.",
        )
    return known or ("reverted", "The transaction was mined, but the contract reverted it.")


def _attempt(slot_id: int, attempt: SignedAttempt, purpose: str) -> dict[str, Any]:
    return {
        "hash": attempt.hash,
        "slot_id": slot_id,
        "raw": attempt.raw,
        "max_fee": Decimal(attempt.fees.max_fee),
        "priority_fee": Decimal(attempt.fees.priority_fee),
        "purpose": purpose,
    }


def _slot(row: Any) -> OpenSlot:
    return OpenSlot(
        id=row.id,
        wallet_id=row.wallet_id,
        nonce=row.nonce,
        intent_id=row.intent_id,
        position=row.position,
        gas_limit=row.gas_limit,
        state=row.state,
        winner=row.winner,
        block_number=row.block_number,
        block_hash=row.block_hash,
        age_since_send=row.age_since_send,
        attempt_age=row.attempt_age,
        hashes=tuple(row.hashes),
        raw=row.raw,
        purpose=row.purpose,
        fees=Fees(int(row.max_fee), int(row.priority_fee)),
        call=PlannedCall.load(row.call),
        is_unwanted=row.is_unwanted,
        age=row.age,
        traceparent=row.traceparent,
    )
