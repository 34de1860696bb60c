"""TikTok API for Business, Accounts (v1.3): a business account's own videos and their comments.

https://business-api.tiktok.com/portal/docs (Accounts API). The Research API is no use here: it is for researchers
alone, and its comments do not say who wrote them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from backend.connectors import oauth
from backend.connectors.apps import App
from backend.connectors.faults import AccessEnded, Away, CursorLost, Fault, NotAllowed, PostGone, Wait
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

LOGIN = "https://www.tiktok.com/v2/auth/authorize/"
API = "https://business-api.tiktok.com/open_api/v1.3"
TITLE = "TikTok"
_VIDEO = '["item_id","caption","share_url","create_time","comments"]'
_MOST = "30"
_UNTOLD = 60.0
_BAD_PARAMETER = 40002


class TikTok:
    """An access lasts a day, its refresh token a year."""

    platform: Platform = "tiktok"
    scopes: tuple[str, ...] = ("user.info.basic", "user.info.username", "video.list", "comment.list")
    renew_before = timedelta(minutes=30)
    grants_are_shared = False

    def __init__(self, http: Http, app: App) -> None:
        self._http = http
        self._app = app

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """As OAuth 2, but for the name of the client."""
        query = {
            "client_key": self._app.client_id,
            "response_type": "code",
            "scope": ",".join(self.scopes),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{LOGIN}?{urlencode(query)}"

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Code → access and refresh token."""
        asked = {"grant_type": "authorization_code", "auth_code": code, "redirect_uri": redirect_uri}
        data = await self._granted("/tt_user/oauth2/token/", asked)
        tokens = oauth.tokens(data, separator=",")
        number = str(data.get("open_id") or "")
        query = {"business_id": number, "fields": '["username","display_name"]'}
        known = await self._get("/business/get/", query, tokens.access)
        name = known.get("username") or known.get("display_name") or number
        return [Grant(Account(number, str(name)), tokens)]

    async def renew(self, tokens: Tokens) -> Tokens:
        """A new access, and maybe a new refresh token."""
        if tokens.refresh is None:
            raise AccessEnded("TikTok gave no refresh token: connect the account again.")
        asked = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        data = await self._granted("/tt_user/oauth2/refresh_token/", asked)
        return oauth.tokens(data, tokens, separator=",")

    async def revoke(self, tokens: Tokens) -> bool:
        """Ends the access."""
        await self._granted("/tt_user/oauth2/revoke/", {"access_token": tokens.access})
        return True

    async def _granted(self, path: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """An answer about access; a code or token that is refused as a parameter is over as well."""
        ours = {"client_id": self._app.client_id, "client_secret": self._app.client_secret}
        answer = await self._http.ask("POST", f"{API}{path}", body={**ours, **asked})
        if answer.ok and answer.body.get("code") in (_BAD_PARAMETER, 40110):
            raise AccessEnded("TikTok does not accept the access any more: connect the account again.")
        return _data(answer)

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """The account's videos."""
        query = {"business_id": account, "fields": _VIDEO, "max_count": "20"}
        data = await self._get(
            "/business/video/list/", query | ({"cursor": cursor} if cursor else {}), access
        )
        return PostPage([_post(one) for one in items(data, "videos")], _next(data))

    def post_id(self, reference: str) -> str:
        """The number of a video. Short links would have to be followed, which we never do."""
        parts = read_link(reference, ("tiktok.com",), TITLE)
        if parts is None:
            known = found(r"([0-9]{5,25})", reference.strip())
        else:
            known = found(r"/@[\w.]+/(?:video|photo)/([0-9]{5,25})/?", parts.path)
        if known is None:
            raise no_post(
                TITLE,
                "https://www.tiktok.com/@name/video/1234567890 (open a short link first, and copy what it leads to)",
            )
        return known

    async def post(self, access: str, account: str, post: str) -> Post:
        """Among the account's own videos."""
        query = {"business_id": account, "fields": _VIDEO, "filters": json.dumps({"video_ids": [post]})}
        videos = items(await self._get("/business/video/list/", query, access), "videos")
        for one in videos:
            if str(one.get("item_id")) == post:
                return _post(one)
        raise PostGone(
            "The video is not there: it was deleted, is private, or is not the connected account's own."
        )

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """Comments with up to three replies each; a longer thread by itself."""
        about = {"business_id": account, "video_id": post.id, "max_count": _MOST, "status": "PUBLIC"}
        about |= {"sort_field": "create_time", "sort_order": "asc"}
        if position.threads:
            comment, cursor = position.threads[0]
            query = {**about, "comment_id": comment} | ({"cursor": cursor} if cursor else {})
            data = await self._listed("/business/comment/reply/list/", query, access, account, post)
            replies = [_comment(one, True) for one in items(data, "comments")]
            return Page(replies, position.after_thread(_next(data)))
        query = {**about, "include_replies": "true"} | (
            {"cursor": position.cursor} if position.cursor else {}
        )
        data = await self._listed("/business/comment/list/", query, access, account, post)
        comments: list[Comment] = []
        threads: list[tuple[str, str | None]] = []
        for one in items(data, "comments"):
            comments.append(_comment(one, False))
            inner = items(one, "reply_list")
            if (whole(one.get("replies")) or 0) > len(inner):
                threads.append((str(one.get("comment_id")), None))
            else:
                comments += [_comment(reply, True) for reply in inner]
        return Page(comments, position.after_page(_next(data), threads))

    async def _listed(
        self, path: str, query: Mapping[str, str], access: str, account: str, post: Post
    ) -> dict[str, Any]:
        """A list; a refused parameter is a deleted video or comment, or a forgotten position: TikTok does not say which."""
        answer = await self._http.ask("GET", f"{API}{path}", query=query, headers={"Access-Token": access})
        if answer.ok and answer.body.get("code") == _BAD_PARAMETER:
            await self.post(access, account, post.id)
            if "cursor" not in query:
                raise PostGone("The comment is not there: it was deleted.")
            raise CursorLost("TikTok forgot the position in the list.")
        return _data(answer)

    async def _get(self, path: str, query: Mapping[str, str], access: str) -> dict[str, Any]:
        return _data(
            await self._http.ask("GET", f"{API}{path}", query=query, headers={"Access-Token": access})
        )


def _data(answer: Answer) -> dict[str, Any]:
    """TikTok answers failures with status 200 and a `code` other than 0."""
    code = answer.body.get("code")
    if answer.ok and code == 0:
        return below(answer.body, "data")
    if answer.status == 429 or code in (40100, 40133):
        raise Wait("TikTok asks to wait: its limit of requests is reached.", answer.retry_after() or _UNTOLD)
    if answer.status == 401 or code in (40102, 40104, 40105):
        raise AccessEnded("TikTok does not accept the access any more: connect the account again.")
    if answer.status == 403 or code == 40001:
        raise NotAllowed(
            "TikTok does not allow this: connect the account again and grant every permission, or our app lacks it."
        )
    if isinstance(code, int) and 50000 <= code < 60000:
        raise Away(f"TikTok answers with trouble of its own (code {code}).")
    raise Fault(f"TikTok answers {answer.status} (code {code}).")


def _next(data: Mapping[str, Any]) -> str | None:
    cursor = data.get("cursor")
    return str(cursor) if data.get("has_more") is True and cursor is not None else None


def _post(body: dict[str, Any]) -> Post:
    return Post(
        str(body.get("item_id", "")),
        str(body.get("caption") or ""),
        str(body.get("share_url") or ""),
        when(body.get("create_time")),
        whole(body.get("comments")),
    )


def _comment(body: dict[str, Any], is_reply: bool) -> Comment:
    return Comment(
        id=str(body.get("comment_id", "")),
        account=named(body.get("username"), body.get("display_name"), body.get("unique_identifier")),
        text=str(body.get("text") or ""),
        is_reply=is_reply,
        posted_at=when(body.get("create_time")),
        likes=whole(body.get("likes")),
    )
