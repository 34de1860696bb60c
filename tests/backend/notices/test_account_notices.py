"""Welcome, renewal, and what is told about an account's safety, in its language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from backend.notices.security import tell_owner
from backend.notices.service import tell_renewal
from backend.outbox.templates import render
from backend.services import Services
from tests.backend.notices.kit import events, mails, run, somebody
from tests.backend.test_account import bearer_of, token_of, verify
from tests.backend.test_auth import register, step_up

WHEN = datetime(2026, 12, 1, tzinfo=UTC)


async def test_welcome__after_the_first_confirmation_only(client: AsyncClient, services: Services) -> None:
    await register(client)
    assert await mails(services, "welcome") == []
    assert (await verify(client, await token_of(services, "verify_email"))).status_code == 204
    assert [said for _, said in await mails(services, "welcome")] == [
        {"link": f"{services.settings.site}/contests/new"}
    ]
    headers = await step_up(client, await bearer_of(client))
    await client.post("/api/v1/me/email", json={"email": "new@example.org"}, headers=headers)
    assert (await verify(client, await token_of(services, "verify_email"))).status_code == 204
    assert len(await mails(services, "welcome")) == 1


async def renew(services: Services, user_id: UUID, renews_at: datetime) -> bool:
    async with AsyncSession(services.engine) as db, db.begin():
        return await tell_renewal(
            db,
            services.settings,
            user_id,
            subscription_id="sub_1",
            plan="Pro",
            renews_at=renews_at,
            amount="19.00 EUR",
        )


async def test_renewal__once_for_each(services: Services) -> None:
    ada, _ = await somebody(services, locale="de")
    assert await renew(services, ada, WHEN)
    assert not await renew(services, ada, WHEN)
    assert await renew(services, ada, WHEN + timedelta(days=31))
    found = await mails(services, "renewal")
    assert len(found) == len(await events(services, "subscription.renews")) == 2
    content = render("renewal", found[0][1], "de")
    assert content.subject == "Ihr Abonnement verlängert sich am 1. Dezember 2026"
    assert "19,00\xa0€" in content.text


async def test_security__in_the_accounts_language_always(services: Services) -> None:
    ada, _ = await somebody(services, locale="es", confirmed=False)
    async with AsyncSession(services.engine) as db, db.begin():
        await tell_owner(db, ada, "factor.passkey_added", name="Mi móvil")
    ((_, data),) = await mails(services, "security_notice")
    assert await run(services, "SELECT language FROM app.mail") == [("es",)]
    said = render("security_notice", data, "es")
    assert said.subject == "Tombola: Se ha añadido a tu cuenta la llave de acceso «Mi móvil»."
    assert " UTC" in said.text


async def test_security__sentence_that_is_not_there__said_at_once(services: Services) -> None:
    ada, _ = await somebody(services)
    async with AsyncSession(services.engine) as db, db.begin():
        with pytest.raises(LookupError, match="no_such"):
            await tell_owner(db, ada, "no_such")
