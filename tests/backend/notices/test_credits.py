"""Low credits: told once when the threshold is crossed, and again only after there was enough."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.ledger import service as ledger
from backend.notices.credits import tell_low_credits
from backend.services import Services
from tests.backend.ledger.moving import move
from tests.backend.notices.kit import events, mails, run, somebody


async def test_crossing__told_once_and_again_after_there_was_enough(services: Services) -> None:
    ada, _ = await somebody(services)
    await move(services, ada, 12)
    assert await tell_low_credits(services) == 0
    await move(services, ada, -3)
    assert await tell_low_credits(services) == 1
    await move(services, ada, -4)
    assert await tell_low_credits(services) == 0, "lower still is no crossing"
    await move(services, ada, 4)
    assert await tell_low_credits(services) == 0, "nine is not enough"
    await move(services, ada, 1)
    assert await tell_low_credits(services) == 0
    await move(services, ada, -10)
    assert await tell_low_credits(services) == 1
    link = f"{services.settings.site}/account/credits"
    assert await mails(services, "credits_low") == [
        (ada, {"available": "9", "threshold": "10", "link": link}),
        (ada, {"available": "0", "threshold": "10", "link": link}),
    ]
    assert [event[2] for event in await events(services, "credits.low")] == [
        {"available": "9", "threshold": "10"},
        {"available": "0", "threshold": "10"},
    ]


async def test_never_had_so_many__is_told_nothing(services: Services) -> None:
    ada, _ = await somebody(services)
    await somebody(services)
    await move(services, ada, 9)
    await move(services, ada, -9)
    assert await tell_low_credits(services) == 0


async def test_held_credits__are_not_available(services: Services) -> None:
    ada, _ = await somebody(services)
    await move(services, ada, 20)
    await tell_low_credits(services)
    async with AsyncSession(services.engine) as db, db.begin():
        mine, fees = await ledger.user_account(db, ada), await ledger.system_account(db, "fees")
        soon = datetime.now(UTC) + timedelta(hours=1)
        await ledger.hold(
            db, key="h", debit=mine, credit=fees, amount=15, purpose="draw", actor="test", expires_at=soon
        )
    assert await tell_low_credits(services) == 1


async def test_looked_at_by_many_at_once__told_once(services: Services) -> None:
    people = [(await somebody(services))[0] for _ in range(5)]
    for one in people:
        await move(services, one, 10)
    await tell_low_credits(services)
    for one in people:
        await move(services, one, -1)
    assert sum(await asyncio.gather(*(tell_low_credits(services) for _ in range(4)))) == 5
    assert sorted(user for user, _ in await mails(services, "credits_low")) == sorted(people)


async def test_ended_notices__no_mail_but_an_event(services: Services) -> None:
    ada, _ = await somebody(services)
    await run(services, """UPDATE app."user" SET muted_notices = '{credits_low}'""")
    await move(services, ada, 10)
    await tell_low_credits(services)
    await move(services, ada, -1)
    await tell_low_credits(services)
    assert await mails(services, "credits_low") == []
    assert [user for user, _, _ in await events(services, "credits.low")] == [ada]
