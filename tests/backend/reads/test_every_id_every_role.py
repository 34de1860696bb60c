"""Broken object level authorization: every route with somebody's id, asked by everybody else; every role at every gate.

The routes come from the application itself. A route with a new kind of id needs a line in `THINGS` (what it names,
and whose it is) or in `OPEN` (facts of the chain, which are everybody's); without it these tests fail.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from backend.app import create_app
from backend.auth.access import ACCESS
from backend.auth.roles import ROLES
from backend.participants.importing import read_import
from backend.services import Services
from backend.settings import Settings, schema_settings
from tests.backend.app_routes import AppRoute, app_routes
from tests.backend.reads.contest_kit import DRAFT
from tests.backend.reads.facts import ChainOfFacts
from tests.backend.test_auth import PASSWORD

ROUTES = [route for route in app_routes(create_app(schema_settings())) if route.method != "WS"]
OPEN = {
    "raffle_id",
    "plan_id",
    "grant_id",
    "proposal_id",
    "address",
    "key",
    "token",
    "platform",
    "document",
    "consent",
    "snapshot_block",
    "topic",
}
"""Ids of what the chain shows to everybody, addresses, platforms, what people agree to, and what nobody can guess: keys,
sealed links."""
PEOPLE = "@ana\n@ben\n@clara\n@dora"
STRANGERS = ("anonymous", *ROLES)
UUID_TEXT = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@dataclass
class Someone:
    """An account of a role with a session that stepped up, or nobody (`role` anonymous)."""

    client: AsyncClient
    services: Services
    role: str
    id: str = ""
    email: str = ""
    wallet: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: Any = None) -> Response:
        self.client.cookies.clear()
        return await self.client.request(
            method, path, json=body, headers={**self.headers, "Idempotency-Key": uuid4().hex}
        )

    async def sign_in(self) -> str:
        """Another session of the account; its token."""
        answer = await self.client.post("/api/v1/sessions", json={"email": self.email, "password": PASSWORD})
        return str(answer.json()["access_token"])

    async def register(self, step_up: bool = True) -> Someone:
        if self.role == "anonymous":
            return self
        self.email = f"{uuid4().hex}@example.org"
        made = (
            await self.client.post("/api/v1/users", json={"email": self.email, "password": PASSWORD})
        ).json()
        self.id, self.wallet = made["id"], made["wallet_address"]
        await self.run(
            'UPDATE app."user" SET role = :role WHERE id = :id RETURNING id', role=self.role, id=self.id
        )
        self.headers = {"authorization": f"Bearer {await self.sign_in()}"}
        if step_up:
            assert (await self.send("POST", "/api/v1/step-up", {"password": PASSWORD})).is_success
        return self

    async def run(self, statement: str, **values: Any) -> Any:
        async with self.services.engine.begin() as db:
            return await db.scalar(text(statement), values)

    async def own(self, statement: str) -> str:
        """The id that the statement returns; in it `:user` is the account."""
        return str(await self.run(statement, user=self.id))


async def _session(owner: Someone) -> str:
    await owner.sign_in()
    return await owner.own(
        "SELECT id FROM app.session WHERE user_id = :user ORDER BY created_at DESC LIMIT 1"
    )


async def _intent(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.intent (id, wallet_id, user_id, kind, params, calls, state)"
        " SELECT gen_random_uuid(), w.id, w.user_id, 'transfer', '{}', '[]', 'created' FROM app.wallet w"
        " WHERE w.user_id = :user RETURNING id"
    )


async def _contest(owner: Someone) -> str:
    answer = await owner.send("POST", "/api/v1/contests", DRAFT)
    assert answer.status_code == 201, answer.text
    imported = await owner.send("POST", f"/api/v1/contests/{answer.json()['id']}/imports", {"text": PEOPLE})
    await read_import(owner.services, UUID(imported.json()["id"]))
    return str(answer.json()["id"])


async def _import(owner: Someone) -> str:
    newest = "SELECT id FROM app.contest WHERE owner_id = :user ORDER BY seq DESC LIMIT 1"
    path = f"/api/v1/contests/{await owner.run(newest, user=owner.id)}/imports"
    answer = await owner.send("POST", path, {"text": PEOPLE})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def _link(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.link (id, user_id, address, kind)"
        " VALUES (gen_random_uuid(), :user, decode(substr(md5(random()::text), 1, 32) || '00000000', 'hex'), 'key')"
        " RETURNING id"
    )


async def _api_key(owner: Someone) -> str:
    answer = await owner.send("POST", "/api/v1/api-keys", {"name": "Shop", "scopes": ["read"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _passkey(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.passkey (id, user_id, name, credential_id, public_key, sign_count, transports)"
        " VALUES (gen_random_uuid(), :user, 'Phone', decode(md5(random()::text), 'hex'), '\\x00', 0, '{}')"
        " RETURNING id"
    )


async def _checkout(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.checkout (id, user_id, key, sells, code, credits, amount, currency)"
        " VALUES (gen_random_uuid(), :user, gen_random_uuid()::text, 'package', 'small', 100, 900, 'eur')"
        " RETURNING id"
    )


async def _connection(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.connection (id, user_id, platform, account_id, account_name, scopes, sealed)"
        " VALUES (gen_random_uuid(), :user, 'youtube', gen_random_uuid()::text, 'Shop', '{}', '\\x00')"
        " RETURNING id"
    )


async def _user(owner: Someone) -> str:
    return owner.id


async def _wallet(owner: Someone) -> str:
    return await owner.own("SELECT id FROM app.wallet WHERE user_id = :user")


async def _webhook(owner: Someone) -> str:
    return await owner.own(
        "INSERT INTO app.webhook (id, user_id, url, events, secret) VALUES"
        " (gen_random_uuid(), :user, 'https://shop.example.com/x', '{intent.confirmed}', '\\x00') RETURNING id"
    )


async def _delivery(owner: Someone) -> str:
    return await owner.own(
        "WITH e AS (INSERT INTO app.event (user_id, event, subject, payload)"
        " VALUES (:user, 'intent.created', 'intent:1', '{}') RETURNING id)"
        " INSERT INTO app.webhook_delivery (message_id, webhook_id, event_id, state, attempts)"
        " SELECT gen_random_uuid(), w.id, e.id, 'failed', 1 FROM app.webhook w, e WHERE w.user_id = :user"
        " ORDER BY w.created_at DESC LIMIT 1 RETURNING id"
    )


@dataclass(frozen=True)
class Thing:
    """What an id names: how its owner gets one, and the table it stands in."""

    make: Callable[[Someone], Awaitable[str]]
    table: str


THINGS: dict[str, Thing] = {
    "session_id": Thing(_session, "session"),
    "intent_id": Thing(_intent, "intent"),
    "checkout_id": Thing(_checkout, "checkout"),
    "connection_id": Thing(_connection, "connection"),
    "contest_id": Thing(_contest, "contest"),
    "import_id": Thing(_import, "contest_import"),
    "link_id": Thing(_link, "link"),
    "key_id": Thing(_api_key, "api_key"),
    "passkey_id": Thing(_passkey, "passkey"),
    "user_id": Thing(_user, '"user"'),
    "wallet_id": Thing(_wallet, "wallet"),
    "webhook_id": Thing(_webhook, "webhook"),
    "delivery_id": Thing(_delivery, "webhook_delivery"),
}
BODIES: dict[str, Any] = {
    "POST /contests/{contest_id}/cancel": {"reason": "The prize is gone."},
    "POST /contests/{contest_id}/inclusion": {"account": "@ana"},
    "PATCH /contests/{contest_id}": {"title": "Mine"},
    "POST /contests/{contest_id}/imports": {"text": "@mallory"},
    "POST /contests/{contest_id}/disqualify": {"rank": 0, "reason": "Staff"},
    "PATCH /webhooks/{webhook_id}": {"enabled": True},
    "PUT /contests/{contest_id}/filters": [],
}
"""Where a route takes a body, a valid one: a malformed request would be refused before anybody looks at the id."""


def parameters(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


PERSONAL = [route for route in ROUTES if THINGS.keys() & set(parameters(route.path))]
OF_OWNERS = [
    route for route in PERSONAL if ACCESS.get(route.name, "") in ("anyone", "signed_in", "signed_in+")
]
GATED = [route for route in ROUTES if ACCESS.get(route.name) != "anyone"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody is slowed down: what is asked here is who may, not how often."""
    unlimited = (
        "requests_per_minute_per_network",
        "sign_in_attempts_per_minute",
        "changes_per_minute_per_user",
    )
    return settings.model_copy(update={**dict.fromkeys(unlimited, 100_000), "drafts_per_user": 1_000})


