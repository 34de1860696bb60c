"""One story through real processes: its log lines bear one id from the request to the transaction's hash, its spans are
one trace, and nothing secret stands in any of it, whatever goes wrong.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, Response
from structlog.contextvars import get_contextvars

from backend.services import open_services
from backend.settings import Settings
from backend.tracing import spans
from backend.tracing.traceparent import Traceparent, current, following, to_store
from backend.wallets.keys import key_context
from listener.redaction import clean, hide, secrets_of
from tests.backend import stubs
from tests.backend.collector import Collector, Seen
from tests.backend.proxy import FaultProxy, refuse, times
from tests.backend.test_metrics import scrape, start
from tests.backend.test_smtp import Mailbox, serving
from tests.backend.working import value
from tests.backend.world import POL, fresh_address, make_settings
from tests.support.anvil import Anvil, dev_account
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

EMAIL, PASSWORD = "canary.person@example.org", "canary-password-1f7c"
WRONG = "canary-wrong-password-9b2e"
VISITOR = "203.0.113.77"
SECRETS = {
    "JWT_SECRET": "canary-jwt-secret-of-enough-characters",
    "STRIPE_SECRET_KEY": "sk_test_canary51Hx8Zq",
    "STRIPE_WEBHOOK_SECRET": "whsec_canary8f3kd92m",
    "SMTP_PASSWORD": "canary-smtp-password",
    "X_CLIENT_SECRET": "canary-platform-secret",
}
RPC_KEY, RPC_PASSWORD, DATABASE_PASSWORD = "canary-rpc-key-of-a-vendor", "canary-rpc-pass", "canary-db-pass"
QUERY_KEY = "canary-key-in-a-query"
ASKED = {"listener": "listener_rpc_duration_seconds_count", "worker": "tombola_jobs"}
"""What each process measured: of all others, requests to the chain."""


@dataclass
class Story:
    """The processes, what was asked of them, and what must not be in what they write."""

    settings: Settings
    database: DatabaseUris
    chain: Anvil
    folder: Path
    proxy: FaultProxy
    quoting: FaultProxy
    collector: Collector
    env: dict[str, str]
    only: dict[str, dict[str, str]]
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    canaries: dict[str, str] = field(default_factory=dict)

    def start(self, name: str) -> Process:
        port = str(free_port())
        own = self.only.get(name, {})
        self.processes[name] = start(
            name, self.settings, self.folder, **{**self.env, "METRICS_PORT": port, **own}
        )
        self.ports[name] = int(port)
        return self.processes[name]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """What a process has logged: every line of it is a JSON object."""
        return [json.loads(line) for line in self.processes[name].text.splitlines()]

    def about(self, name: str, request_id: str) -> list[dict[str, Any]]:
        return [line for line in self.lines(name) if line.get("request_id") == request_id]

    def execute(self, statement: str) -> None:
        """As the superuser, from another database: this one may take no connections."""
        with psycopg.connect(
            self.database.superuser.replace(self.database.name, "postgres"), autocommit=True
        ) as db:
            db.execute(statement)


@pytest.fixture
async def story(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> AsyncIterator[Story]:
    """Every process at LOG_LEVEL=debug, with a secret wherever one can stand."""
    stubs.install(chain)
    async with AsyncExitStack() as stack:
        proxy, quoting = [await stack.enter_async_context(FaultProxy(chain.url)) for _ in range(2)]
        collector = await stack.enter_async_context(Collector())
        refused = [f"550 5.1.1 <{EMAIL}>: no such person"]
        mail_port = stack.enter_context(serving(Mailbox(recipients=refused)))
        url = database.backend.replace("backend@", f"backend:{DATABASE_PASSWORD}@")
        rpc, second = [
            one.url.replace("http://", f"http://vendor:{RPC_PASSWORD}@") + f"/v2/{RPC_KEY}"
            for one in (proxy, quoting)
        ]
        away = f"http://127.0.0.1:1/?apikey={QUERY_KEY}"
        only = {
            "keeper": {"RPC_URLS": f"{second},{away}", "KEEPER_POLL_SECONDS": "0.2"},
            "listener": {
                "RPC_URLS": f"{second},{away},{away.replace('http', 'ws', 1)}",
                "DATABASE_URL": database.listener.replace("listener@", f"listener:{DATABASE_PASSWORD}@"),
                "LOG_FORMAT": "json",
            },
        }
        port = free_port()
        env = {
            **SECRETS,
            "LOG_LEVEL": "debug",
            "PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "TRUST_REQUEST_IDS": "true",
            "STRIPE_API_URL": "http://127.0.0.1:1",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail_port),
            "SMTP_TLS": "none",
            "PASSWORD_MEMORY_KIB": "64",
            "PASSWORD_ROUNDS": "1",
            "SENDER_POLL_SECONDS": "0.1",
            "RESEND_AFTER_SECONDS": "0.4",
            "WORKER_POLL_SECONDS": "0.2",
            "START_PATIENCE_SECONDS": "60",
        }
        settings = make_settings(url, [rpc], tmp_path)
        made = Story(settings, database, chain, tmp_path, proxy, quoting, collector, env, only)
        for name in ("api", "worker", "sender", "keeper", "listener"):
            stack.enter_context(made.start(name))
        url = f"http://127.0.0.1:{port}/healthz"
        await asyncio.to_thread(made.processes["api"].wait_for_http, url, 120)
        yield made


async def test_story(story: Story) -> None:
    forwarded = {"x-forwarded-for": VISITOR}
    base = f"http://127.0.0.1:{story.env['PORT']}"
    async with AsyncClient(base_url=base, headers=forwarded, timeout=60) as client:
        registered = await ok(client, "/users", {"email": EMAIL, "password": PASSWORD})
        session = (await ok(client, "/sessions", {"email": EMAIL, "password": PASSWORD})).json()
        story.canaries |= {f"cookie {name}": text for name, text in client.cookies.items()}
        client.cookies.clear()
        client.headers["authorization"] = f"Bearer {session['access_token']}"
        await ok(client, "/step-up", {"password": PASSWORD})
        story.chain.call("anvil_setBalance", registered.json()["wallet_address"], hex(100 * POL))

        wish = {"kind": "transfer", "token": None, "to": fresh_address(), "amount": str(POL)}
        named = secrets.token_hex(16)
        accepted = await ok(client, "/intents", wish, {"x-request-id": named})
        assert accepted.headers["x-request-id"] == named
        done = await ends(client, accepted.json()["id"])
        assert done["state"] == "confirmed", done

        # One id in every process's lines, from the request to the hash.
        assert [line["route"] for line in story.about("api", named) if line["event"] == "request"] == [
            "/api/v1/intents"
        ]
        told = {line["event"]: line for line in story.about("sender", named)}
        for event in ("signed", "sent", "transaction_final"):
            assert told[event]["hash"] == done["transaction_hash"], event
        assert told["intent_confirmed"]["intent"] == done["id"]
        mailed = registered.headers["x-request-id"]
        await until(lambda: any(line["event"] == "job_failed" for line in story.about("worker", mailed)))

        # One trace, whose id is the request's.
        wanted = {"sign", "send", "eth_sendRawTransaction", "wait until final"}
        await until(lambda: wanted <= {one.name for one in story.collector.trace(named)})
        check_trace(story.collector.trace(named), done)
        await until(lambda: "tombola-worker" in {one.service for one in story.collector.trace(mailed)})
        job = next(one for one in story.collector.trace(mailed) if one.name == "job deliver_mail")
        assert job.is_failed
        assert job.parent in {one.id for one in story.collector.trace(mailed) if one.service == "tombola-api"}

        await go_wrong(story, client)
    async with open_services(story.settings, "tests") as services:
        row = "FROM app.wallet_key k JOIN app.wallet w ON w.id = k.wallet_id WHERE w.user_id IS NOT NULL"
        wallet, user = (
            await value(services, f"SELECT w.id {row}"),
            await value(services, f"SELECT w.user_id {row}"),
        )
        version = await value(services, f"SELECT k.version {row}")
        sealed = await value(services, f"SELECT k.sealed {row}")
        key = await services.kms.open(sealed, key_context(wallet, user, "user", version))
    story.canaries |= {
        **SECRETS,
        "key of a wallet": bytes(key).hex(),
        "keeper's key": dev_account(8).private_key.removeprefix("0x"),
        "master key": story.settings.kms_file.read_text().strip(),
        "e-mail address": EMAIL,
        "password": PASSWORD,
        "wrong password": WRONG,
        "access token": session["access_token"],
        "network address": VISITOR,
        "provider's key": RPC_KEY,
        "provider's password": RPC_PASSWORD,
        "database's password": DATABASE_PASSWORD,
    }
    story.canaries["key in a query"] = QUERY_KEY
    for name, process in story.processes.items():
        measured = await asyncio.to_thread(scrape, story.ports[name])
        assert ASKED.get(name, "tombola_rpc_duration_seconds_count") in measured, name
        assert [what for what, text in story.canaries.items() if text in measured] == []
        assert await asyncio.to_thread(process.terminate) == 0, process.text
        for line in story.lines(name):
            assert {"event", "level", "timestamp", "process"} <= line.keys(), line
        leaks = [what for what, text in story.canaries.items() if text in process.text]
        assert leaks == [], f"{name} wrote: {leaks}\n{process.text}"
    sent = repr(story.collector.spans)
    assert [what for what, text in story.canaries.items() if text in sent] == []


def check_trace(trace: list[Seen], done: dict[str, Any]) -> None:
    """API, sender and chain, each where it belongs."""
    by_name = {one.name: one for one in trace}
    request = by_name["POST /api/v1/intents"]
    assert (request.service, request.parent) == ("tombola-api", "")
    assert request.attributes["http.response.status_code"] == 202
    inside = {one.name for one in trace if one.parent == request.id and one.service == "tombola-api"}
    assert {"postgresql WITH", "commit", "eth_getBalance"} <= inside, inside
    for name in ("check", "sign", "send", "wait until final"):
        assert (by_name[name].service, by_name[name].parent) == ("tombola-sender", request.id), name
    call = by_name["eth_sendRawTransaction"]
    assert (call.parent, call.attributes["server.address"]) == (by_name["send"].id, "127.0.0.1")
    for name in ("send", "wait until final"):
        assert by_name[name].attributes["tombola.transaction_hash"] == done["transaction_hash"], name
    assert request.began < by_name["sign"].began < by_name["send"].ended <= by_name["wait until final"].ended


async def go_wrong(story: Story, client: AsyncClient) -> None:
    """Everything that makes a process quote what it should not."""
    own = client.headers["authorization"]
    enrolled = (await ok(client, "/factors/totp", {})).json()
    story.canaries["TOTP secret"] = enrolled["secret"]
    assert (await send(client, "/factors/totp/confirm", {"code": "000000"})).is_client_error
    wrong = await send(client, "/sessions", {"email": EMAIL, "password": WRONG})
    assert wrong.status_code == 401
    assert wrong.json()["request_id"] == wrong.headers["x-request-id"]
    assert (await send(client, "/users", {"email": EMAIL, "password": PASSWORD})).status_code == 409
    paying = await send(client, "/payments/checkouts", {"package": "small"})
    assert paying.status_code == 503, paying.text

    said = f"refused: POST {story.settings.rpc_urls[0]} ({RPC_KEY})"
    story.proxy.faults["eth_sendRawTransaction"] = times(2, refuse(said))
    story.proxy.faults["eth_estimateGas"] = times(1, refuse(said, -32005))
    wish = {"kind": "transfer", "token": None, "to": fresh_address(), "amount": str(POL)}
    accepted = await ok(client, "/intents", wish)
    assert (await ends(client, accepted.json()["id"]))["state"] == "confirmed"
    await until(
        lambda: any(
            line["event"] == "not_accepted" and "refused: POST" in line["answer"]
            for line in story.about("sender", accepted.headers["x-request-id"])
        )
    )
    for method in ("eth_getBalance", "eth_chainId"):
        story.proxy.faults[method] = refuse(said, -32005)
    for path in ("/readyz", "/api/v1/wallet"):
        told = (await client.get(path)).text
        assert "refused: POST" in told, told
        assert not any(one in told for one in (RPC_KEY, RPC_PASSWORD)), told
    story.proxy.faults.clear()

    # A bug: a statement that cannot run, with somebody's address and token among its parameters.
    with psycopg.connect(story.database.superuser, autocommit=True) as db:
        db.execute('ALTER TABLE app."user" RENAME email TO mail')
        broken = await send(client, "/sessions", {"email": EMAIL, "password": PASSWORD})
        db.execute('ALTER TABLE app."user" RENAME mail TO email')
    assert (broken.status_code, broken.json()["code"]) == (500, "internal_error")
    (line,) = [
        one for one in story.about("api", broken.headers["x-request-id"]) if one["event"] == "unhandled_error"
    ]
    assert line["route"] == "/api/v1/sessions"
    assert "UndefinedColumnError" in line["exception"]

    # The chain of keeper and listener quotes their URL, each time it is asked.
    for method in ("eth_call", "eth_blockNumber", "eth_getBlockByNumber"):
        story.quoting.faults[method] = refuse(said, -32005)
    for name in ("keeper", "listener"):
        await until(lambda name=name: any("refused: POST" in repr(line) for line in story.lines(name)))
    story.quoting.faults.clear()

    name = story.database.name
    story.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    story.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    away = await send(client, "/sessions", {"email": EMAIL, "password": PASSWORD})
    assert away.status_code == 503
    await until(
        lambda: all(
            any("database" in line["event"] for line in story.lines(one))
            for one in ("api", "worker", "sender", "listener")
        )
    )
    story.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    client.headers["authorization"] = own

    async def back() -> bool:
        return (await client.get("/api/v1/me")).status_code == 200

    await wait_until_async(back, 60, what="the database back")


async def send(client: AsyncClient, path: str, body: Any, headers: dict[str, str] | None = None) -> Response:
    """With a key of its own."""
    given = {"idempotency-key": secrets.token_hex(16), **(headers or {})}
    return await client.post(f"/api/v1{path}", json=body, headers=given)


async def ok(client: AsyncClient, path: str, body: Any, headers: dict[str, str] | None = None) -> Response:
    answer = await send(client, path, body, headers)
    assert answer.is_success, answer.text
    return answer


async def ends(client: AsyncClient, intent_id: str) -> dict[str, Any]:
    """The intent when nothing more happens to it."""
    found: dict[str, Any] = {}

    async def ended() -> bool:
        nonlocal found
        found = (await client.get(f"/api/v1/intents/{intent_id}")).json()
        return found["state"] in ("confirmed", "reverted", "rejected", "cancelled")

    await wait_until_async(ended, 120, what="the intent's end")
    return found


async def until(condition: Any) -> None:
    async def met() -> bool:
        return bool(condition())

    await wait_until_async(met, 60, what="what the story waits for")


def test_off__neither_exporter_nor_tracing_is_imported() -> None:
    """The metrics of OpenTelemetry's SDK are: redis looks for them by itself."""
    program = (
        "import sys, backend.__main__, backend.app, backend.jobs.process, backend.sender.process, backend.keeper.process;"
        "print([one for one in sys.modules if one.startswith(('opentelemetry.sdk.trace', 'opentelemetry.exporter',"
        " 'google.protobuf', 'backend.tracing.exporting'))])"
    )
    process = Process([sys.executable, "-c", program])
    assert (process.wait(120), process.text.strip()) == (0, "[]")


