"""Refuses what is beyond a limit with 429, and tells every client of the API where it stands.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` names the limits,
`RateLimit` how much of the tightest one is left (`r`) and when more comes (`t`, seconds).
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from fastapi import Request
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api_keys import identify as api_keys
from backend.auth.cookies import ACCESS_COOKIE
from backend.auth.throttle import TooManyAttempts, network_of
from backend.errors import problem
from backend.services import Services
from backend.throttling.rules import Count, Rule, rules_for

API = "/api/v1"
REFUSED = Counter("tombola_throttled", "Requests refused with 429, by the limit they were beyond", ["rule"])


class Throttling:
    """Counts every request below the API's prefix before anything else looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or not scope["path"].startswith(f"{API}/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        services: Services = scope["app"].state.services
        rules = rules_for(services.settings, scope["method"], scope["path"].removeprefix(API))
        counts = await _count(services, request, rules)
        headers = _headers(counts)
        refused = next((count for count in counts if not count.is_allowed), None)
        if refused is not None:
            REFUSED.labels(refused.rule.name).inc()
            await _refusal(request, refused, headers)(scope, receive, send)
            return

        async def decorated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in headers.items()),
                ]
            await send(message)

        await self._app(scope, receive, decorated)


async def _count(services: Services, request: Request, rules: tuple[Rule, ...]) -> list[Count]:
    """Count the request under each rule up to the first that refuses it."""
    clients = {"network": network_of(request.client.host if request.client else None)}
    token = _token(request) or ""
    access = services.access_tokens.read(token)
    if access is not None:
        clients["user"] = str(access.user_id)
    elif token.startswith(api_keys.BEGINNING):
        clients["user"] = f"key {api_keys.secret_hash(token).hex()}"  # each API key has limits of its own
    counts: list[Count] = []
    for rule in rules:
        if rule.per in clients:
            counts.append(await services.counters.hit(rule, clients[rule.per]))
            if not counts[-1].is_allowed:
                break
    return counts


def _token(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if credentials:
        return credentials.strip() if scheme.lower() == "bearer" else None
    try:
        cookie = SimpleCookie(request.headers.get("cookie", "")).get(ACCESS_COOKIE)
    except CookieError:
        return None
    return cookie.value if cookie else None


def _headers(counts: list[Count]) -> dict[str, str]:
    policies = [f'"{count.rule.name}";q={count.rule.limit};w={count.rule.seconds}' for count in counts]
    tightest = min(counts, key=lambda count: (count.is_allowed, count.remaining))
    return {
        "ratelimit-policy": ", ".join(policies),
        "ratelimit": f'"{tightest.rule.name}";r={tightest.remaining};t={tightest.reset_seconds}',
    }


def _refusal(request: Request, count: Count, headers: dict[str, str]) -> ASGIApp:
    rule = count.rule
    whose = "your network address" if rule.per == "network" else "your account"
    return problem(
        request,
        TooManyAttempts.status,
        TooManyAttempts.code,
        TooManyAttempts.title,
        f"More than {rule.limit} requests in {rule.seconds} seconds came from {whose}; "
        f"try again in {count.reset_seconds} seconds.",
        {**headers, "Retry-After": str(count.reset_seconds)},
    )
