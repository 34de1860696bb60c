"""Faults 22, 23, 24 and 26 of the specification, on the ledger itself: many at once, each with its oracle."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import service
from backend.ledger.errors import FundsTooLow, HoldEnded, TransferKeyReused
from backend.ledger.replay import replay
from backend.ledger.tables import Entry
from tests.backend.ledger.books import ACTOR, Books

TRANSFER = "SELECT * FROM app.ledger_apply($1, 'transfer', $2, $3, $4, 0, 'test', '', 'test')"


async def assert_sound(books: Books) -> None:
    """The oracle: sums of postings are the balances, zero per currency, none negative, holds are the open ones."""
    async with AsyncSession(books.engine) as db:
        rebuilt = await replay(db)
    accounts = await books.rows("SELECT id, kind, balance, held FROM app.ledger_account")
    for row in accounts:
        assert (row.balance, row.held) == (rebuilt.balance[row.id], rebuilt.held[row.id])
        assert row.kind in ("issuance", "payments") or row.balance >= row.held >= 0
    assert sum(row.balance for row in accounts) == 0
    holds = await books.rows("SELECT id, amount FROM app.ledger_hold")
    assert {row.id: row.amount for row in holds} == rebuilt.holds
    assert sum(row.held for row in accounts) == sum(rebuilt.holds.values())
    await _assert_running_balances(books)


async def _assert_running_balances(books: Books) -> None:
    """Each entry carries the balance that its account's entries up to it make."""
    wrong = await books.rows("""
        WITH sides AS (
            SELECT id, debit_id AS account, -moved AS change, debit_balance AS said FROM app.ledger_entry
            UNION ALL
            SELECT id, credit_id, moved, credit_balance FROM app.ledger_entry WHERE moved > 0)
        SELECT * FROM (
            SELECT id, account, said, sum(change) OVER (PARTITION BY account ORDER BY id) AS made FROM sides
        ) running WHERE said <> made
    """)
    assert wrong == []


async def test_10000_random_transfers_at_once__sums_conserved_none_negative_no_deadlock(books: Books) -> None:
    """Fault 22."""
    accounts = [await books.account(500) for _ in range(12)]
    chance, results = random.Random(22), Counter[str]()
    wishes = iter(
        [(f"t{number}", *chance.sample(accounts, 2), chance.choice((1, 10, 400))) for number in range(10_000)]
    )

    async def work() -> None:
        connection = await asyncpg.connect(books.url)
        try:
            transfer = await connection.prepare(TRANSFER)
            for wish in wishes:
                try:
                    await transfer.fetchrow(*wish)
                    results["moved"] += 1
                except asyncpg.PostgresError as error:
                    results[error.sqlstate] += 1
        finally:
            await connection.close()

    await asyncio.gather(*(work() for _ in range(16)))
    assert set(results) == {"moved", "TL001"}, results  # no deadlock, no serialization failure, nothing else
    assert results.total() == 10_000
    assert await books.value("SELECT count(*) FROM app.ledger_entry WHERE key LIKE 't%'") == results["moved"]
    await assert_sound(books)
    assert sum([(await books.state(account))[0] for account in accounts]) == 12 * 500


async def test_several_movements_in_one_transaction__locked_first__no_deadlock(books: Books) -> None:
    accounts = [await books.account(100) for _ in range(4)]
    chance = random.Random(7)

    async def round_trip(number: int) -> None:
        ways = [chance.sample(accounts, 2) for _ in range(3)]
        async with books.db() as db:
            await service.lock(db, [account for way in ways for account in way])
            for leg, (debit, credit) in enumerate(ways):
                await service.transfer(
                    db,
                    key=f"trip:{number}:{leg}",
                    debit=debit,
                    credit=credit,
                    amount=1,
                    purpose="test",
                    actor=ACTOR,
                )

    await asyncio.gather(*(round_trip(number) for number in range(60)))
    await assert_sound(books)


async def test_same_key_100_times_at_once__one_effect_identical_answers(books: Books) -> None:
    """Fault 23. The amount is all there is: a second effect would be refused, a repeated answer is not."""
    ada, bob = await books.account(10), await books.account()
    entries = await asyncio.gather(*(books.transfer(ada, bob, 10, key="once") for _ in range(100)))
    assert len({_shown(entry) for entry in entries}) == 1
    assert (await books.state(ada), await books.state(bob)) == ((0, 0), (10, 0))
    await assert_sound(books)


async def test_same_key_other_body_at_once__one_of_them_refused(books: Books) -> None:
    """Fault 24."""
    ada, bob, eve = await books.account(10), await books.account(), await books.account()
    answers = await asyncio.gather(
        *(books.transfer(ada, to, 1, key="k") for to in (bob, eve) * 10), return_exceptions=True
    )
    assert Counter(type(answer) for answer in answers) == {Entry: 10, TransferKeyReused: 10}
    assert (await books.state(ada))[0] == 9
    await assert_sound(books)


async def test_hold_100_times_at_once__never_more_than_there_is(books: Books) -> None:
    ada, bob = await books.account(30), await books.account()
    answers = await asyncio.gather(*(books.hold(ada, bob, 1) for _ in range(50)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {Entry: 30, FundsTooLow: 20}
    await assert_sound(books)


@pytest.mark.parametrize("over", [False, True], ids=["lasting", "over"])
async def test_post_void_and_timeout_at_once__exactly_one(books: Books, over: bool) -> None:
    """Fault 26."""
    ada, bob = await books.account(1_000), await books.account()
    holds = [(await books.hold(ada, bob, 10, seconds=-1 if over else 60)).id for _ in range(12)]

    async def settle(end: Callable[..., Awaitable[Entry]], hold: int, **more: Any) -> str:
        try:
            async with books.db() as db:
                return (await end(db, hold, actor=ACTOR, **more)).kind
        except (HoldEnded, service.HoldNotDue) as refused:
            return refused.code

    for hold in holds:
        ways = [
            lambda hold=hold: settle(service.post, hold),
            lambda hold=hold: settle(service.post, hold, amount=4),
            lambda hold=hold: settle(service.void, hold),
            lambda hold=hold: settle(service.expire, hold),
        ]
        random.Random(hold).shuffle(ways)
        answers = Counter(await asyncio.gather(*(way() for way in ways)))
        ends = {end for end in ("post", "void", "expire") if answers[end]}
        assert len(ends) == 1, answers
        assert answers[ends.pop()] == 1
        assert "post" not in answers or not over
    ended = await books.rows("SELECT hold_id, kind, moved FROM app.ledger_entry WHERE hold_id IS NOT NULL")
    assert sorted(row.hold_id for row in ended) == holds
    assert (await books.state(bob))[0] == sum(row.moved for row in ended)
    assert (await books.state(ada))[1] == 0
    await assert_sound(books)


def _shown(entry: Entry) -> str:
    return str({column.key: getattr(entry, column.key) for column in Entry.__table__.columns})
