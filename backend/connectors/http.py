"""Calls to platforms: bounded in time and size, never redirected, to hosts that only the code decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from backend.connectors.faults import Away

MOST_BYTES = 8 * 2**20
"""A page of a hundred long comments is about 200 KiB."""
AGENT = "Tombola/1"
CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class Answer:
    """What a platform said. `body` is the JSON object, empty where a failure came without one."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Any 2xx."""
        return 200 <= self.status < 300

    def retry_after(self) -> float | None:
        """Seconds of the header Retry-After, where it is a number."""
        said = self.headers.get("retry-after", "")
        return float(said) if said.isascii() and said.isdigit() else None


class Http:
    """One connection pool for one task. `hosts` replaces origins, for stand-ins in local use."""

    def __init__(self, hosts: Mapping[str, str], seconds: float) -> None:
        self._hosts = dict(hosts)
        self._seconds = seconds
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            headers={"User-Agent": AGENT, "Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Give connections back."""
        await self._client.aclose()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        bearer: str | None = None,
        basic: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask and read the whole answer. Raises Away for no answer, a broken one, or a failure of theirs (5xx)."""
        sent = dict(headers or {})
        if bearer is not None:
            sent["Authorization"] = f"Bearer {bearer}"
        host = urlsplit(url).netloc
        request = self._client.build_request(
            method, placed(self._hosts, url), params=query, data=form, json=body, headers=sent
        )
        auth = httpx.BasicAuth(*basic) if basic is not None else None
        try:
            # The client's own limit is for each chunk: an answer that drips would last for ever.
            async with asyncio.timeout(self._seconds):
                response = await self._client.send(request, auth=auth, stream=True)
                try:
                    raw = await _read(response, host)
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise Away(f"{host} gave no whole answer in {self._seconds:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Away(f"The connection to {host} failed ({type(error).__name__}).") from None
        if response.status_code >= 500:
            raise Away(f"{host} answers {response.status_code}: it has trouble of its own.")
        return Answer(response.status_code, response.headers, _object(raw, response.status_code, host))


def placed(hosts: Mapping[str, str], url: str) -> str:
    """The URL at the stand-in of its origin, where there is one."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return hosts.get(origin, origin) + url[len(origin) :]


async def _read(response: httpx.Response, host: str) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Away(f"{host} answers more than {MOST_BYTES // 2**20} MiB to one question.")
    return bytes(raw)


def _object(raw: bytes, status: int, host: str) -> dict[str, Any]:
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, dict):
        return read
    if 200 <= status < 300 and raw.strip():
        raise Away(f"{host} answers something that is no JSON object.")
    return {}
