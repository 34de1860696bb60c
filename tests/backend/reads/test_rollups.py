"""Sums are those of the facts, whatever was folded, rolled back, added late or redefined in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import psycopg
import pytest

from backend.mirror import Snapshot
from listener.chain.registry import parse_registry
from listener.mirror import upkeep
from listener.mirror.reads import indexes, reports, sums
from listener.mirror.schema import tables_of
from listener.mirror.sources import sources_of
from listener.mirror.store import Store
from tests.backend.reads.facts import CHAIN_ID, ChainOfFacts, event, registry_document, shown
from tests.backend.reads.naive import ORGANISERS, PEOPLE, TOKENS, ZERO, Naive, Sum
from tests.backend.reads.random_chain import RandomChain, snapshot
from tests.backend.reads.stories import raffle_created, tickets_bought
from tools.run.postgres import DatabaseUris


async def check(run: RandomChain) -> None:
    """Every sum equals the model's."""
    async with snapshot(run.database) as mirror:
        await check_tallies(mirror, run.known)
        await check_holdings(mirror, run.known)


async def check_tallies(mirror: Snapshot, known: Naive) -> None:
    subjects = ["", *("o" + one.hex() for one in ORGANISERS), *(f"r{one}" for one in known.raffles)]
    for subject in subjects:
        wanted = {
            (name, day, token): found
            for (name, of, day, token), found in known.tallies.items()
            if of == subject
        }
        rows = await reports.daily(
            mirror.db, mirror.as_of, first_day=date(2027, 1, 1), last_day=date(2029, 1, 1), subject=subject
        )
        told = {(r.metric, r.day, r.token): Sum(r.events, r.units, r.amount, r.last_block) for r in rows}
        assert told == {
            (name, day, shown_token(token)): found for (name, day, token), found in wanted.items()
        }
        total = await reports.totals(mirror.db, mirror.as_of, subject=subject)
        together: dict[tuple[str, str | None], Sum] = {}
        for (name, _, token), found in wanted.items():
            one = together.setdefault((name, shown_token(token)), Sum())
            one.events, one.units = one.events + found.events, one.units + found.units
            one.amount, one.last_block = one.amount + found.amount, max(one.last_block, found.last_block)
        assert {
            (r.metric, r.token): Sum(r.events, r.units, r.amount, r.last_block) for r in total
        } == together


def shown_token(token: bytes) -> str | None:
    return shown(token) if token not in (b"", ZERO) else None


