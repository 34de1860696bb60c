"""What happened on chain: the facts people follow, of all their tables, in the order of blocks and logs.

A fact is told with what is needed to read its thing again, not with all it says. Which blocks a fork took away is
kept by the listener for two weeks (`mirror.replaced`), so a reader who was away learns where the branches parted.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from listener.mirror.reads.fields import Address, Hash, Read, Time, checksummed
from listener.mirror.reads.sql import fetch

_DRAW = {
    "draw_requested": "draw_id n k reveal_at",
    "vrf_word_accepted": "draw_id",
    "draw_finalised": "draw_id seed",
}
TOLD: dict[str, str] = {
    **{f"{contract}_{event}": told for contract in ("raffle", "contest") for event, told in _DRAW.items()},
    "raffle_raffle_created": "raffle_id organiser closes_at",
    "raffle_tickets_bought": "raffle_id buyer payer first_ticket count paid",
    "raffle_prize_claimed": "raffle_id rank winner to_",
    "raffle_prize_returned": "raffle_id rank organiser",
    "raffle_refunds_opened": "raffle_id seed_missing",
    "raffle_entry_refunded": "raffle_id entry_index buyer amount",
    "raffle_proceeds_withdrawn": "raffle_id organiser amount fee",
    "contest_contest_opened": "contest_id organiser contest_key entries",
    "contest_weights_committed": "contest_id total_weight",
    "contest_prizes_escrowed": "contest_id organiser claims_from",
    "contest_rank_disqualified": "contest_id rank organiser",
    "contest_rank_repeated": "contest_id rank earlier_rank",
    "contest_prize_claimed": "contest_id place winner to_",
    "contest_prize_returned": "contest_id place organiser",
    "token_factory_token_created": "token creator admin recipient",
    "token_factory_token_vested": "token creator vested",
    "token_transfer": "from_ to_ value",
    "token_delegate_changed": "delegator from_delegate to_delegate",
    "token_delegate_votes_changed": "delegate previous_votes new_votes",
    "token_paused": "account",
    "token_unpaused": "account",
    "vesting_plan_created": "plan_id creator token",
    "vesting_tranche_added": "plan_id",
    "vesting_revocation_renounced": "plan_id",
    "vesting_campaign_created": "campaign_id plan_id creator",
    "vesting_campaign_claimed": "campaign_id grant_id beneficiary amount",
    "vesting_campaign_reclaimed": "campaign_id creator amount",
    "vesting_granted": "grant_id plan_id beneficiary funder amount",
    "vesting_released": "grant_id to_ amount",
    "vesting_revoked": "grant_id creator stops_at returned",
    "vesting_beneficiary_changed": "grant_id from_ to_",
    "vesting_transfer_proposed": "grant_id from_ to_",
    "vesting_recovery_proposed": "grant_id candidate ready_at",
    "vesting_recovery_vetoed": "grant_id candidate",
    "vesting_grant_delegated": "grant_id from_ to_",
    "governor_proposal_created": "proposal_id proposer vote_start vote_end",
    "governor_proposal_queued": "proposal_id eta_seconds",
    "governor_proposal_executed": "proposal_id",
    "governor_proposal_canceled": "proposal_id",
    "governor_proposal_extended": "proposal_id extended_deadline",
    "governor_vote_cast": "proposal_id voter support weight",
    "governor_vote_cast_with_params": "proposal_id voter support weight",
}
"""Table → the columns that are told of it; all of fixed size."""
_CONTRACTS = ("token_factory", "raffle", "contest", "token", "vesting", "governor")
_EXPRESSIONS = {"bytea": "'0x' || encode({0}, 'hex')", "numeric(78,0)": "CAST({0} AS text)"}

_STANDING = """
    SELECT c.block_number AS block, c.block_hash AS hash, c.block_time AS time, c.finalized_number AS finalized,
        coalesce((SELECT max(serial) FROM mirror.replaced), 0) AS rollbacks
    FROM mirror.cursor c
"""
_REPLACED = """
    SELECT min(shared) AS shared FROM mirror.replaced WHERE serial >= (
        SELECT min(serial) FROM mirror.replaced
        WHERE number = :block AND substr(hash, 1, 4) = decode(:beginning, 'hex'))
