"""Links to files of the folder: signed, for a while, for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import jwt
import pytest
from httpx import AsyncClient

from backend.auth.tokens import AccessTokens
from backend.files.links import ALGORITHM, AUDIENCE, FileLinks
from backend.files.store import write_whole
from backend.services import Services

SECRET = "a secret of a test that is long enough"
OTHER = "another secret that is long enough too"
MINUTE = timedelta(minutes=1)
KEY = "certificates/0b5b.pdf"


def token_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


async def test_route__what_is_saved_and_nothing_is_guessed(client: AsyncClient, services: Services) -> None:
    await write_whole(services.files, KEY, b"<script>alert(1)</script>")
    url = await services.files.link(KEY, "proof.pdf", "application/pdf", MINUTE)
    answer = await client.get(urlsplit(url).path)
    assert (answer.status_code, answer.content) == (200, b"<script>alert(1)</script>")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-length"] == "25"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''proof.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_route__forged_expired_or_file_deleted__410(client: AsyncClient, services: Services) -> None:
    await write_whole(services.files, KEY, b"x")
    path = urlsplit(await services.files.link(KEY, "a", "text/csv", MINUTE)).path
    head, _, seal = path.rpartition(".")
    changed = seal[:5] + ("A" if seal[5] != "A" else "B") + seal[6:]
    foreign = token_of(FileLinks([OTHER], "http://x").make(KEY, "a", "text/csv", MINUTE))
    for wrong in (f"{head}.{changed}", f"{head}.", "/api/v1/files/x", f"/api/v1/files/{foreign}"):
        answer = await client.get(wrong)
        assert (answer.status_code, answer.json()["code"]) == (410, "download_expired"), wrong
    assert (await client.get(path)).status_code == 200
    await services.files.delete(KEY)
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (410, "download_expired")


def test_read__expired__nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    links = FileLinks([SECRET], "http://x")
    claims = {"aud": AUDIENCE, "key": KEY, "name": "a", "type": "b"}
    for seconds, is_good in ((60, True), (-1, False)):
        expires = datetime.now(UTC) + timedelta(seconds=seconds)
        made = jwt.encode({**claims, "exp": expires}, links._keys[0], algorithm=ALGORITHM)
        assert (links.read(made) is not None) == is_good
    endless = jwt.encode(claims, links._keys[0], algorithm=ALGORITHM)
    assert links.read(endless) is None


def test_read__secret_rotated__links_of_before_still_work() -> None:
    token = token_of(FileLinks([SECRET], "http://x").make(KEY, "a", "b", MINUTE))
    assert FileLinks([OTHER, SECRET], "http://x").read(token) is not None
    assert FileLinks([OTHER], "http://x").read(token) is None


def test_link__is_no_access_token_and_an_access_token_is_no_link() -> None:
    links, tokens = FileLinks([SECRET], "http://x"), AccessTokens([SECRET], 60)
    assert tokens.read(token_of(links.make(KEY, "a", "b", MINUTE))) is None
    # Not even one that says all a link says: the keys differ.
    claims = {"aud": AUDIENCE, "key": KEY, "name": "a", "type": "b", "exp": datetime.now(UTC) + MINUTE}
    assert links.read(jwt.encode(claims, SECRET, algorithm=ALGORITHM)) is None
    assert links.read(jwt.encode(claims, None, algorithm="none")) is None
