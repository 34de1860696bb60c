"""Transfers and holds: what they do, what they refuse, and what the schema refuses whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.ledger import service
from backend.ledger.errors import (
    FundsTooLow,
    HoldAmountInvalid,
    HoldEnded,
    HoldNotDue,
    HoldNotFound,
    TransferKeyReused,
)
from tests.backend.ledger.books import ACTOR, Books

BIG = 10**60


async def test_transfer__moves_and_keeps_both_balances(books: Books) -> None:
    ada, bob = await books.account(BIG), await books.account()
    entry = await books.transfer(ada, bob, 3, memo="thanks")
    assert (entry.moved, entry.debit_balance, entry.credit_balance) == (3, BIG - 3, 3)
    assert (await books.state(ada), await books.state(bob)) == ((BIG - 3, 0), (3, 0))


async def test_transfer__more_than_available__refused_and_nothing_moved(books: Books) -> None:
    ada, bob = await books.account(10), await books.account()
    await books.hold(ada, bob, 4)
    with pytest.raises(FundsTooLow) as refused:
        await books.transfer(ada, bob, 7)
    assert refused.value.extra == {"needed": "7", "available": "6"}
    assert (await books.state(ada), await books.state(bob)) == ((10, 4), (0, 0))
    await books.transfer(ada, bob, 6)


async def test_transfer__issuance_and_payments_may_be_negative__fees_not(books: Books) -> None:
    ada = await books.account()
    for kind in ("issuance", "payments"):
        await books.transfer(await books.system(kind), ada, 5)
    with pytest.raises(FundsTooLow):
        await books.transfer(await books.system("fees"), ada, 1)


async def test_transfer__same_key__one_effect_and_the_same_entry(books: Books) -> None:
    ada, bob = await books.account(5), await books.account()
    first = await books.transfer(ada, bob, 5, key="k")
    again = await books.transfer(ada, bob, 5, key="k")
    assert again.id == first.id
    assert await books.state(bob) == (5, 0)
    with pytest.raises(TransferKeyReused):
        await books.transfer(ada, bob, 4, key="k")


async def test_hold__posted_in_part__the_rest_is_free(books: Books) -> None:
    ada, bob = await books.account(10), await books.account()
    hold = await books.hold(ada, bob, 8)
    assert await books.state(ada) == (10, 8)
    async with books.db() as db:
        with pytest.raises(HoldAmountInvalid):
            await service.post(db, hold.id, actor=ACTOR, amount=9)
        await db.rollback()
    async with books.db() as db:
        await service.post(db, hold.id, actor=ACTOR, amount=3)
    assert (await books.state(ada), await books.state(bob)) == ((7, 0), (3, 0))
    assert await books.rows("SELECT * FROM app.ledger_hold") == []


async def test_hold__voided__all_is_free_and_it_stays_ended(books: Books) -> None:
    ada, bob = await books.account(10), await books.account()
    hold = await books.hold(ada, bob, 8, key="h")
    async with books.db() as db:
        voided = await service.void(db, hold.id, actor=ACTOR)
    async with books.db() as db:
        assert (await service.void(db, hold.id, actor=ACTOR)).id == voided.id
    with pytest.raises(HoldEnded) as refused:
        async with books.db() as db:
            await service.post(db, hold.id, actor=ACTOR)
    assert refused.value.extra == {"ended_by": "void"}
    assert (await books.hold(ada, bob, 8, key="h")).id == hold.id  # a late retry does not open it again
    assert await books.state(ada) == (10, 0)
    assert await books.rows("SELECT * FROM app.ledger_hold") == []


async def test_hold__its_time__before_it_cannot_expire__after_it_only_end(books: Books) -> None:
    ada, bob = await books.account(10), await books.account()
    lasting, over = await books.hold(ada, bob, 5), await books.hold(ada, bob, 5, seconds=-1)
    with pytest.raises(HoldNotDue):
        async with books.db() as db:
            await service.expire(db, lasting.id)
    with pytest.raises(HoldEnded):
        async with books.db() as db:
            await service.post(db, over.id, actor=ACTOR)
    async with books.db() as db:
        await service.expire(db, over.id)
    assert await books.state(ada) == (10, 5)


async def test_hold__unknown__not_found(books: Books) -> None:
    async with books.db() as db:
        with pytest.raises(HoldNotFound):
            await service.void(db, 1, actor=ACTOR)
        await db.rollback()


async def test_amount__not_positive__a_mistake_of_the_caller(books: Books) -> None:
    with pytest.raises(ValueError, match="positive"):
        await books.transfer(1, 2, 0)


async def test_other_currency__accounts_of_its_own__never_mixed(books: Books) -> None:
    user = await books.user()
    async with books.db() as db:
        await db.execute(text("INSERT INTO app.ledger_currency VALUES ('EUR', 2)"))
        euros = await service.user_account(db, user, "EUR")
        outside = await service.system_account(db, "payments", "EUR")
        await service.transfer(
            db, key="e", debit=outside, credit=euros, amount=995, purpose="payment", actor=ACTOR
        )
    async with books.db() as db:
        found = {one.currency: (one.amount, one.decimals) for one in await service.balances(db, user)}
        assert found == {"CREDIT": (0, 0), "EUR": (995, 2)}
    with pytest.raises(DBAPIError, match="ledger_entry_credit_fkey"):
        await books.transfer(euros, await books.account(), 1)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE app.ledger_account SET balance = -1 WHERE kind = 'user'", "ledger_account_funds_check"),
        ("UPDATE app.ledger_account SET held = -1", "ledger_account_funds_check"),
        ("UPDATE app.ledger_account SET held = balance + 1 WHERE kind = 'user'", "funds_check"),
        ("UPDATE app.ledger_account SET kind = 'fees', user_id = NULL", "stays whose it is"),
        (
            "INSERT INTO app.ledger_account (kind, currency) VALUES ('user', 'CREDIT')",
            "no account is of kind",
        ),
        ("UPDATE app.ledger_entry SET moved = 2", "UPDATE is refused"),
        ("DELETE FROM app.ledger_entry", "DELETE is refused"),
        ("TRUNCATE app.ledger_entry CASCADE", "TRUNCATE is refused"),
        ("UPDATE app.audit_link SET position = 2", "UPDATE is refused"),
        ("DELETE FROM app.audit_event", "DELETE is refused"),
        ("TRUNCATE app.audit_event", "TRUNCATE is refused"),
        (
            "INSERT INTO app.ledger_entry (key, kind, currency, debit_id, credit_id, moved, held, debit_balance,"
            " credit_balance, hold_id, purpose, memo, actor) SELECT 'settle:' || id, 'post', currency, debit_id,"
            " credit_id, 1, 0, 0, 0, id, '', '', '' FROM app.ledger_entry",
            "no entry is like this",
        ),
    ],
)
async def test_schema__refuses(books: Books, statement: str, words: str) -> None:
    await books.account(10)
    with pytest.raises(DBAPIError, match=words):
        async with books.engine.begin() as db:
            await db.execute(text(statement))


async def test_balance__nobody__zero(books: Books) -> None:
    user = await books.user()
    async with books.db() as db:
        found = await service.balance(db, user)
        assert (found.amount, found.held, found.available) == (0, 0, 0)


async def test_expires_at__is_kept(books: Books) -> None:
    ada, bob = await books.account(1), await books.account()
    hold = await books.hold(ada, bob, 1, seconds=3600)
    assert hold.expires_at is not None
    assert hold.expires_at - datetime.now(UTC) > timedelta(minutes=59)
