"""Reconciliation: nothing to say about what is equal, and a row, an alert and exit code 1 for each difference."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from backend.__main__ import main
from backend.ledger import comparison, service
from backend.ledger.comparison import Found, compare_database
from backend.ledger.holds import expire_due
from backend.ledger.onchain import Again, compare_nonces, compare_tokens, compare_wallets
from backend.ledger.reconcile import reconcile
from backend.metrics import system
from backend.services import open_services
from backend.settings import Settings
from backend.wallets.tables import Wallet
from tests.backend import stubs
from tests.backend.ledger.books import ACTOR, Books
from tests.backend.reads.facts import ChainOfFacts, event
from tests.backend.reads.stories import token_created
from tests.backend.world import World
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

AT_ONCE = Again(times=0)
PATIENT = Again(times=100, pause=0.1)
TOKEN = bytes.fromhex(stubs.TOKEN[2:])


@pytest.fixture
async def wrong(database: DatabaseUris) -> AsyncIterator[Any]:
    """A connection that triggers do not stop."""
    connection = await asyncpg.connect(database.superuser)
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def story(books: Books) -> None:
    """Accounts 1 (issuance), 2 and 3, entries 1 to 5, the open hold 3."""
    ada, bob = await books.account(100), await books.account()
    await books.transfer(ada, bob, 30)
    await books.hold(ada, bob, 5)
    voided = await books.hold(ada, bob, 7)
    async with books.db() as db:
        await service.void(db, voided.id, actor=ACTOR)


async def wallet(books: Books) -> None:
    """A wallet that nothing was sent from."""
    user = await books.user()
    async with books.db() as db:
        db.add(Wallet(user_id=user, address=b"\x01" * 20, first_nonce=0, next_nonce=0))


async def test_database__sound__nothing_found(books: Books) -> None:
    await story(books)
    assert await compare_database(books.engine) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            "UPDATE app.ledger_account SET balance = balance + 1 WHERE id = 3",
            {("ledger_balance", "account:3", "30", "31"), ("ledger_currency", "currency:CREDIT", "0", "1")},
        ),
        (
            "UPDATE app.ledger_account SET held = 4 WHERE id = (SELECT min(id) FROM app.ledger_account WHERE held > 0)",
            {("ledger_held", "account:1", "5", "4"), ("ledger_open_holds", "account:1", "5", "4")},
        ),
        (
            "UPDATE app.ledger_entry SET moved = 29 WHERE kind = 'transfer' AND moved = 30",
            {("ledger_balance", "account:1", "71", "70"), ("ledger_balance", "account:3", "29", "30")},
        ),
        (
            "DELETE FROM app.ledger_hold",
            {("ledger_hold", "hold:3", "5", "0"), ("ledger_open_holds", "account:1", "0", "5")},
        ),
        (
            "UPDATE app.ledger_hold SET amount = 6",
            {("ledger_hold", "hold:3", "5", "6"), ("ledger_open_holds", "account:1", "6", "5")},
        ),
    ],
    ids=["balance", "held", "entry", "hold gone", "hold changed"],
)
async def test_database__changed_behind_the_ledgers_back__found(
    books: Books, wrong: Any, change: str, found: set[tuple[str, str, str, str]]
) -> None:
    await story(books)
    await wrong.execute(change)
    assert {
        (one.kind, one.subject, one.expected, one.found) for one in await compare_database(books.engine)
    } == found


async def test_payments__balance_without_records__found_and_with_them_not(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    await books.transfer(await books.system("payments"), await books.account(), 500)
    assert await compare_database(books.engine) == [Found("payments", "payments:CREDIT", "0", "-500")]
    monkeypatch.setitem(comparison.RECORDED, "payments", "SELECT 'CREDIT' AS currency, -500 AS amount")
    queries = {
        "payments": comparison._OUTSIDE.format(kind="payments", recorded=comparison.RECORDED["payments"])
    }
    assert await compare_database(books.engine, queries) == []


async def test_expire_due__releases_what_is_over_and_nothing_else(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.ledger.holds.BATCH", 2)
    ada, bob = await books.account(100), await books.account()
    for seconds in (-3, -2, -1, 60, 60):
        await books.hold(ada, bob, 10, seconds=seconds)
    await asyncio.gather(expire_due(books.engine), expire_due(books.engine))
    assert await books.value("SELECT count(*) FROM app.ledger_entry WHERE kind = 'expire'") == 3
    assert await books.state(ada) == (100, 20)


async def test_wallets__as_the_sender_left_them__nothing_found(world: World) -> None:
    person = await world.person()
    for _ in range(3):
        await world.transfer(person)
    async with world.sender():
        await world.settled()
    report = await reconcile(world.services, PATIENT)
    assert (report.found, list(report.not_compared)) == ([], ["token_balance"])  # there is no mirror


async def test_wallets__a_transaction_that_is_not_ours__found_then_gone(world: World) -> None:
    person = await world.person()
    await world.transfer(person)
    async with world.sender():
        await world.settled()
    world.anvil.call("anvil_setNonce", person.address, hex(3))
    expected = Found("wallet_nonce", f"wallet:{person.address}", "1", "3")

    async def found() -> bool:
        return await compare_wallets(world.services, compare_nonces, AT_ONCE) == [expected]

    await wait_until_async(found, 10, what="the difference at final height")
    with capture_logs() as logs:
        assert (await reconcile(world.services, AT_ONCE)).found == [expected]
    alert = next(line for line in logs if line["event"] == "difference")
    assert (alert["log_level"], alert["subject"], alert["found"]) == ("error", expected.subject, "3")
    assert await measured(world) == 1
    await reconcile(world.services, AT_ONCE)
    books = Books(world.services.engine, "")
    (row,) = await books.rows("SELECT * FROM app.difference")
    assert (row.kind, row.expected, row.found, row.gone_at) == ("wallet_nonce", "1", "3", None)
    assert row.last_seen_at > row.first_seen_at
    world.anvil.call("anvil_setNonce", person.address, hex(1))
    assert (await reconcile(world.services, PATIENT)).found == []
    assert await books.value("SELECT gone_at IS NOT NULL FROM app.difference")
    assert await measured(world) == 0


async def measured(world: World) -> float | None:
    """What a scrape of a worker would say."""
    await system.look(world.services)
    return REGISTRY.get_sample_value("tombola_differences", {"kind": "wallet_nonce"})


async def test_holds_of_intents__open_without_its_intent__found(world: World, wrong: Any) -> None:
    person = await world.person()
    await world.transfer(person)
    assert (await compare_database(world.services.engine)) == []
    await wrong.execute("UPDATE app.hold SET outcome = 'released', settled_at = now()")
    (found,) = await compare_database(world.services.engine)
    assert (found.kind, found.expected, found.found) == ("intent_hold", "open", "released")


@pytest.mark.parametrize("missing", [0, 1])
async def test_tokens__mirror_against_the_token(world: World, database: DatabaseUris, missing: int) -> None:
    person = await world.person()
    world.mine(1)  # the stub's code is in a block
    amount = 10**30 - missing
    facts = ChainOfFacts(database.listener)
    try:
        received = {"_at": TOKEN, "from": bytes(20), "to": bytes.fromhex(person.address[2:]), "value": amount}
        number = int(world.anvil.call("eth_blockNumber"), 16)
        facts.block(token_created(TOKEN), event("Token", "Transfer", **received), number=number)
    finally:
        facts.close()
    found = await compare_wallets(world.services, compare_tokens, AT_ONCE)
    subject = f"wallet:{person.address} token:{stubs.TOKEN}"
    assert found == [Found("token_balance", subject, str(amount), str(10**30))] * missing


async def test_command__exit_code_says_whether_something_differs(
    books: Books,
    settings: Settings,
    wrong: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await story(books)
    await wallet(books)
    monkeypatch.setattr("backend.__main__.load_settings", lambda: settings)
    monkeypatch.setattr("backend.__main__.logs.configure", lambda *_: None)
    assert await asyncio.to_thread(main, ["reconcile"]) == 2  # no mirror to compare with
    assert "token_balance: not compared" in capsys.readouterr().out
    await wrong.execute("UPDATE app.ledger_account SET balance = balance + 1 WHERE id = 3")
    assert await asyncio.to_thread(main, ["reconcile"]) == 1
    assert "ledger_balance account:3: expected 30, found 31" in capsys.readouterr().out


async def test_nobody_answers__the_database_is_compared_all_the_same(
    books: Books, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await books.transfer(await books.system("payments"), await books.account(), 5)
    await wallet(books)
    nowhere = settings.model_copy(update={"rpc_urls": ("http://127.0.0.1:1",)})
    monkeypatch.setattr("backend.ledger.onchain.PATIENCE", 0.1)
    async with open_services(nowhere, "tests") as services:
        report = await reconcile(services, AT_ONCE)
    assert [one.kind for one in report.found] == ["payments"]
    assert set(report.not_compared) == {"wallet_nonce", "token_balance"}
