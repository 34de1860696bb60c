"""Fault 39: an account is erased, and ledger, chains of hashes and published draws stay what they were."""

from __future__ import annotations

import asyncio
import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.audit.chain import chain as chain_audit
from backend.audit.verify import verify
from backend.auth.passwords import Passwords
from backend.intents.service import Call, create_intent
from backend.ledger.onchain import Again
from backend.ledger.reconcile import reconcile
from backend.participants.importing import read_import
from backend.payments.gateway.payments import Paid
from backend.payments.service import settle
from backend.privacy.erase import AccountBusyError, carry_out
from backend.services import Services
from backend.settings import Settings, SettingsError, load_settings
from backend.users.account import AccountErased
from tests.backend.ledger.books import Books
from tests.backend.ledger.moving import move
from tests.backend.ledger.test_races import assert_sound
from tests.backend.reads.contest_kit import DRAFT, draw, opening_of
from tests.backend.reads.facts import ChainOfFacts, address, event, hash_of, registry_document
from tests.backend.reads.stories import (
    draw_finalised,
    draw_requested,
    granted,
    plan_created,
    raffle_created,
    tickets_bought,
    token_created,
)
from tests.backend.test_auth import PASSWORD, register, sign_in, step_up
from tests.backend.working import comes_true, worker
from tests.backend.world import POL, World, fresh_address, make_settings
from tests.support.anvil import Anvil
from tests.support.processes import Process
from tools.run.postgres import DatabaseUris

ERASURE = "/api/v1/privacy/erasure"
NAME = "lovelace"
EMAIL = f"ada.{NAME}@example.org"
LIST = f"username,comment\nana,hi\nben,hi\nclara,x\ndora,ok\n,{EMAIL}\n"


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a session that stepped up."""

    client: AsyncClient
    id: UUID
    wallet: str
    headers: dict[str, str]

    async def send(self, method: str, path: str, **what: Any) -> Any:
        headers = {**self.headers, "Idempotency-Key": uuid4().hex}
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **what)

    async def does(self, method: str, path: str, **what: Any) -> Any:
        """The same, and it succeeds."""
        answer = await self.send(method, path, **what)
        assert answer.is_success, answer.text
        return answer


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path, facts: ChainOfFacts) -> Settings:
    """Settings of a backend that knows the real contracts and reaches a chain without them."""
    return make_settings(
        database.backend, [chain.url], tmp_path, registry=registry_document(), erasure_wait_seconds=0
    )


async def person(client: AsyncClient, email: str) -> Person:
    made = await register(client, email)
    client.headers["user-agent"] = f"{email}'s browser"
    token = await sign_in(client, email)
    client.cookies.clear()
    headers = {"authorization": f"Bearer {token}"}
    await step_up(client, headers)
    return Person(client, UUID(made["id"]), made["wallet_address"], headers)


@pytest.fixture
async def ada(client: AsyncClient) -> Person:
    return await person(client, EMAIL)


@pytest.fixture
async def bob(client: AsyncClient) -> Person:
    return await person(client, "bob@example.org")


@pytest.fixture
async def admin(client: AsyncClient, services: Services) -> Person:
    made = await person(client, "root@example.org")
    await run(services, "UPDATE app.\"user\" SET role = 'admin' WHERE id = :id", id=made.id)
    return made


async def run(services: Services, statement: str, **values: Any) -> Any:
    async with services.engine.begin() as db:
        done = await db.execute(text(statement), values)
        return done.scalar() if done.returns_rows else None


async def ask(who: Person) -> UUID:
    """The id of an erasure that was asked for."""
    await who.does("POST", "/privacy/erasure")
    found = await run(
        who.client._transport.app.state.services,  # type: ignore[attr-defined]
        "SELECT id FROM app.erasure WHERE user_id = :id AND withdrawn_at IS NULL",
        id=who.id,
    )
    return UUID(str(found))


async def is_erased(services: Services, who: Person) -> bool:
    gone = await run(services, "SELECT erased_at IS NOT NULL FROM app.pseudonym WHERE id = :id", id=who.id)
    rows = await run(services, 'SELECT count(*) FROM app."user" WHERE id = :id', id=who.id)
    assert gone == (rows == 0)
    return bool(gone)


async def traces(engine: AsyncEngine, word: str) -> set[str]:
    """Tables with a row that has the word in any column, as text or as bytes."""
    found = set()
    async with engine.connect() as db:
        names = await db.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('app', 'jobs')"
            )
        )
        for name in names.all():
            # bytea shows as hex in the text of a row.
            query = text(f"SELECT count(*) FROM {name} t WHERE t::text ILIKE :word OR t::text ILIKE :hex")
            values = {"word": f"%{word}%", "hex": f"%{word.encode().hex()}%"}
            if await db.scalar(query, values):
                found.add(name.replace('"', ""))
    return found


async def rows_of(engine: AsyncEngine, who: Person) -> dict[str, list[str]]:
    """Every row of every table of `app` that has the person's id or wallet in it."""
    found = {}
    async with engine.connect() as db:
        names = (
            await db.scalars(
                text("SELECT format('app.%I', tablename) FROM pg_tables WHERE schemaname = 'app'")
            )
        ).all()
        wallet = str(await db.scalar(text("SELECT id FROM app.wallet WHERE user_id = :id"), {"id": who.id}))
        for name in names:
            query = text(
                f"SELECT t::text FROM {name} t WHERE t::text LIKE :id OR t::text LIKE :wallet ORDER BY 1"
            )
            found[name] = list(await db.scalars(query, {"id": f"%{who.id}%", "wallet": f"%{wallet}%"}))
    return found


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    return written.getvalue()


