"""How Postgres runs the heavy reads: through their indexes, without reading a big table from end to end.

A small mirror whose tables have statistics; sequential scans cost too much there already for the planner.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.db import make_engine
from backend.mirror import Snapshot, open_snapshot
from listener.mirror.reads import (
    accounts,
    contests,
    duties,
    governance,
    holders,
    participations,
    raffles,
    reports,
    timelock,
    tokens,
    vesting,
)
from listener.mirror.reads.raffles import RaffleState
from tests.backend.reads.facts import ChainOfFacts, address
from tests.backend.reads.naive import at
from tests.backend.reads.stories import raffle_created, tickets_bought, token_created, vote_cast
from tools.run.postgres import DatabaseUris

BIG, ANA, TOKEN = 1, address(0xB1), address(0x70)
BLOCKS, EACH = 40, 100
BIG_TABLES = ("raffle_tickets_bought", "token_transfer", "governor_vote_cast", "holding", "tally")


_MANY_RAFFLES = """
INSERT INTO mirror.raffle_raffle_created
SELECT many.* FROM mirror.raffle_raffle_created c, generate_series(1, 2000) n,
    jsonb_populate_record(c, jsonb_build_object('raffle_id', 100 + n, 'log_index', 1000 + n,
        'closes_at', c.closes_at + (n * 7919) % 5000 - 1000)) many
