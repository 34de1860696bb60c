"""What every file store does: one suite, run against each."""

from __future__ import annotations

import asyncio
import hashlib
import random
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from backend import errors
from backend.files.router import router as files_router
from backend.files.store import FileMissing, FileStore, check_key, read_whole, write_whole
from tests.backend.files.conftest import LINKS

KEY = "imports/0b5bbd6c-6a56-4e0a-9f42-ad5dd9c74d6f"
MIB = 1024 * 1024
Fetch = Callable[[str], Awaitable[tuple[int, Mapping[str, str], bytes]]]


async def pieces(*all_of_them: bytes) -> AsyncIterator[bytes]:
    for piece in all_of_them:
        yield piece


async def test_write__many_pieces__read_whole_and_sized(store: FileStore) -> None:
    assert await store.write(KEY, pieces(b"one,", b"", b"two,", b"three")) == 13
    assert await read_whole(store, KEY) == b"one,two,three"
    assert await store.size(KEY) == 13


async def test_write__empty_file__is_a_file(store: FileStore) -> None:
    assert await store.write(KEY, pieces()) == 0
    assert await store.size(KEY) == 0
    assert await read_whole(store, KEY) == b""


async def test_write__key_that_is_there__is_replaced(store: FileStore) -> None:
    await write_whole(store, KEY, b"a longer first text")
    await write_whole(store, KEY, b"second")
    assert await read_whole(store, KEY) == b"second"


