"""One's own account: confirming an address, a forgotten password, changes, picture, sessions."""

from __future__ import annotations

import asyncio
import io
import struct
import time
import zlib
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from PIL import Image
from sqlalchemy import text

from backend.auth.tokens import refresh_hash
from backend.jobs.app import Run
from backend.jobs.process import TASKS
from backend.mailed_links import tasks
from backend.services import Services
from tests.backend.test_auth import PASSWORD, register, sign_in, step_up

NEW_PASSWORD = "another horse battery"


async def bearer_of(client: AsyncClient, email: str = "ada@example.org") -> dict[str, str]:
    token = await sign_in(client, email)
    client.cookies.clear()
    return {"authorization": f"Bearer {token}"}


async def mails(services: Services, template: str) -> list[tuple[str, dict[str, str]]]:
    """Recipient and values of each mail that is to leave, oldest first."""
    async with services.engine.connect() as db:
        rows = await db.execute(
            text("SELECT recipient, data FROM app.mail WHERE template = :template ORDER BY created_at"),
            {"template": template},
        )
        return [(recipient, data) for recipient, data in rows]


async def token_of(services: Services, template: str) -> str:
    """The token in the newest link."""
    return (await mails(services, template))[-1][1]["link"].partition("#")[2]


async def shift(services: Services, minutes: int) -> None:
    """Let what was mailed be older."""
    async with services.engine.begin() as db:
        await db.execute(
            text(
                "UPDATE app.mailed_token SET created_at = created_at - make_interval(mins => :m),"
                " expires_at = expires_at - make_interval(mins => :m)"
            ),
            {"m": minutes},
        )


async def work_off(services: Services) -> int:
    """Do what requests for a new password left to the worker; how many there were."""
    async with services.engine.begin() as db:
        found = list(
            await db.scalars(
                text(
                    "DELETE FROM jobs.procrastinate_jobs WHERE task_name = 'send_password_reset'"
                    " RETURNING args->>'user_id'"
                )
            )
        )
    for user_id in found:
        await tasks.send_password_reset(Run(services, 0, 0), user_id)
    return len(found)


async def ask_reset(client: AsyncClient, services: Services, email: str = "ada@example.org") -> None:
    answer = await client.post("/api/v1/password-resets", json={"email": email})
    assert answer.status_code == 204
    await work_off(services)


def finish(client: AsyncClient, token: str, password: str = NEW_PASSWORD) -> Any:
    return client.post("/api/v1/password-resets/finish", json={"token": token, "password": password})


def verify(client: AsyncClient, token: str) -> Any:
    return client.post("/api/v1/email-verifications/finish", json={"token": token})


async def test_registration__mails_a_link_that_confirms_once(client: AsyncClient, services: Services) -> None:
    assert (await register(client))["email_verified"] is False
    ((recipient, data),) = await mails(services, "verify_email")
    assert recipient == "ada@example.org"
    assert data["link"].startswith("http://localhost:8000/verify-email#")
    token = await token_of(services, "verify_email")
    async with services.engine.connect() as db:
        assert await db.scalar(text("SELECT token_hash FROM app.mailed_token")) == refresh_hash(token)
    assert (await verify(client, token)).status_code == 204
    again = await verify(client, token)
    assert (again.status_code, again.json()["code"]) == (410, "link_invalid")
    me = await client.get("/api/v1/me", headers=await bearer_of(client))
    assert me.json()["email_verified"] is True