@pytest.fixture
async def client(app: FastAPI, facts: ChainOfFacts) -> Any:
    facts.block()
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://tombola.test") as opened:
        yield opened


def test_every_id__is_somebodys_or_everybodys() -> None:
    everybody = ("anyone", "signed_in", "signed_in+")  # what only staff reaches has its gate
    names = {name for route in ROUTES if ACCESS[route.name] in everybody for name in parameters(route.path)}
    assert names <= THINGS.keys() | OPEN


async def test_every_id__asked_by_everybody_else__not_there_and_not_changed(
    app: FastAPI, client: AsyncClient
) -> None:
    services: Services = app.state.services
    owner = await Someone(client, services, "user").register()
    strangers = [await Someone(client, services, role).register() for role in STRANGERS]
    assert OF_OWNERS
    for route in OF_OWNERS:
        path, shown = route.path, {}
        for name in parameters(route.path):
            made = await THINGS[name].make(owner)
            shown[name] = (THINGS[name].table, made)
            path = path.replace(f"{{{name}}}", made)

        async def rows(shown: dict[str, tuple[str, str]] = shown) -> list[str]:
            """The named rows as they are."""
            return [
                str(
                    await owner.run(
                        f"SELECT to_jsonb(t)::text FROM app.{table} t WHERE id::text = :id", id=thing
                    )
                )
                for table, thing in shown.values()
            ]

        before = await rows()
        body = BODIES.get(route.name)
        for stranger in strangers:
            where = f"{route.name} as {stranger.role}"
            answer = await stranger.send(route.method, path, body)
            must_sign_in = stranger.role == "anonymous" and ACCESS[route.name] != "anyone"
            assert answer.status_code == (401 if must_sign_in else 404), f"{where}: {answer.text}"
            assert owner.email not in answer.text, where
            assert await rows() == before, where
        answer = await owner.send(route.method, path, body)
        assert answer.status_code not in (401, 403, 404, 422, 500), f"{route.name} as owner: {answer.text}"


