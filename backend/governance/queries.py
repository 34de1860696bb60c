"""What the pages of governance need beside `listener.mirror.reads.governance`."""

from __future__ import annotations

from typing import Any

from backend.governance.schemas import MomentOut, Settings, Voter
from backend.mirror import Snapshot
from listener.mirror.reads import governance as reads
from listener.mirror.reads import holders, sums, tokens
from listener.mirror.reads.governance import Proposal, ProposalState, Vote
from listener.mirror.reads.sql import BLOCK_LOGS, fetch

PAGE = 100
MOST_SEARCHED = 1_000
"""Proposals looked at for one page of a state: the state is a matter of the clock, no index knows it."""

# What the governor is set to: the table of the event that tells, and its column.
_SETTINGS = {
    "voting_delay": ("governor_voting_delay_set", "new_voting_delay"),
    "voting_period": ("governor_voting_period_set", "new_voting_period"),
    "vote_extension": ("governor_late_quorum_vote_extension_set", "new_vote_extension"),
    "proposal_threshold": ("governor_proposal_threshold_set", "new_proposal_threshold"),
    "quorum_percent": ("governor_quorum_numerator_updated", "new_quorum_numerator"),
    "guardian": ("governor_proposal_guardian_set", "new_proposal_guardian"),
    "timelock_delay": ("timelock_min_delay_change", "new_duration"),
}
_LAST = """
SELECT {column} AS value, block_number FROM mirror.{table} ORDER BY block_number DESC, log_index DESC LIMIT 1
"""

_MOMENT = """
SELECT '{kind}' AS kind, block_time AS at, block_number, transaction_hash, log_index
FROM mirror.{table} WHERE {column} = :{column}
"""
_MOMENTS = (
    ("created", "governor_proposal_created", "proposal_id"),
    ("extended", "governor_proposal_extended", "proposal_id"),
    ("canceled", "governor_proposal_canceled", "proposal_id"),
    ("queued", "timelock_call_scheduled", "id"),
    ("executed", "governor_proposal_executed", "proposal_id"),
    ("executed", "timelock_call_executed", "id"),
)

_DELEGATEE = """
SELECT to_delegate, block_number FROM mirror.token_delegate_changed
WHERE delegator = :account AND address = :token ORDER BY block_number DESC, log_index DESC LIMIT 1
"""

_VOTE = f"""
SELECT proposal_id, voter, support, weight, reason, block_time AS at, block_number, transaction_hash,
    block_number AS last_block, block_number * {BLOCK_LOGS} + log_index AS position
FROM mirror.{{table}} WHERE proposal_id = :proposal_id AND voter = :voter
"""  # noqa: S608
_VOTE_TABLES = ("governor_vote_cast", "governor_vote_cast_with_params")


async def settings(mirror: Snapshot, governor: str, timelock: str | None, token: bytes) -> Settings:
    """The newest value of each setting."""
    values: dict[str, Any] = {}
    blocks = [0]
    for name, (table, column) in _SETTINGS.items():
        rows = await fetch(mirror.db, _LAST.replace("{column}", column).replace("{table}", table))
        values[name] = rows[0]["value"] if rows else None
        blocks += [row["block_number"] for row in rows]
    return Settings.model_validate(
        {
            "governor": governor,
            "timelock": timelock,
            "token": token,
            "supply": await holders.supply(mirror.db, token),
            "last_block": max(blocks),
            **await _currency(mirror, token),
            **values,
        }
    )


async def page_in_state(
    mirror: Snapshot,
    token: bytes,
    state: ProposalState,
    *,
    limit: int,
    proposer: bytes | None,
    before: int | None,
) -> tuple[list[Proposal], int | None]:
    """Proposals in a state from the newest, and after which one to go on; None when there are no more."""
    found: list[Proposal] = []
    searched = 0
    while searched < MOST_SEARCHED:
        some = await reads.proposals(
            mirror.db, mirror.as_of, token=token, limit=PAGE, proposer=proposer, before=before
        )
        for one in some:
            if one.state is state:
                if len(found) == limit:
                    return found, int(found[-1].id)
                found.append(one)
        if len(some) < PAGE:
            return found, None
        searched += len(some)
        before = int(some[-1].id)
    return found, before


async def moments(mirror: Snapshot, proposal_id: int) -> list[MomentOut]:
    """What happened to a proposal, in order: each can happen once, and two contracts tell of its execution."""
    parts = []
    for kind, table, column in _MOMENTS:
        query = _MOMENT.replace("{kind}", kind).replace("{table}", table).replace("{column}", column)
        parts.append(f"({query}{' AND index = 0' if column == 'id' else ''})")
    query = f"{' UNION ALL '.join(parts)} ORDER BY block_number, log_index"
    rows = await fetch(mirror.db, query, proposal_id=proposal_id, id=proposal_id.to_bytes(32, "big"))
    first: dict[str, MomentOut] = {}
    for row in rows:
        first.setdefault(row["kind"], MomentOut.model_validate(row))
    return list(first.values())


async def voter(mirror: Snapshot, token: bytes, account: bytes, proposal: Proposal | None) -> Voter:
    """What an account can vote with now, and what its vote on a proposal weighs."""
    db, now = mirror.db, mirror.as_of.unix_time
    delegated = await fetch(db, _DELEGATEE, account=account, token=token)
    weight, vote = None, None
    if proposal is not None:
        vote = await _vote(mirror, int(proposal.id), account)
        start = int(proposal.vote_start.timestamp())
        if start < now:
            weight = await holders.votes_at(db, token, account, start)
    blocks = [row["block_number"] for row in delegated] + ([vote.last_block] if vote else [])
    balance = await sums.of_holders(db, holders.BALANCES, token, [account])
    return Voter.model_validate(
        {
            "address": account,
            "token": token,
            "balance": balance[account],
            "delegatee": delegated[0]["to_delegate"] if delegated else None,
            "votes": await holders.votes_at(db, token, account, now),
            "weight": weight,
            "vote": vote,
            "last_block": max([0, *blocks]),
            **await _currency(mirror, token),
        }
    )


async def _currency(mirror: Snapshot, token: bytes) -> dict[str, Any]:
    """How amounts of the token are written; null for one that the factory did not make."""
    known = (await tokens.currencies(mirror.db, [token], mirror.as_of.currency)).get(token)
    return {"symbol": known.symbol if known else None, "decimals": known.decimals if known else None}


async def _vote(mirror: Snapshot, proposal_id: int, account: bytes) -> Vote | None:
    parts = [_VOTE.replace("{table}", table) for table in _VOTE_TABLES]
    rows = await fetch(
        mirror.db, f"{' UNION ALL '.join(parts)} LIMIT 1", proposal_id=proposal_id, voter=account
    )
    return Vote.model_validate(rows[0]) if rows else None
