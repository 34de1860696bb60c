"""Everything on chain that a check of a draw needs: its facts, each with where it is recorded."""

from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from listener.mirror.reads.fields import Address, Hash, Mirrored, Read, Time
from listener.mirror.reads.sql import fetch

Contract = Literal["raffle", "contest"]


class Fact(Read):
    """One event: its name, its arguments as the chain recorded them (hex, decimal strings), and where."""

    event: str
    arguments: dict[str, Any]
    contract: Address
    at: Time
    block_number: int
    block_hash: Hash
    log_index: int
    transaction_hash: Hash


class Evidence(Mirrored):
    """A draw's events in the order of the chain: creation, request, VRF word, seed, and what changed ranks."""

    facts: list[Fact]


_FIXED = ("block_number", "block_hash", "block_time", "log_index", "transaction_hash", "address")
_TABLES: dict[Contract, tuple[tuple[str, str, str], ...]] = {
    "raffle": (
        ("RaffleCreated", "raffle_raffle_created", "raffle_id"),
        ("RaffleOptionsFixed", "raffle_raffle_options_fixed", "raffle_id"),
        ("DrawRequested", "raffle_draw_requested", "draw_id"),
        ("VrfWordAccepted", "raffle_vrf_word_accepted", "draw_id"),
        ("DrawFinalised", "raffle_draw_finalised", "draw_id"),
        ("RefundsOpened", "raffle_refunds_opened", "raffle_id"),
    ),
    "contest": (
        ("ContestOpened", "contest_contest_opened", "contest_id"),
        ("WeightsCommitted", "contest_weights_committed", "contest_id"),
        ("PrizesEscrowed", "contest_prizes_escrowed", "contest_id"),
        ("DrawRequested", "contest_draw_requested", "draw_id"),
        ("VrfWordAccepted", "contest_vrf_word_accepted", "draw_id"),
        ("DrawFinalised", "contest_draw_finalised", "draw_id"),
        ("RankDisqualified", "contest_rank_disqualified", "contest_id"),
        ("RankRepeated", "contest_rank_repeated", "contest_id"),
    ),
}


async def of_draw(db: AsyncConnection, contract: Contract, number: int) -> Evidence | None:
    """The events of a raffle's or contest's draw; None where the mirror has no such raffle or contest."""
    found: list[Fact] = []
    for event, table, column in _TABLES[contract]:
        query = f"SELECT * FROM mirror.{table} WHERE {column} = :subject"  # noqa: S608 - fixed names
        found += [_fact(event, row) for row in await fetch(db, query, subject=number)]
    found.sort(key=lambda fact: (fact.block_number, fact.log_index))
    return Evidence(facts=found, last_block=found[-1].block_number) if found else None


def _fact(event: str, row: dict[str, Any]) -> Fact:
    arguments = {name: _plain(value) for name, value in row.items() if name not in _FIXED}
    return Fact.model_validate(
        {**row, "event": event, "at": row["block_time"], "contract": row["address"], "arguments": arguments}
    )


def _plain(value: Any) -> Any:
    """As in the mirror's own jsonb: bytes are 0x-hex, integers decimal strings."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return value if isinstance(value, bool | str | list) else str(value)