async def test_collector_that_never_answers__loses_spans_and_holds_nothing_up(settings: Settings) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await never.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    told = settings.model_copy(update={"otel_exporter_otlp_endpoint": url})
    with spans.exported(told, "tests"):
        for _ in range(600):  # a full batch, which is sent at once
            with spans.work("first", Traceparent.new(), "internal"):
                pass
        await asyncio.wait_for(asked.wait(), 30)
        for _ in range(5_000):  # more than the queue holds
            with spans.work("later", Traceparent.new(), "internal"), spans.span("part"):
                stored = Traceparent.read(to_store())
                assert stored is not None
                assert stored.is_sampled
    assert not never.is_set(), "the collector has still not answered"
    with spans.work("after", Traceparent.new(), "internal"):
        assert not Traceparent.read(to_store()).is_sampled, "off again"  # type: ignore[union-attr]
    never.set()
    server.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00-" + "0" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "a" * 32 + "-" + "0" * 16 + "-01",
        "00-" + "A" * 32 + "-" + "1" * 16 + "-01",
        "01-" + "a" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "a" * 32 + "-" + "1" * 16 + "-01-more",
        "00-" + "a" * 32 + "-" + "1" * 16 + "-01\n",
    ],
)
def test_traceparent__malformed__is_none(text: str) -> None:
    assert Traceparent.read(text) is None


