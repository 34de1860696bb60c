"""Several processes of each kind on one machine behind nginx, as deploy/nginx has it."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import os
import signal
import socket
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.settings import Settings
from tests.support.fork_server import Child, ForkServer
from tests.support.processes import ROOT, Process, http_status
from tests.support.waiting import wait_until_async
from tools.packages import NGINX, REDIS
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

CONFIG = ROOT / "deploy" / "nginx"
KINDS = ("sender", "worker", "listener", "api")
PATIENCE = 90.0
DRAIN_SECONDS = 4.0
"""Longer than the time-outs of upstream.conf, as its comment asks."""
READY = {"sender": ("sender_ready",), "worker": ("worker_ready",), "listener": ("leading", "standing by")}
QUICK = {
    "SENDER_POLL_SECONDS": "0.1",
    "SENDER_LEASE_SECONDS": "2",
    "WORKER_POLL_SECONDS": "0.2",
    "WORKER_HEARTBEAT_SECONDS": "0.5",
    "WORKER_LOST_SECONDS": "2",
    "LEADER_LOST_SECONDS": "2",
    "PASSWORD_MEMORY_KIB": "64",
    "PASSWORD_ROUNDS": "1",
    "REQUESTS_PER_MINUTE_PER_NETWORK": "1000000",
    "REQUESTS_PER_MINUTE_PER_USER": "1000000",
    "CHANGES_PER_MINUTE_PER_USER": "1000000",
    "START_PATIENCE_SECONDS": f"{PATIENCE:g}",
}


class Fleet:
    """Two processes of each kind, and nginx; an asynchronous context manager that ends them."""

    def __init__(self, settings: Settings, database: DatabaseUris, folder: Path) -> None:
        self._folder, self._database = folder, database
        self._redis_port = free_port()
        self.redis_url = f"redis://127.0.0.1:{self._redis_port}"
        self._env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ},
            "DATABASE_URL": settings.database_url,
            "RPC_URLS": ",".join(settings.rpc_urls),
            "REGISTRY": str(settings.registry),
            "KMS_FILE": str(settings.kms_file),
            "MAIL_DIR": str(settings.mail_dir),
            "FILES_DIR": str(settings.files_dir),
            "REDIS_URL": self.redis_url,
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
            "DRAIN_SECONDS": f"{DRAIN_SECONDS:g}",
            **QUICK,
        }
        self.port, self.plain_port = free_port(), free_port()
        self._api_ports = {f"api {number}": free_port() for number in (1, 2)}
        self._running: dict[str, Child] = {}
        self._starts: Counter[str] = Counter()
        self._server = ForkServer("tests.backend.fleet_process")
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Start everything side by side, and wait until all of it works."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._server)
            stack.push_async_callback(self._end)
            redis = stack.enter_context(self._redis())
            await asyncio.to_thread(redis.wait_until, lambda: _listens(self._redis_port), PATIENCE, "Redis")
            for kind in KINDS:
                for number in (1, 2):
                    self.start(f"{kind} {number}")
            nginx = stack.enter_context(self._nginx())
            for name in self._running:
                await self.ready(name)
            await asyncio.to_thread(nginx.wait_until, lambda: _listens(self.port), PATIENCE, "nginx")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _end(self) -> None:
        """Ask all of them, then insist."""
        left = [child for child in self._running.values() if child.is_alive]
        for child in left:
            child.signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(20):
                await asyncio.gather(*(child.wait() for child in left))
        for child in left:
            child.kill()

    def start(self, name: str) -> None:
        """Start it, anew where it ran before."""
        kind, env = name.split()[0], dict(self._env)
        if kind == "listener":
            env["DATABASE_URL"] = self._database.listener
        if kind == "api":
            env["PORT"] = str(self._api_ports[name])
        self._starts[name] += 1
        self._running[name] = self._server.start([kind, json.dumps(env)], self._log(name))

    def _log(self, name: str) -> Path:
        """One for each start."""
        return self._folder / f"{name} {self._starts[name]}.log"

    def text(self, name: str) -> str:
        """What it has written since it was started."""
        log = self._log(name)
        return log.read_text(errors="replace") if log.exists() else ""

    async def ready(self, name: str) -> None:
        """Return when it does its work."""

        async def is_ready() -> bool:
            if not self._running[name].is_alive:
                raise RuntimeError(f"{name} has ended: {self.text(name)[-2000:]}")
            if name in self._api_ports:
                return await asyncio.to_thread(http_status, self._url(name, "/readyz")) == 200
            text = self.text(name)
            return any(one in text for one in READY[name.split()[0]])

        await wait_until_async(is_ready, PATIENCE, what=f"{name} ready")

    async def leads(self, name: str) -> None:
        """Return when this listener mirrors."""

        async def leading() -> bool:
            return "leading" in self.text(name)

        await wait_until_async(leading, PATIENCE, what=f"{name} leading")

    def _url(self, name: str, path: str) -> str:
        """One API process, without nginx."""
        return f"http://127.0.0.1:{self._api_ports[name]}{path}"

    async def stop(self, name: str) -> None:
        """SIGTERM; returns when it has ended as it should, having said before that it drains."""
        child = self._running[name]
        child.signal(signal.SIGTERM)
        if name in self._api_ports:

            async def drains() -> bool:
                if not child.is_alive:
                    raise RuntimeError(f"{name} ended without having said that it would")
                ready = await asyncio.to_thread(http_status, self._url(name, "/readyz"))
                return (
                    ready == 503 and await asyncio.to_thread(http_status, self._url(name, "/healthz")) == 200
                )

            await wait_until_async(drains, PATIENCE, what=f"{name} draining")
        async with asyncio.timeout(PATIENCE):
            assert await child.wait() == 0, f"{name}: {self.text(name)[-2000:]}"

    def kill(self, name: str) -> None:
        """SIGKILL."""
        self._running[name].kill()

    def said(self, name: str, event: str) -> dict[str, Any]:
        """The line of its log about an event."""
        lines = (json.loads(line) for line in self.text(name).splitlines() if line.startswith("{"))
        found: dict[str, Any] = next(line for line in lines if line.get("event") == event)
        return found

    def answered(self, name: str) -> int:
        """How many requests nginx had answered by it with success."""
        return self.access_log.count(f"127.0.0.1:{self._api_ports[name]}: 2")

    @property
    def access_log(self) -> str:
        """What nginx did with each request."""
        return (self._folder / "nginx" / "access.log").read_text()

    def _redis(self) -> Process:
        """In memory alone."""
        options = ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        return Process([REDIS.ensure(), *options], cwd=self._folder)

    def _nginx(self) -> Process:
        """With the project's own configuration; other ports and folders."""
        folder = self._folder / "nginx"
        (folder / "live").mkdir(parents=True)
        write_certificate(folder)
        names = {
            "live/upstream.conf": {f"127.0.0.1:{8000 + n}": f"127.0.0.1:{p}" for n, p in self._numbered()},
            "proxy.conf": {},
            "tombola.conf": {
                "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            },
        }
        for name, changes in names.items():
            text = (CONFIG / name).read_text()
            for old, new in changes.items():
                assert text.count(old) == 1, (name, old)
                text = text.replace(old, new)
            (folder / name).write_text(text.replace("/etc/nginx/tombola/", f"{folder}/"))
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr warn;\n"
            "events { worker_connections 512; }\n"
            "http {\n"
            "log_format tries '$request_method $uri $status by $upstream_addr: $upstream_status';\n"
            f"access_log {folder}/access.log tries; {temporary}\n"
            f"include {folder}/tombola.conf;\n"
            "}\n"
        )
        return Process([NGINX.ensure(), "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"])

    def _numbered(self) -> list[tuple[int, int]]:
        return list(enumerate(self._api_ports.values()))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def write_certificate(folder: Path) -> None:
    """One of its own, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tombola.example.org")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