async def test_every_gate__lets_nobody_through_who_has_not_the_role_or_not_stepped_up(
    app: FastAPI, client: AsyncClient
) -> None:
    services: Services = app.state.services
    owner = await Someone(client, services, "user").register()
    people = {role: await Someone(client, services, role).register() for role in STRANGERS}
    hasty = {role: await Someone(client, services, role).register(step_up=False) for role in ROLES}
    for route in GATED:
        path = re.sub(r"{(\w+)}", lambda _: str(uuid4()), route.path)
        for name in parameters(route.path):
            if name == "user_id":
                path = route.path.replace("{user_id}", owner.id)
        before = await owner.run('SELECT to_jsonb(u)::text FROM app."user" u WHERE id = :id', id=owner.id)
        who = ACCESS[route.name]
        word = who.rstrip("+")
        may = {"signed_in": set(ROLES), "organiser": {"organiser", "admin"}, "support": {"support", "admin"}}
        allowed = may.get(word, {"admin"})
        for role, person in people.items():
            if role in allowed:
                continue
            answer = await person.send(route.method, path)
            expected = (401, "not_signed_in") if role == "anonymous" else (403, "role_missing")
            assert (answer.status_code, answer.json()["code"]) == expected, f"{route.name} as {role}"
        if who.endswith("+"):
            for role in allowed:
                answer = await hasty[role].send(route.method, path)
                assert answer.json()["code"] == "step_up_required", f"{route.name} as {role}: {answer.text}"
        after = await owner.run('SELECT to_jsonb(u)::text FROM app."user" u WHERE id = :id', id=owner.id)
        assert after == before, route.name


async def test_every_list__of_another_person__shows_nothing_of_the_owner(
    app: FastAPI, client: AsyncClient
) -> None:
    services: Services = app.state.services
    owner = await Someone(client, services, "user").register()
    needed = {name for route in ROUTES for name in parameters(route.path)} & THINGS.keys()
    ids = {
        await thing.make(owner)
        for name, thing in sorted(THINGS.items(), key=lambda item: item[0] == "delivery_id")
        if name in needed
    }
    # Numbers stand in every answer; ids that nobody else can have do not.
    mine = {one for one in ids if re.fullmatch(UUID_TEXT, one)} | {owner.email, owner.wallet}
    lists = [
        route
        for route in ROUTES
        if route.method == "GET" and not parameters(route.path) and route.who in ("anyone", "signed_in")
    ]
    assert len(lists) > 10
    for role in STRANGERS:
        stranger = await Someone(client, services, role).register()
        for route in lists:
            answer = await stranger.send("GET", route.path)
            found = [one for one in mine if one.lower() in answer.text.lower()]
            assert not found, f"{route.name} as {role} shows {found}"


def test_table__has_the_routes_of_the_application() -> None:
    assert {route.name for route in ROUTES} == {name for name in ACCESS if not name.startswith("WS ")}


def test_route__without_a_line__is_noticed() -> None:
    unknown = AppRoute("GET /new/{new_id}", "GET", "/api/v1/new/{new_id}", frozenset())
    assert not set(parameters(unknown.path)) <= THINGS.keys() | OPEN
