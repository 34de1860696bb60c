"""YouTube Data API v3 with Google's OAuth: comment threads, replies, channels, error reasons."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.platforms.stand_in import CLIENT_ID, CLIENT_SECRET, EPOCH, Publication, Said, StandIn, stamp

API = "/youtube/v3"


def google_error(status: int, reason: str, domain: str = "youtube.api") -> web.Response:
    """https://developers.google.com/youtube/v3/docs/errors"""
    return web.json_response(google_problem(status, reason, domain), status=status)


def google_problem(status: int, reason: str, domain: str = "youtube.api") -> dict[str, Any]:
    """The body alone."""
    listed = [{"message": reason, "domain": domain, "reason": reason}]
    return {"error": {"code": status, "message": reason, "errors": listed}}


class YouTubeServer(StandIn):
    """www.googleapis.com and Google's log-in."""

    platform = "youtube"
    origins = ("https://accounts.google.com", "https://oauth2.googleapis.com", "https://www.googleapis.com")
    scopes = "https://www.googleapis.com/auth/youtube.force-ssl"
    replies_inline = 2

    def __init__(self) -> None:
        super().__init__()
        self.account_id = "UCacmeacmeacmeacmeacme01"

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/o/oauth2/v2/auth", self.authorise, name="authorise")
        router.add_post("/token", self._token, name="token")
        router.add_post("/revoke", self._revoke, name="revoke")
        router.add_get(f"{API}/channels", self._channels, name="channels")
        router.add_get(f"{API}/playlistItems", self._uploads, name="posts")
        router.add_get(f"{API}/videos", self._videos, name="post")
        router.add_get(f"{API}/commentThreads", self._threads, name="comments")
        router.add_get(f"{API}/comments", self._replies, name="replies")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            said = {"error": "invalid_client", "error_description": "Unauthorized"}
            return web.json_response(said, status=401)
        fresh: dict[str, Any] = {"expires_in": self.expires_in, "scope": self.granted, "token_type": "Bearer"}
        if form["grant_type"] == "authorization_code":
            if not self.spend_code(str(form["code"]), str(form["code_verifier"])):
                return web.json_response(
                    {"error": "invalid_grant", "error_description": "Malformed auth code."}, status=400
                )
            fresh["refresh_token"] = self.new_refresh()
        elif str(form["refresh_token"]) not in self.refreshes:
            return web.json_response(
                {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
                status=400,
            )
        return web.json_response({**fresh, "access_token": self.new_access()})

    async def _revoke(self, request: web.Request) -> web.Response:
        assert (await request.post())["token"] in self.refreshes
        self.revoke()
        return web.json_response({})

    async def _channels(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return google_error(401, "authError", "global")
        wanted = [self.account_id] if request.query.get("mine") == "true" else request.query["id"].split(",")
        assert len(wanted) <= 50
        items = [
            {
                "kind": "youtube#channel",
                "id": number,
                "snippet": {
                    "title": "Acme",
                    "customUrl": "@acme" if number == self.account_id else "@somebody",
                    "publishedAt": "2015-05-17T10:11:12.345678Z",
                },
                "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": f"UU{number[2:]}"}},
                "statistics": {"viewCount": "1", "subscriberCount": "42", "hiddenSubscriberCount": False},
            }
            for number in wanted
        ]
        return web.json_response({"kind": "youtube#channelListResponse", "items": items})

    async def _uploads(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return google_error(401, "authError", "global")
        assert request.query["playlistId"] == f"UU{self.account_id[2:]}"
        items = [{"kind": "youtube#playlistItem", "contentDetails": {"videoId": one}} for one in self.posts]
        return web.json_response({"kind": "youtube#playlistItemListResponse", "items": items})

    async def _videos(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return google_error(401, "authError", "global")
        found = [self.posts[one] for one in request.query["id"].split(",") if one in self.posts]
        items = [self._shown(one) for one in found]
        return web.json_response({"kind": "youtube#videoListResponse", "items": items})

    def _shown(self, post: Publication) -> dict[str, Any]:
        return {
            "kind": "youtube#video",
            "id": post.id,
            "snippet": {"title": post.text, "publishedAt": stamp(EPOCH), "channelId": self.account_id},
            "statistics": {"viewCount": "100", "commentCount": str(post.count)},
        }

    async def _threads(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return google_error(401, "authError", "global")
        post = self.posts.get(request.query["videoId"])
        if post is None:
            return google_error(404, "videoNotFound", "youtube.commentThread")
        page, after = self.window(post.said, request.query.get("pageToken"), int(request.query["maxResults"]))
        items = []
        for one in page:
            thread: dict[str, Any] = {
                "kind": "youtube#commentThread",
                "id": one.id,
                "snippet": {
                    "videoId": post.id,
                    "topLevelComment": self._said(one),
                    "canReply": True,
                    "totalReplyCount": len(one.replies),
                    "isPublic": True,
                },
            }
            if one.replies:
                inline = one.replies[: self.replies_inline]
                thread["replies"] = {"comments": [self._said(each) for each in inline]}
            items.append(thread)
        body: dict[str, Any] = {"kind": "youtube#commentThreadListResponse", "items": items}
        if after:
            body["nextPageToken"] = after
        return web.json_response(body)

    async def _replies(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return google_error(401, "authError", "global")
        wanted = request.query["parentId"]
        for one in (said for post in self.posts.values() for said in post.said):
            if one.id == wanted:
                page, after = self.window(one.replies, request.query.get("pageToken"), 2)
                body: dict[str, Any] = {"items": [self._said(each) for each in page]}
                return web.json_response(body | ({"nextPageToken": after} if after else {}))
        return google_error(404, "commentNotFound", "youtube.comment")

    def _said(self, one: Said) -> dict[str, Any]:
        snippet: dict[str, Any] = {
            "textDisplay": one.text,
            "textOriginal": one.text,
            "likeCount": one.likes,
            "publishedAt": stamp(one.at),
        }
        if one.author is not None:
            snippet |= {"authorDisplayName": one.author, "authorChannelId": {"value": f"UC{one.id}"}}
        return {"kind": "youtube#comment", "id": one.id, "snippet": snippet}
