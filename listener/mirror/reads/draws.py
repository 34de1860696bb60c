"""The draw that raffles and contests have in common: request, VRF word, drand round, seed."""

from typing import Any

from sqlmodel import Field

from listener.mirror.reads.fields import Address, Count, Hash, Read, Time, Uint, Word


class Draw(Read):
    """Where a draw stands. `seed` is null until the signature of drand round `round` was submitted."""

    requested_block: int
    requested_at: Time
    request_transaction_hash: Hash
    coordinator: Address
    round: Count = Field(description="drand round that decides the draw")
    reveal_at: Time = Field(description="The round is published after this")
    vrf_deadline: Time = Field(description="A VRF word that comes later is ignored")
    vrf_request_id: Uint = Field(description="The coordinator's number of the request")
    vrf_word: Word | None = Field(description="Null when none came in time (yet)")
    vrf_received_block: int | None
    commitment: Hash
    n: Uint = Field(description="Tickets or entries that take part")
    k: Count = Field(description="Ranks drawn")
    seed: Hash | None
    drand_randomness: Hash | None
    finalised_block: int | None
    finalised_at: Time | None
    finalise_transaction_hash: Hash | None
    finaliser: Address | None


DRAW_COLUMNS = """
    requested.block_number AS draw_requested_block, requested.block_time AS draw_requested_at,
    requested.transaction_hash AS draw_request_transaction_hash, requested.coordinator AS draw_coordinator,
    requested.round AS draw_round, requested.reveal_at AS draw_reveal_at,
    requested.vrf_deadline AS draw_vrf_deadline, requested.commitment AS draw_commitment,
    requested.vrf_request_id AS draw_vrf_request_id,
    requested.n AS draw_n, requested.k AS draw_k, vrf.word AS draw_vrf_word,
    vrf.block_number AS draw_vrf_received_block, final.seed AS draw_seed,
    final.drand_randomness AS draw_drand_randomness, final.block_number AS draw_finalised_block,
    final.block_time AS draw_finalised_at, final.transaction_hash AS draw_finalise_transaction_hash,
    final.finaliser AS draw_finaliser"""
"""To select beside `draw_joins`."""


def draw_joins(contract: str, draw_id: str) -> str:
    """Joins of the draw's facts in a contract's tables (`raffle`, `contest`); `draw_id` is an SQL column."""
    return f"""
LEFT JOIN mirror.{contract}_draw_requested requested ON requested.draw_id = {draw_id}
LEFT JOIN mirror.{contract}_vrf_word_accepted vrf ON vrf.draw_id = {draw_id}
LEFT JOIN mirror.{contract}_draw_finalised final ON final.draw_id = {draw_id}"""


def draw_of(row: dict[str, Any]) -> Draw | None:
    """The draw in a row with DRAW_COLUMNS, None before its request."""
    values = {name.removeprefix("draw_"): value for name, value in row.items() if name.startswith("draw_")}
    return Draw.model_validate(values) if values["requested_block"] is not None else None
