"""TikTok API for Business v1.3: always 200, with `code`, `message`, `request_id` and `data`; cursors are offsets."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.platforms.stand_in import CLIENT_ID, CLIENT_SECRET, EPOCH, Publication, Said, StandIn

API = "/open_api/v1.3"


def told(code: int, message: str, data: dict[str, Any] | None = None) -> web.Response:
    """TikTok's envelope."""
    return web.json_response(envelope(code, message, data))


def envelope(code: int, message: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body alone."""
    return {"code": code, "message": message, "request_id": "20260301120000ABCDEF", "data": data or {}}


class TikTokServer(StandIn):
    """business-api.tiktok.com and its log-in."""

    platform = "tiktok"
    origins = ("https://www.tiktok.com", "https://business-api.tiktok.com")
    scopes = "user.info.basic,user.info.username,video.list,comment.list"
    replies_inline = 3

    def __init__(self) -> None:
        super().__init__()
        self.account_id = "_000business-open-id"

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/v2/auth/authorize/", self.authorise, name="authorise")
        router.add_post(f"{API}/tt_user/oauth2/token/", self._token, name="token")
        router.add_post(f"{API}/tt_user/oauth2/refresh_token/", self._refresh, name="refresh")
        router.add_post(f"{API}/tt_user/oauth2/revoke/", self._revoke, name="revoke")
        router.add_get(f"{API}/business/get/", self._account, name="me")
        router.add_get(f"{API}/business/video/list/", self._videos, name="posts")
        router.add_get(f"{API}/business/comment/list/", self._comments, name="comments")
        router.add_get(f"{API}/business/comment/reply/list/", self._replies, name="replies")

    def is_known(self, request: web.Request) -> bool:
        return request.headers.get("Access-Token") in self.accesses

    async def _token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if (asked["client_id"], asked["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return told(40101, "Illegal app id or secret")
        if not self.spend_code(asked["auth_code"], None):
            return told(40110, "Auth_code is used")
        return told(0, "OK", self._fresh())

    async def _refresh(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked["grant_type"] == "refresh_token"
        if asked["refresh_token"] not in self.refreshes:
            return told(40002, "Refresh token is invalid")
        return told(0, "OK", self._fresh())

    def _fresh(self) -> dict[str, Any]:
        return {
            "access_token": self.new_access(),
            "token_type": "Bearer",
            "scope": self.granted,
            "expires_in": self.expires_in,
            "refresh_token": self.new_refresh(),
            "refresh_token_expires_in": 31_536_000,
            "open_id": self.account_id,
        }

    async def _revoke(self, request: web.Request) -> web.Response:
        assert (await request.json())["access_token"] in self.accesses
        self.revoke()
        return told(0, "OK")

    def _refusal(self, request: web.Request) -> web.Response | None:
        if not self.is_known(request):
            return told(40105, "Access token is incorrect or has been revoked.")
        if request.query["business_id"] != self.account_id:
            return told(40001, "No permission to operate this account")
        return None

    async def _account(self, request: web.Request) -> web.Response:
        shown = {"username": self.account_name, "display_name": "Acme"}
        return self._refusal(request) or told(0, "OK", shown)

    async def _videos(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        wanted = json.loads(request.query.get("filters", "{}")).get("video_ids")
        videos = [self._shown(one) for one in self.posts.values() if wanted is None or one.id in wanted]
        return told(0, "OK", {"videos": videos, "cursor": 1234567, "has_more": False})

    def _shown(self, post: Publication) -> dict[str, Any]:
        return {
            "item_id": post.id,
            "caption": post.text,
            "share_url": f"https://www.tiktok.com/@acme/video/{post.id}?utm_campaign=tt4d_open_api",
            "create_time": str(int(EPOCH.timestamp())),
            "comments": post.count,
        }

    async def _comments(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        post = self.posts.get(request.query["video_id"])
        if post is None:
            return told(40002, "video_id: invalid")
        start, most = int(request.query.get("cursor", "0")), min(int(request.query["max_count"]), 30)
        data = []
        for one in post.said[start : start + most]:
            shown = self._said(one, post.id, None)
            shown["reply_list"] = [
                self._said(each, post.id, one.id) for each in one.replies[: self.replies_inline]
            ]
            data.append(shown)
        return self._paged(data, start, most, len(post.said))

    async def _replies(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        post = self.posts.get(request.query["video_id"])
        found = [one for one in post.said if one.id == request.query["comment_id"]] if post else []
        if post is None or not found:
            return told(40002, "comment_id: invalid")
        start, most = int(request.query.get("cursor", "0")), 2
        data = [self._said(each, post.id, found[0].id) for each in found[0].replies[start : start + most]]
        return self._paged(data, start, most, len(found[0].replies))

    def _paged(self, data: list[dict[str, Any]], start: int, most: int, total: int) -> web.Response:
        cursor = max(start + most - self.overlap, start + 1)
        return told(0, "OK", {"comments": data, "cursor": cursor, "has_more": start + most < total})

    def _said(self, one: Said, post: str, parent: str | None) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "comment_id": one.id,
            "video_id": post,
            "user_id": f"8{one.id}",
            "create_time": str(int(one.at.timestamp())),
            "text": one.text,
            "likes": one.likes,
            "replies": len(one.replies),
            "owner": False,
            "status": "PUBLIC",
        }
        if one.author is not None:
            shown |= {
                "username": one.author,
                "display_name": one.author.title(),
                "unique_identifier": f"8{one.id}",
            }
        if parent is not None:
            shown["parent_comment_id"] = parent
        return shown
