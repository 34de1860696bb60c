"""What all stand-ins share: an account with posts and comments, OAuth, and a script of failures.

`server.next("comments", cut())` has the next request whose kind is `comments` fail so; `then(...)` changes the world
first and goes on. Kinds are named by each platform's routes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from aiohttp import web

CLIENT_ID = "client-of-tests"
CLIENT_SECRET = "secret-of-tests-never-in-a-log"
EPOCH = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Failure = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


@dataclass
class Said:
    """A comment. `author` is a handle or a name, as the platform has it; None hides who it was."""

    id: str
    author: str | None
    text: str
    at: datetime
    likes: int = 0
    replies: list[Said] = field(default_factory=list)


@dataclass
class Publication:
    """A post. `reported` is what the platform says, where that is not what there is."""

    id: str
    text: str
    said: list[Said] = field(default_factory=list)
    reported: int | None = None

    @property
    def count(self) -> int:
        """Comments and replies, unless the platform says something else."""
        if self.reported is not None:
            return self.reported
        return len(self.said) + sum(len(one.replies) for one in self.said)

    def write(self, count: int) -> None:
        """More comments, one a second, each by somebody else."""
        start = len(self.said)
        self.said += [
            Said(
                f"{9_000_000 + number}",
                f"fan{number}",
                "I want it @friend",
                EPOCH + timedelta(seconds=number),
            )
            for number in range(start, start + count)
        ]


def answer(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Failure:
    """Answer this instead."""

    async def fail(_request: web.Request, _go_on: Handler) -> web.StreamResponse:
        return web.json_response(body if body is not None else {}, status=status, headers=headers)

    return fail


def malformed(text: str = '{"data": [') -> Failure:
    """A success that is no JSON."""

    async def fail(_request: web.Request, _go_on: Handler) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    return fail


def cut() -> Failure:
    """The connection ends in the middle of the body."""

    async def fail(request: web.Request, go_on: Handler) -> web.StreamResponse:
        whole = await go_on(request)
        assert isinstance(whole, web.Response)
        body = whole.body
        assert isinstance(body, bytes)
        partial = web.StreamResponse(headers={"Content-Length": str(len(body))})
        partial.content_type = "application/json"
        await partial.prepare(request)
        await partial.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.close()
        return partial

    return fail


def drip() -> Failure:
    """A body that comes slower than anybody wants to wait, a byte at a time."""

    async def fail(request: web.Request, _go_on: Handler) -> web.StreamResponse:
        slow = web.StreamResponse()
        await slow.prepare(request)
        for _ in range(10_000):
            try:
                await slow.write(b" ")
            except ConnectionError:
                break
            await asyncio.sleep(0.02)
        return slow

    return fail


def then(change: Callable[[], object]) -> Failure:
    """Change the world, then answer as ever."""

    async def fail(request: web.Request, go_on: Handler) -> web.StreamResponse:
        change()
        return await go_on(request)

    return fail


def hold(arrived: asyncio.Event, go: asyncio.Event) -> Failure:
    """Say that the request is here, and answer when told to."""

    async def fail(request: web.Request, go_on: Handler) -> web.StreamResponse:
        arrived.set()
        await go.wait()
        return await go_on(request)

    return fail


class StandIn:
    """A platform with one account. Subclasses say `origins` and `routes`, and answer in its shapes."""

    origins: ClassVar[tuple[str, ...]]
    platform: ClassVar[str]
    scopes: ClassVar[str] = ""

    def __init__(self) -> None:
        self.account_id = "17841400000000001"
        self.account_name = "acme.shop"
        self.posts: dict[str, Publication] = {}
        self.scripted: list[tuple[str, Failure]] = []
        self.asked: Counter[str] = Counter()
        self.codes: dict[str, str] = {}
        """Code → challenge of PKCE."""
        self.accesses: set[str] = set()
        self.refreshes: set[str] = set()
        self.issued: list[str] = []
        """Every secret ever handed out, to be looked for where none may be."""
        self.expires_in = 3600
        self.granted = self.scopes
        self.denies = False
        self.overlap = 0
        """By how many comments each page begins too early, but never so many that it gets nowhere."""
        self.circles = False
        """Lets `overlap` get nowhere."""

    # The script.

    def next(self, kind: str, *failures: Failure) -> None:
        """Have the coming requests of a kind go wrong, in this order."""
        self.scripted += [(kind, one) for one in failures]

    def publish(self, post: str = "1789000000000001", comments: int = 0) -> Publication:
        """A new post."""
        made = Publication(post, "Comment to win!")
        made.write(comments)
        self.posts[post] = made
        return made

    # The server.

    @property
    def hosts(self) -> dict[str, str]:
        """For the setting CONNECTOR_HOSTS."""
        return dict.fromkeys(self.origins, self.url)

    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the platform's."""
        raise NotImplementedError

    def kind(self, request: web.Request) -> str:
        """Name of the request's route."""
        return request.match_info.route.name or request.path

    async def __aenter__(self) -> StandIn:
        @web.middleware
        async def scripted(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._scripted(request, handler)

        application = web.Application(middlewares=[scripted])
        self.routes(application.router)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _scripted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        kind = self.kind(request)
        self.asked[kind] += 1
        for index, (wanted, failure) in enumerate(self.scripted):
            if wanted == kind:
                del self.scripted[index]
                return await failure(request, handler)
        return await handler(request)

    # OAuth.

    async def authorise(self, request: web.Request) -> web.Response:
        """The account's owner agrees at once, or refuses."""
        asked = request.query
        assert asked["response_type"] == "code"
        assert (asked.get("client_id") or asked.get("client_key")) == CLIENT_ID
        if self.denies:
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = self.secret("code")
            self.codes[code] = asked.get("code_challenge", "")
            back = {"code": code, "state": asked["state"]}
        return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def spend_code(self, code: str, verifier: str | None) -> bool:
        """Once, and with the verifier of its challenge."""
        challenge = self.codes.pop(code, None)
        if challenge is None:
            return False
        digest = hashlib.sha256((verifier or "").encode()).digest()
        return not challenge or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge

    def new_access(self) -> str:
        """Beside those before."""
        made = self.secret("access")
        self.accesses.add(made)
        return made

    def new_refresh(self) -> str:
        """Beside those before."""
        made = self.secret("refresh")
        self.refreshes.add(made)
        return made

    def secret(self, kind: str) -> str:
        """Random, and remembered."""
        made = f"{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(made)
        return made

    def expire(self) -> None:
        """No access is good any more; refresh tokens are."""
        self.accesses.clear()

    def revoke(self) -> None:
        """The owner took everything back."""
        self.accesses.clear()
        self.refreshes.clear()

    def is_known(self, request: web.Request) -> bool:
        """Whether the request carries a good access."""
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.accesses

    # Lists.

    def window(self, said: list[Said], cursor: str | None, most: int) -> tuple[list[Said], str | None]:
        """A page of a list and the next cursor: by the last comment's id, or by place where that is gone."""
        start = 0
        if cursor:
            place, _, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
            known = [index for index, one in enumerate(said) if one.id == last]
            back = min(self.overlap, most - 1) if not self.circles else self.overlap
            start = max(0, (known[0] + 1 if known else int(place)) - back)
        page = said[start : start + most]
        end = start + len(page)
        if end >= len(said) or not page:
            return page, None
        return page, base64.urlsafe_b64encode(f"{end}:{page[-1].id}".encode()).decode()


def stamp(at: datetime) -> str:
    """As Google and X write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def graph_stamp(at: datetime) -> str:
    """As Meta writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")
