"""A contest's price: held with its commit, taken when it is opened, given back when it is not; each once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import Contest
from backend.intents.cancel import cancel_intent
from backend.intents.service import Call, create_intent
from backend.ledger import service as ledger
from backend.ledger.comparison import compare_database
from backend.ledger.holds import expire_due
from backend.prices.charging import hold_for, settle
from backend.prices.errors import CreditsTooLow, TierExceeded
from backend.sender import store
from backend.services import Services
from tests.backend.ledger.moving import move
from tests.backend.working import comes_true, value, worker
from tests.backend.world import Person, World, fresh_address

WAITING = "SELECT count(*) FROM jobs.procrastinate_jobs WHERE task_name = 'settle_charge'"


@dataclass
class Organiser:
    """Somebody with contests; each is committed as far as prices are concerned."""

    services: Services
    person: Person

    async def contest(self, participants: int = 20_000, *kinds: str, language: str = "en") -> UUID:
        contest_id = uuid4()
        async with self.services.engine.begin() as db:
            await db.execute(
                text("""
                    INSERT INTO app.contest (id, owner_id, title, rules, post_reference, winners, alternates,
                        participant_count, filters, language)
                    VALUES (:id, :owner, 't', 'r', 'p', 1, 0, :count, CAST(:filters AS jsonb), :language)
                """),
                {
                    "id": contest_id,
                    "owner": self.person.id,
                    "count": participants,
                    "filters": json.dumps([{"kind": kind} for kind in kinds]),
                    "language": language,
                },
            )
        return contest_id

    async def commits(self, contest_id: UUID) -> UUID:
        """The intent that opens it; nothing at all where it is refused."""
        async with AsyncSession(self.services.engine) as db, db.begin():
            contest = await db.get_one(Contest, contest_id)
            call = Call(fresh_address())
            intent = await create_intent(
                db, self.person, "open_contest", {"contest": str(contest_id)}, [call]
            )
            await hold_for(db, self.services.settings, contest, intent)
            return intent.id

    async def gets(self, amount: int) -> None:
        await move(self.services, self.person.id, amount)

    async def has(self) -> tuple[int, int]:
        """(amount, held)"""
        async with AsyncSession(self.services.engine) as db:
            found = await ledger.balance(db, self.person.id)
        return found.amount, found.held

    async def ends(self, intent_id: UUID, state: str) -> None:
        """As the sender writes it."""
        async with self.services.engine.begin() as db:
            errors = {} if state == "confirmed" else {intent_id: ("why", "Because.")}
            await store._write_states(db, [(intent_id, "mined", state)], errors)

    async def charge(self, intent_id: UUID) -> Any:
        async with self.services.engine.connect() as db:
            query = text("SELECT * FROM app.contest_charge WHERE intent_id = :id")
            return (await db.execute(query, {"id": intent_id})).one_or_none()


@pytest.fixture
async def olga(world: World) -> Organiser:
    return Organiser(world.services, await world.person())


async def test_confirmed__held_then_taken(olga: Organiser) -> None:
    await olga.gets(100)
    intent = await olga.commits(await olga.contest(20_000, "mentions", "hashtag"))
    assert await olga.has() == (100, 95)
    async with worker(olga.services):
        await olga.ends(intent, "confirmed")
        await comes_true(olga.services, "SELECT count(*) FROM app.contest_charge WHERE state = 'charged'")
    assert await olga.has() == (5, 0)
    assert await value(olga.services, "SELECT balance FROM app.ledger_account WHERE kind = 'fees'") == 95
    kept = await olga.charge(intent)
    assert [(item["code"], item["credits"]) for item in kept.items] == [
        ("size", 90),
        ("mentions", 5),
        ("hashtag", 0),
    ]
    assert await value(olga.services, "SELECT count(*) FROM app.event WHERE event = 'contest.charged'") == 1
    assert await compare_database(olga.services.engine) == []


@pytest.mark.parametrize("state", ["reverted", "rejected", "cancelled"])
async def test_not_opened__held_then_given_back_and_charged_anew(olga: Organiser, state: str) -> None:
    await olga.gets(90)
    contest = await olga.contest()
    intent = await olga.commits(contest)
    assert await olga.has() == (90, 90)
    async with worker(olga.services):
        await olga.ends(intent, state)
        await comes_true(olga.services, "SELECT count(*) FROM app.contest_charge WHERE state = 'released'")
    assert await olga.has() == (90, 0)
    again = await olga.commits(contest)
    assert await olga.has() == (90, 90)
    assert (await olga.charge(again)).state == "held"


async def test_cancelled_by_its_owner__given_back(olga: Organiser, world: World) -> None:
    await olga.gets(90)
    intent = await olga.commits(await olga.contest())
    async with worker(olga.services):
        await world.cancel(olga.person, intent)
        await comes_true(olga.services, "SELECT count(*) FROM app.contest_charge WHERE state = 'released'")
    assert await olga.has() == (90, 0)


async def test_settled_many_times_and_at_once__moved_once(olga: Organiser) -> None:
    await olga.gets(100)
    intent = await olga.commits(await olga.contest())

    async def settled() -> object:
        async with AsyncSession(olga.services.engine) as db, db.begin():
            return await settle(db, intent)

    assert await settled() is None, "it is under way"
    await olga.ends(intent, "confirmed")
    found = await asyncio.gather(*(settled() for _ in range(8)))
    assert sum(one is not None for one in found) == 1
    assert await olga.has() == (10, 0)


async def test_too_few_credits__says_how_many_and_nothing_is_committed(olga: Organiser) -> None:
    await olga.gets(60)
    with pytest.raises(CreditsTooLow) as refused:
        await olga.commits(await olga.contest())
    assert refused.value.extra == {"needed": "90", "available": "60", "missing": "30"}
    assert "buy 30 more" in refused.value.detail
    assert await value(olga.services, "SELECT count(*) FROM app.intent") == 0
    assert await value(olga.services, "SELECT count(*) FROM app.contest_charge") == 0
    assert await olga.has() == (60, 0)


async def test_two_commits_at_once__credits_for_one__one(olga: Organiser) -> None:
    await olga.gets(100)
    contests = [await olga.contest() for _ in range(4)]
    found = await asyncio.gather(*(olga.commits(one) for one in contests), return_exceptions=True)
    assert sum(isinstance(one, CreditsTooLow) for one in found) == 3
    assert await olga.has() == (100, 90)


async def test_costs_nothing__no_hold_and_counted(olga: Organiser) -> None:
    intent = await olga.commits(await olga.contest(500, "hashtag"))
    kept = await olga.charge(intent)
    assert (kept.credits, kept.hold_id, kept.state) == (0, None, "held")
    async with worker(olga.services):
        await olga.ends(intent, "confirmed")
        await comes_true(olga.services, "SELECT count(*) FROM app.contest_charge WHERE state = 'charged'")
    assert await value(olga.services, "SELECT count(*) FROM app.ledger_entry") == 0


async def test_contests_of_this_month__only_those_that_were_opened_or_may_be(olga: Organiser) -> None:
    async with worker(olga.services):
        for _ in range(3):
            await olga.ends(await olga.commits(await olga.contest(5)), "reverted")
        await comes_true(
            olga.services, "SELECT count(*) = 3 FROM app.contest_charge WHERE state = 'released'"
        )
    found = await asyncio.gather(
        *[olga.commits(await olga.contest(5)) for _ in range(12)], return_exceptions=True
    )
    assert sum(isinstance(one, TierExceeded) for one in found) == 2, "ten a month"
    async with olga.services.engine.begin() as db:
        await db.execute(text("UPDATE app.contest_charge SET created_at = created_at - interval '32 days'"))
    await olga.commits(await olga.contest(5))


@pytest.mark.parametrize(
    ("participants", "kinds", "limit"), [(100_001, [], "participants"), (5, ["burst"], "filters")]
)
async def test_more_than_the_tier_allows__refused_with_the_limit(
    olga: Organiser, participants: int, kinds: list[str], limit: str
) -> None:
    await olga.gets(10_000)
    with pytest.raises(TierExceeded) as refused:
        await olga.commits(await olga.contest(participants, *kinds))
    assert refused.value.extra["limits"] == [limit]
    (told,) = refused.value.extra["exceeded"]
    assert (told["limit"], told["tier"], told["lacks"]) == (limit, "free", tuple(sorted(kinds)))
    assert await olga.has() == (10_000, 0)


@pytest.mark.parametrize(
    ("status", "held"), [("active", 0), ("past_due", 0), ("unpaid", 90), ("canceled", 90)]
)
async def test_pro__includes_it_while_stripe_says_that_it_is_paid(
    olga: Organiser, status: str, held: int
) -> None:
    await olga.gets(90)
    async with olga.services.engine.begin() as db:
        await db.execute(
            text("""
                INSERT INTO app.subscription (id, user_id, tier, "interval", amount, currency, status, period_end)
                VALUES ('sub_1', :id, 'pro', 'month', 2900, 'eur', :status, now())
            """),
            {"id": olga.person.id, "status": status},
        )
    await olga.commits(await olga.contest())
    assert await olga.has() == (90, held)


async def test_prices_off__nothing_is_held_and_nothing_refused(olga: Organiser) -> None:
    off = olga.services.settings.model_copy(update={"prices": "off"})
    olga.services.settings = off
    intent = await olga.commits(await olga.contest(2_000_000, "burst", language="de"))
    assert await olga.charge(intent) is None
    assert await olga.has() == (0, 0)


async def test_the_contest_is_deleted_before_it_is_settled__given_back(olga: Organiser) -> None:
    await olga.gets(90)
    contest = await olga.contest()
    intent = await olga.commits(contest)
    await olga.ends(intent, "rejected")
    async with olga.services.engine.begin() as db:
        await db.execute(text("DELETE FROM app.contest WHERE id = :id"), {"id": contest})
    async with worker(olga.services):
        await comes_true(olga.services, "SELECT count(*) FROM app.contest_charge WHERE state = 'released'")
    assert await olga.has() == (90, 0)


async def test_however_long_the_chain_is_away__the_hold_stays(olga: Organiser) -> None:
    await olga.gets(90)
    intent = await olga.commits(await olga.contest())
    await expire_due(olga.services.engine)
    assert await olga.has() == (90, 90)
    until = await value(olga.services, "SELECT expires_at - now() FROM app.ledger_hold")
    assert until.days > 36_000
    await olga.ends(intent, "confirmed")
    async with AsyncSession(olga.services.engine) as db, db.begin():
        assert await settle(db, intent) is not None
    assert await olga.has() == (0, 0)


async def test_other_intents__no_job(olga: Organiser, world: World) -> None:
    transfer = await world.transfer(olga.person)
    await olga.ends(transfer, "rejected")
    unpriced = await world.intend(olga.person, "open_contest", {}, [Call(fresh_address())])
    await olga.ends(unpriced, "rejected")
    assert await value(olga.services, WAITING) == 0


async def test_left_unsettled__reconciliation_says_so_after_ten_minutes(olga: Organiser) -> None:
    await olga.gets(90)
    intent = await olga.commits(await olga.contest())
    await olga.ends(intent, "confirmed")
    assert await compare_database(olga.services.engine) == []
    async with olga.services.engine.begin() as db:
        await db.execute(text("UPDATE app.intent_stage SET at = at - interval '11 minutes'"))
    (found,) = await compare_database(olga.services.engine)
    assert (found.kind, found.subject) == ("contest_charge", f"intent:{intent}")
    assert (found.expected, found.found) == ("charged", "held")


async def test_cancel_intent__settles_in_no_transaction_of_its_own(olga: Organiser) -> None:
    """What ends an intent and is rolled back leaves no job."""
    await olga.gets(90)
    intent = await olga.commits(await olga.contest())
    async with AsyncSession(olga.services.engine) as db:
        await cancel_intent(db, olga.person.id, intent)
        await db.rollback()
    assert await value(olga.services, WAITING) == 0
    assert await olga.has() == (90, 90)