def test_traceparent__well_formed__is_kept() -> None:
    text = f"00-{'ab' * 16}-{'12' * 8}-01"
    assert str(Traceparent.read(text)) == text
    assert Traceparent.of_request_id("9F3B2C9E-5D1A-4F60-B8E7-C2D4A6918035") == Traceparent(
        "9f3b2c9e5d1a4f60b8e7c2d4a6918035"
    )
    assert Traceparent.of_request_id("0" * 32) is None
    assert Traceparent.of_request_id("<script>") is None
    with following(Traceparent("ab" * 16)):
        assert get_contextvars()["request_id"] == "ab" * 16
        assert to_store().startswith(f"00-{'ab' * 16}-")
    assert current() is None


async def test_request_id__not_trusted__is_our_own(client: AsyncClient) -> None:
    given = secrets.token_hex(16)
    headers = {"x-request-id": given, "traceparent": f"00-{given}-{'1' * 16}-01"}
    first = await client.get("/api/v1/nothing", headers=headers)
    second = await client.get("/api/v1/nothing", headers=headers)
    ids = {one.headers["x-request-id"] for one in (first, second)}
    assert len(ids | {given}) == 3
    assert first.json()["request_id"] == first.headers["x-request-id"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "cannot POST https://u:p@rpc.example:8545/v2/key?x=1 now",
            "cannot POST https://rpc.example:8545/… now",
        ),
        ("http://127.0.0.1:8545 does not answer", "http://127.0.0.1:8545 does not answer"),
        ("0x" + "ab" * 32, "0x" + "ab" * 32),
        ("ab" * 32, "(redacted)"),
        ("key sk_live_51Hx8ZqA refused", "key (redacted) refused"),
        ("for ann@example.org: full", "for (redacted): full"),
        ("twice\nDETAIL:  Key (email)=(ann) exists.", "twice\nDETAIL: (redacted)"),
        ("open-sesame-1 is wrong, and/slash%20too", "(redacted) is wrong, and/slash%20too"),
        ("the password of /a b/", "the password of /a b/"),
        ("at .HTTPS://u:p@rpc.example/key,", "at .HTTPS://rpc.example/…,"),
        ("Cookie x-eyJhbGciOi.eyJzdWIi.sig-na now", "Cookie (redacted) now"),
        ("\n\n  DETAIL: (ann)\nx", "\n\nDETAIL: (redacted)\nx"),
        ("input_value='a', input_type=str\n", "input_value=(redacted), input_type=str\n"),
    ],
)
def test_redaction(text: str, left: str) -> None:
    hide(["open-sesame-1", "short"])
    assert clean(text) == left


