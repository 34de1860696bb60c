"""Where the API is and who asks. Generated operations take one of these as `client`."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self

import httpx

from tombola_client.problem import problem_of


def _options(url: str, token: str | None, timeout: float) -> dict[str, Any]:
    headers = {"Accept-Language": "en"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    # Sessions in cookies are for the web app's pages: kept here, they would decide who asks in the token's place.
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return {"base_url": url, "headers": headers, "timeout": timeout, "cookies": cookies}


class Tombola:
    """`url` as `https://draws.example`; `token` an API key (`tk_…`) or a session's `access_token`.

    Times are in seconds. `http` are further arguments of `httpx.Client` (proxy, transport, limits). Operations raise
    TombolaProblem when the API refuses, and httpx.HTTPError when it cannot be reached.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 30, **http: Any) -> None:
        self._http = httpx.Client(**{**_options(url, token, timeout), **http})

    def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """For generated operations."""
        answer = self._http.request(**request)
        if answer.is_error or answer.status_code == httpx.codes.NOT_MODIFIED:
            raise problem_of(answer)
        return answer

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncTombola:
    """As Tombola, for asyncio."""

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 30, **http: Any) -> None:
        self._http = httpx.AsyncClient(**{**_options(url, token, timeout), **http})

    async def send(self, request: Mapping[str, Any]) -> httpx.Response:
        """For generated operations."""
        answer = await self._http.request(**request)
        if answer.is_error or answer.status_code == httpx.codes.NOT_MODIFIED:
            raise problem_of(answer)
        return answer

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
