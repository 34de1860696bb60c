"""Where webhooks may go: the public internet, by name, and nowhere that leads back to us (fault test 40)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from backend.webhooks.addresses import is_public
from backend.webhooks.client import call
from backend.webhooks.target import problem
from tools.ports import free_port

HIDDEN = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.88.99.1"),
    *("192.0.2.1", "198.51.100.1", "203.0.113.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("2002:7f00:1::", "2002:808:808::", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1"),
    *("2001:0:4136:e378::", "2001:db8::1", "3fff::1", "100::1", "5f00::1"),
    *("2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "", "8.8.8.8 "),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001::1"]
URLS = [
    "http://shop.example.com/",
    "https://shop.example.com:8080/",
    "https://shop.example.com:22/",
    "https://user:password@shop.example.com/",
    "https://user@shop.example.com/",
    "https://@shop.example.com/",
    "https://shop.example.com/#part",
    "https://shop.example.com\\@127.0.0.1/",
    "https://shop.example.com/\r\nHost: x",
    "https://127.0.0.1/",
    "https://8.8.8.8/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://localhost/",
    "https://api.localhost/",
    "https://localhost./",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://intranet/",
    "https:///path",
    "https://",
    "ftp://shop.example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "shop.example.com",
    "",
    "https://ex\u00e4mple.com/",
    "https://shop.example.com/" + "a" * 2000,
]


@pytest.mark.parametrize("address", HIDDEN)
def test_address__not_public__refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_address__public__let_through(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", URLS)
def test_url__not_https_to_a_public_name__refused(url: str) -> None:
    assert problem(url, allow_private=False) is not None


@pytest.mark.parametrize(
    "url", ["https://shop.example.com", "https://shop.example.com:8443/a?b=c", "https://xn--exmple-cua.com/"]
)
def test_url__https_to_a_public_name__let_through(url: str) -> None:
    assert problem(url, allow_private=False) is None


def test_local_use__this_machine__only_where_the_setting_says_so() -> None:
    assert problem("http://127.0.0.1:9000/", allow_private=True) is None
    assert problem("http://127.0.0.1:9000/", allow_private=False) is not None
    assert problem("ftp://127.0.0.1:9000/", allow_private=True) is not None


@pytest.fixture
async def inside() -> AsyncIterator[tuple[int, list[str]]]:
    """A service of this machine, which must never be reached: its port, and who came."""
    came: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port, came
    await runner.cleanup()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost", "[::ffff:127.0.0.1]"]
)
async def test_call__this_machine_by_any_name__no_connection(
    inside: tuple[int, list[str]], host: str
) -> None:
    """Even where the check of the URL is passed over: the socket is refused."""
    port, came = inside
    answer = await call(f"http://{host}:{port}/x", {}, b"{}", allow_private=False)
    assert answer.status is None
    assert came == []


async def test_call__name_that_answers_differently_the_second_time__the_address_used_is_the_one_checked(
    inside: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when looked at, private when connected to."""
    port, came = inside
    loop = asyncio.get_running_loop()
    answers = iter(["192.0.2.1"])

    async def rebinding(host: str, *_: Any, **__: Any) -> Any:
        where = next(answers, "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    for _ in range(3):
        answer = await call(f"http://rebind.example.com:{port}/x", {}, b"{}", allow_private=False)
        assert answer.error == "the host cannot be reached"
    assert came == []


async def test_call__refused_or_forbidden__cannot_be_told_apart(inside: tuple[int, list[str]]) -> None:
    """Else somebody could map which ports of our network are open."""
    closed = await call(f"http://localhost:{free_port()}/", {}, b"", allow_private=True)
    forbidden = await call(f"http://localhost:{inside[0]}/", {}, b"", allow_private=False)
    assert closed == forbidden