async def live_a_life(
    services: Services, ada: Person, admin: Person, facts: ChainOfFacts, chain: Anvil
) -> str:
    """Everything a person can leave behind, without money at the end; returns the id of a published contest."""
    await ada.does("PATCH", "/me", json={"display_name": "Ada Lovelace"})
    await ada.does("PUT", "/me/avatar", content=picture())
    await ada.does("POST", "/factors/totp")
    await ada.does("POST", "/api-keys", json={"name": "Lovelace's shop", "scopes": ["read"]})
    hook = {"url": "https://lovelace.example.org/hook", "events": ["intent.confirmed"]}
    await ada.does("POST", "/webhooks", json=hook)
    await ada.does("PUT", f"/policy/addresses/{fresh_address()}", json={"label": "Lovelace's savings"})
    await run(
        services,
        "INSERT INTO app.passkey (id, user_id, name, credential_id, public_key, sign_count, transports)"
        " VALUES (gen_random_uuid(), :id, 'Lovelace phone', '\\x01', '\\x02', 0, '{}')",
        id=ada.id,
    )
    await run(
        services,
        "INSERT INTO app.link (id, user_id, address, kind) VALUES (gen_random_uuid(), :id, :address, 'key')",
        id=ada.id,
        address=address(0xADA),
    )
    reason = {"reason": "Ada Lovelace says that her phone was stolen"}
    for change in ("freeze", "unfreeze"):
        await admin.does("POST", f"/admin/users/{ada.id}/{change}", json=reason)
        wallet = await run(services, "SELECT id FROM app.wallet WHERE user_id = :id", id=ada.id)
        await admin.does("POST", f"/admin/wallets/{wallet}/{change}", json=reason)
    for purpose, amount in (("grant", "5"), ("correction", "-5")):
        body = {"user_id": str(ada.id), "purpose": purpose, "amount": amount, "reason": "For Mrs Lovelace"}
        await admin.does("POST", "/admin/credits", json=body)
    chain.call("anvil_setBalance", ada.wallet, hex(10 * POL))
    world = World(services, chain)
    async with world.sender():
        paid = await ada.does(
            "POST", "/intents", json={"kind": "transfer", "to": fresh_address(), "amount": str(POL)}
        )
        contest = await _contest(services, ada, title="Meadow giveaway")
        intent = (await ada.does("POST", f"/contests/{contest}/commit")).json()
        for one in (paid.json(), intent):
            await world.reaches(UUID(one["id"]), "confirmed", 30)
    draw(facts, opening_of(services.settings.database_url, intent))
    await _contest(services, ada, title="Lovelace's draft")
    chain.call("anvil_setBalance", ada.wallet, hex(10**15))  # dust
    return contest


