"""X API v2: conversation search with expansions, rotating refresh tokens, problems as X writes them."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from tests.platforms.stand_in import CLIENT_ID, CLIENT_SECRET, EPOCH, Publication, Said, StandIn, stamp

PROBLEM = "https://api.twitter.com/2/problems"


def unauthorised() -> web.Response:
    """Of a token that is no good."""
    said = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    return web.json_response(said, status=401)


def not_found(post: str) -> dict[str, Any]:
    """X answers 200 with this for a post that is not there."""
    return {
        "errors": [
            {
                "value": post,
                "detail": f"Could not find tweet with id: [{post}].",
                "title": "Not Found Error",
                "resource_type": "tweet",
                "parameter": "id",
                "resource_id": post,
                "type": f"{PROBLEM}/resource-not-found",
            }
        ]
    }


class XServer(StandIn):
    """api.x.com and its log-in."""

    platform = "x"
    origins = ("https://x.com", "https://api.x.com")
    scopes = "tweet.read users.read offline.access"

    def __init__(self) -> None:
        super().__init__()
        self.account_id = "2244994945"
        self.remaining = 299

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/i/oauth2/authorize", self.authorise, name="authorise")
        router.add_post("/2/oauth2/token", self._token, name="token")
        router.add_post("/2/oauth2/revoke", self._revoke, name="revoke")
        router.add_get("/2/users/me", self._me, name="me")
        router.add_get("/2/users/{id}/tweets", self._tweets, name="posts")
        router.add_get("/2/tweets/search/recent", self._search, name="comments")
        router.add_get("/2/tweets/search/all", self._search, name="archive")
        router.add_get("/2/tweets/{id}", self._tweet, name="post")

    def _is_us(self, request: web.Request) -> bool:
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {basic}"

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if not self._is_us(request):
            return web.json_response(
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"},
                status=401,
            )
        if form["grant_type"] == "authorization_code":
            if not self.spend_code(str(form["code"]), str(form["code_verifier"])):
                return self._invalid("Value passed for the authorization code was invalid.")
        elif str(form["refresh_token"]) in self.refreshes:
            # Each is worth one renewal.
            self.refreshes.discard(str(form["refresh_token"]))
        else:
            return self._invalid("Value passed for the token was invalid.")
        return web.json_response(
            {
                "token_type": "bearer",
                "expires_in": self.expires_in,
                "access_token": self.new_access(),
                "scope": self.granted,
                "refresh_token": self.new_refresh(),
            }
        )

    def _invalid(self, said: str) -> web.Response:
        return web.json_response({"error": "invalid_request", "error_description": said}, status=400)

    async def _revoke(self, request: web.Request) -> web.Response:
        assert self._is_us(request)
        assert (await request.post())["token"] in self.refreshes
        self.revoke()
        return web.json_response({"revoked": True})

    async def _me(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return unauthorised()
        return web.json_response(
            {"data": {"id": self.account_id, "name": "Acme", "username": self.account_name.replace(".", "_")}}
        )

    async def _tweets(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return unauthorised()
        posts = [self._shown(one) for one in self.posts.values()]
        return web.json_response({"data": posts, "meta": {"result_count": len(posts)}})

    async def _tweet(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return unauthorised()
        wanted = request.match_info["id"]
        found = self.posts.get(wanted)
        return web.json_response(not_found(wanted) if found is None else {"data": self._shown(found)})

    def _shown(self, post: Publication) -> dict[str, Any]:
        metrics = {"retweet_count": 1, "reply_count": post.count, "like_count": 9, "quote_count": 0}
        return {
            "id": post.id,
            "text": post.text,
            "author_id": self.account_id,
            "conversation_id": post.id,
            "created_at": stamp(EPOCH),
            "edit_history_tweet_ids": [post.id],
            "public_metrics": metrics,
        }

    async def _search(self, request: web.Request) -> web.Response:
        if not self.is_known(request):
            return unauthorised()
        name, _, number = request.query["query"].partition(":")
        assert name == "conversation_id"
        post = self.posts.get(number)
        flat: list[tuple[Said, str]] = []
        for one in post.said if post else []:
            flat.append((one, number))
            flat += [(reply, one.id) for reply in one.replies]
        flat.sort(key=lambda each: each[0].at, reverse=True)
        answered = {one.id: to for one, to in flat}
        page, after = self.window(
            [one for one, _ in flat], request.query.get("next_token"), int(request.query["max_results"])
        )
        meta: dict[str, Any] = {"result_count": len(page)}
        if after:
            meta["next_token"] = after
        body: dict[str, Any] = {"meta": meta}
        if page:
            body["data"] = [self._said(one, number, answered[one.id]) for one in page]
            body["includes"] = {"users": [self._person(one) for one in page if one.author is not None]}
        headers = {"x-rate-limit-limit": "300", "x-rate-limit-remaining": str(self.remaining)}
        return web.json_response(body, headers=headers)

    def _said(self, one: Said, conversation: str, answered: str) -> dict[str, Any]:
        return {
            "id": one.id,
            "text": one.text,
            "author_id": f"8{one.id}",
            "conversation_id": conversation,
            "created_at": one.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "edit_history_tweet_ids": [one.id],
            "referenced_tweets": [{"type": "replied_to", "id": answered}],
            "public_metrics": {
                "retweet_count": 0,
                "reply_count": 0,
                "like_count": one.likes,
                "quote_count": 0,
            },
        }

    def _person(self, one: Said) -> dict[str, Any]:
        return {
            "id": f"8{one.id}",
            "name": one.author,
            "username": one.author,
            "created_at": "2013-12-14T04:35:55.000Z",
            "public_metrics": {
                "followers_count": 513,
                "following_count": 2,
                "tweet_count": 14,
                "listed_count": 0,
            },
        }
