"""What happened on chain, in order: the same as the events that were mirrored, and what rollbacks leave to know."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from listener.mirror.names import snake
from listener.mirror.reads import happenings
from listener.mirror.schema import tables_of
from tests.backend.reads.facts import ADDRESSES, ChainOfFacts, Event, address, event, shown
from tests.backend.reads.naive import TOKENS
from tests.backend.reads.random_chain import RandomChain, snapshot
from tests.backend.reads.stories import raffle_created, tickets_bought
from tools.run.postgres import DatabaseUris

ANN = address(0xB0)


def told(block: int, position: int, happened: Event) -> tuple[int, int, str, dict[str, object]] | None:
    """What the read should say of an event."""
    table = f"{snake(happened.contract)}_{snake(happened.name)}"
    if table not in happenings.TOLD:
        return None
    arguments = {snake(name): value for name, value in happened.arguments.items()}
    columns = [column.rstrip("_") for column in happenings.TOLD[table].split()]
    data = {column: _plain(arguments[column]) for column in columns}
    return block, position, f"{snake(happened.contract)}.{snake(happened.name)}", data


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return shown(value) if len(value) == 20 else "0x" + value.hex()
    return value if isinstance(value, bool) else str(value)


def test_told_columns__are_those_of_the_contracts(facts: ChainOfFacts) -> None:
    """A table or column spelt wrong would be left out without a word."""
    tables = {
        table.name: {column.name for column in table.columns if column.argument.type.is_value}
        for table in tables_of(facts.registry)
    }
    for table, columns in happenings.TOLD.items():
        assert {*columns.split()} <= tables[table], table


@pytest.mark.parametrize("seed", range(7, 9))
async def test_since__random_chain_with_forks__all_of_it_in_order_page_by_page(
    database: DatabaseUris, seed: int
) -> None:
    run = RandomChain(database, seed)
    try:
        for _ in range(3):
            for _ in range(25):
                run.step()
            wanted = [
                told(block, position, happened)
                for block, events in sorted(run.history.items())
                for position, happened in enumerate(events)
            ]
            wanted = [each for each in wanted if each is not None]
            async with snapshot(database) as mirror:
                found: list[happenings.Happening] = []
                while True:
                    block, log = (found[-1].block, found[-1].log_index) if found else (0, 0)
                    page = await happenings.since(mirror.db, block, log, most=7)
                    found += [each for each in page if not found or each != found[-1]]
                    if len(page) < 7:
                        break
                assert [_seen(each) for each in found] == wanted
                assert {bytes.fromhex(each.hash[2:]) for each in found} == {
                    run.chain.hash_of(each.block) for each in found
                }
                assert {each.contract for each in found} <= {*ADDRESSES.values(), *map(shown, TOKENS)}
                assert await happenings.newest(mirror.db, 9) == found[-9:]
                middle = found[len(found) // 2]
                assert (
                    await happenings.newest(mirror.db, 3, up_to=middle.block - 1)
                    == [each for each in found if each.block < middle.block][-3:]
                )
    finally:
        run.chain.close()


def _seen(one: happenings.Happening) -> tuple[int, int, str, dict[str, object]]:
    data: dict[str, object] = {
        name: value if isinstance(value, bool) else str(value) for name, value in one.data.items()
    }
    return one.block, one.log_index, one.event, data


async def test_rollbacks__where_the_branches_parted__also_of_a_branch_of_a_branch(
    database: DatabaseUris, facts: ChainOfFacts
) -> None:
    for _ in range(10):
        facts.block()
    first = facts.hash_of(9)
    facts.roll_back(7)
    for _ in range(3):
        facts.block()
    second, settled = facts.hash_of(9), facts.hash_of(5)
    facts.roll_back(8)
    facts.block()
    third = facts.hash_of(9)
    facts.roll_back(6)
    facts.block()
    async with snapshot(database) as mirror:
        standing = await happenings.standing(mirror.db)
        assert (standing.block, standing.hash) == (7, "0x" + facts.hash_of(7).hex())
        # Whoever saw the first branch, and was away since, shares with us what the lowest fork left.
        for seen, shared in ((first, 6), (second, 6), (third, 6), (settled, None)):
            assert (
                await happenings.shared_with(mirror.db, 9 if seen != settled else 5, seen.hex()[:8]) == shared
            )
        # Serials: 8, 9, 10 of the first rollback, 9 and 10 of the second, 7, 8 and 9 of the third.
        assert standing.rollbacks == 8
        after = [await happenings.shared_since(mirror.db, count) for count in (0, 3, 5, 8)]
        assert after == [6, 6, 6, None]


async def test_since__many_facts__few_rows_of_each_table_by_its_primary_key(
    database: DatabaseUris, facts: ChainOfFacts
) -> None:
    facts.block(raffle_created(maxTickets=10**6), event("Governor", "ProposalCanceled", proposalId=1))
    facts.block(*(tickets_bought(n, 1, ANN, n) for n in range(5_000)))
    async with snapshot(database) as mirror:
        await mirror.db.execute(happenings._PLANNED_ONCE)
        query = happenings._query(
            await happenings._tables(mirror.db),
            "(block_number, log_index) >= (CAST(:block AS bigint), CAST(:log AS int))",
            "ASC",
            500,
        )
        explained = text(f"EXPLAIN (ANALYZE, TIMING OFF) {query}")
        rows = await mirror.db.execute(explained, {"block": 2, "log": 10})
        plan = [line for (line,) in rows if "raffle_tickets_bought" in line]
    assert ["Index Scan using raffle_tickets_bought_pkey" in line for line in plan] == [True]
    assert "rows=500" in plan[0]
