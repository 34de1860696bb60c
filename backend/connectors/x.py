"""X API v2: posts, and the conversation below one by search.

https://docs.x.com/x-api/fundamentals/conversation-id, /x-api/posts/search/introduction and
https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from backend.connectors import oauth
from backend.connectors.apps import App
from backend.connectors.faults import AccessEnded, CursorLost, Fault, NotAllowed, PostGone, Wait
from backend.connectors.http import Answer, Http
from backend.connectors.links import found, no_post, read_link
from backend.connectors.platform import (
    Account,
    Comment,
    Grant,
    Page,
    Platform,
    Position,
    Post,
    PostPage,
    Tokens,
    below,
    items,
    named,
    when,
    whole,
)

LOGIN = "https://x.com/i/oauth2/authorize"
API = "https://api.x.com"
TITLE = "X"
_POST = "created_at,public_metrics,author_id,conversation_id"
_UNTOLD = 900.0
"""Limits are counted in windows of 15 minutes."""


class X:
    """An access lasts two hours; each renewal gives a new refresh token and spends the one before."""

    platform: Platform = "x"
    scopes: tuple[str, ...] = ("tweet.read", "users.read", "offline.access")
    renew_before = timedelta(minutes=5)
    grants_are_shared = False

    def __init__(self, http: Http, app: App, whole_archive: bool) -> None:
        self._http = http
        self._app = app
        self._search = "/2/tweets/search/all" if whole_archive else "/2/tweets/search/recent"

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """With PKCE, which X demands."""
        return oauth.authorisation_url(
            LOGIN,
            self._app.client_id,
            " ".join(self.scopes),
            state,
            redirect_uri,
            code_challenge=challenge,
            code_challenge_method="S256",
        )

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Code → access and refresh token."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        tokens = oauth.tokens((await self._token({**form, "code_verifier": verifier})).body)
        me = (await self._get("/2/users/me", {}, tokens.access)).body.get("data")
        if not isinstance(me, dict):
            raise Fault("X does not say whose access this is.")
        return [Grant(Account(str(me.get("id")), str(me.get("username") or me.get("id"))), tokens)]

    async def renew(self, tokens: Tokens) -> Tokens:
        """Spends the refresh token for a new pair."""
        if tokens.refresh is None:
            raise AccessEnded("X gave no refresh token: connect the account again.")
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        return oauth.tokens((await self._token(form)).body, tokens)

    async def revoke(self, tokens: Tokens) -> bool:
        """Of the refresh token, which ends both."""
        form = {"token": tokens.refresh or tokens.access, "client_id": self._app.client_id}
        answer = await self._http.ask("POST", f"{API}/2/oauth2/revoke", form=form, basic=self._basic)
        return answer.ok

    @property
    def _basic(self) -> tuple[str, str]:
        return self._app.client_id, self._app.client_secret

    async def _token(self, form: Mapping[str, str]) -> Answer:
        answer = await self._http.ask("POST", f"{API}/2/oauth2/token", form=form, basic=self._basic)
        if answer.status == 429:
            raise self._fault(answer)
        if not answer.ok:
            raise oauth.refusal(answer, TITLE)
        return answer

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """The account's own, without replies and reposts."""
        query = {"tweet.fields": _POST, "max_results": "50", "exclude": "replies,retweets"}
        query |= {"pagination_token": cursor} if cursor else {}
        answer = await self._get(f"/2/users/{account}/tweets", query, access)
        return PostPage([_post(one) for one in items(answer.body, "data")], _next(answer))

    def post_id(self, reference: str) -> str:
        """The number of a post."""
        parts = read_link(reference, ("x.com", "twitter.com"), TITLE)
        if parts is None:
            known = found(r"([0-9]{1,20})", reference.strip())
        else:
            known = found(r"/(?:i/web|i|\w{1,30})/status(?:es)?/([0-9]{1,20})(?:/.*)?", parts.path)
        if known is None:
            raise no_post(TITLE, "https://x.com/name/status/1234567890")
        return known

    async def post(self, access: str, account: str, post: str) -> Post:
        """X says 200 with `errors` for what is deleted or protected."""
        answer = await self._get(f"/2/tweets/{post}", {"tweet.fields": _POST}, access)
        data = answer.body.get("data")
        if not isinstance(data, dict):
            raise PostGone("The post is not there: it was deleted, or its account is protected.")
        return _post(data)

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """The conversation, newest first; what answers the post itself is a comment, the rest are replies."""
        query = {
            "query": f"conversation_id:{post.id}",
            "max_results": "100",
            "tweet.fields": "author_id,created_at,public_metrics,referenced_tweets",
            "expansions": "author_id",
            "user.fields": "created_at,public_metrics,username",
        }
        query |= {"next_token": position.cursor} if position.cursor else {}
        answer = await self._get(self._search, query, access)
        people = {str(one.get("id")): one for one in items(answer.body.get("includes"), "users")}
        said = [one for one in items(answer.body, "data") if str(one.get("id")) != post.id]
        comments = [_comment(one, people, post.id) for one in said]
        return Page(comments, position.after_page(_next(answer)), _pause(answer))

    async def _get(self, path: str, query: Mapping[str, str], access: str) -> Answer:
        answer = await self._http.ask("GET", f"{API}{path}", query=query, bearer=access)
        if not answer.ok:
            raise self._fault(answer)
        return answer

    def _fault(self, answer: Answer) -> Fault:
        body = answer.body
        kind = str(body.get("type", ""))
        if answer.status == 402 or kind.endswith(("/usage-capped", "/credits")):
            return NotAllowed("The month's allowance of posts at X is used up: the operator has to raise it.")
        if answer.status == 429:
            return Wait("X asks to wait: its limit of requests is reached.", _reset(answer))
        if answer.status == 401:
            return AccessEnded("X does not accept the access any more: connect the account again.")
        if answer.status == 403:
            return NotAllowed(
                "X does not allow this: our access level does not include it, or a permission was not granted."
            )
        if answer.status == 404:
            return PostGone("The post is not there: it was deleted, or its account is protected.")
        wrong = [one.get("parameters") for one in items(body, "errors")]
        if answer.status == 400 and any(
            isinstance(one, dict) and {"next_token", "pagination_token"} & set(one) for one in wrong
        ):
            return CursorLost("X forgot the position in the list.")
        return Fault(f"X answers {answer.status} ({str(body.get('title', 'no reason'))[:80]}).")


