"""Files in a bucket of S3, or of a service that speaks its protocol (API version 2006-03-01).

The policy of the bucket needs s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload, and on the bucket itself
ListBucket and ListBucketMultipartUploads. Each request is signed with the hash of its content.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from backend.files.links import as_attachment
from backend.files.store import (
    PIECE,
    FileMissing,
    FilesUnavailable,
    check_key,
    check_kind,
    check_lifetime,
)

THREADS = 8
ATTEMPTS = 4
"""Of each request, by boto3, with pauses that grow; and of a reading that gets nowhere."""
PART = 8 * 1024 * 1024
"""Bytes of a part; S3 takes 10,000 of at least 5 MiB."""
_MISSING = {"NoSuchKey", "NotFound", "404"}
_BEYOND_THE_END = {"InvalidRange", "416"}


class S3Store:
    """Files as objects `<prefix><key>`. `prefix` is empty or ends with a slash, `timeout` is seconds per attempt."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        region: str | None = None,
        endpoint: str | None = None,
        timeout: float = 10.0,
    ) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._region = region
        self._endpoint = endpoint
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    async def write(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """Store a file: in one request when it is small, else in parts that become a file together."""
        upload = _Upload(self, check_key(key))
        total, rest = 0, bytearray()
        try:
            async for chunk in chunks:
                total += len(chunk)
                rest += chunk
                while len(rest) >= PART:
                    await upload.add(bytes(memoryview(rest)[:PART]))
                    del rest[:PART]
            await upload.finish(bytes(rest))
        except BaseException:
            await asyncio.shield(upload.abort())
            raise
        return total

    async def read(self, key: str, offset: int = 0) -> AsyncIterator[bytes]:
        """The bytes from `offset` on; goes on where it was when a connection breaks."""
        at, faults, wanted = offset, 0, {"Key": self.name(key)}
        while True:
            if at > 0:
                wanted["Range"] = f"bytes={at}-"
            found = await self.ask(key, "get_object", **wanted)
            if found is None:
                return
            wanted["IfMatch"] = found["ETag"]  # the rest of the same file, not of one written meanwhile
            try:
                while piece := await self._in_thread(key, found["Body"].read, PIECE):
                    at, faults = at + len(piece), 0
                    yield piece
                return
            except FilesUnavailable:
                faults += 1
                if faults == ATTEMPTS:
                    raise
            finally:
                found["Body"].close()

    async def size(self, key: str) -> int:
        """Bytes; raises FileMissing."""
        return int((await self.ask(key, "head_object", Key=self.name(key)))["ContentLength"])

    async def delete(self, key: str) -> None:
        """Remove the file, where there is one."""
        with suppress(FileMissing):
            await self.ask(key, "delete_object", Key=self.name(key))

    async def link(self, key: str, name: str, media_type: str, lifetime: timedelta) -> str:
        """A URL of S3, signed by our credentials: it ends with them too."""
        given = {
            "Bucket": self._bucket,
            "Key": self.name(key),
            "ResponseContentDisposition": as_attachment(name),
            "ResponseContentType": media_type,
        }
        seconds = check_lifetime(lifetime)
        url: str = await self._in_thread(
            key,
            lambda: self._client.generate_presigned_url("get_object", Params=given, ExpiresIn=seconds),
        )
        return url

    async def written_before(self, kind: str, moment: datetime) -> AsyncIterator[str]:
        """Keys of a kind whose files were written before `moment`."""
        place: dict[str, Any] = {"Prefix": f"{self._prefix}{check_kind(kind)}/"}
        while True:
            page = await self.ask(kind, "list_objects_v2", **place)
            for item in page.get("Contents", ()):
                if item["LastModified"] < moment:
                    yield item["Key"].removeprefix(self._prefix)
            if not page.get("IsTruncated"):
                return
            place["ContinuationToken"] = page["NextContinuationToken"]

    async def discard_drafts(self, kind: str, moment: datetime) -> None:
        """Give up uploads that were begun before `moment` and never finished: their parts cost money."""
        place: dict[str, Any] = {"Prefix": f"{self._prefix}{check_kind(kind)}/"}
        while True:
            page = await self.ask(kind, "list_multipart_uploads", **place)
            for item in page.get("Uploads", ()):
                if item["Initiated"] < moment:
                    await self.ask(kind, "abort_multipart_upload", Key=item["Key"], UploadId=item["UploadId"])
            if not page.get("IsTruncated"):
                return
            place["KeyMarker"] = page["NextKeyMarker"]
            place["UploadIdMarker"] = page["NextUploadIdMarker"]

    async def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def name(self, key: str) -> str:
        """What S3 calls a file."""
        return f"{self._prefix}{check_key(key)}"

    async def ask(self, key: str, operation: str, **arguments: Any) -> Any:
        """One request about a file; None for bytes beyond its end. Raises FileMissing, FilesUnavailable."""
        return await self._in_thread(
            key, lambda: getattr(self._client, operation)(Bucket=self._bucket, **arguments)
        )

    async def _in_thread(self, key: str, call: Callable[..., Any], *arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _translated, key, call, arguments)

    @cached_property
    def _client(self) -> Any:
        """boto3's client, which threads may share."""
        config = Config(
            connect_timeout=self._timeout,
            read_timeout=self._timeout,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=THREADS,
            # The hash in the signature protects the content everywhere; newer checksums not every service knows.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"payload_signing_enabled": True, "addressing_style": "path" if self._endpoint else "auto"},
        )
        return boto3.session.Session().client(
            "s3", region_name=self._region, endpoint_url=self._endpoint, config=config
        )


class _Upload:
    """A file on its way, in parts once there is more than one."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._store = store
        self._key = key
        self._target = {"Key": store.name(key)}
        self._parts: list[dict[str, Any]] = []

    async def add(self, part: bytes) -> None:
        """Send a part."""
        if "UploadId" not in self._target:
            begun = await self._store.ask(self._key, "create_multipart_upload", **self._target)
            self._target["UploadId"] = begun["UploadId"]
        number = len(self._parts) + 1
        sent = await self._store.ask(self._key, "upload_part", **self._target, PartNumber=number, Body=part)
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})

    async def finish(self, rest: bytes) -> None:
        """Send what is left; now the file is there."""
        if not self._parts:
            await self._store.ask(self._key, "put_object", **self._target, Body=rest)
            return
        if rest:
            await self.add(rest)
        await self._store.ask(
            self._key, "complete_multipart_upload", **self._target, MultipartUpload={"Parts": self._parts}
        )

    async def abort(self) -> None:
        """Give up the parts. What cannot be given up now, `discard_drafts` gives up later."""
        if "UploadId" in self._target:
            with suppress(FilesUnavailable, FileMissing):
                await self._store.ask(self._key, "abort_multipart_upload", **self._target)


def _translated(key: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call, and say what went wrong in our words. boto3's own may quote the request."""
    try:
        return call(*arguments)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise FileMissing(key) from None
        if code in _BEYOND_THE_END:
            return None
        if code in ("PreconditionFailed", "412"):
            raise FilesUnavailable("The file was replaced while it was read. Read it anew.") from None
        if code == "NoSuchUpload" and "abort" in error.operation_name.lower():
            return None
        raise FilesUnavailable(f"The file store answers {code}.") from None
    except BotoCoreError as error:
        raise FilesUnavailable(f"The file store cannot be asked: {type(error).__name__}.") from None
