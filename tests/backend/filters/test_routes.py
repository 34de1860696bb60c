"""Filters through the API: chosen, previewed, committed; who is excluded and the list that is committed."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contests.tables import ContestExclusion, ContestLeaves
from backend.filters.accounts import MOST_ACCOUNTS
from backend.filters.base import Filter
from backend.filters.kinds import read
from backend.filters.service import AT_ONCE, asking
from backend.users.tables import User
from listener.chain.draw.entries import read_entries
from listener.chain.draw.exclusions import exclusion_root
from tests.backend.filters.written import Comment, write_contest
from tests.backend.reads.contest_kit import URL, Person, draw, opening_of, set_intent
from tests.backend.reads.facts import ChainOfFacts
from tools.run.postgres import DatabaseUris

WIN = {"kind": "hashtag", "tags": ["win"]}
COMMENTS = [
    Comment("ana", "#win please"),
    Comment("@Ben", "hello"),
    Comment("=1+1", "#Win"),
    Comment("@Ana", "again #win"),
    Comment("c\rlara", "#WIN"),
    Comment("dora", "nothing"),
    Comment("emil", "#win @ana"),
]


async def drafted(app: FastAPI, *filters: Any, comments: Sequence[Comment] = COMMENTS, **places: int) -> UUID:
    """A draft of olga's."""
    items: list[Filter] = list(read(filters))
    async with AsyncSession(app.state.services.engine) as db, db.begin():
        return (await write_contest(db, await owner(app), comments, items, **places)).id


async def owner(app: FastAPI) -> UUID:
    """Olga's id."""
    async with AsyncSession(app.state.services.engine) as db:
        return (await db.scalars(select(User.id).where(User.email == "olga@example.org"))).one()


async def text(person: Person, path: str) -> str:
    """A download."""
    answer = await person.http.get(f"/api/v1/contests{path}")
    assert answer.status_code == 200, answer.text
    return answer.content.decode("utf-8-sig")


async def test_preview__draft__counts_reasons_and_names(olga: Person, app: FastAPI) -> None:
    contest = await drafted(app, WIN)

    preview = await olga.get(f"/{contest}/preview")

    assert {
        name: preview[name] for name in ("fixed", "participants", "persons", "counting", "total_weight")
    } == {
        "fixed": False,
        "participants": 7,
        "persons": 6,
        "counting": 4,
        "total_weight": "4",
    }
    assert [one["account"] for one in preview["sample"]] == ["ana", "=1+1", "c\rlara", "emil"]
    (excluded,) = preview["excluded"]
    assert (excluded["filter"], excluded["reason"], excluded["persons"]) == (0, "hashtag_missing", 2)
    assert excluded["sample"][0]["sentence"] == "@Ben wrote no comment with any of these hashtags: #win."


async def test_commit__with_filters__fixes_entries_exclusions_and_the_list(
    olga: Person, app: FastAPI, database: DatabaseUris
) -> None:
    contest = await drafted(app, WIN, winners=2, alternates=1)
    before = await olga.get(f"/{contest}/exclusions")

    intent = await olga.commit({"id": str(contest)})
    config = opening_of(database.superuser, intent).config
    entries = await text(olga, f"/{contest}/entries.csv")
    after = await olga.get(f"/{contest}/exclusions")
    preview = await olga.get(f"/{contest}/preview")

    assert entries == 'account\nana\n=1+1\n"c\rlara"\nemil\n'
    assert hashlib.sha256(entries.encode()).digest() == config[6]
    assert read_entries(entries.encode()).keys == ["ana", "=1+1", "c\rlara", "emil"]
    assert (config[2], config[3], config[4]) == (4, 2, 1)
    assert after == before
    assert [(one["index"], one["account"], one["reason"]) for one in after["items"]] == [
        (0, "@Ben", "hashtag_missing"),
        (1, "dora", "hashtag_missing"),
    ]
    assert (preview["fixed"], preview["persons"], preview["counting"]) == (True, 6, 4)
    assert preview["excluded"][0]["persons"] == 2
    async with AsyncSession(app.state.services.engine) as db:
        joined = await db.scalar(select(ContestLeaves.exclusions).where(ContestLeaves.contest_id == contest))
    assert joined is not None
    leaves = [joined[at : at + 32] for at in range(0, len(joined), 32)]
    assert len(leaves) == 2
    assert exclusion_root(leaves) == config[7]
    bundle = await olga.get(f"/{contest}/bundle")
    assert bundle["exclusion_root"] == "0x" + config[7].hex()


async def test_commit__several_entries_each__weighted_list(
    olga: Person, app: FastAPI, database: DatabaseUris
) -> None:
    contest = await drafted(app, {"kind": "entries_per_person", "most": 3})

    await olga.commit({"id": str(contest)})

    entries = await text(olga, f"/{contest}/entries.csv")
    assert read_entries(entries.encode(), weight_column="weight").weights == [2, 1, 1, 1, 1, 1]
    assert (await olga.get(f"/{contest}"))["total_weight"] == "7"


async def test_commit__nobody_excluded__root_is_zero(
    olga: Person, app: FastAPI, database: DatabaseUris
) -> None:
    contest = await drafted(app)

    config = opening_of(database.superuser, await olga.commit({"id": str(contest)})).config

    assert config[7] == bytes(32)


async def test_commit__too_few_left__refused_and_nothing_kept(olga: Person, app: FastAPI) -> None:
    contest = await drafted(app, {"kind": "hashtag", "tags": ["nobody"]})

    answer = await olga.post(f"/{contest}/commit")

    assert (answer.status_code, answer.json()["code"]) == (422, "too_few_entries")
    assert "the filters exclude 6" in answer.json()["detail"]
    async with AsyncSession(app.state.services.engine) as db:
        assert await db.scalar(select(func.count()).select_from(ContestExclusion)) == 0


