"""A contest's life: draft, active, processing, completed; cancelled or failed; and what may change in each."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from backend.jobs.app import Run
from backend.jobs.upkeep import expire_drafts
from tests.backend.reads.contest_kit import LIST, URL, Person, draw, opening_of, set_intent
from tests.backend.reads.facts import ChainOfFacts
from tools.run.postgres import DatabaseUris

WHY = {"reason": "The prize was lost in the post."}
FILTERS: list[dict[str, Any]] = [
    {"kind": "mentions", "least": 1},
    {"kind": "excluded_accounts", "accounts": ["@rival"]},
    {"kind": "answer", "accepted": ["Paris"]},
]


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def put(person: Person, contest: Any, filters: list[dict[str, Any]]) -> Response:
    return await person.http.put(f"{URL}/{contest['id']}/filters", json=filters)


async def test_whole_life__announced_filled_committed_drawn(
    olga: Person, client: AsyncClient, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = (await olga.make()).json()
    where = f"/{contest['id']}"
    announced = (await olga.post(f"{where}/announce")).json()
    await olga.bring(contest)
    seen = (await client.get(f"{URL}{where}")).json()
    intent = await olga.commit(contest)
    processing = await olga.get(where)
    draw(facts, opening_of(database.superuser, intent))
    completed = (await client.get(f"{URL}{where}")).json()

    assert (contest["state"], contest["announced_at"]) == ("draft", None)
    assert (announced["state"], announced["step"]) == ("active", None)
    assert announced["announced_at"] is not None
    assert (seen["state"], seen["entries"], seen["mine"]) == ("active", 4, False)
    assert (processing["state"], processing["step"]) == ("processing", "committing")
    assert (completed["state"], completed["step"]) == ("completed", None)
    assert completed["announced_at"] == announced["announced_at"]


async def test_announced__terms_stay_and_participants_come_and_go(olga: Person) -> None:
    contest = await olga.draft()
    where = f"/{contest['id']}"
    await put(olga, contest, FILTERS)
    assert (await olga.post(f"{where}/announce")).status_code == 200
    answers = [
        await olga.http.patch(f"{URL}{where}", json={"title": "Another"}),
        await put(olga, contest, []),
        await olga.http.delete(f"{URL}{where}"),
        await olga.post(f"{where}/announce"),
    ]
    brought = await olga.bring(contest, "username\nzoe\n")
    more = await olga.get(where)
    taken_back = await olga.http.delete(f"{URL}{where}/imports/{brought['id']}")
    less = await olga.get(where)

    assert {refusal(answer) for answer in answers} == {(409, "contest_announced")}
    assert (taken_back.status_code, more["entries"] - less["entries"]) == (204, 1)
    assert (less["title"], less["filters"]) == (contest["title"], more["filters"])
    assert [item["kind"] for item in less["filters"]] == ["mentions", "excluded_accounts", "answer"]


async def test_filters__names_and_answers_are_not_public(olga: Person, client: AsyncClient) -> None:
    contest = await olga.draft()
    where = f"/{contest['id']}"
    await put(olga, contest, FILTERS)
    await olga.post(f"{where}/announce")
    mine = await olga.get(where)
    public = await client.get(f"{URL}{where}")

    assert mine["filters"] == FILTERS
    assert public.json()["filters"] == [
        FILTERS[0],
        {"kind": "excluded_accounts", "hidden": True},
        {"kind": "answer", "hidden": True},
    ]
    assert "rival" not in public.text
    assert "Paris" not in public.text


async def test_cancelled__stays_visible_with_its_reason_and_nothing_goes_on(
    olga: Person, otto: Person, client: AsyncClient
) -> None:
    contest = await olga.draft()
    where = f"/{contest['id']}"
    await olga.post(f"{where}/announce")
    waiting = (await olga.upload(contest, "username\nzoe\n")).json()
    foreign = await otto.post(f"{where}/cancel", WHY)
    cancelled = await olga.post(f"{where}/cancel", WHY)
    public = (await client.get(f"{URL}{where}")).json()
    listed = (await client.get(URL)).json()["items"]
    ended = await olga.get(f"{where}/imports/{waiting['id']}")
    answers = [
        await olga.post(f"{where}/cancel", WHY),
        await olga.post(f"{where}/announce"),
        await olga.post(f"{where}/commit"),
        await olga.http.patch(f"{URL}{where}", json={"title": "Another"}),
        await olga.http.delete(f"{URL}{where}"),
        await olga.upload(contest),
    ]

    assert refusal(foreign) == (404, "contest_not_found")
    assert cancelled.status_code == 200, cancelled.text
    assert (public["state"], public["cancel_reason"]) == ("cancelled", WHY["reason"])
    assert public["cancelled_at"] is not None
    assert [item["id"] for item in listed] == [contest["id"]]
    assert ended["state"] == "cancelled"
    assert {refusal(answer) for answer in answers} == {(409, "contest_cancelled")}


async def test_cancel__what_nobody_has_seen_is_deleted_instead(olga: Person) -> None:
    contest = await olga.draft()
    assert refusal(await olga.post(f"/{contest['id']}/cancel", WHY)) == (409, "contest_not_announced")
    assert (await olga.http.delete(f"{URL}/{contest['id']}")).status_code == 204


@pytest.mark.parametrize(
    "body", [{}, {"reason": " "}, {"reason": "x" * 501}, {"reason": "a", "b": 1}], ids=str
)
async def test_cancel__malformed__422(olga: Person, body: dict[str, Any]) -> None:
    contest = await olga.draft()
    await olga.post(f"/{contest['id']}/announce")
    assert refusal(await olga.post(f"/{contest['id']}/cancel", body)) == (422, "invalid_input")
    assert (await olga.get(f"/{contest['id']}"))["state"] == "active"


async def test_committed__neither_announced_nor_cancelled(
    olga: Person, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    contest = await olga.draft()
    intent = await olga.commit(contest)
    before = [await olga.post(f"/{contest['id']}{what}", WHY) for what in ("/announce", "/cancel")]
    draw(facts, opening_of(database.superuser, intent))
    after = [await olga.post(f"/{contest['id']}{what}", WHY) for what in ("/announce", "/cancel")]

    assert {refusal(answer) for answer in (*before, *after)} == {(409, "contest_committed")}


async def test_failed__announced_is_seen_by_all_and_a_draft_by_its_owner(
    olga: Person, client: AsyncClient, database: DatabaseUris
) -> None:
    announced, hidden = await olga.draft(), await olga.draft()
    await olga.post(f"/{announced['id']}/announce")
    for contest in (announced, hidden):
        set_intent(database.superuser, await olga.commit(contest), "rejected", "No POL for gas.")
    public = await client.get(f"{URL}/{announced['id']}")
    mine = await olga.get(f"/{announced['id']}")
    private = await client.get(f"{URL}/{hidden['id']}")
    changed = await olga.http.patch(f"{URL}/{hidden['id']}", json={"title": "Another"})
    again = await olga.commit(announced)
    set_intent(database.superuser, again, "rejected", "No POL for gas.")
    given_up = await olga.post(f"/{announced['id']}/cancel", WHY)

    assert (public.json()["state"], public.json()["failure"]) == ("failed", None)
    assert mine["failure"] == "No POL for gas."
    assert private.status_code == 404
    assert changed.status_code == 200
    assert given_up.json()["state"] == "cancelled"


async def test_list__by_state(olga: Person) -> None:
    states = ("draft", "active", "processing", "cancelled")
    contests = [await olga.draft(LIST, title=state) for state in states]
    await olga.post(f"/{contests[1]['id']}/announce")
    await olga.commit(contests[2])
    await olga.post(f"/{contests[3]['id']}/announce")
    await olga.post(f"/{contests[3]['id']}/cancel", WHY)

    for state in (*states, "completed", "failed"):
        found = [item["title"] for item in (await olga.get("", state=state))["items"]]
        assert found == ([state] if state in states else []), state


async def test_made_long_ago__drafts_go_and_what_others_saw_stays(olga: Person) -> None:
    draft, active, cancelled, committed, young = [await olga.draft() for _ in range(5)]
    waiting = (await olga.upload(draft)).json()
    for contest in (active, cancelled):
        await olga.post(f"/{contest['id']}/announce")
    await olga.post(f"/{cancelled['id']}/cancel", WHY)
    await olga.commit(committed)
    days = olga.services.settings.draft_days
    async with olga.services.engine.begin() as db:
        old = "UPDATE app.contest SET created_at = now() - make_interval(days => :days, hours => 1) WHERE id <> :id"
        await db.execute(text(old), {"days": days, "id": young["id"]})
    await expire_drafts(Run(olga.services, 1, 0))

    left = {item["id"] for item in (await olga.get("", mine="true"))["items"]}
    assert left == {contest["id"] for contest in (active, cancelled, committed, young)}
    async with olga.services.engine.begin() as db:
        jobs = "SELECT args->>'key' FROM jobs.procrastinate_jobs WHERE task_name = 'delete_import_file'"
        assert f"imports/{waiting['id']}" in list(await db.scalars(text(jobs)))


async def test_draft__in_its_owners_language_unless_it_names_one(olga: Person) -> None:
    first = (await olga.make()).json()
    assert (await olga.http.patch("/api/v1/me", json={"locale": "pt-BR"})).status_code == 200
    second, third = (await olga.make()).json(), (await olga.make(language="de")).json()
    assert [contest["language"] for contest in (first, second, third)] == ["en", "pt", "de"]
