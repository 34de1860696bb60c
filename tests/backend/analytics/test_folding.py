"""The figures over random facts equal plain Python over the same events: through forks, finality and kills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.analytics import folding
from backend.analytics.check import check
from backend.analytics.folding import advance
from backend.db import make_engine
from tests.backend.analytics.expected import Expected, Key
from tests.backend.reads.random_chain import RandomChain
from tools.run.postgres import DatabaseUris


@pytest.fixture
def engine(database: DatabaseUris) -> Iterator[AsyncEngine]:
    made = make_engine(database.backend)
    yield made
    made.sync_engine.dispose(close=False)


def stored(database: DatabaseUris) -> dict[Key, int]:
    """All figures of the chain's facts."""
    with psycopg.connect(database.backend) as db:
        rows = db.execute("SELECT scope, metric, span, at, dimension, value FROM app.analytics").fetchall()
    return {
        (scope, metric, span, at, dimension): int(value) for scope, metric, span, at, dimension, value in rows
    }


def expected(run: RandomChain) -> dict[Key, int]:
    model = Expected()
    for block, events in run.history.items():
        model.block(events, run.chain.time_of(block))
    return model.figures()


@pytest.mark.parametrize("seed", range(3))
async def test_figures__random_chain_with_forks_and_kills__are_those_of_the_facts(
    database: DatabaseUris, engine: AsyncEngine, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "BATCH", 7)
    run = RandomChain(database, seed)
    run.step()
    statements = 0

    async def killed(db: AsyncConnection, *given: Any, **named: Any) -> Any:
        nonlocal statements
        statements -= 1
        if statements == 0:
            raise ConnectionError("killed")
        return await execute(db, *given, **named)

    execute = AsyncConnection.execute
    try:
        for _ in range(8):
            for _ in range(12):
                run.step()
            statements = run.random.randrange(1, 200)
            monkeypatch.setattr(AsyncConnection, "execute", killed)
            try:
                assert await advance(engine)
            except ConnectionError:
                monkeypatch.setattr(AsyncConnection, "execute", execute)
                assert await advance(engine)
            monkeypatch.setattr(AsyncConnection, "execute", execute)
            assert stored(database) == expected(run)
        found = await check(engine)
        assert found.figures > 100
        assert found.differences == []
    finally:
        run.chain.close()
