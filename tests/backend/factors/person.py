"""Somebody with an account and, if they like, second factors; through the HTTP face."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from httpx import AsyncClient, Response

from backend.factors import totp
from backend.factors.relying_party import relying_party
from backend.services import Services
from tests.backend.factors.authenticator import Authenticator
from tests.backend.test_auth import PASSWORD, register

API = "/api/v1"


@dataclass
class Clock:
    """The time that codes are judged by; it moves when a test moves it."""

    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def tick(self, seconds: float = 30) -> None:
        self.time += timedelta(seconds=seconds)

    @classmethod
    def install(cls, monkeypatch: pytest.MonkeyPatch) -> Clock:
        clock = cls()
        monkeypatch.setattr(totp, "now", lambda: clock.time)
        return clock


@dataclass
class Someone:
    """One account, one session of it, and the factors it has set up."""

    client: AsyncClient
    services: Services
    clock: Clock
    email: str
    headers: dict[str, str] = field(default_factory=dict)
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    async def send(self, method: str, path: str, body: Any = None) -> Response:
        self.client.cookies.clear()
        return await self.client.request(method, API + path, json=body, headers=self.headers)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a success."""
        answer = await self.send(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = await self.send(method, path, body)
        return answer.status_code, answer.json().get("code", "none: it succeeded")

    async def register(self) -> Someone:
        await register(self.client, self.email)
        await self.sign_in()
        return self

    async def password(self) -> Response:
        self.headers = {}
        return await self.send("POST", "/sessions", {"email": self.email, "password": PASSWORD})

    async def sign_in(self) -> None:
        self.take((await self.password()).json())

    def take(self, session: Any) -> None:
        """Go on in this session."""
        self.headers = {"authorization": f"Bearer {session['access_token']}"}

    async def ticket(self) -> str:
        """Of a sign-in that needs its second factor."""
        answer = await self.password()
        assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required"), answer.text
        return str(answer.json()["ticket"])

    async def step_up(self) -> Someone:
        await self.ok("POST", "/step-up", {"password": PASSWORD})
        return self

    def code(self, steps: int = 0) -> str:
        """What the authenticator app shows, so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.clock.time, counter_offset=steps)

    async def add_totp(self) -> Someone:
        self.secret = (await self.ok("POST", "/factors/totp"))["secret"]
        made = await self.ok("POST", "/factors/totp/confirm", {"code": self.code()})
        self.codes = made["recovery_codes"] or self.codes
        self.clock.tick()
        return self

    def authenticator(self) -> Authenticator:
        site = relying_party(self.services.settings)
        return Authenticator(site.id, site.origin)

    async def add_passkey(self, device: Authenticator | None = None) -> Authenticator:
        device = device or self.authenticator()
        options = await self.ok("POST", "/factors/passkeys/options")
        body = {"name": "My phone", "credential": device.create(options["public_key"])}
        made = await self.ok("POST", "/factors/passkeys", body)
        self.codes = made["recovery_codes"] or self.codes
        return device

    def totp_proof(self, code: str | None = None) -> dict[str, Any]:
        return {"way": "totp", "code": code or self.code()}

    async def complete(self, ticket: str, proof: dict[str, Any]) -> Response:
        self.headers = {}
        return await self.send("POST", "/sessions/second-factor", {"ticket": ticket, "proof": proof})

    async def prove(self, proof: dict[str, Any]) -> Response:
        """Step up by second factor."""
        return await self.send("POST", "/step-up/second-factor", {"proof": proof})
