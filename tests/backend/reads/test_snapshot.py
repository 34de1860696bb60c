"""One answer is one state of the mirror, and says which."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import mirror as module
from backend.db import make_engine
from backend.mirror import MirrorNotReady, open_snapshot
from listener.mirror.reads import raffles, reports, sums
from tests.backend.reads.facts import ChainOfFacts, address
from tests.backend.reads.naive import at
from tests.backend.reads.stories import raffle_created, tickets_bought
from tools.run.postgres import DatabaseUris

ANA, TOKEN = address(0xB1), address(0x70)


@pytest.fixture
async def engine(database: DatabaseUris) -> AsyncIterator[AsyncEngine]:
    """Connections of the role that only reads."""
    made = make_engine(database.backend)
    yield made
    await made.dispose()


async def test_snapshot__commits_between_two_reads__are_not_seen(
    facts: ChainOfFacts, engine: AsyncEngine
) -> None:
    """Facts, sums and block belong together, also when a fold, a block and a fork come in between."""
    facts.block(
        raffle_created(), at(TOKEN, "Token", "Transfer", **{"from": bytes(20), "to": ANA, "value": 5})
    )
    facts.block(tickets_bought(0, 2, ANA, 0))
    async with open_snapshot(engine) as mirror:
        first = await raffles.find(mirror.db, mirror.as_of, 1)
        facts.block(tickets_bought(2, 3, ANA, 1), number=200, final=200)
        facts.tend()
        second = await raffles.find(mirror.db, mirror.as_of, 1)
        found = await reports.totals(mirror.db, mirror.as_of, metrics=("sales",))
        (largest,) = await sums.largest(mirror.db, "balances", TOKEN, limit=5)
        assert first == second
        assert (mirror.as_of.block, mirror.as_of.finalized) == (2, 0)
        assert [(figure.events, figure.units) for figure in found] == [(1, 2)]
        assert (largest["holder"], largest["amount"]) == (ANA, 5)
        assert not mirror.as_of.is_final(found)
    async with open_snapshot(engine) as mirror:
        found = await reports.totals(mirror.db, mirror.as_of, metrics=("sales",))
        assert mirror.as_of.block == 200
        assert [(figure.events, figure.units) for figure in found] == [(2, 5)]
        assert mirror.as_of.is_final(found)


async def test_snapshot__nobody_writes_through_it(facts: ChainOfFacts, engine: AsyncEngine) -> None:
    facts.block()
    with pytest.raises(Exception, match="read-only transaction"):
        async with open_snapshot(engine) as mirror:
            await mirror.db.execute(text("CREATE TEMP TABLE mine (one int)"))


async def test_snapshot__a_read_that_takes_too_long__is_cut_off_and_said(
    facts: ChainOfFacts, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts.block()
    monkeypatch.setattr(module, "LONGEST_READ_MS", 20)
    with pytest.raises(MirrorNotReady):
        async with open_snapshot(engine) as mirror:
            await mirror.db.execute(text("SELECT pg_sleep(30)"))
