"""Governance: proposals with their state at the time of the answer's block, and votes.

Contracts are `Governor` and `Timelock` of the registry. The governor's token is not in any event: whoever asks
says which it is (a view of the contract tells). A token the factory did not make has no supply here, and its
proposals no quorum.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field

from listener.mirror.reads import holders, sums
from listener.mirror.reads.as_of import AsOf
from listener.mirror.reads.fields import Address, Count, Hash, Mirrored, Time, Uint
from listener.mirror.reads.sql import BLOCK_LOGS, earlier_than, fetch

QUORUM_DENOMINATOR = 100  # GovernorVotesQuorumFraction


class ProposalState(StrEnum):
    """IGovernor.ProposalState in words."""

    PENDING = "pending"
    ACTIVE = "active"
    CANCELED = "canceled"
    DEFEATED = "defeated"
    SUCCEEDED = "succeeded"
    QUEUED = "queued"
    EXECUTED = "executed"


class Proposal(Mirrored):
    """A proposal. Votes and quorum in the token's smallest unit."""

    id: Uint
    state: ProposalState
    governor: Address
    proposer: Address
    targets: list[str]
    call_values: list[str] = Field(description="Wei with each call, decimal")
    calldatas: list[str]
    description: str
    vote_start: Time = Field(description="Votes weigh what they did in this second")
    vote_end: Time = Field(description="Last second of the voting, as extended by a late quorum")
    votes_against: Uint
    votes_for: Uint
    votes_abstain: Uint
    quorum: Uint | None = Field(
        description="Needed for and abstaining; null before the voting starts and for a token not mirrored"
    )
    executable_at: Time | None = Field(description="End of the timelock's delay; null unless it was queued")
    created_at: Time
    created_block: int
    transaction_hash: Hash


class Vote(Mirrored):
    """One vote: support 0 against, 1 for, 2 abstain."""

    proposal_id: Uint
    voter: Address
    support: Count
    weight: Uint
    reason: str
    at: Time
    block_number: int
    transaction_hash: Hash
    position: int = Field(exclude=True, description="Orders votes as they were cast")


_PROPOSALS = """
SELECT p.proposal_id AS id, p.address AS governor, p.proposer, p.targets, p.values AS call_values, p.calldatas,
    p.description, p.vote_start, coalesce(extended.deadline, p.vote_end) AS vote_end,
    p.block_time AS created_at, p.block_number AS created_block, p.transaction_hash,
    canceled.block_number IS NOT NULL AS is_canceled,
    executed.block_number IS NOT NULL OR ran.block_number IS NOT NULL AS is_executed,
    CASE WHEN scheduled.block_number > coalesce(stopped.block_number, -1) THEN scheduled.ready_at END AS executable_at,
    quorum.percent,
    greatest(p.block_number, extended.block_number, canceled.block_number, executed.block_number, ran.block_number,
        scheduled.block_number, stopped.block_number) AS last_block
FROM mirror.governor_proposal_created p
LEFT JOIN LATERAL (
    SELECT e.extended_deadline AS deadline, e.block_number FROM mirror.governor_proposal_extended e
    WHERE e.proposal_id = p.proposal_id ORDER BY e.block_number DESC LIMIT 1
) extended ON true
LEFT JOIN mirror.governor_proposal_canceled canceled ON canceled.proposal_id = p.proposal_id
LEFT JOIN mirror.governor_proposal_executed executed ON executed.proposal_id = p.proposal_id
LEFT JOIN LATERAL (
    SELECT extract(epoch FROM s.block_time) + s.delay AS ready_at, s.block_number
    FROM mirror.timelock_call_scheduled s WHERE s.id = (CAST(:operation_of AS bytea[]))[p.place] AND s.index = 0
    ORDER BY s.block_number DESC LIMIT 1
) scheduled ON true
LEFT JOIN LATERAL (
    SELECT x.block_number FROM mirror.timelock_call_executed x
    WHERE x.id = (CAST(:operation_of AS bytea[]))[p.place] LIMIT 1
) ran ON true
LEFT JOIN LATERAL (
    SELECT max(x.block_number) AS block_number FROM mirror.timelock_cancelled x
    WHERE x.id = (CAST(:operation_of AS bytea[]))[p.place]
) stopped ON true
LEFT JOIN LATERAL (
    SELECT q.new_quorum_numerator AS percent FROM mirror.governor_quorum_numerator_updated q
    WHERE extract(epoch FROM q.block_time) <= p.vote_start ORDER BY q.block_number DESC, q.log_index DESC LIMIT 1
) quorum ON true
ORDER BY p.block_number DESC, p.log_index DESC
"""
# What is asked for by position in a list of ids, so that an id serves as a number and as a timelock's bytes32.
_CHOSEN = """(
    SELECT p.*, chosen.place FROM unnest(CAST(CAST(:ids AS text[]) AS numeric[])) WITH ORDINALITY AS chosen(id, place)
    JOIN mirror.governor_proposal_created p ON p.proposal_id = chosen.id
) p"""
_BY_ID = _PROPOSALS.replace("mirror.governor_proposal_created p\n", f"{_CHOSEN}\n", 1)

