"""Comments into a contest: whole, once, with replies and facts, from each platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import service
from backend.connectors.errors import PostNotFound
from backend.connectors.fetching import LostError, fetch
from backend.participants.tables import ContestImport
from backend.services import Services
from tests.backend.connectors.using import (
    API,
    NAMES,
    Platforms,
    comment_ids,
    connect,
    each,
    import_again,
    import_post,
    rows,
    stored,
    whole,
)
from tests.platforms.stand_in import EPOCH, Publication, Said, StandIn, hold, then

POSTS = {
    "instagram": "17895695668004550",
    "facebook": "1234567890123",
    "x": "1801234567890123456",
    "tiktok": "7123456789012345678",
    "youtube": "dQw4w9WgXcQ",
}
FACTS = {
    "x": (513, datetime(2013, 12, 14, 4, 35, 55, tzinfo=UTC)),
    "youtube": (42, datetime(2015, 5, 17, 10, 11, 12, 345678, UTC)),
}


@asynccontextmanager
async def importing(
    name: str,
    client: AsyncClient,
    services: Services,
    ada: str,
    server: StandIn,
    comments: int,
    **options: object,
) -> AsyncIterator[tuple[UUID, Publication]]:
    """A post with comments, and an import of it that has not begun."""
    post = server.publish(POSTS[name], comments)
    made = await connect(client, name)
    known = f"{server.account_id}_{post.id}" if name == "facebook" else post.id
    yield await import_post(services, ada, made, name, known, **options), post


def ids(name: str, post: Publication, *, replies: bool = False) -> list[str]:
    """What the platform calls a post's comments."""
    said = [one for top in post.said for one in ([top, *top.replies] if replies else [top])]
    return sorted(f"{post.id}_{one.id}" if name == "facebook" else one.id for one in said)


@each("name", of=NAMES)
async def test_every_comment_once__with_what_the_platform_tells(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):
        row = await whole(services, number)
        assert (row.state, row.rows, row.accepted, row.rejected) == ("done", 230, 230, 0), row.error_message
        assert row.reported == 230
        assert sorted(await comment_ids(services, number)) == ids(name, post)
        [first] = await rows(
            services,
            "SELECT * FROM app.participant WHERE comment_id LIKE '%9000000' AND import_id = :id",
            id=number,
        )
        assert first["account"].startswith("fan0")
        assert (first["comment"], first["posted_at"], first["likes"]) == ("I want it @friend", EPOCH, 0)
        assert (first["followers"], first["account_created_at"]) == FACTS.get(name, (None, None))
        assert (first["follows"], first["liked"]) == (None, None)
        [left] = await rows(services, "SELECT count(*) AS n FROM app.fetched_comment")
        assert left["n"] == 0


def with_replies(post: Publication) -> int:
    """Seven replies to the second comment, one to the fourth; returns how many."""
    for top, count in ((post.said[1], 7), (post.said[3], 1)):
        top.replies = [Said(f"{top.id}{one}", f"replier{one}", "me too", EPOCH) for one in range(count)]
    return 8


@each("name", "counted", of=[(name, counted) for name in NAMES for counted in (False, True)])
async def test_replies__all_read__counted_where_asked(
    name: str, counted: bool, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 120, replies=counted) as (
        number,
        post,
    ):
        replies = with_replies(post)
        row = await whole(services, number)
        assert (row.state, row.rows, row.reported) == ("done", 120 + replies, 120 + replies)
        assert row.rejected_for == ({} if counted else {"reply": replies})
        assert sorted(await comment_ids(services, number)) == ids(name, post, replies=counted)