async def test_filters__wrong_one__error_names_its_place_and_field(olga: Person, app: FastAPI) -> None:
    contest = await drafted(app)
    url = f"{URL}/{contest}/filters"

    wrong = await olga.http.put(url, json=[WIN, {"kind": "mentions", "least": 0}])
    unknown = await olga.http.put(url, json=[{"kind": "horoscope"}])
    twice = await olga.http.put(url, json=[{"kind": "entries_per_person", "most": 2}] * 2)
    backwards = await olga.http.put(url, json=[{"kind": "followers", "least": 9, "most": 2}])

    assert wrong.json()["errors"][0]["field"] == "body.1.mentions.least"
    assert unknown.json()["errors"][0]["field"] == "body.0"
    assert "give it once" in twice.json()["detail"]
    assert "nobody would count" in backwards.json()["detail"]
    assert {answer.status_code for answer in (wrong, unknown, twice, backwards)} == {422}


async def test_filters__set_then_committed__fixed(olga: Person, app: FastAPI) -> None:
    contest = await drafted(app)
    url = f"{URL}/{contest}/filters"

    accepted = await olga.http.put(url, json=[WIN])
    await olga.commit({"id": str(contest)})
    late = await olga.http.put(url, json=[])

    assert accepted.status_code == 200
    assert accepted.json() == {"filters": [{**WIN, "match": "any"}]}
    assert (late.status_code, late.json()["code"]) == (409, "contest_committed")


async def test_commit__that_failed__filters_are_asked_anew(
    olga: Person, app: FastAPI, database: DatabaseUris
) -> None:
    contest = await drafted(app, WIN)
    set_intent(database.superuser, await olga.commit({"id": str(contest)}), "rejected", "No POL for gas.")

    changed = await olga.http.put(f"{URL}/{contest}/filters", json=[])
    preview = await olga.get(f"/{contest}/preview")
    left_out = await olga.get(f"/{contest}/exclusions")
    entries = await olga.http.get(f"{URL}/{contest}/entries.csv")

    assert changed.status_code == 200
    assert (preview["fixed"], preview["counting"], left_out["items"]) == (False, 6, [])
    assert (entries.status_code, entries.json()["code"]) == (409, "entries_not_fixed")


async def test_preview__others_are_evaluating__drafts_wait_and_committed_ones_answer(
    olga: Person, app: FastAPI
) -> None:
    draft, committed = await drafted(app, WIN), await drafted(app, WIN)
    await olga.commit({"id": str(committed)})

    async with asyncio.timeout(60), AsyncExitStack() as others:
        for _ in range(AT_ONCE):
            await others.enter_async_context(asking(app.state.services.engine, await owner(app), draft))
        busy = await olga.http.get(f"{URL}/{draft}/preview")
        answered = await olga.http.get(f"{URL}/{committed}/preview")
    free = await olga.http.get(f"{URL}/{draft}/preview")

    assert (busy.status_code, busy.json()["code"]) == (503, "evaluation_busy")
    assert (answered.status_code, free.status_code) == (200, 200)


async def test_filters__as_many_accounts_as_allowed__accepted(olga: Person, app: FastAPI) -> None:
    contest = await drafted(app)
    accounts = [f"{number:05}" + "a" * 60 for number in range(MOST_ACCOUNTS)]
    filters = [{"kind": kind, "accounts": accounts} for kind in ("excluded_accounts", "staff")]

    answer = await olga.http.put(f"{URL}/{contest}/filters", json=filters)

    assert answer.status_code == 200, answer.text


async def test_exclusions__pages_and_csv__everyone_once_and_defused(olga: Person, app: FastAPI) -> None:
    comments = [Comment(f"=cmd{number}", "no") for number in range(5)] + COMMENTS
    contest = await drafted(app, WIN, comments=comments)

    first = await olga.get(f"/{contest}/exclusions", limit=4)
    second = await olga.get(f"/{contest}/exclusions", limit=4, cursor=first["next_cursor"])
    rows = list(csv.reader(io.StringIO(await text(olga, f"/{contest}/exclusions.csv"))))

    assert [one["index"] for one in first["items"] + second["items"]] == list(range(7))
    assert second["next_cursor"] is None
    assert rows[0] == ["number", "account", "reason", "sentence"]
    assert rows[1][:3] == ["0", "'=cmd0", "hashtag_missing"]
    assert len(rows) == 8


async def test_earlier_winners__drawn_before__excluded(
    olga: Person, app: FastAPI, facts: ChainOfFacts, database: DatabaseUris
) -> None:
    first = await drafted(app, comments=COMMENTS, winners=1)
    draw(facts, opening_of(database.superuser, await olga.commit({"id": str(first)})))
    winner = (await olga.get(f"/{first}/winners"))["items"][0]["account"]
    second = await drafted(app, {"kind": "earlier_winners", "contests": 1})

    found = await olga.get(f"/{second}/exclusions")

    assert [(one["account"], one["reason"]) for one in found["items"]] == [(winner, "earlier_winner")]


@pytest.mark.parametrize("path", ["preview", "exclusions", "exclusions.csv", "entries.csv"])
async def test_somebody_else__sees_nothing(olga: Person, otto: Person, app: FastAPI, path: str) -> None:
    contest = await drafted(app, WIN)

    answer = await otto.http.get(f"{URL}/{contest}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "contest_not_found")