def _next(answer: Answer) -> str | None:
    token = below(answer.body, "meta").get("next_token")
    return token if isinstance(token, str) and token else None


def _reset(answer: Answer) -> float:
    """Seconds until the window ends; the header is Unix time."""
    told = answer.retry_after()
    if told is not None:
        return told
    at = whole(answer.headers.get("x-rate-limit-reset"))
    return _UNTOLD if at is None else min(max(at - time.time() + 1, 1.0), 86_400.0)


def _pause(answer: Answer) -> float:
    return _reset(answer) if answer.headers.get("x-rate-limit-remaining") == "0" else 0.0


def _post(body: dict[str, Any]) -> Post:
    number = str(body.get("id", ""))
    return Post(
        number,
        str(body.get("text") or ""),
        f"https://x.com/i/web/status/{number}",
        when(body.get("created_at")),
        whole(below(body, "public_metrics").get("reply_count")),
    )


def _comment(body: dict[str, Any], people: Mapping[str, dict[str, Any]], post: str) -> Comment:
    author = str(body.get("author_id", ""))
    person = people.get(author, {})
    answered = [one.get("id") for one in items(body, "referenced_tweets") if one.get("type") == "replied_to"]
    return Comment(
        id=str(body.get("id", "")),
        account=named(person.get("username"), None, author or None),
        text=str(body.get("text") or ""),
        is_reply=answered != [post],
        posted_at=when(body.get("created_at")),
        likes=whole(below(body, "public_metrics").get("like_count")),
        followers=whole(below(person, "public_metrics").get("followers_count")),
        account_created_at=when(person.get("created_at")),
    )