@each("name", of=NAMES)
async def test_pages_overlap__nothing_twice(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    platforms[name].overlap = 7
    async with importing(name, client, services, ada, platforms[name], 230) as (number, post):
        with_replies(post)
        row = await whole(services, number)
        assert (row.state, row.rows, row.accepted) == ("done", 238, 230)
        assert sorted(await comment_ids(services, number)) == ids(name, post)


@each("name", of=NAMES)
async def test_less_than_reported__said(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 12) as (number, post):
        post.reported = 30
        row = await whole(services, number)
        assert (row.state, row.rows, row.reported) == ("done", 12, 30)


@each("name", of=NAMES)
async def test_no_comments__done_with_nothing(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 0) as (number, _):
        row = await whole(services, number)
        assert (row.state, row.rows, row.reported) == ("done", 0, 0)


@each("name", of=NAMES)
async def test_writer_hidden__rejected_with_the_reason(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    """X always tells a number, so a person without a profile is that number."""
    async with importing(name, client, services, ada, platforms[name], 3) as (number, post):
        post.said[1].author = None
        row = await whole(services, number)
        assert row.rejected_for == ({} if name == "x" else {"blank_account": 1})


@each("name", of=NAMES)
async def test_hostile_text__taken_or_rejected__nothing_breaks(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing(name, client, services, ada, platforms[name], 6) as (number, post):
        for one, text in zip(
            post.said,
            ["NUL \0 inside", "lone \ud800 half", "=1+1", "x" * 200_000, "line\nline", ""],
            strict=True,
        ):
            one.text = text
        post.said[2].author = "Ａda"
        row = await whole(services, number)
        assert (row.state, row.rows, row.accepted) == ("done", 6, 6)


async def test_names_are_not_unique__people_are_told_apart(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("facebook", client, services, ada, platforms["facebook"], 2) as (number, post):
        post.said[0].author = post.said[1].author = "John Smith"
        await whole(services, number)
        found = await rows(services, "SELECT DISTINCT account_key FROM app.participant")
        assert len(found) == 2


async def test_same_post_imported_again__known__and_new_ones_added(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("instagram", client, services, ada, platforms["instagram"], 60) as (number, post):
        first = await whole(services, number)
        post.write(5)
        async with AsyncSession(services.engine) as db, db.begin():
            again = await import_again(
                db, first.contest_id, UUID(first.options["connection_id"]), "instagram", post.id
            )
        row = await whole(services, again)
        assert (row.accepted, row.rejected_for) == (5, {"comment_repeated": 60})
        assert len(await rows(services, "SELECT 1 FROM app.participant")) == 65


async def test_two_workers_at_once__each_page_once(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async def work(number: UUID) -> None:
        with suppress(LostError):
            await whole(services, number)

    async with importing("instagram", client, services, ada, platforms["instagram"], 400) as (number, post):
        await asyncio.gather(*(work(number) for _ in range(3)))
        row = await stored(services, number)
        assert (row.state, row.rows, row.accepted) == ("done", 400, 400)
        assert sorted(await comment_ids(services, number)) == ids("instagram", post)


async def test_cancelled_meanwhile__stops(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    async with importing("tiktok", client, services, ada, platforms["tiktok"], 90) as (number, _):
        arrived, go = asyncio.Event(), asyncio.Event()
        platforms["tiktok"].next("comments", then(lambda: None), hold(arrived, go))
        task = asyncio.create_task(fetch(services, number))
        await arrived.wait()
        async with services.engine.begin() as db:
            await db.execute(
                update(ContestImport)
                .where(ContestImport.id == number)
                .values(state="cancelled", finished_at=datetime.now(UTC))
            )
        go.set()
        with pytest.raises(LostError):
            await task
        assert (await stored(services, number)).rows == 30


@each("name", of=NAMES)
async def test_posts__listed_with_counts(
    name: str, client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    platforms[name].publish(POSTS[name], 4)
    made = await connect(client, name)
    body = (await client.get(f"{API}/connections/{made}/posts")).json()
    assert [(one["text"], one["comments"]) for one in body["items"]] == [("Comment to win!", 4)]
    assert body["next_cursor"] is None


async def test_posts__pages_and_short_codes(
    client: AsyncClient, ada: str, platforms: Platforms, services: Services
) -> None:
    for number in range(5):
        platforms["instagram"].publish(f"1789000000000{number:03}", number)
    made = await connect(client, "instagram")
    seen, cursor = [], None
    while True:
        body = (
            await client.get(f"{API}/connections/{made}/posts", params={"cursor": cursor} if cursor else {})
        ).json()
        seen += [one["comments"] for one in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert seen == [0, 1, 2, 3, 4]
    async with AsyncSession(services.engine) as db:
        connection = await service.find(db, UUID(ada), made)
    found = await service.post(services, connection, "https://www.instagram.com/p/C000004/?igsh=1")
    assert (found.id, found.reported) == ("1789000000000004", 4)
    with pytest.raises(PostNotFound, match="Connect the account that posted it"):
        await service.post(services, connection, "https://www.instagram.com/p/Cnotours1/")
