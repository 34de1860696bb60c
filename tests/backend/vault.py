"""A stand-in for Vault's transit engine: the requests, answers and refusals of its HTTP API, and faults on demand.

Shapes follow builtin/logical/transit of Vault's sources: what is refused is `{"errors": […]}`, data keys and
re-wrapping take `context` alone, a key that is not derived ignores it. Rate limits, seals and permissions answer
as Vault's core does.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Answer = tuple[int, dict[str, Any]]
FORBIDDEN: Answer = (403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]})
THROTTLED: Answer = (429, {"errors": ['request path "transit/decrypt/tombola": rate limit quota exceeded']})
SEALED: Answer = (503, {"errors": ["Vault is sealed"]})
BROKEN: Answer = (500, {"errors": ["1 error occurred:\n\t* internal error\n\n"]})


class Vault:
    """A running stand-in with the key `tombola`. `fault` may answer instead of it, by operation; `delay` seconds pass
    before."""

    def __init__(self, derived: bool = True) -> None:
        self.derived = derived
        self.token = "s.right"
        self.versions = [secrets.token_bytes(32)]
        self.fault: Callable[[str], Answer | None] = lambda _operation: None
        self.delay = 0.0
        self.seen: Counter[str] = Counter()
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("GET", "/v1/transit/keys/{name}", self._key)
        app.router.add_route("POST", "/v1/transit/datakey/plaintext/{name}", self._datakey)
        app.router.add_route("POST", "/v1/transit/decrypt/{name}", self._decrypt)
        app.router.add_route("POST", "/v1/transit/rewrap/{name}", self._rewrap)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._runner.cleanup()

    def rotate(self) -> None:
        """`vault write -f transit/keys/tombola/rotate`."""
        self.versions.append(secrets.token_bytes(32))

    async def _key(self, request: web.Request) -> web.Response:
        refused = await self._refused(request, "keys")
        return refused or _data(
            {
                "type": "aes256-gcm96",
                "derived": self.derived,
                "name": "tombola",
                "latest_version": len(self.versions),
                "min_decryption_version": 1,
                "supports_derivation": True,
            }
        )

    async def _datakey(self, request: web.Request) -> web.Response:
        refused = await self._refused(request, "datakey")
        if refused:
            return refused
        body = await request.json()
        plain = secrets.token_bytes(body.get("bits", 256) // 8)
        if self.derived and not body.get("context"):
            return _errors(
                400, "missing 'context' for key derivation; the key was created using a derived key"
            )
        return _data(
            {
                "ciphertext": self._encrypt(plain, body.get("context", "")),
                "plaintext": _text(plain),
                "key_version": len(self.versions),
            }
        )

    async def _decrypt(self, request: web.Request) -> web.Response:
        refused = await self._refused(request, "decrypt")
        if refused:
            return refused
        body = await request.json()
        opened = self._opened(body)
        return opened if isinstance(opened, web.Response) else _data({"plaintext": _text(opened)})

    async def _rewrap(self, request: web.Request) -> web.Response:
        refused = await self._refused(request, "rewrap")
        if refused:
            return refused
        body = await request.json()
        opened = self._opened(body)
        if isinstance(opened, web.Response):
            return opened
        return _data(
            {
                "ciphertext": self._encrypt(opened, body.get("context", "")),
                "key_version": len(self.versions),
            }
        )

    async def _refused(self, request: web.Request, operation: str) -> web.Response | None:
        self.seen[operation] += 1
        await asyncio.sleep(self.delay)
        faulty = self.fault(operation)
        if faulty is not None:
            headers = {"Retry-After": "1"} if faulty[0] == 429 else {}
            return web.json_response(faulty[1], status=faulty[0], headers=headers)
        if request.headers.get("X-Vault-Token") != self.token:
            return web.json_response(FORBIDDEN[1], status=403)
        if request.match_info["name"] != "tombola":
            return _errors(400, "encryption key not found")
        return None

    def _opened(self, body: dict[str, Any]) -> bytes | web.Response:
        ciphertext = body.get("ciphertext", "")
        if not ciphertext.startswith("vault:v"):
            return _errors(400, "invalid ciphertext: no prefix")
        version, _, text = ciphertext.removeprefix("vault:v").partition(":")
        if not 1 <= int(version) <= len(self.versions):
            return _errors(400, "invalid ciphertext: version is too new")
        raw = base64.b64decode(text)
        try:
            return self._cipher(int(version), body.get("context", "")).decrypt(raw[:12], raw[12:], None)
        except InvalidTag:
            return _errors(400, "cipher: message authentication failed")

    def _encrypt(self, plain: bytes, context: str) -> str:
        nonce = secrets.token_bytes(12)
        version = len(self.versions)
        return f"vault:v{version}:{_text(nonce + self._cipher(version, context).encrypt(nonce, plain, None))}"

    def _cipher(self, version: int, context: str) -> AESGCM:
        key = self.versions[version - 1]
        if self.derived:
            key = HKDF(SHA256(), 32, None, base64.b64decode(context)).derive(key)
        return AESGCM(key)


def _data(data: dict[str, Any]) -> web.Response:
    return web.json_response(
        {
            "request_id": "1",
            "lease_id": "",
            "renewable": False,
            "lease_duration": 0,
            "data": data,
            "warnings": None,
        }
    )


def _errors(status: int, text: str) -> web.Response:
    return web.json_response({"errors": [text]}, status=status)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
