"""What every platform is asked for: one interface, and the facts it answers with.

Whatever a platform does not tell is None, never a guess. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, get_args

Platform = Literal["instagram", "facebook", "x", "tiktok", "youtube"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)


@dataclass(frozen=True)
class Tokens:
    """An account's access. `expires_at` is that of `access`; None for one that does not expire. Never printed."""

    access: str
    refresh: str | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Tokens(expires_at={self.expires_at}, scopes={self.scopes})"


@dataclass(frozen=True)
class Account:
    """Whose posts can be read: `id` is the platform's and stays, `name` is how people know it."""

    id: str
    name: str


@dataclass(frozen=True)
class Grant:
    """One account that was granted, with the access to it."""

    account: Account
    tokens: Tokens


@dataclass(frozen=True)
class Post:
    """`reported`: how many comments the platform says there are, replies among them where it counts them."""

    id: str
    text: str
    url: str
    posted_at: datetime | None
    reported: int | None


@dataclass(frozen=True)
class PostPage:
    """Newest first."""

    posts: Sequence[Post]
    cursor: str | None


@dataclass(frozen=True)
class Comment:
    """`account` names one person on the platform and no other; None where the platform does not tell it."""

    id: str
    account: str | None
    text: str
    is_reply: bool
    posted_at: datetime | None = None
    likes: int | None = None
    followers: int | None = None
    account_created_at: datetime | None = None


@dataclass(frozen=True)
class Position:
    """Where to read on: first the `threads` (a comment and the cursor in its replies), then the page at `cursor`.

    `ended`: the last page of comments was read, only threads are left.
    """

    cursor: str | None = None
    threads: tuple[tuple[str, str | None], ...] = ()
    ended: bool = False

    def after_page(
        self, cursor: str | None, threads: Sequence[tuple[str, str | None]] = ()
    ) -> Position | None:
        """After a page of comments; None at the end of everything."""
        return Position(cursor, tuple(threads), cursor is None)._or_end()

    def after_thread(self, cursor: str | None) -> Position | None:
        """After a page of the first thread's replies."""
        rest = self.threads[1:] if cursor is None else ((self.threads[0][0], cursor), *self.threads[1:])
        return Position(self.cursor, rest, self.ended)._or_end()

    def _or_end(self) -> Position | None:
        return None if self.ended and not self.threads else self

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {"cursor": self.cursor, "threads": [list(one) for one in self.threads], "ended": self.ended}

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Position:
        """From JSON; the beginning where nothing is stored."""
        known = stored or {}
        threads = tuple((str(comment), cursor) for comment, cursor in known.get("threads", ()))
        return cls(known.get("cursor"), threads, bool(known.get("ended", False)))


@dataclass(frozen=True)
class Page:
    """Some comments, where to read on (None: that was all), and how long the platform asks to wait before."""

    comments: Sequence[Comment]
    next: Position | None
    pause: float = 0.0


class Connector(Protocol):
    """One platform. Every method that asks it raises faults of `backend.connectors.faults`."""

    platform: Platform
    scopes: tuple[str, ...]
    """Permissions without which it is of no use."""
    renew_before: timedelta
    """How long before the end of an access it is renewed."""
    grants_are_shared: bool
    """Whether revoking one account's access ends that of others connected with it."""

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """Where the account's owner says yes; `challenge` is PKCE's (S256)."""
        ...

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Turn the code into accesses that last as long as the platform lets them."""
        ...

    async def renew(self, tokens: Tokens) -> Tokens:
        """A fresh access. Raises AccessEnded where the platform gives none any more."""
        ...

    async def revoke(self, tokens: Tokens) -> bool:
        """End the access at the platform; False where that is up to the account's owner."""
        ...

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """The account's posts."""
        ...

    def post_id(self, reference: str) -> str:
        """The id in a link or an id itself; never asks anybody. Raises LinkUnknown."""
        ...

    async def post(self, access: str, account: str, post: str) -> Post:
        """One post as it stands now, by what `post_id` answered. Raises PostGone."""
        ...

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """The comments and replies at a position. Raises CursorLost when the platform has forgotten it."""
        ...


def in_seconds(seconds: object) -> datetime | None:
    """When something ends that lasts so long; None for what is no number of seconds."""
    if isinstance(seconds, str) and seconds.isdigit():
        seconds = int(seconds)
    if not isinstance(seconds, int | float) or seconds <= 0:
        return None
    return datetime.now(UTC) + timedelta(seconds=float(seconds))


def when(stamp: object) -> datetime | None:
    """A platform's time: ISO 8601 (also `+0000`) or Unix seconds; None for what is neither."""
    try:
        if isinstance(stamp, int) or (isinstance(stamp, str) and stamp.isdigit()):
            return datetime.fromtimestamp(int(stamp), UTC)
        if isinstance(stamp, str):
            read = datetime.fromisoformat(stamp)
            return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def whole(number: object) -> int | None:
    """A count; platforms write some as text."""
    if isinstance(number, str) and number.isascii() and number.isdigit():
        number = int(number)
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None


def items(body: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list inside an answer; empty where it is missing."""
    listed = body.get(name) if isinstance(body, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def below(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """An object inside others; empty where one of them is missing."""
    found: Any = body
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def named(handle: str | None, display: str | None, number: str | None) -> str | None:
    """Who wrote: the handle where there is one; else the name with the platform's id, since names are not unique."""
    if handle:
        return handle
    return f"{display} ({number})" if display and number else number