async def _contest(services: Services, who: Person, title: str) -> str:
    draft = {**DRAFT, "title": title, "winners": 2, "alternates": 1}
    contest = str((await who.does("POST", "/contests", json=draft)).json()["id"])
    files = {"file": ("lovelace.csv", LIST, "text/csv")}
    brought = (await who.does("POST", f"/contests/{contest}/imports", files=files)).json()
    await read_import(services, UUID(brought["id"]))
    return contest


async def test_erased__books_chains_and_draws_stay__nothing_else_does(
    client: AsyncClient,
    services: Services,
    ada: Person,
    bob: Person,
    admin: Person,
    facts: ChainOfFacts,
    chain: Anvil,
) -> None:
    contest = await live_a_life(services, ada, admin, facts, chain)
    await bob.does("PATCH", "/me", json={"display_name": "Bob"})
    published = [
        (await bob.does("GET", f"/contests/{contest}/{part}")).content for part in ("bundle", "winners")
    ]
    statement = "SELECT array_agg(e::text ORDER BY id) FROM app.ledger_entry e"
    books = await run(services, statement)
    others = await rows_of(services.engine, bob)
    await chain_audit(services.engine)
    head = (await verify(services.engine)).head
    before = await traces(services.engine, NAME)
    assert before >= {
        *("app.user", "app.mail", "app.session", "app.api_key", "app.webhook", "app.policy_address"),
        *("app.passkey", "app.freeze", "app.remark", "app.contest"),
        *("app.contest_import", "app.contest_rejection"),
    }
    assert before.isdisjoint({"app.audit_event", "app.ledger_entry", "app.event", "app.erasure"})

    erasure = await ask(ada)
    outcome = await carry_out(services, erasure)
    assert (outcome.done, outcome.obstacles) == (True, [])

    assert await is_erased(services, ada)
    assert await traces(services.engine, NAME) == set()
    assert list((services.settings.files_dir / "avatars").iterdir()) == []
    await chain_audit(services.engine)
    verdict = await verify(services.engine, head)
    assert (verdict.faults, verdict.pending) == ([], 0)
    assert verdict.head[0] > head[0]
    report = await reconcile(services, Again(times=2, pause=0.1))
    assert (report.found, report.not_compared) == ([], {})
    await assert_sound(Books(services.engine, services.settings.database_url))
    assert await run(services, statement) == books
    assert published == [
        (await bob.does("GET", f"/contests/{contest}/{part}")).content for part in ("bundle", "winners")
    ]
    assert await rows_of(services.engine, bob) == others
    states = "SELECT count(*) FROM app.intent WHERE user_id = :id AND state = 'confirmed'"
    assert await run(services, states, id=ada.id) == 2
    assert await run(services, "SELECT count(*) FROM app.contest WHERE owner_id = :id", id=ada.id) == 1
    keys = (
        "SELECT count(*) FROM app.wallet_key k JOIN app.wallet w ON w.id = k.wallet_id WHERE w.user_id = :id"
    )
    assert await run(services, keys, id=ada.id) == 0
    left = await rows_of(services.engine, ada)
    assert {name for name, rows in left.items() if rows} == {
        *("app.pseudonym", "app.wallet", "app.intent", "app.slot", "app.hold", "app.ledger_account"),
        *(
            "app.contest",
            "app.erasure",
            "app.audit_event",
            "app.idempotency",
        ),  # the answers an administrator got
    }