"""
# Planning some forty tables takes ten times as long as reading their few new rows.
_PLANNED_ONCE = text("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")


class Standing(Read):
    """Where the mirror stands. `rollbacks` grows with each."""

    block: int
    hash: Hash
    time: Time
    finalized: int | None
    rollbacks: int


class Happening(Read):
    """One fact. `contract` emitted it; `data` has addresses checksummed, bytes as 0x-hex, wide integers as text."""

    event: str
    block: int
    log_index: int
    hash: Hash
    at: Time
    transaction: Hash
    contract: Address
    data: dict[str, Any]


async def standing(db: AsyncConnection) -> Standing:
    """The last block mirrored. There is one: `as_of.read` has said so."""
    return Standing.model_validate((await fetch(db, _STANDING))[0])


async def since(db: AsyncConnection, block: int, log_index: int, *, most: int) -> list[Happening]:
    """Facts from the one at a place on, that one included, at most `most`."""
    condition = "(block_number, log_index) >= (CAST(:block AS bigint), CAST(:log AS int))"
    query = _query(await _tables(db), condition, "ASC", most)
    return await _read(db, query, block=block, log=log_index)


async def newest(db: AsyncConnection, most: int, *, up_to: int = 2**62) -> list[Happening]:
    """The last `most` facts in blocks up to `up_to`, oldest first."""
    query = _query(await _tables(db), "block_number <= CAST(:last AS bigint)", "DESC", most)
    return (await _read(db, query, last=up_to))[::-1]


async def shared_since(db: AsyncConnection, rollbacks: int) -> int | None:
    """The last block that no rollback after so many took away; None when there was none."""
    query = "SELECT min(shared) AS shared FROM mirror.replaced WHERE serial > :serial"
    found: int | None = (await fetch(db, query, serial=rollbacks))[0]["shared"]
    return found


async def shared_with(db: AsyncConnection, block: int, beginning: str) -> int | None:
    """The last block shared with the branch of a replaced block, whose hash begins with these 8 hex digits; None
    where no such block is remembered.
    """
    found: int | None = (await fetch(db, _REPLACED, block=block, beginning=beginning))[0]["shared"]
    return found


async def _tables(db: AsyncConnection) -> tuple[tuple[str, str], ...]:
    rows = await fetch(db, "SELECT DISTINCT table_name, shape FROM mirror.source ORDER BY table_name")
    return tuple((row["table_name"], row["shape"]) for row in rows if row["table_name"] in TOLD)


@lru_cache(maxsize=64)
def _query(tables: Iterable[tuple[str, str]], condition: str, order: str, most: int) -> str | None:
    """One SELECT over all tables: of each the first few in the order of its primary key.

    An integrator's contract may bear one of our names and have events of its own: what lacks a column is left out.
    """
    parts = []
    for name, shape in tables:
        types = dict(column.split(" ", 1) for column in shape.split(", "))
        told = TOLD[name].split()
        if not types.keys() >= {*told}:
            continue
        pairs = ", ".join(
            f"'{column.rstrip('_')}', {_EXPRESSIONS.get(types[column], '{0}').format(column)}"
            for column in told
        )
        parts.append(
            f"(SELECT block_number AS block, log_index, block_hash AS hash, block_time AS at,"  # noqa: S608
            f" transaction_hash AS transaction, address AS contract, '{_event(name)}' AS event,"
            f" jsonb_build_object({pairs}) AS data FROM mirror.{name} WHERE {condition}"
            f" ORDER BY block_number {order}, log_index {order} LIMIT {most})"
        )
    end = f"ORDER BY block {order}, log_index {order} LIMIT {most}"
    return f"{' UNION ALL '.join(parts)} {end}" if parts else None


def _event(table: str) -> str:
    """`raffle_tickets_bought` → `raffle.tickets_bought`."""
    contract = next(one for one in _CONTRACTS if table.startswith(f"{one}_"))
    return f"{contract}.{table.removeprefix(f'{contract}_')}"


async def _read(db: AsyncConnection, query: str | None, **values: Any) -> list[Happening]:
    if query is None:
        return []
    await db.execute(_PLANNED_ONCE)
    return [
        Happening.model_validate({**row, "data": _plain(row["data"])})
        for row in await fetch(db, query, **values)
    ]


def _plain(data: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(data) if isinstance(data, str | bytes) else data
    return {name: _shown(value) for name, value in found.items()}


def _shown(value: Any) -> Any:
    is_address = isinstance(value, str) and len(value) == 42 and value.startswith("0x")
    return checksummed(bytes.fromhex(value[2:])) if is_address else value