async def test_verification__link_opened_many_times_at_once__works_once(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    token = await token_of(services, "verify_email")
    answers = await asyncio.gather(*(verify(client, token) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [204] + [410] * 5


async def test_verification__run_out_or_replaced_or_of_another_purpose__refused(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    headers = await bearer_of(client)
    first = await token_of(services, "verify_email")
    assert (await finish(client, first)).status_code == 410
    soon = await client.post("/api/v1/email-verifications", headers=headers)
    assert (soon.status_code, soon.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(soon.headers["retry-after"]) <= 60
    await shift(services, 2)
    assert (await client.post("/api/v1/email-verifications", headers=headers)).status_code == 204
    assert (await verify(client, first)).status_code == 410
    second = await token_of(services, "verify_email")
    await shift(services, 24 * 60)
    assert (await verify(client, second)).status_code == 410
    await client.post("/api/v1/email-verifications", headers=headers)
    assert (await verify(client, await token_of(services, "verify_email"))).status_code == 204
    done = await client.post("/api/v1/email-verifications", headers=headers)
    assert (done.status_code, done.json()["code"]) == (409, "email_verified")


async def test_reset__ends_all_sessions_and_the_old_password_and_works_once(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    headers = await bearer_of(client)
    await ask_reset(client, services)
    token = await token_of(services, "reset_password")
    weak = await finish(client, token, "short")
    assert weak.status_code == 422
    assert (await finish(client, token)).status_code == 204
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 401
    old = await client.post("/api/v1/sessions", json={"email": "ada@example.org", "password": PASSWORD})
    assert old.status_code == 401
    new = await client.post("/api/v1/sessions", json={"email": "ada@example.org", "password": NEW_PASSWORD})
    assert new.status_code == 200
    assert (await finish(client, token)).status_code == 410
    notices = await mails(services, "security_notice")
    assert [(to, data["what"]) for to, data in notices] == [("ada@example.org", "user.change_password")]


async def test_reset__after_half_an_hour__refused(client: AsyncClient, services: Services) -> None:
    await register(client)
    await ask_reset(client, services)
    await shift(services, 31)
    assert (await finish(client, await token_of(services, "reset_password"))).status_code == 410


async def test_reset__asked_again_within_a_minute__no_second_mail(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    await ask_reset(client, services)
    await ask_reset(client, services)
    assert len(await mails(services, "reset_password")) == 1
    await shift(services, 2)
    await ask_reset(client, services)
    assert len(await mails(services, "reset_password")) == 2


async def test_reset__known_and_unknown_address__same_answer_same_work_same_time(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    answers, best = {}, {}
    for _ in range(5):  # in turns: what else the machine does meets both alike
        for email in ("ada@example.org", "nobody@example.org"):
            start = time.perf_counter()
            answer = await client.post("/api/v1/password-resets", json={"email": email})
            best[email] = min(best.get(email, 60.0), time.perf_counter() - start)
            own = ("ratelimit", "x-request-id")
            kept = {name: value for name, value in answer.headers.items() if not name.startswith(own)}
            answers[email] = (answer.status_code, answer.text, kept)
    assert answers["ada@example.org"] == answers["nobody@example.org"]
    assert min(best.values()) > 0.3 * max(best.values()), best
    assert await work_off(services) == 10
    assert [to for to, _ in await mails(services, "reset_password")] == ["ada@example.org"]


def test_reset__its_task_is_known_to_the_worker() -> None:
    assert "backend.mailed_links.tasks" in TASKS


async def test_change_password__needs_step_up_ends_other_sessions_tells(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    here, elsewhere = await bearer_of(client), await bearer_of(client)
    body = {"password": NEW_PASSWORD}
    refused = await client.post("/api/v1/me/password", json=body, headers=here)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    await step_up(client, here)
    assert (await client.post("/api/v1/me/password", json=body, headers=here)).status_code == 204
    assert (await client.get("/api/v1/me", headers=here)).status_code == 200
    assert (await client.get("/api/v1/me", headers=elsewhere)).status_code == 401
    assert [data["what"] for _, data in await mails(services, "security_notice")] == ["user.change_password"]


async def test_change_email__by_a_link_to_the_new_address_and_a_notice_to_the_old(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    headers = await bearer_of(client)
    body = {"email": "Ada@new.example.org"}
    assert (await client.post("/api/v1/me/email", json=body, headers=headers)).status_code == 403
    await step_up(client, headers)
    assert (await client.post("/api/v1/me/email", json=body, headers=headers)).status_code == 204
    assert (await client.get("/api/v1/me", headers=headers)).json()["email"] == "ada@example.org"
    assert [to for to, _ in await mails(services, "security_notice")] == ["ada@example.org"]
    to, _ = (await mails(services, "verify_email"))[-1]
    assert to == "ada@new.example.org"
    assert (await verify(client, await token_of(services, "verify_email"))).status_code == 204
    me = (await client.get("/api/v1/me", headers=headers)).json()
    assert (me["email"], me["email_verified"]) == ("ada@new.example.org", True)


async def test_change_email__to_somebody_elses__says_nothing_and_changes_nothing(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    await register(client, "bob@example.org")
    headers = await step_up(client, await bearer_of(client))
    before = len(await mails(services, "verify_email"))
    answer = await client.post("/api/v1/me/email", json={"email": "bob@example.org"}, headers=headers)
    assert answer.status_code == 204
    assert len(await mails(services, "verify_email")) == before


async def test_change_email__taken_meanwhile__409_and_nothing_changes(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    headers = await step_up(client, await bearer_of(client))
    await client.post("/api/v1/me/email", json={"email": "bob@example.org"}, headers=headers)
    token = await token_of(services, "verify_email")
    await register(client, "bob@example.org")
    answer = await verify(client, token)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert (await client.get("/api/v1/me", headers=headers)).json()["email"] == "ada@example.org"


async def test_profile__what_is_given_changes(client: AsyncClient) -> None:
    await register(client)
    headers = await bearer_of(client)
    first = await client.patch(
        "/api/v1/me", json={"display_name": " Ada ", "time_zone": "Europe/Berlin"}, headers=headers
    )
    assert first.status_code == 200
    second = (await client.patch("/api/v1/me", json={"locale": "pt-BR"}, headers=headers)).json()
    assert (second["display_name"], second["locale"], second["time_zone"]) == (
        "Ada",
        "pt-BR",
        "Europe/Berlin",
    )
    cleared = await client.patch("/api/v1/me", json={"display_name": None}, headers=headers)
    assert cleared.json()["display_name"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"display_name": ""}, "body.display_name"),
        ({"display_name": "x" * 81}, "body.display_name"),
        ({"display_name": "a\u202eb"}, "body.display_name"),
        ({"locale": "../en"}, "body.locale"),
        ({"time_zone": "Mars/Olympus"}, "body.time_zone"),
        ({"role": "admin"}, "body.role"),
        ({"email": "other@example.org"}, "body.email"),
    ],
    ids=str,
)
async def test_profile__malformed_or_not_ones_own_to_change__422(
    client: AsyncClient, body: dict[str, Any], field: str
) -> None:
    await register(client)
    answer = await client.patch("/api/v1/me", json=body, headers=await bearer_of(client))
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


def picture(kind: str, size: tuple[int, int] = (640, 400), **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, kind, **options)
    return written.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 65,000 x 65,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_avatar__any_picture__kept_as_small_webp_without_anything_else(
    client: AsyncClient, kind: str
) -> None:
    await register(client)
    headers = await bearer_of(client)
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    data = picture(kind, **({"exif": exif} if kind != "GIF" else {"comment": b"where I live"}))
    assert b"where I live" in data
    answer = await client.put("/api/v1/me/avatar", content=data, headers=headers)
    assert answer.status_code == 200, answer.text
    shown = await client.get(answer.json()["avatar_url"])
    assert shown.headers["content-type"] == "image/webp"
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert b"where I live" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as kept:
        assert (kept.format, kept.size) == ("WEBP", (256, 256))
        assert not kept.getexif()


async def test_avatar__replaced_and_removed__old_files_are_gone(
    client: AsyncClient, services: Services
) -> None:
    await register(client)
    headers = await bearer_of(client)
    first, second = [
        (await client.put("/api/v1/me/avatar", content=picture("PNG"), headers=headers)).json()["avatar_url"]
        for _ in range(2)
    ]
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200
    removed = await client.delete("/api/v1/me/avatar", headers=headers)
    assert removed.json()["avatar_url"] is None
    assert list((services.settings.files_dir / "avatars").iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        picture("PNG")[:200],
        picture("BMP"),
        bomb(),
        picture("PNG", (6_000, 5_000)),
    ],
    ids=["empty", "svg", "cut off gif", "cut off png", "bmp", "bomb", "30 million pixels"],
)
async def test_avatar__no_picture_or_too_large__422(client: AsyncClient, data: bytes) -> None:
    await register(client)
    answer = await client.put("/api/v1/me/avatar", content=data, headers=await bearer_of(client))
    assert (answer.status_code, answer.json()["code"]) == (422, "avatar_unusable")


async def test_avatar__file_too_large__413(client: AsyncClient) -> None:
    await register(client)
    answer = await client.put(
        "/api/v1/me/avatar", content=bytes(5 * 2**20 + 1), headers=await bearer_of(client)
    )
    assert (answer.status_code, answer.json()["limit_bytes"]) == (413, 5 * 2**20)


async def test_sessions__device_network_and_which_one_asks(client: AsyncClient, app: FastAPI) -> None:
    await register(client)
    here = await bearer_of(client)
    transport = ASGITransport(app=app, client=("203.0.113.9", 1))
    async with AsyncClient(
        transport=transport, base_url="http://tombola.test", headers={"user-agent": "Telephone/1"}
    ) as telephone:
        await bearer_of(telephone)
    found = (await client.get("/api/v1/sessions", headers=here)).json()
    assert [(one["device"], one["network"], one["current"]) for one in found] == [
        ("Telephone/1", "203.0.113.9", False),
        (client.headers["user-agent"], "127.0.0.1", True),
    ]


async def test_sessions__end_one_and_all_others(client: AsyncClient) -> None:
    await register(client)
    here, second, third = [await bearer_of(client) for _ in range(3)]
    listed = (await client.get("/api/v1/sessions", headers=second)).json()
    (second_id,) = [one["id"] for one in listed if one["current"]]
    assert (await client.delete(f"/api/v1/sessions/{second_id}", headers=here)).status_code == 204
    assert (await client.get("/api/v1/me", headers=second)).status_code == 401
    gone = await client.delete(f"/api/v1/sessions/{second_id}", headers=here)
    assert (gone.status_code, gone.json()["code"]) == (404, "session_not_found")
    assert (await client.post("/api/v1/sessions/end-others", headers=here)).json() == {"ended": 1}
    assert (await client.get("/api/v1/me", headers=third)).status_code == 401
    assert (await client.get("/api/v1/me", headers=here)).status_code == 200