"""
"""Without buyers, and of no matter but for their order."""


class Planner:
    """A connection that keeps the plan of each statement it runs."""

    def __init__(self, db: AsyncConnection) -> None:
        self._db, self.plans = db, list[str]()

    async def execute(self, statement: Any, parameters: Any) -> Any:
        plan = await self._db.execute(text(f"EXPLAIN {statement.text}"), parameters)
        self.plans.append("\n".join(line for (line,) in plan))
        return await self._db.execute(statement, parameters)


@pytest.fixture(scope="module")
def mirror_database(postgres: Any, template: str) -> Iterator[DatabaseUris]:
    """4,000 purchases, transfers and votes, folded but for the last blocks, with statistics."""
    uris = postgres.clone_database(template)
    chain = ChainOfFacts(uris.listener)
    chain.block(raffle_created(BIG, maxTickets=10**9), token_created(TOKEN))
    for block in range(BLOCKS):
        events = []
        for n in range(EACH):
            who = address(1_000 + (block * EACH + n) % 900)
            index = block * EACH + n
            events.append(tickets_bought(index, 1, who, index, raffle_id=BIG))
            events.append(at(TOKEN, "Token", "Transfer", **{"from": bytes(20), "to": who, "value": n + 1}))
            events.append(vote_cast(7, who, n % 3, 5))
        chain.block(*events, number=10 * (block + 1), final=10 * block)
    chain.tend()
    chain.close()
    with psycopg.connect(uris.superuser, autocommit=True) as db:
        # As many sums as many organisers would have.
        db.execute(
            "INSERT INTO mirror.tally SELECT name, 'o' || n, day, '', 1, 1, 1, 1 FROM generate_series(1, 4000) n,"
            " (VALUES ('sales'), ('draws')) names(name), (VALUES (DATE '2027-01-15'), ('-infinity')) days(day)"
        )
        db.execute(_MANY_RAFFLES)
        db.execute("VACUUM ANALYZE")
    yield uris
    postgres.drop_database(uris.name)


@pytest.fixture
async def mirror(mirror_database: DatabaseUris) -> AsyncIterator[Snapshot]:
    engine = make_engine(mirror_database.backend, pool=1)
    async with open_snapshot(engine) as found:
        yield found
    await engine.dispose()


Read = Callable[[AsyncConnection, Snapshot], Awaitable[Any]]
BIG_ORDER = "raffle_tickets_bought_raffle_id_first_ticket_read"
BUYER = "raffle_tickets_bought_buyer_raffle_id_first_ticket_read"
CLOSING = "raffle_raffle_created_closes_at_raffle_id_read"
AMOUNTS = "holding_name_token_amount_holder_where_read"
READS: dict[str, tuple[Read, tuple[str, ...]]] = {
    "raffle": (lambda db, m: raffles.find(db, m.as_of, BIG), (BIG_ORDER,)),
    "raffles": (lambda db, m: raffles.page(db, m.as_of, limit=20), (BIG_ORDER,)),
    "open raffles": (lambda db, m: raffles.page(db, m.as_of, limit=20, state=RaffleState.OPEN), (BIG_ORDER,)),
    "raffles by their end": (
        lambda db, m: raffles.page(db, m.as_of, limit=20, sort="closes_at", before=1),
        (CLOSING,),
    ),
    "open raffles by their end": (
        lambda db, m: raffles.page(db, m.as_of, limit=20, state=RaffleState.OPEN, sort="-closes_at"),
        (BIG_ORDER,),
    ),
    "oldest tokens": (lambda db, m: tokens.page(db, limit=20, sort="created_at"), ()),
    "entries": (lambda db, m: raffles.entries(db, BIG, limit=20, after=2_000), (BIG_ORDER,)),
    "own entries": (lambda db, m: raffles.entries(db, BIG, limit=20, buyer=address(1_001)), (BUYER,)),
    "participations": (
        lambda db, m: participations.of_buyer(db, m.as_of, address(1_001), limit=20),
        (BUYER, "Index Only Scan"),
    ),
    "figures": (lambda db, m: holders.figures(db, TOKEN), ("on holding", "tally_pkey")),
    "holders": (
        lambda db, m: holders.holders(db, TOKEN, limit=20, after=address(1_001)),
        (AMOUNTS,),
    ),
    "balances": (
        lambda db, m: holders.balances(db, m.as_of, address(1_001), limit=20),
        ("holding_holder_name_token_read",),
    ),
    "transfers": (lambda db, m: holders.transfers(db, limit=20, token=TOKEN), ("token_transfer_",)),
    "own transfers": (
        lambda db, m: holders.transfers(db, limit=20, account=address(1_001)),
        ("token_transfer_to__order_read",),
    ),
    "own transfers of a token": (
        lambda db, m: holders.transfers(db, limit=20, token=TOKEN, account=address(1_001)),
        ("token_transfer_from__address_order_read", "token_transfer_to__"),
    ),
    "supply at a time": (
        lambda db, m: holders.supplies_at(db, TOKEN, [m.as_of.unix_time - 5]),
        ("token_transfer_address_block_time_where_read",),
    ),
    "proposal": (lambda db, m: governance.proposals(db, m.as_of, token=TOKEN, limit=20), ()),
    "votes": (
        lambda db, m: governance.votes(db, limit=20, proposal_id=7),
        ("governor_vote_cast_",),
    ),
    "own votes": (
        lambda db, m: governance.votes(db, limit=20, voter=address(1_001)),
        ("governor_vote_cast_voter_order_read",),
    ),
    "treasury": (
        lambda db, m: timelock.treasury_moves(db, address(1_001), limit=20),
        ("token_transfer_to__order_read",),
    ),
    "overview": (lambda db, m: accounts.overview(db, m.as_of, address(1_001), limit=10), (BUYER,)),
    "counts": (lambda db, m: duties.counts(db, m.as_of), ("tally_pkey",)),
    "proceeds": (lambda db, m: duties.paid_for(db, [BIG]), ("tally_pkey",)),
    "totals": (lambda db, m: reports.totals(db, m.as_of), ("tally_pkey", "raffle_tickets_bought_pkey")),
    "days": (
        lambda db, m: reports.daily(
            db,
            m.as_of,
            first_day=m.as_of.time.date(),
            last_day=m.as_of.time.date(),
            subject=reports.of_raffle(BIG),
        ),
        ("tally_pkey",),
    ),
    "tokens": (lambda db, m: tokens.page(db, limit=20), ()),
    "grants": (lambda db, m: vesting.grants(db, m.as_of, limit=20, beneficiary=ANA), ()),
    "contests": (lambda db, m: contests.page(db, limit=20), ()),
}


@pytest.mark.parametrize("name", READS)
async def test_plan__uses_its_index_and_reads_no_big_table_from_end_to_end(
    mirror: Snapshot, name: str
) -> None:
    read, needed = READS[name]
    planner = Planner(mirror.db)

    await read(cast(AsyncConnection, planner), mirror)

    assert planner.plans
    plans = "\n\n".join(planner.plans)
    assert not [table for table in BIG_TABLES if f"Seq Scan on {table} " in plans], plans
    for index in needed:
        assert index in plans, plans


_LOOK_UP = """
EXPLAIN SELECT h.amount FROM (VALUES (CAST(%s AS bytea), CAST(%s AS bytea))) c(token, holder)
LEFT JOIN mirror.holding h ON h.name = 'balances' AND h.token = c.token AND h.holder = c.holder
"""


def test_looking_up_a_holder__cannot_go_through_all_holders_in_the_index_of_amounts(
    mirror_database: DatabaseUris,
) -> None:
    """It has every column that is asked for, so it looks cheap, and in a token with many holders it is not."""
    with psycopg.connect(mirror_database.superuser) as db:
        db.execute("DROP INDEX mirror.holding_holder_name_token_read")
        db.execute("ALTER TABLE mirror.holding DROP CONSTRAINT holding_pkey")
        db.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(line for (line,) in db.execute(_LOOK_UP, (TOKEN, ANA)))
        db.rollback()
    assert "Seq Scan on holding" in plan, "the wrong index is taken where it can be:\n" + plan


async def test_kept_plans__are_not_used(mirror: Snapshot) -> None:
    """One plan for all parameters would suit neither the biggest raffle nor the smallest."""
    (mode,) = (await mirror.db.execute(text("SHOW plan_cache_mode"))).one()
    assert mode == "force_custom_plan"
