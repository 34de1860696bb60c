"""Indexes the reads rely on; `listener.mirror.upkeep` creates them when the backfill reaches the head.

Every lookup by id, owner or ticket is then a short range scan, also in a raffle with 1,000,000 entries. Columns
after INCLUDE keep a sum or count from visiting the table.
"""

import re
from collections.abc import Sequence

from listener.mirror.names import FIXED_COLUMNS
from listener.mirror.schema import EventTable

_ORDER = "block_number, log_index"
_DRAW = ("draw_requested (draw_id)", "vrf_word_accepted (draw_id)", "draw_finalised (draw_id)")
MINTED_OR_BURNED = f"(from_ = '\\x{'00' * 20}' OR to_ = '\\x{'00' * 20}')"
READS_NEED = (
    *(f"{contract}_{index}" for contract in ("raffle", "contest") for index in _DRAW),
    "raffle_raffle_created (raffle_id)",
    "raffle_raffle_created (organiser, raffle_id)",
    "raffle_raffle_created (closes_at, raffle_id)",
    "raffle_raffle_options_fixed (raffle_id)",
    "raffle_tickets_bought (raffle_id, first_ticket) INCLUDE (count, entry_index, block_number)",
    "raffle_tickets_bought (buyer, raffle_id, first_ticket) INCLUDE (count, paid, entry_index, block_number)",
    "raffle_prize_claimed (raffle_id, rank)",
    "raffle_prize_claimed (winner, raffle_id)",
    "raffle_prize_returned (raffle_id, rank)",
    "raffle_refunds_opened (raffle_id)",
    "raffle_entry_refunded (raffle_id, entry_index)",
    "raffle_proceeds_withdrawn (raffle_id)",
    f"raffle_fees_paid (treasury, {_ORDER})",
    "contest_contest_opened (contest_id)",
    "contest_contest_opened (contest_key)",
    "contest_contest_opened (organiser, contest_id)",
    "contest_contest_opened (organiser, post_hash)",
    "contest_rank_disqualified (contest_id, rank)",
    "contest_rank_repeated (contest_id, rank)",
    "contest_weights_committed (contest_id)",
    "contest_prizes_escrowed (contest_id)",
    "contest_prize_claimed (contest_id, place)",
    "contest_prize_returned (contest_id, place)",
    "vesting_plan_created (plan_id)",
    "vesting_plan_created (creator, plan_id)",
    "vesting_plan_created (token, plan_id)",
    "vesting_granted (grant_id)",
    "vesting_granted (plan_id, grant_id) INCLUDE (amount, block_number)",
    "vesting_granted (beneficiary, grant_id) INCLUDE (plan_id)",
    "vesting_released (grant_id)",
    "vesting_beneficiary_changed (grant_id)",
    "vesting_beneficiary_changed (to_, grant_id)",
    "vesting_revoked (grant_id)",
    "vesting_transfer_proposed (grant_id)",
    "vesting_transfer_proposed (to_)",
    "vesting_grant_delegated (grant_id)",
    "vesting_recovery_proposed (grant_id)",
    "vesting_recovery_vetoed (grant_id)",
    "vesting_tranche_added (plan_id)",
    "vesting_revocation_renounced (plan_id)",
    f"vesting_delegate_votes_changed (delegatee, token, {_ORDER})",
    "token_factory_token_created (token)",
    f"token_factory_token_created (creator, {_ORDER})",
    f"token_factory_fees_withdrawn (to_, {_ORDER})",
    f"token_transfer (address, {_ORDER})",
    f"token_transfer (from_, {_ORDER})",
    f"token_transfer (to_, {_ORDER})",
    f"token_transfer (from_, address, {_ORDER})",
    f"token_transfer (to_, address, {_ORDER})",
    f"token_transfer (address, block_time) INCLUDE (from_, value) WHERE {MINTED_OR_BURNED}",
    f"token_delegate_changed (delegator, address, {_ORDER})",
    f"token_delegate_votes_changed (delegate, address, {_ORDER})",
    "governor_proposal_created (proposal_id)",
    "governor_proposal_created (proposer, proposal_id)",
    "governor_proposal_canceled (proposal_id)",
    "governor_proposal_executed (proposal_id)",
    "governor_proposal_queued (proposal_id)",
    "governor_proposal_extended (proposal_id)",
    f"governor_vote_cast (proposal_id, {_ORDER})",
    f"governor_vote_cast (voter, {_ORDER})",
    f"governor_vote_cast_with_params (proposal_id, {_ORDER})",
    f"governor_vote_cast_with_params (voter, {_ORDER})",
    "timelock_call_scheduled (id, index)",
    "timelock_call_executed (id)",
    "timelock_cancelled (id)",
)
"""Each as `table (columns) [INCLUDE (columns)] [WHERE condition]`. Columns of fixed size only: one that somebody can fill with
more than an index takes would stop the mirror."""

_SPEC = re.compile(r"(\w+) \(([\w, ]+)\)(?: INCLUDE \(([\w, ]+)\))?(?: WHERE .+)?")


def wanted(tables: Sequence[EventTable]) -> dict[str, str]:
    """Name of each index the reads need → table and columns, for those of its tables that have such columns.

    An integrator's contract may bear one of our names and have events of its own; it is left alone.
    """
    columns = {table.name: {*FIXED_COLUMNS, *_small(table)} for table in tables}
    found = {}
    for spec in READS_NEED:
        match = _SPEC.fullmatch(spec)
        if match is None:
            raise ValueError(f"no index: {spec!r}")
        table, key, more = match.groups()
        if {*key.split(", "), *(more.split(", ") if more else ())} <= columns.get(table, set()):
            found[name_of(spec)] = spec
    return found


def name_of(spec: str) -> str:
    """`raffle_draw_requested (draw_id)` → `raffle_draw_requested_draw_id_read`; with a condition, `…_where_read`."""
    index, *where = spec.split(" WHERE")
    table, key = index.split(" INCLUDE")[0].replace(_ORDER, "order").rstrip(")").split(" (")
    return f"{table}_{key.replace(', ', '_')}{'_where' if where else ''}_read"


def table_of(spec: str) -> str:
    """`raffle_draw_requested (draw_id)` → `raffle_draw_requested`."""
    return spec.split(" ", 1)[0]


def _small(table: EventTable) -> list[str]:
    return [column.name for column in table.columns if column.argument.type.is_value]
