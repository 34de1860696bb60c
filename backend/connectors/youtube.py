"""YouTube Data API v3: a video's comment threads, and the channels of who wrote.

https://developers.google.com/youtube/v3/docs/commentThreads/list, /comments/list, /errors and
https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

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

LOGIN = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
REVOKE = "https://oauth2.googleapis.com/revoke"
API = "https://www.googleapis.com/youtube/v3"
TITLE = "YouTube"
_VIDEO_ID = r"[A-Za-z0-9_-]{11}"
_MOST_CHANNELS = 50
_QUOTA_DAY = ZoneInfo("America/Los_Angeles")


class YouTube:
    """An access lasts an hour; the refresh token stays, until it is revoked or unused for half a year."""

    platform: Platform = "youtube"
    # Comments are only listed for who may also change them: no narrower permission does.
    scopes: tuple[str, ...] = ("https://www.googleapis.com/auth/youtube.force-ssl",)
    renew_before = timedelta(minutes=5)
    grants_are_shared = False

    def __init__(self, http: Http, app: App) -> None:
        self._http = http
        self._app = app

    def authorisation_url(self, state: str, challenge: str, redirect_uri: str) -> str:
        """Asks anew each time: Google gives a refresh token with a consent only."""
        return oauth.authorisation_url(
            LOGIN,
            self._app.client_id,
            " ".join(self.scopes),
            state,
            redirect_uri,
            code_challenge=challenge,
            code_challenge_method="S256",
            access_type="offline",
            prompt="consent",
        )

    async def exchange(self, code: str, verifier: str, redirect_uri: str) -> Sequence[Grant]:
        """Code → access and refresh token."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        tokens = oauth.tokens(await self._token({**form, "code_verifier": verifier}))
        mine = items(
            await self._get("/channels", {"part": "snippet", "mine": "true"}, tokens.access), "items"
        )
        if not mine:
            raise NotAllowed("This Google account has no YouTube channel: choose the one that posts.")
        return [Grant(Account(str(mine[0]["id"]), _title(mine[0])), tokens)]

    async def renew(self, tokens: Tokens) -> Tokens:
        """A new access; the refresh token stays."""
        if tokens.refresh is None:
            raise AccessEnded("Google gave no refresh token: connect the channel again.")
        return oauth.tokens(
            await self._token({"grant_type": "refresh_token", "refresh_token": tokens.refresh}), tokens
        )

    async def revoke(self, tokens: Tokens) -> bool:
        """Of the refresh token, which ends both."""
        answer = await self._http.ask("POST", REVOKE, form={"token": tokens.refresh or tokens.access})
        return answer.ok

    async def _token(self, form: Mapping[str, str]) -> dict[str, Any]:
        ours = {"client_id": self._app.client_id, "client_secret": self._app.client_secret}
        answer = await self._http.ask("POST", TOKEN, form={**ours, **form})
        if answer.status == 429:
            raise _fault(answer)
        if not answer.ok:
            raise oauth.refusal(answer, TITLE)
        return answer.body

    async def posts(self, access: str, account: str, cursor: str | None) -> PostPage:
        """The channel's uploads: a playlist, then the counts of its videos. Three units of quota."""
        channel = items(
            await self._get("/channels", {"part": "contentDetails", "id": account}, access), "items"
        )
        uploads = below(channel[0] if channel else {}, "contentDetails", "relatedPlaylists").get("uploads")
        if not uploads:
            return PostPage([], None)
        query = {"part": "contentDetails", "playlistId": str(uploads), "maxResults": "50"}
        query |= {"pageToken": cursor} if cursor else {}
        body = await self._get("/playlistItems", query, access)
        ids = [str(below(one, "contentDetails").get("videoId")) for one in items(body, "items")]
        return PostPage(await self._videos(access, ids), _next(body))

    async def _videos(self, access: str, ids: Sequence[str]) -> list[Post]:
        if not ids:
            return []
        query = {"part": "snippet,statistics", "id": ",".join(ids), "maxResults": "50"}
        return [_post(one) for one in items(await self._get("/videos", query, access), "items")]

    def post_id(self, reference: str) -> str:
        """The eleven signs of a video."""
        parts = read_link(reference, ("youtube.com", "youtu.be"), TITLE)
        if parts is None:
            known = found(f"({_VIDEO_ID})", reference.strip())
        elif (parts.hostname or "").endswith("youtu.be"):
            known = found(f"/({_VIDEO_ID})/?", parts.path)
        else:
            asked = parse_qs(parts.query).get("v", [""])[0] if parts.path == "/watch" else ""
            known = found(f"({_VIDEO_ID})", asked) or found(
                f"/(?:shorts|live|embed)/({_VIDEO_ID})/?", parts.path
            )
        if known is None:
            raise no_post(TITLE, "https://www.youtube.com/watch?v=dQw4w9WgXcQ")
        return known

    async def post(self, access: str, account: str, post: str) -> Post:
        """A private or deleted video is missing from the list. One unit of quota."""
        videos = await self._videos(access, [post])
        if not videos:
            raise PostGone("The video is not there: it was deleted, or is private.")
        return videos[0]

    async def comments(self, access: str, account: str, post: Post, position: Position) -> Page:
        """Threads with some of their replies; a longer thread by itself. One unit, and one for 50 channels."""
        if position.threads:
            comment, cursor = position.threads[0]
            query = {"part": "snippet", "parentId": comment, "maxResults": "100", "textFormat": "plainText"}
            query |= {"pageToken": cursor} if cursor else {}
            body = await self._get("/comments", query, access)
            replies = await self._known(access, [(one, True) for one in items(body, "items")])
            return Page(replies, position.after_thread(_next(body)))
        query = {"part": "snippet,replies", "videoId": post.id, "maxResults": "100", "order": "time"}
        query |= {"textFormat": "plainText"} | ({"pageToken": position.cursor} if position.cursor else {})
        body = await self._get("/commentThreads", query, access)
        said: list[tuple[dict[str, Any], bool]] = []
        threads: list[tuple[str, str | None]] = []
        for thread in items(body, "items"):
            top = below(thread, "snippet", "topLevelComment")
            inner = items(below(thread, "replies"), "comments")
            said.append((top, False))
            if (whole(below(thread, "snippet").get("totalReplyCount")) or 0) > len(inner):
                threads.append((str(top.get("id")), None))
            else:
                said += [(reply, True) for reply in inner]
        return Page(await self._known(access, said), position.after_page(_next(body), threads))

    async def _known(self, access: str, said: Sequence[tuple[dict[str, Any], bool]]) -> list[Comment]:
        """Comments with what their writers' channels tell: since when, and how many follow."""
        writers = list(dict.fromkeys(number for one, _ in said if (number := _writer(one))))
        channels: dict[str, dict[str, Any]] = {}
        for start in range(0, len(writers), _MOST_CHANNELS):
            some = writers[start : start + _MOST_CHANNELS]
            query = {"part": "snippet,statistics", "id": ",".join(some), "maxResults": str(_MOST_CHANNELS)}
            found_ones = items(await self._get("/channels", query, access), "items")
            channels |= {str(one.get("id")): one for one in found_ones}
        return [_comment(one, is_reply, channels.get(_writer(one) or "", {})) for one, is_reply in said]

    async def _get(self, path: str, query: Mapping[str, str], access: str) -> dict[str, Any]:
        answer = await self._http.ask("GET", f"{API}{path}", query=query, bearer=access)
        if not answer.ok:
            raise _fault(answer)
        return answer.body


