"""Indexes the reads rely on; the listener creates them with the tables.

Every lookup by id, owner or ticket is then a short range scan, also in a raffle with 1,000,000 entries.
"""

from collections.abc import Iterable

_DRAW = ("draw_requested (draw_id)", "vrf_word_accepted (draw_id)", "draw_finalised (draw_id)")
READS_NEED = (
    *(f"{contract}_{index}" for contract in ("raffle", "contest") for index in _DRAW),
    "raffle_raffle_created (raffle_id)",
    "raffle_raffle_options_fixed (raffle_id)",
    "raffle_tickets_bought (raffle_id, first_ticket)",
    "raffle_tickets_bought (buyer, raffle_id)",
    "raffle_prize_claimed (raffle_id, rank)",
    "raffle_prize_returned (raffle_id, rank)",
    "raffle_refunds_opened (raffle_id)",
    "raffle_entry_refunded (raffle_id, entry_index)",
    "contest_contest_opened (contest_id)",
    "contest_contest_opened (contest_key)",
    "contest_contest_opened (organiser, post_hash)",
    "contest_rank_disqualified (contest_id, rank)",
    "contest_rank_repeated (contest_id, rank)",
    "contest_weights_committed (contest_id)",
    "contest_prizes_escrowed (contest_id)",
    "vesting_plan_created (plan_id)",
    "vesting_granted (grant_id)",
    "vesting_granted (plan_id)",
    "vesting_granted (beneficiary)",
    "vesting_released (grant_id)",
    "vesting_beneficiary_changed (grant_id)",
    "vesting_beneficiary_changed (to_)",
    "vesting_revoked (grant_id)",
    "vesting_transfer_proposed (grant_id)",
    "vesting_transfer_proposed (to_)",
    "vesting_grant_delegated (grant_id)",
    "vesting_recovery_proposed (grant_id)",
    "vesting_recovery_vetoed (grant_id)",
    "vesting_tranche_added (plan_id)",
    "vesting_revocation_renounced (plan_id)",
    "token_factory_token_created (token)",
)
"""Each as `table (columns)`."""


def statements(tables: Iterable[str]) -> list[str]:
    """CREATE INDEX for those of the reads' tables that are among `tables`; repeating them is harmless."""
    known = set(tables)
    return [
        f"CREATE INDEX IF NOT EXISTS {_name(index)} ON mirror.{index}"
        for index in READS_NEED
        if index.split(" ", 1)[0] in known
    ]


def _name(index: str) -> str:
    """`raffle_draw_requested (draw_id)` → `raffle_draw_requested_draw_id_read`."""
    return index.replace(" (", "_").replace(", ", "_").replace(")", "_read")
