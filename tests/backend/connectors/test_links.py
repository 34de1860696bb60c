"""What people paste: links of the right site give an id, everything else a sentence; nothing pasted is ever called."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from backend.connectors.apps import App
from backend.connectors.facebook import Facebook
from backend.connectors.faults import LinkUnknown
from backend.connectors.http import Http
from backend.connectors.instagram import Instagram
from backend.connectors.platform import Connector
from backend.connectors.tiktok import TikTok
from backend.connectors.x import X
from backend.connectors.youtube import YouTube

GOOD = [
    ("instagram", "https://www.instagram.com/p/CabcDEF1234/", "CabcDEF1234"),
    ("instagram", "https://instagram.com/acme.shop/reel/CabcDEF1234/?igsh=MXg=", "CabcDEF1234"),
    ("instagram", "instagram.com/p/CabcDEF1234", "CabcDEF1234"),
    ("instagram", "17895695668004550", "17895695668004550"),
    ("facebook", "https://www.facebook.com/acme/posts/pfbid02abcdefghijk", "pfbid02abcdefghijk"),
    ("facebook", "https://m.facebook.com/permalink.php?story_fbid=1234567&id=99", "1234567"),
    ("facebook", "https://facebook.com/acme/posts/some-words/1234567", "1234567"),
    ("facebook", "100200_1234567", "100200_1234567"),
    ("x", "https://x.com/acme/status/1801234567890123456?s=20", "1801234567890123456"),
    ("x", "https://twitter.com/i/web/status/18012", "18012"),
    ("x", "mobile.twitter.com/acme/status/18012", "18012"),
    ("x", "18012", "18012"),
    ("tiktok", "https://www.tiktok.com/@acme.shop/video/7123456789012345678?lang=de", "7123456789012345678"),
    ("tiktok", "7123456789012345678", "7123456789012345678"),
    ("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=4s", "dQw4w9WgXcQ"),
    ("youtube", "https://youtu.be/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
    ("youtube", "https://m.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
    ("youtube", "dQw4w9WgXcQ", "dQw4w9WgXcQ"),
]
HOSTILE = [
    "",
    " ",
    "https://evil.test/p/CabcDEF1234/",
    "https://instagram.com.evil.test/p/CabcDEF1234/",
    "https://www.instagram.com@evil.test/p/CabcDEF1234/",
    "https://evil.test/#https://www.instagram.com/p/CabcDEF1234/",
    "https://evilinstagram.com/p/CabcDEF1234/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/p/CabcDEF1234",
    "http://[::1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://www.instagram.com/p/../../me/accounts",
    "https://www.instagram.com\\@evil.test/p/CabcDEF1234/",
    "https://www.instagram.com/p/Cabc\r\nHost: evil.test",
    "../me/accounts",
    "me?fields=access_token",
    "1234567/../me",
    "https://x.com/acme/status/123%2F..%2Fme",
    "https://vm.tiktok.com/ZMhKxyz/",
    "https://www.youtube.com/watch?v=" + "a" * 500,
    "https://www.youtube.com/redirect?q=http://127.0.0.1/",
    "\ud800",
    "１２３４５６７",
]


@pytest.fixture
async def connectors() -> AsyncIterator[dict[str, Connector]]:
    http, app = Http({}, 1.0), App("id", "secret")
    every: list[Connector] = [
        Instagram(http, app), Facebook(http, app), X(http, app, False), TikTok(http, app), YouTube(http, app)
    ]  # fmt: skip
    yield {one.platform: one for one in every}
    await http.close()


@pytest.mark.parametrize(("name", "link", "number"), GOOD)
async def test_link__its_id(name: str, link: str, number: str, connectors: dict[str, Connector]) -> None:
    assert connectors[name].post_id(link) == number


@pytest.mark.parametrize("link", HOSTILE)
async def test_anything_else__refused_in_words(link: str, connectors: dict[str, Connector]) -> None:
    for one in connectors.values():
        with pytest.raises(LinkUnknown) as told:
            one.post_id(link)
        assert told.value.detail.endswith((".", ")."))


# A bare id could be anybody's.
@pytest.mark.parametrize(("name", "link"), [(name, link) for name, link, _ in GOOD if "/" in link])
async def test_link_of_another_platform__refused(
    name: str, link: str, connectors: dict[str, Connector]
) -> None:
    for other, one in connectors.items():
        if other != name:
            with pytest.raises(LinkUnknown):
                one.post_id(link)