async def test_erased__nobody_is_there_any_more__and_the_address_is_free_again(
    client: AsyncClient, services: Services, ada: Person, admin: Person
) -> None:
    await carry_out(services, await ask(ada))
    assert (await ada.send("GET", "/me")).json()["code"] == "not_signed_in"
    credentials = {"email": EMAIL, "password": PASSWORD}
    assert (await client.post("/api/v1/sessions", json=credentials)).json()["code"] == "credentials_wrong"
    assert (await admin.send("GET", f"/admin/users/{ada.id}")).status_code == 404
    grant = {"user_id": str(ada.id), "purpose": "grant", "amount": "5", "reason": "Welcome"}
    assert (await admin.send("POST", "/admin/credits", json=grant)).json()["code"] == "user_unknown"
    freeze = await admin.send("POST", f"/admin/users/{ada.id}/freeze", json={"reason": "why not"})
    assert (freeze.status_code, freeze.json()["code"]) == (404, "wallet_unknown")
    wallet = await run(services, "SELECT id FROM app.wallet WHERE user_id = :id", id=ada.id)
    await admin.does("POST", f"/admin/wallets/{wallet}/freeze", json={"reason": "seen elsewhere"})
    again = await person(client, EMAIL)
    assert again.id != ada.id
    assert again.wallet != ada.wallet
    assert (await again.does("GET", "/me")).json()["display_name"] is None
    with pytest.raises(Exception, match="pseudonym_pkey"):
        await run(
            services,
            "INSERT INTO app.\"user\" (id, email, password_hash) VALUES (:id, 'x@example.org', '-')",
            id=ada.id,
        )


async def test_money_of_before_comes_back_after__booked_under_the_pseudonym(
    services: Services, ada: Person
) -> None:
    await carry_out(services, await ask(ada))
    async with AsyncSession(services.engine) as db, db.begin():
        await settle(db, "pi_1", Paid(ada.id, 10, 100, 100, 0, 0), 0)
    report = await reconcile(services, Again(times=1, pause=0.1))
    assert report.found == []
    assert await run(services, "SELECT balance FROM app.ledger_account WHERE user_id = :id", id=ada.id) == 10


async def test_asked_for__step_up_wait_notice_and_taken_back(
    client: AsyncClient, services: Services, ada: Person
) -> None:
    assert (await ada.send("GET", "/privacy/erasure")).json()["code"] == "erasure_not_found"
    assert (await ada.send("DELETE", "/privacy/erasure")).status_code == 404
    fresh = {"authorization": f"Bearer {await sign_in(client, EMAIL)}"}
    client.cookies.clear()
    assert (await client.post(ERASURE, headers=fresh)).json()["code"] == "step_up_required"
    services.settings = services.settings.model_copy(update={"erasure_wait_seconds": 3600})
    erasure = await ask(ada)
    shown = (await ada.does("GET", "/privacy/erasure")).json()
    assert (shown["state"], shown["obstacles"]) == ("waiting", [])
    again = await ada.send("POST", "/privacy/erasure")
    assert (again.status_code, again.json()["code"]) == (409, "erasure_pending")
    assert not (await carry_out(services, erasure)).done, "it is not due"
    await run(
        services,
        "UPDATE app.erasure SET requested_at = now() - interval '2 h', due_at = now() - interval '1 h'",
    )
    assert (await ada.send("DELETE", "/privacy/erasure")).status_code == 204
    assert not (await carry_out(services, erasure)).done, "it was withdrawn"
    assert not await is_erased(services, ada)
    mails = "SELECT array_agg(template ORDER BY created_at) FROM app.mail WHERE user_id = :id"
    assert await run(services, mails, id=ada.id) == ["verify_email", "erasure_requested", "security_notice"]
    actions = "SELECT array_agg(action ORDER BY id) FROM app.audit_event WHERE action LIKE 'erasure%'"
    assert await run(services, actions) == ["erasure.request", "erasure.withdraw"]
    assert (await ada.send("POST", "/privacy/erasure")).status_code == 202