LONG = 1_000_000


@pytest.mark.parametrize(
    "piece",
    ["a", "-", "a.", "\n", " ", "a://", "eyJ-", "eyJa.", "password", "password ", "a@a.", "input_value="],
)
def test_redaction__a_megabyte_of_what_nearly_fits__is_looked_through_once(piece: str) -> None:
    """It would take an hour and more, were it looked through from each of its letters."""
    assert clean(piece * (LONG // len(piece)) + "\nwith sk_live_51Hx8ZqA").endswith("\nwith (redacted)")


def test_redaction__parts_of_urls() -> None:
    assert secrets_of("postgresql://me:a%20pass@/db?host=/run/a-folder-of-some-length") == [
        *sorted({"a%20pass", "a pass"}, key=secrets_of("postgresql://me:a%20pass@/db").index)
    ]
    assert set(secrets_of("https://rpc.example/v2/0123456789abcdef?apikey=two")) == {
        "0123456789abcdef",
        "two",
    }
    assert secrets_of("postgresql://me@db/x?password=open-sesame&sslmode=require") == ["open-sesame"]
    for malformed in ("http://[", "postgres:/me:open-sesame@db/x"):
        assert secrets_of(malformed) == [malformed]
    assert secrets_of("postgresql://me:open-ses/ame@db:5432/x") == ["open-ses"]
    assert secrets_of("postgresql://me@one:5432,[::1]:5433/x") == []
