"""Which language somebody is written to in."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from backend.languages import preferred_language
from backend.services import Services
from tests.backend.notices.kit import run
from tests.backend.test_account import bearer_of
from tests.backend.test_auth import register


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("nl, fr;q=0.5, it;q=0.7", "it"),
        ("ja,zh", "en"),
        ("es;q=0, fr;q=0.1", "fr"),
        ("*", "en"),
        ("fr;q=0.5,es;q=0.5", "fr"),
        ("de;q=zwei, it", "it"),
        ("de;q=2, it;q=0.1", "it"),
        ("de;q=nan, it;q=0.1", "it"),
        ("x" * 100_000 + ",de", "en"),
        (";;;,,,=;q", "en"),
    ],
)
def test_accept_language__the_best_of_ours(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


async def test_registration__keeps_the_browsers_language_and_mails_in_it(
    client: AsyncClient, services: Services
) -> None:
    body = {"email": "ada@example.org", "password": "correct horse battery staple"}
    made = await client.post(
        "/api/v1/users", json=body, headers={"accept-language": "fr-CA,fr;q=0.9,en;q=0.1"}
    )
    assert (made.status_code, made.json()["locale"]) == (201, "fr")
    assert await run(services, "SELECT language FROM app.mail") == [("fr",)]


@pytest.mark.parametrize("locale", ["nl", "en-", "EN", "pt_BR", "de-DEU", "xx"])
async def test_profile__language_that_is_not_ours__422(client: AsyncClient, locale: str) -> None:
    await register(client)
    headers = await bearer_of(client)
    answer = await client.patch("/api/v1/me", json={"locale": locale}, headers=headers)
    assert answer.status_code == 422
    answer = await client.patch("/api/v1/me", json={"locale": "pt-BR"}, headers=headers)
    assert answer.json()["locale"] == "pt-BR"
