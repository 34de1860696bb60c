"""Instagram and Facebook as the Graph API answers (v23.0): error objects, paging cursors, usage headers."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.platforms.stand_in import CLIENT_ID, CLIENT_SECRET, EPOCH, Publication, Said, StandIn, graph_stamp


def graph_error(status: int, code: int, subcode: int | None = None, message: str = "Refused") -> web.Response:
    """https://developers.facebook.com/docs/graph-api/guides/error-handling"""
    return web.json_response(graph_problem(code, subcode, message), status=status)


def graph_problem(code: int, subcode: int | None = None, message: str = "Refused") -> dict[str, Any]:
    """The body alone."""
    error: dict[str, Any] = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "Az8or2yhq",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return {"error": error}


def gone() -> web.Response:
    """Of an object that is deleted, or not for this token."""
    said = "Unsupported get request. Object with ID '1' does not exist, cannot be loaded due to missing permissions"
    return graph_error(400, 100, 33, said)


def ended() -> web.Response:
    """Of a token that has expired or was revoked."""
    return graph_error(400, 190, 463, "Error validating access token: Session has expired")


class Graph(StandIn):
    """What both share."""

    replies_inline = 2
    """So many replies come with their comment; in truth it is the limit of the question."""

    def listed(self, data: list[dict[str, Any]], after: str | None, path: str) -> dict[str, Any]:
        """`paging.next` is there only if there is more; cursors are there anyway."""
        paging: dict[str, Any] = {"cursors": {"before": "QVFIUbefore", "after": after or "QVFIUend"}}
        if after:
            paging["next"] = f"https://graph.example/{path}?access_token=not-to-be-followed&after={after}"
        return {"data": data, **({"paging": paging} if data else {})}

    def headers(self) -> dict[str, str]:
        return {"X-App-Usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}


class InstagramServer(Graph):
    """graph.instagram.com and its log-in."""

    platform = "instagram"
    origins = ("https://www.instagram.com", "https://api.instagram.com", "https://graph.instagram.com")
    scopes = "instagram_business_basic,instagram_business_manage_comments"

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/oauth/authorize", self.authorise, name="authorise")
        router.add_post("/oauth/access_token", self._token, name="token")
        router.add_get("/access_token", self._longer, name="longer")
        router.add_get("/refresh_access_token", self._refresh, name="refresh")
        router.add_get("/v23.0/me", self._me, name="me")
        router.add_get("/v23.0/{id}/media", self._media, name="posts")
        router.add_get("/v23.0/{id}/comments", self._comments, name="comments")
        router.add_get("/v23.0/{id}/replies", self._replies, name="replies")
        router.add_get("/v23.0/{id}", self._one, name="post")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form["client_id"] != CLIENT_ID or form["client_secret"] != CLIENT_SECRET:
            return web.json_response(
                {"error_type": "OAuthException", "code": 400, "error_message": "Invalid platform app"},
                status=400,
            )
        if form["grant_type"] != "authorization_code" or not self.spend_code(str(form["code"]), None):
            said = {
                "error_type": "OAuthException",
                "code": 400,
                "error_message": "This authorization code has been used",
            }
            return web.json_response(said, status=400)
        granted = {
            "access_token": self.new_access(),
            "user_id": int(self.account_id),
            "permissions": self.granted,
        }
        return web.json_response({"data": [granted]})

    async def _longer(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked["grant_type"] != "ig_exchange_token" or asked["client_secret"] != CLIENT_SECRET:
            return graph_error(400, 101, message="Error validating client secret.")
        return self._fresh(asked["access_token"])

    async def _refresh(self, request: web.Request) -> web.Response:
        assert request.query["grant_type"] == "ig_refresh_token"
        return self._fresh(request.query["access_token"])

    def _fresh(self, before: str) -> web.Response:
        if before not in self.accesses:
            return ended()
        return web.json_response(
            {"access_token": self.new_access(), "token_type": "bearer", "expires_in": self.expires_in}
        )

    async def _me(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        return web.json_response({"user_id": self.account_id, "username": self.account_name, "id": "7890"})

    async def _media(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        posts = list(self.posts.values())
        start = int(request.query.get("after", "0"))
        most = min(int(request.query["limit"]), 2)
        after = str(start + most) if start + most < len(posts) else None
        data = [self._shown(one) for one in posts[start : start + most]]
        return web.json_response(self.listed(data, after, "media"))

    async def _one(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        found = self.posts.get(request.match_info["id"])
        return gone() if found is None else web.json_response(self._shown(found))

    def _shown(self, post: Publication) -> dict[str, Any]:
        return {
            "id": post.id,
            "caption": post.text,
            "permalink": f"https://www.instagram.com/p/C{post.id[-6:]}/",
            "timestamp": graph_stamp(EPOCH),
            "comments_count": post.count,
        }

    async def _comments(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        post = self.posts.get(request.match_info["id"])
        if post is None:
            return gone()
        page, after = self.window(post.said, request.query.get("after"), int(request.query["limit"]))
        data = []
        for one in page:
            shown = self._said(one)
            if one.replies:
                inner, more = self.window(one.replies, None, self.replies_inline)
                shown["replies"] = self.listed([self._said(reply) for reply in inner], more, "replies")
            data.append(shown)
        return web.json_response(self.listed(data, after, "comments"), headers=self.headers())

    async def _replies(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        wanted = request.match_info["id"]
        for one in (said for post in self.posts.values() for said in post.said):
            if one.id == wanted:
                page, after = self.window(one.replies, request.query.get("after"), self.replies_inline)
                return web.json_response(self.listed([self._said(said) for said in page], after, "replies"))
        return gone()

    def _said(self, one: Said) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": one.id,
            "text": one.text,
            "timestamp": graph_stamp(one.at),
            "like_count": one.likes,
        }
        if one.author is not None:
            shown |= {"username": one.author, "from": {"id": f"8{one.id}", "username": one.author}}
        return shown


class FacebookServer(Graph):
    """graph.facebook.com and its log-in, with two pages."""

    platform = "facebook"
    origins = ("https://www.facebook.com", "https://graph.facebook.com")
    scopes = "pages_show_list,pages_read_engagement,pages_read_user_content"

    def __init__(self) -> None:
        super().__init__()
        self.account_id = "100200300400"
        self.pages = {self.account_id: self.account_name, "100200300401": "Acme Outlet"}

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/v23.0/dialog/oauth", self.authorise, name="authorise")
        router.add_get("/v23.0/oauth/access_token", self._token, name="token")
        router.add_get("/v23.0/me/accounts", self._accounts, name="me")
        router.add_get("/v23.0/me/permissions", self._permissions, name="permissions")
        router.add_delete("/v23.0/me/permissions", self._revoke, name="revoke")
        router.add_get("/v23.0/{id}/published_posts", self._published, name="posts")
        router.add_get("/v23.0/{id}/comments", self._comments, name="comments")
        router.add_get("/v23.0/{id}", self._one, name="post")

    async def _token(self, request: web.Request) -> web.Response:
        asked = request.query
        if asked["client_id"] != CLIENT_ID or asked["client_secret"] != CLIENT_SECRET:
            return graph_error(400, 101, message="Error validating client secret.")
        if asked.get("grant_type") == "fb_exchange_token":
            if asked["fb_exchange_token"] not in self.accesses:
                return ended()
            return web.json_response(
                {"access_token": self.new_access(), "token_type": "bearer", "expires_in": 5_183_944}
            )
        if not self.spend_code(asked["code"], None):
            return graph_error(400, 100, 36009, "This authorization code has been used.")
        return web.json_response(
            {"access_token": self.new_access(), "token_type": "bearer", "expires_in": 5000}
        )

    async def _permissions(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        data = [{"permission": one, "status": "granted"} for one in self.granted.split(",")]
        data += [
            {"permission": one, "status": "declined"}
            for one in self.scopes.split(",")
            if one not in self.granted
        ]
        return web.json_response({"data": data})

    async def _revoke(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        self.revoke()
        return web.json_response({"success": True})

    async def _accounts(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        data = [
            {"access_token": self.new_access(), "name": name, "id": number}
            for number, name in self.pages.items()
        ]
        return web.json_response(self.listed(data, None, "accounts"))

    async def _published(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        data = [self._shown(one) for one in self.posts.values()]
        return web.json_response(self.listed(data, None, "published_posts"))

    async def _one(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        found = self.posts.get(request.match_info["id"].split("_")[-1])
        return gone() if found is None else web.json_response(self._shown(found))

    def _shown(self, post: Publication) -> dict[str, Any]:
        return {
            "id": f"{self.account_id}_{post.id}",
            "message": post.text,
            "created_time": graph_stamp(EPOCH),
            "permalink_url": f"https://www.facebook.com/acme/posts/pfbid0{post.id}abcdefgh",
            "comments": {
                "data": [],
                "summary": {"order": "ranked", "total_count": post.count, "can_comment": True},
            },
        }

    async def _comments(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return ended()
        post = self.posts.get(request.match_info["id"].split("_")[-1])
        if post is None:
            return gone()
        assert request.query["filter"] == "stream"
        flat: list[Said] = []
        parents: dict[str, str] = {}
        for one in post.said:
            flat += [one, *one.replies]
            parents |= {reply.id: one.id for reply in one.replies}
        page, after = self.window(flat, request.query.get("after"), int(request.query["limit"]))
        data = []
        for one in page:
            shown: dict[str, Any] = {
                "id": f"{post.id}_{one.id}",
                "message": one.text,
                "created_time": graph_stamp(one.at),
                "like_count": one.likes,
            }
            if one.author is not None:
                shown["from"] = {"name": one.author, "id": f"8{one.id}"}
            if one.id in parents:
                shown["parent"] = {"id": f"{post.id}_{parents[one.id]}"}
            data.append(shown)
        return web.json_response(self.listed(data, after, "comments"), headers=self.headers())
