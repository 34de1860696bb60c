"""Draws: told once, when they are final, to whom it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import Run
from backend.jobs.process import TASKS
from backend.jobs.schedule import SCHEDULE
from backend.notices import draws
from backend.notices.draws import tell_completed_draws
from backend.notices.raffles import tell_raffle_winners
from backend.notices.tasks import tell_of_draws
from backend.services import Services
from backend.settings import Settings
from listener.chain.draw.winners import winners as winning_numbers
from tests.backend.notices.kit import confirm, events, mails, run, somebody
from tests.backend.reads.contest_kit import Opening, Person, draw, opening_of, sign_up
from tests.backend.reads.facts import ChainOfFacts, address, hash_of
from tests.backend.reads.stories import draw_finalised, draw_requested, raffle_created, tickets_bought


@pytest.fixture
async def olga(app: FastAPI, facts: ChainOfFacts, services: Services) -> AsyncIterator[Person]:
    """An organiser, on a chain that has a block."""
    facts.block()
    person = await sign_up(app, "olga")
    await confirm(services)
    yield person
    await person.http.aclose()


async def committed(olga: Person, settings: Settings, **changes: str) -> tuple[Any, Opening]:
    contest = await olga.draft(**changes)
    return contest, opening_of(settings.database_url, await olga.commit(contest))


async def test_contest__told_once_when_final(
    olga: Person, services: Services, settings: Settings, facts: ChainOfFacts
) -> None:
    contest, opening = await committed(olga, settings)
    assert await tell_completed_draws(services) == 0
    draw(facts, opening)
    drawn_at = facts.head
    assert await tell_completed_draws(services) == 0, "a reorganisation may undo it"
    facts.block(final=drawn_at - 1)
    assert await tell_completed_draws(services) == 0
    facts.block(final=drawn_at)
    assert sum(await asyncio.gather(*(tell_completed_draws(services) for _ in range(3)))) == 1
    assert await tell_completed_draws(services) == 0
    ((_, said),) = await mails(services, "draw_completed")
    site, contest_id = services.settings.site, contest["id"]
    assert said == {
        "title": "Meadow giveaway",
        "entries": "4",
        "winners": "2",
        "link": f"{site}/contests/{contest_id}",
        "certificate": f"{site}/api/v1/contests/{contest_id}/certificate.pdf",
    }
    ((_, subject, payload),) = await events(services, "contest.completed")
    assert subject == f"contest:{contest_id}"
    assert payload == {"contest_id": contest_id, "entries": 4, "winners": 2, "alternates": 2}


async def test_contest__killed_before_the_commit__told_by_the_next_run(
    olga: Person, services: Services, settings: Settings, facts: ChainOfFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, opening = await committed(olga, settings)
    draw(facts, opening)
    facts.block(final=facts.head)

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(draws, "publish", dies)
        with pytest.raises(ConnectionResetError):
            await tell_completed_draws(services)
    assert await mails(services, "draw_completed") == []
    assert await tell_completed_draws(services) == 1
    assert len(await mails(services, "draw_completed")) == 1


async def test_contest__drawn_long_ago__is_no_news(
    olga: Person, services: Services, settings: Settings, facts: ChainOfFacts
) -> None:
    _, opening = await committed(olga, settings)
    draw(facts, opening)
    facts.block(number=facts.head + 8 * 86_400, final=facts.head)
    assert await tell_completed_draws(services) == 0


async def test_contest__its_owner_is_gone__nobody_is_told(
    olga: Person, services: Services, settings: Settings, facts: ChainOfFacts
) -> None:
    _, opening = await committed(olga, settings)
    draw(facts, opening)
    facts.block(final=facts.head)
    found = await draws._untold(services)
    await run(services, 'DELETE FROM app."user"')
    assert await tell_completed_draws(services) == 0
    async with AsyncSession(services.engine) as db, db.begin():
        assert not await draws._tell(db, "http://x", found[0]), "erased after it was looked up"


async def test_raffle__winners_with_a_wallet_here_are_told_once(
    services: Services, facts: ChainOfFacts, client: AsyncClient
) -> None:
    ada, wallet = await somebody(services, locale="it")
    bob, _ = await somebody(services)
    seed = hash_of("seed", 1)
    mine, stranger = bytes.fromhex(wallet[2:]), address(0xB0)
    tickets = winning_numbers(seed, 10, 3)
    holders = [mine if ticket in tickets[:2] else stranger for ticket in range(10)]
    facts.block(raffle_created())
    facts.block(*(tickets_bought(number, 1, holder, number) for number, holder in enumerate(holders)))
    facts.block(draw_requested(10, 3))
    facts.block(draw_finalised(seed, 10, 3))
    assert await tell_raffle_winners(services) == 0
    facts.block(final=facts.head)
    await asyncio.gather(*(tell_raffle_winners(services) for _ in range(3)))
    assert await tell_raffle_winners(services) == 0
    assert await mails(services, "raffle_won") == [
        (ada, {"title": "Meadow raffle", "prizes": "2", "link": f"{services.settings.site}/raffles/1"})
    ]
    assert await events(services, "raffle.won") == [(ada, "raffle:1", {"raffle_id": "1", "prizes": 2})]
    assert bob != ada


async def test_job__before_the_first_block__nothing_to_tell(services: Services) -> None:
    await tell_of_draws(Run(services, 0, 0))
    assert "backend.notices.tasks" in TASKS
    assert {"tell_of_draws", "tell_of_low_credits"} <= {entry.task for entry in SCHEDULE}


async def test_announcement__texts_for_the_organiser_alone(
    app: FastAPI, olga: Person, services: Services, settings: Settings, facts: ChainOfFacts
) -> None:
    contest, opening = await committed(olga, settings)
    path = f"/api/v1/contests/{contest['id']}/announcement"
    early = await olga.http.get(path)
    assert (early.status_code, early.json()["code"]) == (409, "contest_not_drawn")
    draw(facts, opening)
    drawn = (await olga.get(f"/{contest['id']}/winners"))["items"]
    names = [item["account"] for item in drawn if item["standing"]]
    for language, words in (("en", "Congratulations"), ("pt", "Parabéns"), ("de", "Herzlichen Glückwunsch")):
        said = (await olga.http.get(path, params={"language": language})).json()
        assert said["language"] == language
        assert [message["account"] for message in said["messages"]] == names
        assert all(message["text"].startswith(words) for message in said["messages"])
        lines = said["post"].split("\n")
        assert lines[1:-1] == [f"{place}. {name}" for place, name in enumerate(names, start=1)]
        assert f"{services.settings.site}/contests/{contest['id']}" in lines[-1]
    assert (await olga.http.get(path)).json()["language"] == "en"
    assert (await olga.http.get(path, params={"language": "nl"})).status_code == 422
    otto = await sign_up(app, "otto")
    assert (await otto.http.get(path)).status_code == 404
    await otto.http.aclose()
