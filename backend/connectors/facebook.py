"""Facebook pages: their posts and comments, by the page's own access.

https://developers.facebook.com/docs/graph-api/reference/page-post/comments and
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from backend.connectors import graph, oauth
from backend.connectors.apps import App
from backend.connectors.faults import AccessEnded, NotAllowed, PostGone
from backend.connectors.graph import VERSION, Graph
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

LOGIN = f"https://www.facebook.com/{VERSION}/dialog/oauth"
API = "https://graph.facebook.com"
TITLE = "Facebook"
_COUNT = "comments.filter(stream).limit(0).summary(total_count)"
_POST = f"id,message,created_time,permalink_url,{_COUNT}"
_COMMENT = "id,message,created_time,like_count,parent{id},from{id,name}"
_MOST = "100"


class Facebook:
    """A page's access, got by a person's of 60 days, does not expire; the person's is kept to end it with."""

    platform: Platform = "facebook"
    scopes: tuple[str, ...] = ("pages_show_list", "pages_read_engagement", "pages_read_user_content")
    renew_before = timedelta(0)
    grants_are_shared = True

    def __init__(self, http: Http, app: App) -> None:
        self._app = app
        self._graph = Graph(http, API, TITLE)

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """People choose there which of their pages they mean."""
        return oauth.authorisation_url(LOGIN, self._app.client_id, ",".join(self.scopes), state, redirect_uri)

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Code → a person's access → one of 60 days → each chosen page's own."""
        ours = {"client_id": self._app.client_id, "client_secret": self._app.client_secret}
        short = await self._graph.get(
            "/oauth/access_token", {**ours, "redirect_uri": redirect_uri, "code": code}
        )
        query = {**ours, "grant_type": "fb_exchange_token"}
        query["fb_exchange_token"] = oauth.tokens(short.body).access
        person = oauth.tokens((await self._graph.get("/oauth/access_token", query)).body)
        scopes = await self._granted(person.access)
        grants: list[Grant] = []
        cursor: str | None = None
        while True:
            asked = {"fields": "id,name,access_token", "limit": _MOST} | ({"after": cursor} if cursor else {})
            answer = await self._graph.get("/me/accounts", asked, person.access)
            for page in items(answer.body, "data"):
                if page.get("access_token"):
                    tokens = Tokens(str(page["access_token"]), person.access, None, scopes)
                    grants.append(
                        Grant(Account(str(page["id"]), str(page.get("name") or page["id"])), tokens)
                    )
            cursor = graph.after(answer)
            if cursor is None:
                break
        if not grants:
            raise NotAllowed("No page was chosen at Facebook: begin again and choose the page that posts.")
        return grants

    async def _granted(self, access: str) -> tuple[str, ...]:
        answer = await self._graph.get("/me/permissions", {}, access)
        given = [one for one in items(answer.body, "data") if one.get("status") == "granted"]
        return tuple(str(one.get("permission")) for one in given)

    async def renew(self, tokens: Tokens) -> Tokens:
        """A page's access that is refused is over."""
        raise AccessEnded("Facebook does not accept the access any more: connect the page again.")

    async def revoke(self, tokens: Tokens) -> bool:
        """Takes back all that the person granted us."""
        await self._graph.delete("/me/permissions", tokens.refresh or tokens.access)
        return True

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """What the page published."""
        query = {"fields": _POST, "limit": _MOST} | ({"after": cursor} if cursor else {})
        answer = await self._graph.get(f"/{account}/published_posts", query, access)
        return PostPage([_post(one) for one in items(answer.body, "data")], graph.after(answer))

    def post_id(self, reference: str) -> str:
        """`PAGE_POST`, or the post's part of a link."""
        parts = read_link(reference, ("facebook.com",), TITLE)
        if parts is None:
            known = found(
                r"([0-9]{5,30}_[0-9]{5,30}|[0-9]{5,30}|pfbid[A-Za-z0-9]{10,100})", reference.strip()
            )
        else:
            asked = parse_qs(parts.query).get("story_fbid") or parse_qs(parts.query).get("fbid")
            known = found(r"([0-9]{5,30}|pfbid[A-Za-z0-9]{10,100})", asked[0]) if asked else None
            known = known or found(
                r"/[^/]+/(?:posts|videos)/(?:[^/]+/)?([0-9]{5,30}|pfbid[A-Za-z0-9]{10,100})/?", parts.path
            )
        if known is None:
            raise no_post(TITLE, "https://www.facebook.com/page/posts/1234567890")
        return known

    async def post(self, access: str, account: str, post: str) -> Post:
        """By number at once; a link's `pfbid…` among the page's posts, since it is no id of the API."""
        if post[0].isdigit():
            number = post if "_" in post else f"{account}_{post}"
            return _post((await self._graph.get(f"/{number}", {"fields": _POST}, access)).body)
        known = await graph.newest_post(self, access, account, lambda one: post in one.url)
        if known is None:
            raise PostGone(
                "No post of the connected Facebook page has this link. Connect the page that posted it."
            )
        return known

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """All of a post's in one list, replies among them, oldest first."""
        query = {"filter": "stream", "order": "chronological", "fields": _COMMENT, "limit": _MOST}
        query |= {"after": position.cursor} if position.cursor else {}
        answer = await self._graph.get(f"/{post.id}/comments", query, access)
        comments = [_comment(one) for one in items(answer.body, "data")]
        return Page(comments, position.after_page(graph.after(answer)), graph.pause(answer))


def _post(body: dict[str, Any]) -> Post:
    return Post(
        str(body.get("id", "")),
        str(body.get("message") or ""),
        str(body.get("permalink_url") or ""),
        when(body.get("created_time")),
        whole(below(body, "comments", "summary").get("total_count")),
    )


def _comment(body: dict[str, Any]) -> Comment:
    writer = below(body, "from")
    return Comment(
        id=str(body.get("id", "")),
        account=named(None, writer.get("name"), writer.get("id")),
        text=str(body.get("message") or ""),
        is_reply=isinstance(body.get("parent"), dict),
        posted_at=when(body.get("created_time")),
        likes=whole(body.get("like_count")),
    )