async def check_holdings(mirror: Snapshot, known: Naive) -> None:
    for name, held in (("balances", known.balances), ("voting_power", known.votes)):
        for token in TOKENS:
            wanted = sorted(
                ((amount, who) for (of, who), amount in held.items() if of == token and amount > 0),
                reverse=True,
            )
            told: list[tuple[int, bytes]] = []
            while True:
                page = await sums.largest(mirror.db, name, token, limit=2, after=told[-1] if told else None)
                told += [(int(row["amount"]), row["holder"]) for row in page]
                if len(page) < 2:
                    break
            assert told == wanted
            count = await sums.holder_count(mirror.db, name, token)
            assert count["holders"] == len(wanted)
            amounts = await sums.of_holders(mirror.db, name, token, [ZERO, *PEOPLE])
            assert amounts == {who: held.get((token, who), 0) for who in (ZERO, *PEOPLE)}
        for who in PEOPLE:
            rows = await sums.of_holder(mirror.db, name, who, limit=10)
            mine = {token: held.get((token, who), 0) for token in TOKENS}
            assert {row["token"]: int(row["amount"]) for row in rows} == {
                token: amount for token, amount in mine.items() if amount > 0
            }


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folds of a few facts, after few blocks, so that much happens between them."""
    monkeypatch.setattr(upkeep, "FOLD_ROWS", 7)
    monkeypatch.setattr(upkeep, "FOLD_BLOCKS", 2)


def folded(database: DatabaseUris) -> dict[str, int]:
    with psycopg.connect(database.superuser) as db:
        return dict(db.execute("SELECT name, through FROM mirror.rollup").fetchall())


@pytest.mark.parametrize("seed", range(3))
async def test_sums__random_chain_with_forks__are_those_of_the_canonical_facts(
    database: DatabaseUris, seed: int
) -> None:
    run = RandomChain(database, seed)
    try:
        run.step()
        for _ in range(8):
            for _ in range(6):
                run.step()
            await check(run)
            assert max(folded(database).values()) <= run.final
        assert max(folded(database).values()) > 10
    finally:
        run.chain.close()


async def test_sums__source_added_late__hold_its_old_facts_once_it_is_filled(database: DatabaseUris) -> None:
    registry = registry_document()
    without = {**registry, "contracts": {k: v for k, v in registry["contracts"].items() if k != "Raffle"}}
    early = ChainOfFacts(database.listener, registry=without)
    for _ in range(40):
        early.block(final=early.head + 1)
    early.tend()
    early.close()
    late = ChainOfFacts(database.listener, registry=registry)
    try:
        late.head = 40
        sold = tickets_bought(0, 3, PEOPLE[0], 0)
        late.fill({3: [raffle_created()]}, until=20)
        late.block(raffle_created(2), tickets_bought(0, 1, PEOPLE[0], 0, raffle_id=2), final=41)
        late.tend()
        assert folded(database)["sales"] == -1
        async with snapshot(database) as mirror:
            assert [(f.metric, f.events) for f in await reports.totals(mirror.db, mirror.as_of)] == [
                ("raffles", 2),
                ("sales", 1),
            ]
        late.fill({30: [sold]}, until=41)
        late.tend()

        assert folded(database)["sales"] == 41
        async with snapshot(database) as mirror:
            assert [(f.metric, f.events) for f in await reports.totals(mirror.db, mirror.as_of)] == [
                ("raffles", 2),
                ("sales", 2),
            ]
    finally:
        late.close()


async def test_sums__came_back_after_it_left__hold_what_was_missed(database: DatabaseUris) -> None:
    """Folded while the contract was out of the registry; its facts of that time come later."""
    registry = registry_document()
    without = {**registry, "contracts": {k: v for k, v in registry["contracts"].items() if k != "Raffle"}}
    whole = ChainOfFacts(database.listener, registry=registry)
    whole.block(raffle_created(), final=1)
    whole.close()
    part = ChainOfFacts(database.listener, registry=without)
    part.head = 1
    part.block(number=50, final=50)
    part.tend()
    part.close()
    assert folded(database)["raffles"] == 50
    whole = ChainOfFacts(database.listener, registry=registry)
    try:
        assert folded(database)["raffles"] == -1
        whole.head = 50
        whole.fill({20: [raffle_created(2)]}, until=50)
        whole.tend()
        async with snapshot(database) as mirror:
            (figure,) = await reports.totals(mirror.db, mirror.as_of)
        assert (figure.metric, figure.events, figure.last_block) == ("raffles", 2, 20)
    finally:
        whole.close()


async def test_sums__rolled_back_below_a_folded_block__start_over(database: DatabaseUris) -> None:
    """The listener refuses such a fork; should one come all the same, no sum survives its facts."""
    chain = ChainOfFacts(database.listener)
    try:
        chain.block(raffle_created())
        chain.block(raffle_created(2))
        chain.block(number=9, final=9)
        chain.tend()
        assert folded(database)["raffles"] == 9
        chain.roll_back(1)
        async with snapshot(database) as mirror:
            (figure,) = await reports.totals(mirror.db, mirror.as_of)
        assert (figure.events, figure.last_block) == (1, 1)
    finally:
        chain.close()


async def test_sums__definition_of_another_version__start_over(
    database: DatabaseUris, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = ChainOfFacts(database.listener)
    chain.block(raffle_created(), final=1)
    chain.block(number=9, final=9)
    chain.tend()
    chain.close()
    (rollup,) = [one for one in upkeep.ROLLUPS if one.name == "raffles"]
    counts_units = replace(rollup, select=rollup.select.replace("0 AS units", "f.max_tickets AS units"))
    monkeypatch.setattr(upkeep, "ROLLUPS", (counts_units,))
    monkeypatch.setitem(sums.BY_NAME, "raffles", counts_units)
    chain = ChainOfFacts(database.listener)
    try:
        assert folded(database) == {"raffles": 9}
        async with snapshot(database) as mirror:
            (figure,) = await reports.totals(mirror.db, mirror.as_of)
        assert (figure.events, figure.units) == (1, 1_000)
    finally:
        chain.close()


def test_upkeep__foreign_contracts_with_our_names__are_left_alone(database: DatabaseUris) -> None:
    """Nobody's events stop the mirror: neither other columns nor a string as long as its sender likes."""
    strings = {"type": "event", "name": "RaffleCreated", "anonymous": False}
    inputs = [{"type": "string", "name": name, "indexed": False} for name in ("raffleId", "organiser")]
    moved = {"type": "event", "name": "Transfer", "anonymous": False}
    weth = [
        {"type": kind, "name": name, "indexed": name != "wad"}
        for kind, name in (("address", "src"), ("address", "dst"), ("uint256", "wad"))
    ]
    contracts = {
        "Raffle": {"address": "0x" + "a1" * 20, "first_block": 1, "abi": [{**strings, "inputs": inputs}]},
        "Token": {"address": "0x" + "a2" * 20, "first_block": 1, "abi": [{**moved, "inputs": weth}]},
    }
    registry = {"chain_id": CHAIN_ID, "contracts": contracts}
    chain = ChainOfFacts(database.listener, registry=registry)
    try:
        chain.block(event("Raffle", "RaffleCreated", raffleId="long" * 5_000, organiser="x" * 9_000), final=1)
        chain.block(number=90, final=90)
        chain.tend()
        assert folded(database) == {}
        with psycopg.connect(database.superuser) as db:
            rows = db.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = 'mirror' AND indexname LIKE '%%\\_read'"
            ).fetchall()
        ours = {indexes.name_of(spec) for spec in upkeep.LATE_INDEXES}
        assert {name for (name,) in rows} == {"token_transfer_address_order_read", *ours}
    finally:
        chain.close()