def _fault(answer: Answer) -> Fault:
    reasons = {str(one.get("reason")) for one in items(answer.body.get("error"), "errors")}
    if reasons & {"quotaExceeded", "dailyLimitExceeded"}:
        return Wait(
            "The day's quota at YouTube is used up; it begins anew at midnight in California.", _midnight()
        )
    if answer.status == 429 or reasons & {"rateLimitExceeded", "userRateLimitExceeded"}:
        return Wait("YouTube asks to wait: its limit of requests is reached.", answer.retry_after() or 60.0)
    if answer.status == 401:
        return AccessEnded("YouTube does not accept the access any more: connect the channel again.")
    if "commentsDisabled" in reasons:
        return NotAllowed("The video's comments are switched off: there is nobody to draw from.")
    if answer.status == 404 or reasons & {"videoNotFound", "commentNotFound"}:
        return PostGone("The video is not there: it was deleted, or is private.")
    if reasons & {"invalidPageToken"} or (answer.status == 400 and "processingFailure" in reasons):
        return CursorLost("YouTube forgot the position in the list.")
    if answer.status == 403:
        return NotAllowed(
            "YouTube does not allow this: connect the channel again and grant every permission, or the API is "
            "not switched on for our project."
        )
    return Fault(f"YouTube answers {answer.status} ({', '.join(sorted(reasons))[:80] or 'no reason'}).")


def _midnight() -> float:
    """Seconds until the quota begins anew: at midnight Pacific Time."""
    now = datetime.now(_QUOTA_DAY)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
    return (tomorrow.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


def _next(body: Mapping[str, Any]) -> str | None:
    token = body.get("nextPageToken")
    return token if isinstance(token, str) and token else None


def _title(channel: Mapping[str, Any]) -> str:
    snippet = below(channel, "snippet")
    return str(snippet.get("customUrl") or snippet.get("title") or channel.get("id"))


def _writer(comment: Mapping[str, Any]) -> str | None:
    number = below(comment, "snippet", "authorChannelId").get("value")
    return number if isinstance(number, str) and number else None


def _post(body: dict[str, Any]) -> Post:
    snippet = below(body, "snippet")
    number = str(body.get("id", ""))
    return Post(
        number,
        str(snippet.get("title") or ""),
        f"https://www.youtube.com/watch?v={number}",
        when(snippet.get("publishedAt")),
        whole(below(body, "statistics").get("commentCount")),
    )


def _comment(body: dict[str, Any], is_reply: bool, channel: Mapping[str, Any]) -> Comment:
    snippet, statistics = below(body, "snippet"), below(channel, "statistics")
    shown = str(snippet.get("authorDisplayName") or "")
    is_hidden = statistics.get("hiddenSubscriberCount") is True
    return Comment(
        id=str(body.get("id", "")),
        # A handle is unique; a name, as old channels still have, is not.
        account=named(shown if shown.startswith("@") else None, shown, _writer(body)),
        text=str(snippet.get("textDisplay") or snippet.get("textOriginal") or ""),
        is_reply=is_reply,
        posted_at=when(snippet.get("publishedAt")),
        likes=whole(snippet.get("likeCount")),
        followers=None if is_hidden else whole(statistics.get("subscriberCount")),
        account_created_at=when(below(channel, "snippet").get("publishedAt")),
    )
