"""Instagram API with Instagram Login: professional accounts, their own media.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backend.connectors import graph, oauth
from backend.connectors.apps import App
from backend.connectors.faults import PostGone
from backend.connectors.graph import Graph
from backend.connectors.http import Http
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

LOGIN = "https://www.instagram.com/oauth/authorize"
TOKEN = "https://api.instagram.com/oauth/access_token"  # noqa: S105 - an address
API = "https://graph.instagram.com"
TITLE = "Instagram"
_MEDIA = "id,caption,permalink,timestamp,comments_count"
_COMMENT = "id,text,timestamp,username,from,like_count"
_MOST = "50"


class Instagram:
    """Its long-lived access lasts 60 days, and is renewed from its second day on while it lasts."""

    platform: Platform = "instagram"
    scopes: tuple[str, ...] = ("instagram_business_basic", "instagram_business_manage_comments")
    renew_before = timedelta(days=10)
    grants_are_shared = False

    def __init__(self, http: Http, app: App) -> None:
        self._http = http
        self._app = app
        self._graph = Graph(http, API, TITLE)

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """The log-in of Instagram itself."""
        return oauth.authorisation_url(LOGIN, self._app.client_id, ",".join(self.scopes), state, redirect_uri)

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Code → access of an hour → access of 60 days."""
        form = {
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            # Instagram appends #_ to the address it sends people back to.
            "code": code.removesuffix("#_"),
        }
        answer = await self._http.ask("POST", TOKEN, form=form)
        if not answer.ok:
            raise oauth.refusal(answer, TITLE)
        listed = items(answer.body, "data")
        first = listed[0] if listed else answer.body
        short = oauth.tokens({**first, "scope": _joined(first.get("permissions"))}, separator=",")
        query = {"grant_type": "ig_exchange_token", "client_secret": self._app.client_secret}
        longer = await self._graph.get(
            "/access_token", {**query, "access_token": short.access}, versioned=False
        )
        tokens = oauth.tokens(longer.body, short)
        me = (await self._graph.get("/me", {"fields": "user_id,username"}, tokens.access)).body
        number = str(me.get("user_id") or me.get("id") or "")
        return [Grant(Account(number, str(me.get("username") or number)), tokens)]

    async def renew(self, tokens: Tokens) -> Tokens:
        """Sixty days more, while the access is still good."""
        query = {"grant_type": "ig_refresh_token", "access_token": tokens.access}
        answer = await self._graph.get("/refresh_access_token", query, versioned=False)
        return oauth.tokens(answer.body, tokens)

    async def revoke(self, tokens: Tokens) -> bool:
        """Only its owner can, at Instagram: Settings, Website permissions, Apps and websites."""
        return False

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """The account's media."""
        query = {"fields": _MEDIA, "limit": _MOST} | ({"after": cursor} if cursor else {})
        answer = await self._graph.get(f"/{account}/media", query, access)
        return PostPage([_post(one) for one in items(answer.body, "data")], graph.after(answer))

    def post_id(self, reference: str) -> str:
        """A media id, or the short code of a link."""
        parts = read_link(reference, ("instagram.com",), TITLE)
        if parts is None:
            known = found(r"([0-9]{5,30}|[A-Za-z0-9_-]{5,40})", reference.strip())
        else:
            known = found(r"(?:/[\w.]+)?/(?:p|reel|reels|tv)/([A-Za-z0-9_-]{5,40})/?", parts.path)
        if known is None:
            raise no_post(TITLE, "https://www.instagram.com/p/CabcDEF1234/")
        return known

    async def post(self, access: str, account: str, post: str) -> Post:
        """By id at once; by short code among the account's own media."""
        if post.isdigit():
            return _post((await self._graph.get(f"/{post}", {"fields": _MEDIA}, access)).body)
        known = await graph.newest_post(
            self, access, account, lambda one: one.url.rstrip("/").endswith(f"/{post}")
        )
        if known is None:
            raise PostGone(
                "No post of the connected Instagram account has this link. Connect the account that posted it."
            )
        return known

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """Comments with their first replies; the rest of a thread by itself."""
        if position.threads:
            comment, cursor = position.threads[0]
            query = {"fields": _COMMENT, "limit": _MOST} | ({"after": cursor} if cursor else {})
            answer = await self._graph.get(f"/{comment}/replies", query, access)
            replies = [_comment(one, True) for one in items(answer.body, "data")]
            return Page(replies, position.after_thread(graph.after(answer)), graph.pause(answer))
        fields = f"{_COMMENT},replies.limit({_MOST}){{{_COMMENT}}}"
        query = {"fields": fields, "limit": _MOST}
        query |= {"after": position.cursor} if position.cursor else {}
        answer = await self._graph.get(f"/{post.id}/comments", query, access)
        comments: list[Comment] = []
        threads: list[tuple[str, str | None]] = []
        for one in items(answer.body, "data"):
            comments.append(_comment(one, False))
            inner = one.get("replies")
            if isinstance(inner, dict):
                comments += [_comment(reply, True) for reply in items(inner, "data")]
                more = graph.next_cursor(inner)
                if more is not None:
                    threads.append((str(one["id"]), more))
        return Page(comments, position.after_page(graph.after(answer), threads), graph.pause(answer))


def _joined(permissions: object) -> str:
    """Permissions come as a list or as text with commas."""
    return ",".join(map(str, permissions)) if isinstance(permissions, list) else str(permissions or "")


def _post(body: dict[str, Any]) -> Post:
    return Post(
        str(body.get("id", "")),
        str(body.get("caption") or ""),
        str(body.get("permalink") or ""),
        when(body.get("timestamp")),
        whole(body.get("comments_count")),
    )


def _comment(body: dict[str, Any], is_reply: bool) -> Comment:
    writer = below(body, "from")
    handle = body.get("username") or writer.get("username")
    return Comment(
        id=str(body.get("id", "")),
        account=named(handle, None, writer.get("id")),
        text=str(body.get("text") or ""),
        is_reply=is_reply,
        posted_at=when(body.get("timestamp")),
        likes=whole(body.get("like_count")),
    )