def test_upkeep__a_rollup_postgres_refuses__is_left_alone_and_the_others_go_on(
    database: DatabaseUris, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = upkeep.Rollup(
        "broken",
        "tally",
        ("raffle_raffle_created",),
        "SELECT f.block_number, f.block_time, ARRAY[''], f.organiser, 1 / (f.raffle_id - 1), 0"
        " FROM mirror.raffle_raffle_created f WHERE {range}",
    )
    monkeypatch.setattr(upkeep, "ROLLUPS", (broken, *upkeep.ROLLUPS))
    chain = ChainOfFacts(database.listener)
    try:
        chain.block(raffle_created(), final=1)
        chain.block(number=90, final=90)
        chain.tend()
        assert folded(database)["raffles"] == 90
        assert folded(database)["broken"] == -1
    finally:
        chain.close()


def test_indexes__made_at_the_head_and_dropped_when_nobody_needs_them(database: DatabaseUris) -> None:
    def present() -> set[str]:
        with psycopg.connect(database.superuser) as db:
            rows = db.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'mirror'").fetchall()
        return {name for (name,) in rows if name.endswith("_read")}

    tables = tables_of(parse_registry(registry_document()))
    store = Store(database.listener, CHAIN_ID)
    store.connect()
    try:
        store.prepare(tables, sources_of(parse_registry(registry_document()), tables), 1)
        assert present() == set()
        while store.tend():
            pass
        ours = {indexes.name_of(spec) for spec in upkeep.LATE_INDEXES}
        assert present() == indexes.wanted(tables).keys() | ours
        assert len(present()) == len(indexes.READS_NEED) + 2
        store.connection.execute("CREATE INDEX old_one_read ON mirror.token_transfer (value)")
        store.prepare(tables, sources_of(parse_registry(registry_document()), tables), 1)
        assert present() == indexes.wanted(tables).keys()
        assert [store.tend(), store.tend(), store.tend()] == [True, True, False]
        assert present() == indexes.wanted(tables).keys() | ours
    finally:
        store.close()
