"""The SQL of any filters over any participants decides as the plain reference does, person by person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.db import make_engine
from backend.filters import persons
from backend.filters.base import Filter
from backend.filters.earlier import EarlierWinners
from backend.filters.exclusions import live
from backend.filters.kinds import CODES, read
from backend.filters.persons import PERSONS
from backend.filters.words import sentence
from tests.backend.filters import reference
from tests.backend.filters.reference import Judgement
from tests.backend.filters.written import Comment, write_contest, write_owner
from tests.support.postgres import PostgresForTests

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
ACCOUNTS = ["ana", "@Ana", " bo ", "Bo", "straße", "STRASSE", "user123456", "c.d", "日本"]
PIECES = [
    "@ana", "@Bo", "@c.d", "@user123456", "@straße", "mail@ana.org", "@", "#Win", "#win2", "x#win", "#日本", "#été",
    "Count me in", "COUNT ME IN", "Ganaré", "ganare", "Paris", "paris!", " París. ", "😍", "a much longer comment here",
    "\u00a0", "ﬁn", "\n",
]  # fmt: skip
maybe = st.one_of(st.none(), st.booleans())
times = st.one_of(st.none(), st.integers(0, 400).map(lambda minutes: BEGIN + timedelta(minutes=minutes)))
births = st.one_of(st.none(), st.integers(0, 40).map(lambda days: BEGIN - timedelta(days=days)))
texts = st.one_of(
    st.none(), st.sampled_from(PIECES), st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)
)
comments = st.builds(
    Comment,
    account=st.sampled_from(ACCOUNTS),
    comment=texts,
    posted_at=times,
    likes=st.one_of(st.none(), st.integers(0, 9)),
    followers=st.one_of(st.none(), st.integers(0, 9)),
    account_created_at=births,
    follows=maybe,
    liked=maybe,
    weight=st.one_of(st.none(), st.integers(1, 9)),
)
unknown = st.sampled_from(["keep", "exclude"])
match = st.sampled_from(["any", "all"])


def hour(number: int) -> datetime:
    return BEGIN + timedelta(hours=number)


def _kind(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


def _bounded(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.one_of(
        st.integers(1, 4).map(lambda least: {"least": least}),
        st.integers(1, 4).map(lambda most: {"most": most}),
        st.integers(1, 3).map(lambda least: {"least": least, "most": least + 1}),
    )
    return st.builds(lambda one, two: {**one, **two}, _kind(kind, **fields), bounds)


def _some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


kinds = st.one_of(
    _bounded("comment_count"),
    _kind("mentions", least=st.integers(1, 3)),
    _kind("hashtag", tags=_some(["win", "#WIN2", "日本", "Été"]), match=match),
    _kind("keywords", words=_some(["count me", "GANARE", "fin", "😍"]), match=match),
    _kind("answer", accepted=_some(["Paris", "count me in", "ganaré!"])),
    _kind("posted_between", since=st.just(hour(1)), until=st.just(hour(5)), unknown=unknown),
    _kind("account_age", least_days=st.integers(1, 30), unknown=unknown),
    _bounded("followers", unknown=unknown),
    _kind("comment_likes", least=st.integers(1, 8), unknown=unknown),
    _kind("excluded_accounts", accounts=_some(["@ANA", "c.d", "nobody"])),
    _kind("staff", accounts=_some(["bo", "Straße"])),
    _kind("earlier_winners", contests=st.one_of(st.none(), st.integers(1, 2))),
    _kind("follows", unknown=unknown),
    _kind("liked_post", unknown=unknown),
    _kind("copied_text", accounts=st.integers(2, 3), least_characters=st.integers(1, 12)),
    _kind("young_and_busy", younger_than_days=st.integers(1, 30), comments=st.integers(2, 4)),
    _kind("digits_in_handle", digits=st.integers(3, 7)),
    _kind("burst", comments=st.integers(2, 3), seconds=st.sampled_from([60, 3600])),
)  # fmt: skip
limits = st.lists(_kind("entries_per_person", most=st.integers(1, 4)), max_size=1)


@st.composite
def filter_lists(draw: st.DrawFn) -> list[Filter]:
    found = draw(st.lists(kinds, max_size=4)) + draw(limits)
    return list(read(draw(st.permutations(found))))


@pytest.fixture(scope="module")
def database_engine(
    postgres: PostgresForTests, template: str
) -> Iterator[tuple[asyncio.Runner, AsyncEngine]]:
    uris = postgres.clone_database(template)
    with asyncio.Runner() as runner:
        engine = make_engine(uris.backend, 1)
        yield runner, engine
        runner.run(engine.dispose())
    postgres.drop_database(uris.name)


EARLIER = (frozenset({"ana", "c.d"}), frozenset({"bo"}), frozenset({"日本"}))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(given_comments=st.lists(comments, max_size=12), filters=filter_lists())
def test_judge__any_participants_and_filters__as_the_reference(
    database_engine: tuple[asyncio.Runner, AsyncEngine],
    given_comments: list[Comment],
    filters: list[Filter],
) -> None:
    runner, engine = database_engine

    found = runner.run(_judged(engine, given_comments, filters))

    assert found == reference.judge(given_comments, filters, [set(winners) for winners in EARLIER])


async def _judged(
    engine: AsyncEngine, given_comments: list[Comment], filters: list[Filter]
) -> dict[str, Judgement]:
    async with AsyncSession(engine) as db:
        contest = await write_contest(db, await write_owner(db), given_comments, filters)

        async def known(*_args: object) -> EarlierWinners:
            return EarlierWinners(EARLIER)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(persons, "earlier_winners", known)
            judged = await persons.judge(await db.connection(), contest)
        people = (await db.execute(select(PERSONS))).all()
        excluded = (await db.execute(live(contest.id, judged))).all()
        reasons = {row.account_key: row.reason for row in excluded}
        assert sorted(row.leaf for row in excluded) == list(range(len(excluded)))
        for row in excluded:
            item = filters[row.detail["filter"]]
            assert row.reason in CODES[item.model_dump()["kind"]]
            assert "{" not in sentence(row.account, row.reason, row.detail)
        for row in people:
            assert row.account == given_comments[row.first - 1].account
        return {
            row.account_key: Judgement(
                row.first, row.weight, reasons.get(row.account_key), row.shown, row.found
            )
            for row in people
        }


def test_judge__list_newer_than_the_statistics__is_gone_through_a_few_times(
    database_engine: tuple[asyncio.Runner, AsyncEngine],
) -> None:
    runner, engine = database_engine
    given_comments = [Comment(f"reader.{number}") for number in range(3_000)]

    read_rows = runner.run(_rows_read(engine, given_comments))

    assert read_rows <= 10 * len(given_comments)


async def _rows_read(engine: AsyncEngine, given_comments: list[Comment]) -> int:
    """How many rows of participants judging went through, each time counted."""
    rows = text(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
        " WHERE schemaname = 'app' AND relname = 'participant'"
    )
    async with AsyncSession(engine) as db:
        owner = await write_owner(db)
        for _ in range(3):
            await write_contest(db, owner, given_comments, [])
        await db.execute(text("ANALYZE app.participant"))
        contest = await write_contest(db, owner, given_comments, [])
        before = await db.scalar(rows)
        await persons.judge(await db.connection(), contest)
        return int(await db.scalar(rows) - before)