@pytest.mark.parametrize("length", [0, 1, 5 * MIB - 1, 5 * MIB, 8 * MIB, 8 * MIB + 1, 17 * MIB + 3])
async def test_write__any_length__comes_back_byte_for_byte(store: FileStore, length: int) -> None:
    data = random.Random(length).randbytes(length)
    cuts = [data[at : at + 3 * MIB // 2] for at in range(0, length, 3 * MIB // 2)]
    assert await store.write(KEY, pieces(*cuts)) == length
    assert hashlib.sha256(await read_whole(store, KEY)).digest() == hashlib.sha256(data).digest()


@pytest.mark.parametrize("offset", [0, 1, 4, 9, 10, 11, 10_000])
async def test_read__from_an_offset__the_rest(store: FileStore, offset: int) -> None:
    await write_whole(store, KEY, b"0123456789")
    found = b"".join([piece async for piece in store.read(KEY, offset)])
    assert found == b"0123456789"[offset:]


async def test_missing__size_and_read_say_so__delete_does_not_mind(store: FileStore) -> None:
    with pytest.raises(FileMissing, match=KEY):
        await store.size(KEY)
    for offset in (0, 5):
        with pytest.raises(FileMissing, match=KEY):
            await anext(store.read(KEY, offset))
    await store.delete(KEY)


async def test_delete__file__is_gone(store: FileStore) -> None:
    await write_whole(store, KEY, b"x")
    await store.delete(KEY)
    with pytest.raises(FileMissing):
        await store.size(KEY)


@pytest.mark.parametrize("before", [None, b"the old one"])
@pytest.mark.parametrize("length", [10, 9 * MIB])
async def test_write__source_breaks_off__as_it_was_before(
    store: FileStore, before: bytes | None, length: int
) -> None:
    if before is not None:
        await write_whole(store, KEY, before)

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * length
        raise ConnectionResetError("the browser went away")

    with pytest.raises(ConnectionResetError):
        await store.write(KEY, broken())
    if before is None:
        with pytest.raises(FileMissing):
            await store.size(KEY)
    else:
        assert await read_whole(store, KEY) == before


async def test_write__cancelled__as_it_was_before(store: FileStore) -> None:
    arrived = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * MIB
        arrived.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(store.write(KEY, endless()))
    await arrived.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    with pytest.raises(FileMissing):
        await store.size(KEY)


async def test_write__two_at_once__one_of_them_whole(store: FileStore) -> None:
    texts = [bytes([letter]) * (2 * MIB) for letter in b"ab"]
    await asyncio.gather(*(store.write(KEY, pieces(text[:MIB], text[MIB:])) for text in texts))
    assert await read_whole(store, KEY) in texts


async def test_read__while_it_is_replaced__one_of_them_whole(store: FileStore) -> None:
    old, new = b"o" * (3 * MIB), b"n" * (3 * MIB)
    await write_whole(store, KEY, old)
    reading = store.read(KEY)
    first = await anext(reading)
    await write_whole(store, KEY, new)
    assert first + b"".join([piece async for piece in reading]) == old


@pytest.mark.parametrize(
    "key",
    [
        *("", "imports", "imports/", "/imports/a", "imports//a", "imports/a/b", "a" * 300 + "/b"),
        *("../secrets", "imports/..", "imports/../a", "./a", "imports/.hidden", ".imports/a"),
        *("imports\\a", "imports/a\0", "imports/a\n", "imports/A", "imports/ä", "imports/a b", "imports/%2e"),
    ],
)
async def test_key__that_could_mean_something_else__refused_by_every_method(
    store: FileStore, key: str
) -> None:
    with pytest.raises(ValueError, match="is no key of a file"):
        await write_whole(store, key, b"")
    with pytest.raises(ValueError, match="is no key of a file"):
        await anext(store.read(key))
    for ask in (store.size, store.delete):
        with pytest.raises(ValueError, match="is no key of a file"):
            await ask(key)


@pytest.mark.parametrize("key", [KEY, "certificates/0b5b.pdf", "avatars/0123456789abcdef.webp", "a_b-c/0"])
def test_key__of_ours__is_one(key: str) -> None:
    assert check_key(key) == key


async def test_write_and_read__64_mib__memory_stays_small(store: FileStore) -> None:
    chunk = random.Random(1).randbytes(MIB)

    async def big() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield chunk

    await write_whole(store, "imports/first", b"whatever is loaded once")
    tracemalloc.start()
    try:
        await store.write(KEY, big())
        total = 0
        async for piece in store.read(KEY):
            total += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == 64 * MIB
    assert peak < 40 * MIB


async def test_written_before__files_of_the_kind_that_are_older(store: FileStore) -> None:
    assert [key async for key in store.written_before("imports", datetime.now(UTC))] == []
    for key in ("imports/a", "imports/b.csv", "certificates/c"):
        await write_whole(store, key, b"x")
    later = datetime.now(UTC) + timedelta(hours=1)
    assert sorted([key async for key in store.written_before("imports", later)]) == [
        "imports/a",
        "imports/b.csv",
    ]
    assert [
        key async for key in store.written_before("imports", datetime.now(UTC) - timedelta(hours=1))
    ] == []
    with pytest.raises(ValueError, match="is no kind"):
        await anext(store.written_before("../imports", later))


@pytest.fixture
async def fetch(store: FileStore) -> AsyncIterator[Fetch]:
    """Follows a link: into an application that has this store, or to moto."""
    app = FastAPI()
    app.include_router(files_router, prefix="/api/v1")
    errors.install(app)
    app.state.services = SimpleNamespace(files=store, file_links=LINKS)
    site = httpx.AsyncClient(transport=httpx.ASGITransport(app=app))
    async with site, httpx.AsyncClient() as world:

        async def follow(url: str) -> tuple[int, Mapping[str, str], bytes]:
            client = site if url.startswith("http://tombola.test/") else world
            answer = await client.get(url)
            return answer.status_code, answer.headers, answer.content

        yield follow


async def test_link__downloads_the_file_under_its_name(store: FileStore, fetch: Fetch) -> None:
    await write_whole(store, KEY, b"account\nana\n")
    url = await store.link(KEY, 'list "ä"\r\nX: y.csv', "text/csv", timedelta(minutes=5))
    status, headers, body = await fetch(url)
    assert (status, body) == (200, b"account\nana\n")
    assert headers["content-type"].startswith("text/csv")
    assert headers["content-disposition"] == (
        "attachment; filename*=UTF-8''list%20%22%C3%A4%22%0D%0AX%3A%20y.csv"
    )
    assert "x" not in headers


@pytest.mark.parametrize("days", [-1, 0, 8])
async def test_link__lifetime_that_no_link_has__refused(store: FileStore, days: int) -> None:
    with pytest.raises(ValueError, match="up to 7 days"):
        await store.link(KEY, "a", "text/csv", timedelta(days=days))


async def test_link__key_that_is_none__refused(store: FileStore) -> None:
    with pytest.raises(ValueError, match="is no key"):
        await store.link("../a", "a", "text/csv", timedelta(days=1))