_PAGE = """
SELECT p.proposal_id AS id FROM mirror.governor_proposal_created p
WHERE (p.block_number, p.log_index) < (:block, :log_index){proposer}
ORDER BY p.block_number DESC, p.log_index DESC LIMIT :limit
"""

_VOTES = f"""
(SELECT v.proposal_id, v.voter, v.support, v.weight, v.reason, v.block_time AS at, v.block_number,
    v.transaction_hash, v.block_number AS last_block, v.block_number * {BLOCK_LOGS} + v.log_index AS position
FROM mirror.{{table}} v
WHERE v.{{column}} = :subject AND (v.block_number, v.log_index) < (:block, :log_index)
ORDER BY v.block_number DESC, v.log_index DESC LIMIT :limit)
"""  # noqa: S608
_VOTE_TABLES = ("governor_vote_cast", "governor_vote_cast_with_params")


async def find(db: AsyncConnection, as_of: AsOf, proposal_id: int, *, token: bytes) -> Proposal | None:
    """One proposal, or None."""
    found = await _proposals(db, as_of, [proposal_id], token)
    return found[0] if found else None


async def proposals(
    db: AsyncConnection,
    as_of: AsOf,
    *,
    token: bytes,
    limit: int,
    proposer: bytes | None = None,
    before: int | None = None,
) -> list[Proposal]:
    """Proposals from the newest; `before` is the id of the last one seen."""
    values: dict[str, Any] = earlier_than(None)
    if before is not None:
        rows = await fetch(
            db,
            "SELECT block_number AS block, log_index FROM mirror.governor_proposal_created WHERE proposal_id = :id",
            id=before,
        )
        values = rows[0] if rows else values
    condition = "" if proposer is None else " AND p.proposer = :proposer"
    if proposer is not None:
        values = {**values, "proposer": proposer}
    rows = await fetch(db, _PAGE.replace("{proposer}", condition), limit=limit, **values)
    return await _proposals(db, as_of, [int(row["id"]) for row in rows], token)


async def _proposals(db: AsyncConnection, as_of: AsOf, ids: list[int], token: bytes) -> list[Proposal]:
    if not ids:
        return []
    operations = [one.to_bytes(32, "big") for one in ids]
    rows = await fetch(db, _BY_ID, ids=[str(one) for one in ids], operation_of=operations)
    votes = await _tallies(db, ids)
    starts = {int(row["vote_start"]) for row in rows}
    supplies = await holders.supplies_at(db, token, {start for start in starts if start < as_of.unix_time})
    for row in rows:
        mine = votes.get(int(row["id"]), {})
        names = ("votes_against", "votes_for", "votes_abstain")
        row |= {name: mine[n][0] if n in mine else 0 for n, name in enumerate(names)}
        row["last_block"] = max([row["last_block"], *(block for _, block in mine.values())])
        row["quorum"] = _quorum(row["percent"], supplies.get(int(row["vote_start"])))
        row["state"] = _state(row, as_of.unix_time)
    return [Proposal.model_validate(row) for row in rows]


async def _tallies(db: AsyncConnection, ids: list[int]) -> dict[int, dict[int, tuple[int, int]]]:
    """Sum of weights and newest block by proposal and support."""
    subjects = [f"p{one}:{support}" for one in ids for support in (0, 1, 2)]
    rows = await sums.tallies(
        db,
        ["votes"],
        "subject = ANY(CAST(:subjects AS text[]))",
        "subject, sum(amount) AS weight, max(last_block) AS last_block",
        "GROUP BY subject",
        subjects=subjects,
    )
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for row in rows:
        number, support = row["subject"][1:].split(":")
        found.setdefault(int(number), {})[int(support)] = (int(row["weight"]), row["last_block"])
    return found


def _quorum(percent: Any, supply: int | None) -> int | None:
    """As the governor computes it: percent of the supply in the second the voting starts."""
    return supply * int(percent) // QUORUM_DENOMINATOR if supply and percent is not None else None


def _state(row: dict[str, Any], now: int) -> ProposalState:
    if row["is_executed"]:
        return ProposalState.EXECUTED
    if row["is_canceled"]:
        return ProposalState.CANCELED
    if int(row["vote_start"]) >= now:
        return ProposalState.PENDING
    if int(row["vote_end"]) >= now:
        return ProposalState.ACTIVE
    took_part = row["votes_for"] + row["votes_abstain"]
    if took_part < (row["quorum"] or 0) or row["votes_for"] <= row["votes_against"]:
        return ProposalState.DEFEATED
    return ProposalState.SUCCEEDED if row["executable_at"] is None else ProposalState.QUEUED


async def votes(
    db: AsyncConnection,
    *,
    limit: int,
    proposal_id: int | None = None,
    voter: bytes | None = None,
    before: int | None = None,
) -> list[Vote]:
    """Votes on a proposal, or by an account, newest first, with a `position` below `before`."""
    column, subject = ("proposal_id", proposal_id) if voter is None else ("voter", voter)
    parts = [_VOTES.replace("{table}", table).replace("{column}", column) for table in _VOTE_TABLES]
    query = f"{' UNION ALL '.join(parts)} ORDER BY position DESC LIMIT :limit"
    rows = await fetch(db, query, limit=limit, subject=subject, **earlier_than(before))
    return [Vote.model_validate(row) for row in rows]
