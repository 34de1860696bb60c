"""Platforms that fail: each in its own words, and in the ways that all servers have."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.connectors import fetching
from backend.connectors.faults import Wait
from backend.connectors.fetching import LostError, fetch
from backend.connectors.tasks import renew_connection, renew_connections
from backend.jobs.app import Run
from backend.services import Services
from tests.backend.connectors.test_fetching import ids, importing, with_replies
from tests.backend.connectors.using import (
    API,
    NAMES,
    ORIGIN,
    Platforms,
    comment_ids,
    connect,
    each,
    rows,
    stored,
    whole,
)
from tests.platforms.meta import graph_problem
from tests.platforms.stand_in import Failure, answer, cut, drip, hold, malformed, then
from tests.platforms.tiktok import envelope
from tests.platforms.youtube import google_problem

SOON = str(int(time.time()) + 900)
LIMITS: list[tuple[str, Failure, float, float]] = [
    ("instagram", answer(403, graph_problem(4)), 300, 300),
    (
        "instagram",
        answer(
            400,
            graph_problem(80002),
            {
                "X-Business-Use-Case-Usage": '{"17":[{"type":"instagram","estimated_time_to_regain_access":9}]}'
            },
        ),
        540,
        540,
    ),
    ("facebook", answer(403, graph_problem(17)), 300, 300),
    ("facebook", answer(403, graph_problem(32), {"Retry-After": "77"}), 77, 77),
    ("x", answer(429, {"title": "Too Many Requests", "status": 429}, {"x-rate-limit-reset": SOON}), 600, 902),
    ("x", answer(429, {}, {"Retry-After": "42"}), 42, 42),
    ("tiktok", answer(200, envelope(40100, "Requests made too frequently")), 60, 60),
    ("tiktok", answer(429, {}, {"Retry-After": "5"}), 5, 5),
    ("youtube", answer(403, google_problem(403, "quotaExceeded", "youtube.quota")), 0, 90_000),
    ("youtube", answer(403, google_problem(403, "rateLimitExceeded", "usageLimits")), 60, 60),
]
ENDINGS: list[tuple[str, Failure, str]] = [
    ("instagram", answer(400, graph_problem(100, 33)), "post_gone"),
    ("instagram", answer(403, graph_problem(10)), "not_allowed"),
    ("facebook", answer(403, graph_problem(200)), "not_allowed"),
    ("x", answer(403, {"title": "Client Forbidden", "reason": "client-not-enrolled"}), "not_allowed"),
    ("x", answer(402, {"title": "CreditsDepleted"}), "not_allowed"),
    ("x", answer(429, {"type": "https://api.twitter.com/2/problems/usage-capped"}), "not_allowed"),
    ("tiktok", answer(200, envelope(40001, "No permission")), "not_allowed"),
    ("youtube", answer(403, google_problem(403, "commentsDisabled", "youtube.commentThread")), "not_allowed"),
    ("youtube", answer(404, google_problem(404, "videoNotFound", "youtube.commentThread")), "post_gone"),
    ("x", answer(418, {"title": "Teapot"}), "unexpected_answer"),
    ("facebook", answer(400, graph_problem(2500)), "unexpected_answer"),
]
FORGOTTEN: list[tuple[str, Failure]] = [
    ("instagram", answer(400, graph_problem(100, None, "Invalid cursors values"))),
    ("facebook", answer(400, graph_problem(100, None, "(#100) Invalid cursors values"))),
    (
        "x",
        answer(
            400,
            {
                "errors": [{"parameters": {"next_token": ["b26v"]}, "message": "not valid"}],
                "title": "Invalid Request",
            },
        ),
    ),
    ("tiktok", answer(200, envelope(40002, "cursor: invalid"))),
    ("youtube", answer(400, google_problem(400, "invalidPageToken"))),
]


def first_page_then(*failures: Failure) -> tuple[Failure, ...]:
    return (then(lambda: None), *failures)


@each("name", "limit", "least", "most", of=LIMITS)
async def test_limit__waits_as_told__then_goes_on(
    name: str, limit: Failure, least: float, most: float,
    client: AsyncClient, ada: str, platforms: Platforms, services: Services,
) -> None:  # fmt: skip
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):
        platforms[name].next("comments", *first_page_then(limit))
        with pytest.raises(Wait) as told:
            await fetch(services, number)
        assert least <= told.value.seconds <= most
        row = await stored(services, number)
        assert row.state == "running"
        assert 0 < row.rows < 230
        assert row.waits_because == told.value.detail
        seconds = (row.waits_until - datetime.now(UTC)).total_seconds()
        assert least - 10 <= seconds <= most
        row = await whole(services, number)
        assert (row.state, row.rows, row.waits_until) == ("done", 230, None)
        assert sorted(await comment_ids(services, number)) == ids(name, post)


async def test_allowance_nearly_used_up__waits_before_it_is(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    platforms["x"].remaining = 0  # type: ignore[attr-defined]
    async with importing("x", client, services, ada, platforms["x"], 230) as (number, _):
        with pytest.raises(Wait):
            await fetch(services, number)
        assert (await stored(services, number)).rows == 100


async def test_waits_too_long__fails_with_the_reason(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("x", client, services, ada, platforms["x"], 5) as (number, _):
        async with services.engine.begin() as db:
            await db.execute(text("UPDATE app.contest_import SET started_at = now() - interval '8 days'"))
        platforms["x"].next("comments", answer(429))
        with pytest.raises(LostError):
            await fetch(services, number)
        row = await stored(services, number)
        assert (row.state, row.error_code) == ("failed", "rate_limited")


@each("name", of=NAMES)
async def test_trouble_now_and_then__tried_again__nothing_lost_or_doubled(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    """Two failures before each of the first three pages: as often as is tried again at once."""
    go_on = then(lambda: None)
    troubles = [answer(503), malformed("[]"), go_on, answer(500), cut(), go_on, malformed(), drip()]
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):
        platforms[name].next("comments", *troubles)
        row = await whole(services, number)
        assert (row.state, row.rows) == ("done", 230)
        assert sorted(await comment_ids(services, number)) == ids(name, post)


async def test_trouble_for_long__waits__then_fails__then_another_import_is_whole(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("instagram", client, services, ada, platforms["instagram"], 120) as (number, _):
        broken = [answer(500)] * fetching.QUICK_TRIES * fetching.MOST_MISSES
        platforms["instagram"].next("comments", *first_page_then(*broken))
        for _ in range(fetching.MOST_MISSES - 1):
            with pytest.raises(Wait):
                await fetch(services, number)
        with pytest.raises(LostError):
            await fetch(services, number)
        row = await stored(services, number)
        assert (row.state, row.rows, row.error_code) == ("failed", 50, "platform_away")
        assert "graph.instagram.com answers 500" in (row.error_message or "")


async def test_a_page_in_between__misses_count_anew(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("instagram", client, services, ada, platforms["instagram"], 120) as (number, _):
        turn = [answer(500)] * fetching.QUICK_TRIES
        nearly = turn * (fetching.MOST_MISSES - 1)
        platforms["instagram"].next("comments", *nearly, then(lambda: None), *nearly)
        for _ in range(2 * (fetching.MOST_MISSES - 1)):
            with pytest.raises(Wait):
                await fetch(services, number)
        assert (await whole(services, number)).state == "done"


@each("name", "failure", "code", of=ENDINGS)
async def test_refused_for_good__failed_with_the_reason__what_came_stays(
    name: str,
    failure: Failure,
    code: str,
    client: AsyncClient,
    ada: str,
    platforms: Platforms,
    services: Services,
) -> None:
    async with importing(name, client, services, ada, platforms[name], 230) as (number, _):
        platforms[name].next("comments", *first_page_then(failure))
        row = await whole(services, number)
        assert (row.state, row.error_code) == ("failed", code)
        assert row.error_message
        assert len(await comment_ids(services, number)) == row.rows > 0


@each("name", of=NAMES)
async def test_post_deleted_midway__said(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    """X goes on listing what there is; the look at the end notices."""
    async with importing(name, client, services, ada, platforms[name], 230) as (number, _):
        platforms[name].next("comments", *first_page_then(then(platforms[name].posts.clear)))
        row = await whole(services, number)
        assert (row.state, row.error_code) == ("failed", "post_gone")
        assert 0 < row.rows < 230


@each("name", of=NAMES)
async def test_comments_deleted_between_pages__rest_whole__the_difference_is_stated(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):

        def delete() -> None:
            del post.said[3:6]

        platforms[name].next("comments", *first_page_then(then(delete)))
        row = await whole(services, number)
        assert (row.state, row.reported) == ("done", 227)
        # Where pages are offsets, three slip through between two pages; the counts say so.
        assert row.rows in ((227, 230) if name in ("tiktok", "x") else (230,))
        assert len(await comment_ids(services, number)) == row.rows


@each("name", of=["instagram", "youtube", "tiktok"])
async def test_thread_deleted_before_it_is_read__the_rest_goes_on(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 20) as (number, post):
        with_replies(post)
        platforms[name].next("replies", then(lambda: post.said.pop(1)))
        row = await whole(services, number)
        assert row.state == "done", row.error_message
        assert row.accepted == 20


@each("name", of=["instagram", "x", "tiktok", "youtube"])
async def test_access_expires_midway__renewed__goes_on(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    server = platforms[name]
    refused: dict[str, Any] = {"error": {"message": "expired", "code": 190, "error_subcode": 463}}
    # Instagram renews what is still good: there it is only this answer that refuses.
    failure = answer(400, refused) if name == "instagram" else then(server.expire)
    async with importing(name, client, services, ada, server, 230) as (number, post):
        server.next("comments", *first_page_then(failure))
        row = await whole(services, number)
        assert (row.state, row.rows) == ("done", 230), row.error_message
        assert sorted(await comment_ids(services, number)) == ids(name, post)


@each("name", of=NAMES)
async def test_access_revoked_midway__failed__connection_ended(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 230) as (number, _):
        platforms[name].next("comments", *first_page_then(then(platforms[name].revoke)))
        row = await whole(services, number)
        assert (row.state, row.error_code) == ("failed", "access_ended")
        assert "connect the account again" in (row.error_message or "")
        states = {one["state"] for one in (await client.get(f"{API}/connections")).json()["items"]}
        assert "ended" in states


async def test_connection_removed_midway__failed(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("youtube", client, services, ada, platforms["youtube"], 230) as (number, _):
        arrived, go = asyncio.Event(), asyncio.Event()
        platforms["youtube"].next("comments", *first_page_then(hold(arrived, go)))
        work = asyncio.create_task(whole(services, number))
        await arrived.wait()
        [made] = (await client.get(f"{API}/connections")).json()["items"]
        await client.delete(f"{API}/connections/{made['id']}", headers=ORIGIN)
        go.set()
        row = await work
        assert (row.state, row.error_code) == ("failed", "access_ended")


@each("name", "failure", of=FORGOTTEN)
async def test_position_forgotten__from_the_beginning__nothing_twice(
    name: str, failure: Failure, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):
        platforms[name].next("comments", *first_page_then(failure))
        row = await whole(services, number)
        assert (row.state, row.rows, row.accepted) == ("done", 230, 230)
        assert sorted(await comment_ids(services, number)) == ids(name, post)


async def test_position_forgotten_again_and_again__fails(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    failure = FORGOTTEN[0][1]
    async with importing("instagram", client, services, ada, platforms["instagram"], 120) as (number, _):
        platforms["instagram"].next("comments", *[failure] * (fetching.MOST_RESTARTS + 1))
        row = await whole(services, number)
        assert (row.state, row.error_code) == ("failed", "cursor_lost")


async def test_list_that_leads_in_a_circle__fails__does_not_go_on_for_ever(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    platforms["instagram"].circles, platforms["instagram"].overlap = True, 100
    async with importing("instagram", client, services, ada, platforms["instagram"], 120) as (number, _):
        row = await asyncio.wait_for(whole(services, number), 60)
        assert (row.state, row.error_code) == ("failed", "cursor_lost")


async def test_slow_for_all__bounded(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    """An answer that drips is cut off by the whole answer's limit, not by that of each byte."""
    async with importing("x", client, services, ada, platforms["x"], 5) as (number, _):
        platforms["x"].next("post", *[drip()] * fetching.QUICK_TRIES)
        with pytest.raises(Wait):
            await asyncio.wait_for(fetch(services, number), 60)