async def test_asked_for_twenty_times_at_once__one_wish(services: Services, ada: Person) -> None:
    answers = await asyncio.gather(*(ada.send("POST", "/privacy/erasure") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 19
    assert await run(services, "SELECT count(*) FROM app.erasure") == 1


async def _credits(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await move(services, ada.id, 3)


async def _balance(_services: Services, ada: Person, _facts: ChainOfFacts, chain: Anvil) -> None:
    chain.call("anvil_setBalance", ada.wallet, hex(10**16 + 1))


async def _intent(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await _accept(services, ada)


async def _frozen(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    freeze = "INSERT INTO app.freeze (user_id, reason, actor) VALUES (:id, 'r', 'user:1')"
    await run(services, freeze, id=ada.id)


async def _role(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await run(services, "UPDATE app.\"user\" SET role = 'support' WHERE id = :id", id=ada.id)


async def _export(_services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await ada.does("POST", "/wallet/export")


async def _tickets(_services: Services, ada: Person, facts: ChainOfFacts, _chain: Anvil) -> None:
    facts.block(raffle_created(), tickets_bought(0, 3, bytes.fromhex(ada.wallet[2:]), 0))


async def _prizes(_services: Services, ada: Person, facts: ChainOfFacts, _chain: Anvil) -> None:
    facts.block(raffle_created(), tickets_bought(0, 5, bytes.fromhex(ada.wallet[2:]), 0))
    facts.block(draw_requested(5, 3), number=101)
    facts.block(draw_finalised(hash_of("seed"), 5, 3))


async def _tokens(_services: Services, ada: Person, facts: ChainOfFacts, _chain: Anvil) -> None:
    token = address(0x70)
    received = {"from": bytes(20), "to": bytes.fromhex(ada.wallet[2:]), "value": 70}
    facts.block(token_created(token), event("Token", "Transfer", _at=token, **received))


async def _grants(_services: Services, ada: Person, facts: ChainOfFacts, _chain: Anvil) -> None:
    token = address(0x70)
    facts.block(
        token_created(token), plan_created(1, token), granted(1, 0, bytes.fromhex(ada.wallet[2:]), 1_000)
    )


async def _contest_announced(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await ada.does("POST", f"/contests/{await _contest(services, ada, 'Meadow')}/announce")


async def _contest_committing(services: Services, ada: Person, _facts: ChainOfFacts, _chain: Anvil) -> None:
    await ada.does("POST", f"/contests/{await _contest(services, ada, 'Meadow')}/commit")
    # As if it were final and the mirror had not seen it yet.
    await run(services, "UPDATE app.intent SET state = 'confirmed'")


async def _undersold(_services: Services, ada: Person, facts: ChainOfFacts, _chain: Anvil) -> None:
    bought = tickets_bought(0, 1, bytes.fromhex(ada.wallet[2:]), 0)
    facts.block(raffle_created(), bought)
    facts.block(number=200)


OBSTACLES: dict[str, tuple[Any, str]] = {
    "credits": (_credits, "You have 3 CREDIT: spend it"),
    "balance": (_balance, "wei of POL: send it to another wallet"),
    "intents": (_intent, "1 transactions are under way: wait"),
    "frozen": (_frozen, "ask support"),
    "role": (_role, "You have the role support"),
    "export": (_export, "take the key, or cancel it"),
    "draws": (_tickets, "tickets in raffle 1, not drawn yet"),
    "prizes": (_prizes, "Prizes wait for you in raffle 1: claim them"),
    "tokens": (_tokens, "Your wallet has 70 of MEAD: send it to another wallet"),
    "grants": (_grants, "has tokens for you: release them"),
    "contests": (_contest_committing, "not drawn yet"),
    "contests announced": (_contest_announced, "cancel what is only announced"),
    "refunds": (_undersold, "refunds of raffle 1: take them"),
}


@pytest.mark.parametrize("what", OBSTACLES)
async def test_something_is_there__refused_with_what_to_do__and_so_when_it_came_later(
    services: Services, ada: Person, facts: ChainOfFacts, chain: Anvil, what: str
) -> None:
    happens, said = OBSTACLES[what]
    code = what.split()[0]
    await ask(ada)
    await happens(services, ada, facts, chain)
    erasure = UUID(str(await run(services, "SELECT id FROM app.erasure")))
    for _ in range(2):
        outcome = await carry_out(services, erasure)
        assert (outcome.done, [one.code for one in outcome.obstacles]) == (False, [code])
    assert not await is_erased(services, ada)
    shown = (await ada.does("GET", "/privacy/erasure")).json()
    assert [one["code"] for one in shown["obstacles"]] == [code]
    assert said in shown["obstacles"][0]["detail"]
    told = "SELECT count(*) FROM app.mail WHERE template = 'erasure_blocked'"
    assert await run(services, told) == 1, "told once"
    await ada.does("DELETE", "/privacy/erasure")
    refused = await ada.send("POST", "/privacy/erasure")
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure_refused")
    assert [one["code"] for one in refused.json()["obstacles"]] == [code]
    assert said in refused.json()["detail"]


async def _accept(services: Services, who: Person) -> UUID:
    async with AsyncSession(services.engine) as db, db.begin():
        owner = await _owner(db, who)
        return (await create_intent(db, owner, "transfer", {}, [Call(fresh_address(), b"", 1)])).id


@dataclass(frozen=True)
class _Owner:
    id: UUID
    wallet_id: UUID


async def _owner(db: AsyncSession, who: Person) -> _Owner:
    wallet = await db.scalar(text("SELECT id FROM app.wallet WHERE user_id = :id"), {"id": who.id})
    return _Owner(who.id, UUID(str(wallet)))


async def test_an_intent_is_being_accepted__the_erasure_waits_and_then_finds_it(
    services: Services, ada: Person
) -> None:
    erasure = await ask(ada)
    async with AsyncSession(services.engine) as db, db.begin():
        await create_intent(db, await _owner(db, ada), "transfer", {}, [Call(fresh_address(), b"", 1)])
        with pytest.raises(AccountBusyError):
            await carry_out(services, erasure)
    assert [one.code for one in (await carry_out(services, erasure)).obstacles] == ["intents"]
    assert not await is_erased(services, ada)


async def test_erased_before_an_intent_is_accepted__the_intent_is_refused(
    services: Services, ada: Person
) -> None:
    await carry_out(services, await ask(ada))
    with pytest.raises(AccountErased):
        await _accept(services, ada)
    assert await run(services, "SELECT count(*) FROM app.intent") == 0


async def test_raced_with_intents_and_sign_ins__either_is_there_whole(
    client: AsyncClient, services: Services, chain: Anvil, ada: Person
) -> None:
    erasure = await ask(ada)
    body = {"kind": "transfer", "to": fresh_address(), "amount": "1"}
    credentials = {"email": EMAIL, "password": PASSWORD}
    answers = await asyncio.gather(
        *(ada.send("POST", "/intents", json=body) for _ in range(5)),
        _as_often_as_needed(services, erasure),
        *(client.post("/api/v1/sessions", json=credentials) for _ in range(5)),
        *(
            ada.send("POST", "/webhooks", json={"url": "https://a.example/h", "events": ["intent.mined"]})
            for _ in range(3)
        ),
        *(ada.send("PUT", f"/policy/addresses/{fresh_address()}", json={"label": "x"}) for _ in range(3)),
    )
    assert {answer.status_code for answer in answers if answer is not None} <= {200, 201, 202, 401, 409}
    accepted = await run(services, "SELECT count(*) FROM app.intent")
    assert await is_erased(services, ada) == (accepted == 0)
    if not accepted:
        assert await traces(services.engine, NAME) == set()


async def _as_often_as_needed(services: Services, erasure: UUID) -> None:
    while True:
        try:
            await carry_out(services, erasure)
        except AccountBusyError:
            continue
        return


async def test_erased_while_a_password_is_checked__nobody_is_signed_in(
    client: AsyncClient, services: Services, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = await ask(ada)
    matches = Passwords.matches

    async def erase_then_match(self: Passwords, *arguments: Any) -> bool:
        assert (await carry_out(services, erasure)).done
        return await matches(self, *arguments)

    monkeypatch.setattr(Passwords, "matches", erase_then_match)
    answer = await client.post("/api/v1/sessions", json={"email": EMAIL, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_wrong")
    assert await run(services, "SELECT count(*) FROM app.session") == 0


@pytest.mark.parametrize("reads_first", [True, False])
async def test_erased_while_the_profile_is_changed__says_so(
    client: AsyncClient, services: Services, ada: Person, monkeypatch: pytest.MonkeyPatch, reads_first: bool
) -> None:
    """Between who asks was found out and the row is read, or between that and its change."""
    erasure = await ask(ada)
    get_one = AsyncSession.get_one

    async def erase_meanwhile(self: AsyncSession, *arguments: Any) -> Any:
        found = await get_one(self, *arguments) if reads_first else None
        assert (await carry_out(services, erasure)).done
        return found or await get_one(self, *arguments)

    monkeypatch.setattr(AsyncSession, "get_one", erase_meanwhile)
    # Without a key: the key's row would hold the account, and the erasure wait for the request.
    answer = await ada.client.patch("/api/v1/me", headers=ada.headers, json={"display_name": "Ada"})
    assert (answer.status_code, answer.json()["code"]) == (401, "account_erased")


@pytest.mark.parametrize("moment", ["mid", "before_commit", "after_commit"])
async def test_killed__whole_or_not_at_all__and_whole_after_the_next_run(
    services: Services, settings: Settings, ada: Person, moment: str
) -> None:
    await ada.does("PUT", "/me/avatar", content=picture())
    erasure = await ask(ada)
    rows = await rows_of(services.engine, ada)
    env = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "FILES_DIR": str(settings.files_dir),
    }
    command = [sys.executable, "-m", "tests.backend.dying_erasure", str(erasure), moment]
    with Process(command, env=env) as victim:
        assert victim.wait() == -9, victim.text
    assert await is_erased(services, ada) == (moment == "after_commit")
    if moment != "after_commit":
        assert await rows_of(services.engine, ada) == rows
    await carry_out(services, erasure)
    assert await is_erased(services, ada)
    assert await traces(services.engine, NAME) == set()
    assert list((services.settings.files_dir / "avatars").iterdir()) == []
    done = "SELECT count(*) FROM app.audit_event WHERE action = 'erasure.carry_out'"
    assert await run(services, done) == 1


async def test_worker__erases_what_is_due(services: Services, ada: Person, bob: Person) -> None:
    await ask(ada)
    async with worker(services):
        await run(
            services,
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'erase_due_accounts', '{}')",
        )
        await comes_true(
            services, "SELECT erased_at IS NOT NULL FROM app.pseudonym WHERE id = :id", id=str(ada.id)
        )
    assert not await is_erased(services, bob)


async def test_every_reference_to_an_account__goes_with_it(services: Services) -> None:
    """A new table of something personal refers to `user` and cascades; what is kept refers to `pseudonym`."""
    async with services.engine.connect() as db:
        rows = await db.execute(
            text(
                "SELECT conrelid::regclass::text, confdeltype FROM pg_constraint"
                " WHERE contype = 'f' AND confrelid = 'app.\"user\"'::regclass"
            )
        )
        assert [name for name, action in rows if action not in (b"c", "c")] == []


def test_waiting_time__two_weeks_in_production__too_short_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = make_settings("postgresql:///x", ["http://x"], tmp_path)
    assert made.erasure_wait.total_seconds() == 60
    assert made.model_copy(update={"environment": "production"}).erasure_wait.days == 14
    for name, value in (("DATABASE_URL", "postgresql:///x"), ("RPC_URLS", "http://x"), ("REGISTRY", "x")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("JWT_SECRET", "s" * 40)
    monkeypatch.setenv("PUBLIC_URL", "https://tombola.example.org")
    monkeypatch.setenv("KMS_URL", "awskms:///k")
    monkeypatch.setenv("ERASURE_WAIT_SECONDS", "3600")
    with pytest.raises(SettingsError, match="ERASURE_WAIT_SECONDS is below 86400"):
        load_settings()
