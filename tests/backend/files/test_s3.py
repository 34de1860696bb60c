"""S3: what goes wrong on the way, and what is left of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout, web

from backend.files.choice import open_files
from backend.files.folder import FolderStore
from backend.files.s3 import PART, S3Store
from backend.files.store import FileMissing, FilesUnavailable, read_whole, write_whole
from backend.settings import Settings, SettingsError
from tests.backend.files.conftest import LINKS, REGION, s3_client

KEY = "imports/0b5b"
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@asynccontextmanager
async def through(moto: str, fault: Fault) -> AsyncIterator[str]:
    """URL of a proxy before moto; `fault` answers in its place, or returns None."""

    async def serve(request: web.Request) -> web.StreamResponse:
        answer = await fault(request)
        if answer is not None:
            return answer
        body = await request.read()
        headers = {
            name: value for name, value in request.headers.items() if name.lower() != "transfer-encoding"
        }
        async with session.request(
            request.method,
            f"{moto}{request.raw_path}",
            data=body,
            headers=headers,
            skip_auto_headers=["Accept"],
        ) as found:
            left = {"Transfer-Encoding", "Content-Encoding", "Connection", "Content-Length", "Date", "Server"}
            kept = {name: value for name, value in found.headers.items() if name not in left}
            if request.method == "HEAD":
                kept["Content-Length"] = found.headers["Content-Length"]
            return web.Response(status=found.status, body=await found.read(), headers=kept)

    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_route("*", "/{rest:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    async with ClientSession(timeout=ClientTimeout(total=60), auto_decompress=False) as session:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def uploads(moto: str, bucket: str) -> list[Any]:
    found = await asyncio.to_thread(lambda: s3_client(moto).list_multipart_uploads(Bucket=bucket))
    return list(found.get("Uploads", []))


async def test_source_breaks_off__parts_are_given_up(s3: S3Store, moto: str, bucket: str) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(PART + 1)
        assert len(await uploads(moto, bucket)) == 1
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await s3.write(KEY, broken())
    assert await uploads(moto, bucket) == []


async def test_writer_died__parts_are_given_up_later(s3: S3Store, moto: str, bucket: str) -> None:
    client = s3_client(moto)
    for key in ("here/imports/a", "here/imports/b", "here/others/c"):
        await asyncio.to_thread(lambda key=key: client.create_multipart_upload(Bucket=bucket, Key=key))
    await s3.discard_drafts("imports", datetime(2000, 1, 1, tzinfo=UTC))
    assert len(await uploads(moto, bucket)) == 3
    await s3.discard_drafts("imports", datetime.now(UTC) + timedelta(days=1))
    left = await uploads(moto, bucket)
    assert [one["Key"] for one in left if one["Key"].startswith("here/imports/")] == []
    assert "here/others/c" in [one["Key"] for one in left]


async def test_server__5xx_for_a_moment__asked_again(moto: str, bucket: str) -> None:
    faults = 2

    async def busy(_request: web.Request) -> web.StreamResponse | None:
        nonlocal faults
        faults -= 1
        return web.Response(status=503) if faults >= 0 else None

    async with through(moto, busy) as url:
        store = S3Store(bucket, "", REGION, url, timeout=5.0)
        await write_whole(store, KEY, b"x")
        assert await read_whole(store, KEY) == b"x"
        await store.close()


@pytest.mark.parametrize("reach", ["refused", "silent"])
async def test_server__away__said_soon_without_what_was_sent(moto: str, bucket: str, reach: str) -> None:
    async def silent(_request: web.Request) -> web.StreamResponse | None:
        await asyncio.sleep(60)
        return None

    async with through(moto, silent) as url:
        store = S3Store(bucket, "", REGION, url if reach == "silent" else "http://127.0.0.1:1", timeout=0.2)
        async with asyncio.timeout(40):
            with pytest.raises(FilesUnavailable) as raised:
                await write_whole(store, KEY, b"a secret list")
        assert raised.value.status == 503
        assert "secret" not in str(raised.value)
        assert "testing" not in str(raised.value)
        await store.close()


async def test_read__connection_breaks_again_and_again__goes_on_where_it_was(
    s3: S3Store, moto: str, bucket: str
) -> None:
    data = random.Random(1).randbytes(3 * 1024**2)
    await write_whole(s3, KEY, data)
    ranges = []

    async def breaks(request: web.Request) -> web.StreamResponse | None:
        if request.method != "GET":
            return None
        ranges.append(request.headers.get("Range"))
        first = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        answer = web.StreamResponse(
            status=206, headers={"Content-Length": str(len(data) - first), "ETag": etag}
        )
        await answer.prepare(request)
        await answer.write(data[first : first + 1024**2])
        if first + 1024**2 < len(data):
            assert request.transport is not None
            request.transport.close()
        return answer

    etag = (await asyncio.to_thread(lambda: s3_client(moto).head_object(Bucket=bucket, Key=f"here/{KEY}")))[
        "ETag"
    ]
    async with through(moto, breaks) as url:
        store = S3Store(bucket, "here/", REGION, url, timeout=5.0)
        assert await read_whole(store, KEY) == data
        await store.close()
    assert len(ranges) >= 3
    assert ranges[0] is None
    assert len(set(ranges)) == len(ranges)


async def test_read__replaced_between_two_pieces_of_a_broken_reading__refused(
    s3: S3Store, moto: str, bucket: str
) -> None:
    await write_whole(s3, KEY, b"o" * 1024**2)
    asked = 0

    async def replaced(request: web.Request) -> web.StreamResponse | None:
        nonlocal asked
        asked += 1
        if asked > 1:
            return None
        head = await asyncio.to_thread(lambda: s3_client(moto).head_object(Bucket=bucket, Key=f"here/{KEY}"))
        answer = web.StreamResponse(headers={"Content-Length": str(1024**2), "ETag": head["ETag"]})
        await answer.prepare(request)
        await answer.write(b"o" * 300_000)
        await write_whole(s3, KEY, b"n" * 1024**2)
        assert request.transport is not None
        request.transport.close()
        return answer

    async with through(moto, replaced) as url:
        store = S3Store(bucket, "here/", REGION, url, timeout=5.0)
        with pytest.raises(FilesUnavailable, match="was replaced"):
            await read_whole(store, KEY)
        await store.close()


async def test_bucket__is_not_there__not_taken_for_a_missing_file(moto: str) -> None:
    store = S3Store("no-such-bucket-of-tombola", "", REGION, moto, timeout=5.0)
    with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
        await write_whole(store, KEY, b"x")
    with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
        await read_whole(store, KEY)
    await store.close()


async def test_written_before__more_than_a_page(s3: S3Store, moto: str, bucket: str) -> None:
    client = s3_client(moto)
    names = [f"imports/{number:04}" for number in range(1003)]

    def put() -> None:
        for name in names:
            client.put_object(Bucket=bucket, Key=f"here/{name}", Body=b"")

    await asyncio.to_thread(put)
    later = datetime.now(UTC) + timedelta(days=1)
    assert [key async for key in s3.written_before("imports", later)] == names


def settings_with(url: str, tmp_path: Path) -> Settings:
    return Settings.model_construct(files_url=url, files_dir=tmp_path, files_timeout_seconds=1.0)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://bucket/x", "begins with 'https'"),
        ("s3:///prefix", "names no bucket"),
        ("s3://key:secret@bucket/", "names no bucket"),
        ("s3://bucket/p?regoin=eu", "unknown option 'regoin'"),
        ("s3://bucket/p?endpoint=http://files.example.org", "in the open"),
    ],
)
def test_setting__wrong__says_what_to_write(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        open_files(settings_with(url, tmp_path), LINKS)
    assert "secret" not in str(raised.value)


async def test_setting__names_bucket_prefix_and_endpoint(moto: str, bucket: str, tmp_path: Path) -> None:
    store = open_files(settings_with(f"s3://{bucket}/a/b?region={REGION}&endpoint={moto}", tmp_path), LINKS)
    await write_whole(store, KEY, b"x")
    found = await asyncio.to_thread(lambda: s3_client(moto).list_objects_v2(Bucket=bucket))
    assert [one["Key"] for one in found["Contents"]] == [f"a/b/{KEY}"]
    with pytest.raises(FileMissing):
        await store.size("imports/other")
    await store.close()
    assert isinstance(open_files(settings_with("", tmp_path), LINKS), FolderStore)