async def test_an_answer_too_large__refused(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.connectors.http.MOST_BYTES", 1000)
    async with importing("x", client, services, ada, platforms["x"], 50) as (number, _):
        with pytest.raises(Wait, match="more than"):
            await fetch(services, number)


async def test_turn_is_over__another_one_goes_on(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "TURN_SECONDS", 0.0)
    async with importing("facebook", client, services, ada, platforms["facebook"], 250) as (number, _):
        assert await fetch(services, number) is True
        assert (await stored(services, number)).rows == 100
        assert (await whole(services, number)).rows == 250


async def test_instagram_renewed_by_the_clock(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    made = await connect(client, "instagram")
    async with services.engine.begin() as db:
        await db.execute(
            text("UPDATE app.connection SET expires_at = :at"), {"at": datetime.now(UTC) + timedelta(days=5)}
        )
    platforms["instagram"].expires_in = 60 * 86_400
    await renew_connections(Run(services, 1, 0))
    query = "SELECT args ->> 'connection_id' AS id FROM jobs.procrastinate_jobs WHERE task_name = 'renew_connection'"
    assert await rows(services, query) == [{"id": str(made)}]
    await renew_connection(Run(services, 1, 0), str(made))
    [row] = await rows(
        services, "SELECT expires_at > now() + interval '50 days' AS later FROM app.connection"
    )
    assert row["later"]
