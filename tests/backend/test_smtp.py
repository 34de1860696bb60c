"""Mail over SMTP: encrypted or not at all, tried again after 4xx, a dead letter after 5xx."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from httpx import AsyncClient
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs import app as jobs
from backend.outbox.service import mail
from backend.services import Services
from tests.backend.test_measuring import value as measured
from tests.backend.test_user_admin import person
from tests.backend.working import comes_true, value, worker
from tests.backend.world import World
from tools.ports import free_port

# The server's library warns of what is tested: a server that asks for a password in the open.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
HOST = "127.0.0.1"
USER, PASSWORD = "tombola", "an smtp password"
TO = "ann@example.org"
SENT = f"SELECT state = 'sent' FROM app.mail WHERE recipient = '{TO}'"
TRIED = "SELECT count(*) FROM jobs.failure"
DEAD = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed'"


@dataclass
class Mailbox:
    """What a mail server got, and what it says: `answers` to DATA and `recipients` to RCPT, one each time, then yes."""

    mails: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.recipients:
            return self.recipients.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        if TO in envelope.rcpt_tos:  # the platform may tell administrators about the failure meanwhile
            self.mails.append(envelope.content)
            by_tls = server.transport.get_extra_info("sslcontext")
            self.encrypted.append((by_tls or session.ssl) is not None)
        return "250 OK"

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of HOST that nobody knows yet, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("smtp") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process trusts the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly a pause before the next attempt."""
    monkeypatch.setattr(jobs, "FIRST_PAUSE", 0.05)


@pytest.fixture
def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def serving(box: Mailbox, **options: Any) -> Iterator[int]:
    """A mail server; its port."""
    server = Controller(box, hostname=HOST, port=free_port(), **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def through(world: World, port: int, **changes: Any) -> Services:
    """The world's services with this mail server."""
    smtp = {"smtp_host": HOST, "smtp_port": port, "smtp_tls": "none", **changes}
    return replace(world.services, settings=world.services.settings.model_copy(update=smtp))


async def send(world: World) -> None:
    async with AsyncSession(world.services.engine) as db, db.begin():
        data = {"link": "https://tombola.test/verify#abc", "expires": "tomorrow"}
        await mail(db, (await world.person()).id, TO, "verify_email", data)


@pytest.mark.parametrize("way", ["tls", "starttls"])
@pytest.mark.usefixtures("trusted")
async def test_encrypted__delivered_after_signing_in(
    world: World, server_context: ssl.SSLContext, way: str
) -> None:
    box = Mailbox()
    options: dict[str, Any] = {"authenticator": box.login, "auth_required": True}
    if way == "tls":
        options |= {"ssl_context": server_context, "auth_require_tls": False}
    else:
        options |= {"tls_context": server_context, "require_starttls": True}
    with serving(box, **options) as port:
        services = through(world, port, smtp_tls=way, smtp_user=USER, smtp_password=SecretStr(PASSWORD))
        async with worker(services):
            await send(world)
            await comes_true(services, SENT)
    assert len(box.mails) == 1
    assert TO.encode() in box.mails[0]
    assert box.encrypted == [True]
    assert box.logins == [(USER.encode(), PASSWORD.encode())]


@pytest.mark.parametrize("has_starttls", [False, True], ids=["no STARTTLS", "unknown certificate"])
async def test_cannot_be_encrypted__waits_and_nothing_leaves(
    world: World, server_context: ssl.SSLContext, has_starttls: bool
) -> None:
    box = Mailbox()
    options = {"tls_context": server_context} if has_starttls else {}
    with serving(box, **options) as port:
        services = through(world, port, smtp_tls="starttls")
        async with worker(services):
            await send(world)
            await comes_true(services, TRIED)
    assert box.mails == []
    assert await value(services, "SELECT state FROM app.mail") == "waiting"
    assert await value(services, DEAD) == 0


@pytest.mark.parametrize("step", ["answers", "recipients"])
async def test_4xx__tried_again_until_it_is_taken(world: World, step: str) -> None:
    counted = {one: measured("tombola_mails_total", outcome=one) for one in ("failed", "sent")}
    box = Mailbox(**{step: ["451 try again later", "421 busy"]})
    with serving(box) as port:
        services = through(world, port)
        async with worker(services):
            await send(world)
            await comes_true(services, SENT)
            await comes_true(
                services, "SELECT count(*) = 0 FROM jobs.procrastinate_jobs WHERE queue_name = 'mail'"
            )
    assert len(box.mails) == 1
    assert getattr(box, step) == []
    now = {one: measured("tombola_mails_total", outcome=one) for one in counted}
    assert (now["failed"] - counted["failed"], now["sent"] - counted["sent"]) == (2, 1)


async def test_our_password_is_wrong__the_mail_waits(world: World) -> None:
    box = Mailbox()
    with serving(box, authenticator=box.login, auth_required=True, auth_require_tls=False) as port:
        services = through(world, port, smtp_user=USER, smtp_password=SecretStr("an old password"))
        async with worker(services):
            await send(world)
            await comes_true(services, TRIED)
            line = await value(services, "SELECT error FROM jobs.failure")
        assert "refuses our user or password (535)" in line
        assert "an old password" not in line
        assert await value(services, DEAD) == 0
        async with worker(through(world, port, smtp_user=USER, smtp_password=SecretStr(PASSWORD))):
            await comes_true(services, SENT)
    assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("step", "refusal", "said", "outcome"),
    [
        (
            "answers",
            "554 looks like spam to ann@example.org",
            "the mail server refuses the mail (554)",
            "refused",
        ),
        (
            "recipients",
            "550 nobody here is ann@example.org",
            "the mail server refuses the recipient (550)",
            "no_recipient",
        ),
    ],
)
async def test_5xx__a_dead_letter_that_an_admin_sees_and_sends_again(
    world: World, client: AsyncClient, services: Services, step: str, refusal: str, said: str, outcome: str
) -> None:
    counted = measured("tombola_mails_total", outcome=outcome)
    admin = await person(client, services, "admin", "admin")
    async with services.engine.begin() as db:  # registering sends mail of its own
        await db.exec_driver_sql("DELETE FROM jobs.procrastinate_jobs")
        await db.exec_driver_sql("DELETE FROM app.mail")
    box = Mailbox(**{step: [refusal]})
    with serving(box) as port:
        async with worker(through(world, port)):
            await send(world)
            await comes_true(services, DEAD)
            assert await value(services, f"SELECT state FROM app.mail WHERE recipient = '{TO}'") == "failed"
            answer = await client.get("/api/v1/admin/jobs", headers=admin["headers"])
            (dead,) = answer.json()["items"]
            assert (dead["task"], said in dead["error"]) == ("deliver_mail", True)
            assert TO not in answer.text
            assert box.mails == []
            assert measured("tombola_mails_total", outcome=outcome) == counted + 1
            again = f"/api/v1/admin/jobs/{dead['id']}/retry"
            assert (await client.post(again, headers=admin["headers"])).status_code == 202
            await comes_true(services, SENT)
    assert len(box.mails) == 1
