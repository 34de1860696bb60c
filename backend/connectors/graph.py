"""What Instagram and Facebook share: Meta's Graph API, its errors, limits and paging.

https://developers.facebook.com/docs/graph-api/guides/error-handling and /overview/rate-limiting
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from backend.connectors.faults import AccessEnded, Away, CursorLost, Fault, NotAllowed, PostGone, Wait
from backend.connectors.http import Answer, Http
from backend.connectors.platform import Connector, Post, below

VERSION = "v23.0"
_TRANSIENT = {1, 2}
_TOO_MANY = {4, 17, 32, 613, 80001, 80002, 80006}
"""Application, user, page; then custom, page, Instagram and Messenger limits by business use case."""
_ENDED = {102, 190}
_NO_SUCH_OBJECT = 33
NEARLY = 95
"""Percent of the hour's allowance after which the next page waits."""
_PAUSE, _UNTOLD = 60.0, 300.0
_MOST_PAGES_OF_POSTS = 20
"""A link is looked for among the newest 1,000 posts of Instagram, 2,000 of Facebook."""


class Graph:
    """Asks one host of the Graph API."""

    def __init__(self, http: Http, origin: str, title: str) -> None:
        self._http = http
        self._origin = origin
        self._title = title

    async def get(
        self, path: str, query: Mapping[str, str], access: str | None = None, *, versioned: bool = True
    ) -> Answer:
        """Raises every fault of a platform."""
        return await self._asked("GET", path, query, access, versioned)

    async def delete(self, path: str, access: str) -> Answer:
        """Raises every fault of a platform."""
        return await self._asked("DELETE", path, {}, access, True)

    async def _asked(
        self, method: str, path: str, query: Mapping[str, str], access: str | None, versioned: bool
    ) -> Answer:
        where = f"{self._origin}/{VERSION}{path}" if versioned else f"{self._origin}{path}"
        answer = await self._http.ask(method, where, query=query, bearer=access)
        # Some failures come with status 200.
        if not answer.ok or "error" in answer.body:
            raise self.fault(answer)
        return answer

    def fault(self, answer: Answer) -> Fault:
        """What an error means."""
        error = below(answer.body, "error")
        code, subcode = error.get("code"), error.get("error_subcode")
        message = str(error.get("message", ""))
        title = self._title
        if code in _TOO_MANY or answer.status == 429:
            return Wait(f"{title} asks to wait: its limit of requests is reached.", _regained(answer))
        if code in _ENDED:
            return AccessEnded(f"{title} does not accept the access any more: connect the account again.")
        if code in _TRANSIENT or error.get("is_transient") is True:
            return Away(f"{title} answers with trouble of its own (code {code}).")
        if (code == 100 and subcode == _NO_SUCH_OBJECT) or code == 803 or answer.status == 404:
            return PostGone(
                f"The post is not there: it was deleted, or this account may not read it on {title}."
            )
        if code == 100 and "cursor" in message.lower():
            return CursorLost(f"{title} forgot the position in the list.")
        if code == 10 or (isinstance(code, int) and 200 <= code <= 299):
            return NotAllowed(
                f"{title} does not allow this (code {code}): connect the account again and grant every permission."
            )
        return Fault(f"{title} answers {answer.status} (code {code}).")


def pause(answer: Answer) -> float:
    """Seconds to wait before the next request: some once the allowance is nearly used up."""
    return _PAUSE if max(_usage(answer), default=0) >= NEARLY else 0.0


def after(answer: Answer) -> str | None:
    """The cursor of the next page; only `paging.next` says that there is one."""
    return next_cursor(answer.body)


def next_cursor(body: Mapping[str, Any]) -> str | None:
    """The same of a list inside an answer."""
    paging = body.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return None
    cursor = (paging.get("cursors") or {}).get("after")
    return cursor if isinstance(cursor, str) and cursor else None


async def newest_post(
    asked: Connector, access: str, account: str, fits: Callable[[Post], bool]
) -> Post | None:
    """The newest of the account's posts that fits, for a link: the API has no question for it."""
    cursor: str | None = None
    for _ in range(_MOST_PAGES_OF_POSTS):
        page = await asked.posts(access, account, cursor)
        for one in page.posts:
            if fits(one):
                return one
        cursor = page.cursor
        if cursor is None:
            break
    return None


def _json_header(answer: Answer, name: str) -> dict[str, Any]:
    try:
        read = json.loads(answer.headers.get(name, "{}"))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _usage(answer: Answer) -> list[float]:
    """Percentages of the app's allowance, and of each business use case's."""
    said = [_json_header(answer, "x-app-usage"), *_use_cases(answer)]
    names = ("call_count", "total_time", "total_cputime")
    return [float(one[name]) for one in said for name in names if isinstance(one.get(name), int | float)]


def _use_cases(answer: Answer) -> list[dict[str, Any]]:
    lists = _json_header(answer, "x-business-use-case-usage").values()
    return [one for each in lists if isinstance(each, list) for one in each if isinstance(one, dict)]


def _regained(answer: Answer) -> float:
    """Seconds until requests are accepted again; `estimated_time_to_regain_access` is in minutes."""
    told = answer.retry_after()
    if told is not None:
        return told
    minutes = [one.get("estimated_time_to_regain_access") for one in _use_cases(answer)]
    known = [float(one) * 60 for one in minutes if isinstance(one, int | float) and one > 0]
    return max(known, default=_UNTOLD)
