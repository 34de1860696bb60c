"""Each of the file stores, empty; S3 is moto's server, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from aiohttp import ClientError, ClientSession

from backend.files.folder import FolderStore
from backend.files.links import FileLinks
from backend.files.s3 import S3Store
from backend.files.store import FileStore
from tests.support.processes import Process
from tests.support.waiting import wait_until_async
from tools.ports import free_port

REGION = "eu-central-1"
LINKS = FileLinks(["a secret of a test that is long enough"], "http://tombola.test")


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def moto_process() -> Iterator[str]:
    """URL of moto's AWS; it may still be starting."""
    port = free_port()
    with Process([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def moto(moto_process: str) -> str:
    """URL of moto's AWS, which answers."""

    async def answers() -> bool:
        try:
            async with ClientSession() as session, session.get(f"{moto_process}/moto-api/"):
                return True
        except ClientError:
            return False

    await wait_until_async(answers, 60, what="moto's server")
    return moto_process


def s3_client(url: str) -> Any:
    return boto3.client("s3", region_name=REGION, endpoint_url=url)


@pytest.fixture
async def bucket(moto: str) -> str:
    """An empty bucket."""
    name = f"tombola-{uuid4().hex}"
    where = {"LocationConstraint": REGION}
    await asyncio.to_thread(
        lambda: s3_client(moto).create_bucket(Bucket=name, CreateBucketConfiguration=where)
    )
    return name


@pytest.fixture
async def s3(moto: str, bucket: str) -> AsyncIterator[S3Store]:
    """An empty store in S3."""
    made = S3Store(bucket, "here/", REGION, moto, timeout=5.0)
    yield made
    await made.close()


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    """An empty folder, which is not there yet."""
    return FolderStore(tmp_path / "files", LINKS)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> FileStore:
    """A store with nothing in it."""
    made: FileStore = request.getfixturevalue(request.param)
    return made
