"""A real standby answers what everybody may read, and nobody notices when it is late, in conflict, or gone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from httpx import AsyncClient

from backend import logs
from backend.__main__ import main
from backend.caching import head
from backend.caching.reads import KEPT, TAGGED
from backend.migrate import migrate
from backend.replica import replica as module
from backend.replica.replica import refuse_others
from backend.settings import Settings, SettingsError
from tests.backend.backup_kit import Cluster, lost_and_found
from tests.backend.reads.caching_kit import LIST, api
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ChainOfFacts, registry_document, shown
from tests.backend.reads.graphql_kit import ANA, MEAD, data, tell
from tests.backend.reads.stories import raffle_created
from tests.backend.reads.test_kept_reads import ROUTES
from tests.backend.replica_kit import Reads, conflict, hurried, newer_code, traffic, used
from tests.backend.standby_kit import Standby
from tests.backend.world import make_settings
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def primary() -> Iterator[Cluster]:
    """A server with a migrated database."""
    with lost_and_found() as made:
        migrate(made.uris.backend)
        yield made


@pytest.fixture
def facts(primary: Cluster) -> Iterator[ChainOfFacts]:
    """Something of everything, on the primary."""
    chain = ChainOfFacts(primary.uris.listener)
    tell(chain)
    yield chain
    chain.close()


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Standby]:
    """Streams from it."""
    made = Standby(primary.server, primary.uris)
    yield made
    made.server.stop()


@pytest.fixture
def settings(primary: Cluster, standby: Standby, tmp_path: Path) -> Settings:
    """Of an API with both, to which no lag is too long."""
    more = {"read_database_url": standby.uris.backend, "read_replica_lag_seconds": 3_600.0}
    return make_settings(primary.uris.backend, [NOBODY], tmp_path, registry=registry_document(), **more)


def title(primary: Cluster, words: str) -> None:
    """Change a fact behind everybody's back: no block tells of it, so only who reads it there sees it."""
    with psycopg.connect(primary.uris.superuser, autocommit=True) as db:
        db.execute("UPDATE mirror.raffle_raffle_created SET title = %s WHERE raffle_id = 1", [words])


async def everybodys(client: AsyncClient) -> None:
    """Each read that everybody may ask, once, and a GraphQL query."""
    (grant,) = (await client.get("/api/v1/vesting/grants?limit=1")).json()["items"]
    values = {"raffle_id": "1", "plan_id": "1", "grant_id": grant["id"], "proposal_id": "1"}
    for path, endpoint in ROUTES.items():
        if endpoint in [*KEPT, *TAGGED] and "{contest_id}" not in path and "{topic}" not in path:
            whose = {**values, "address": shown(ANA if path.startswith(("/accounts", "/gov")) else MEAD)}
            query = {"token": shown(MEAD)} if path.startswith("/governance") else {}
            answer = await client.get(f"/api/v1{path.format_map(whose)}", params=query)
            assert answer.status_code == 200, (path, answer.text)
    assert (await data(client, "{ raffles { items { id } asOfBlock } }"))["raffles"]["items"]


async def sees_own(olga: Person, visitor: AsyncClient) -> None:
    """What somebody made is there for them, whatever the standby has; a refusal is the primary's to say."""
    made = await olga.make()
    assert made.status_code == 201, made.text
    url = f"/api/v1/contests/{made.json()['id']}"
    assert (await olga.http.get(url)).status_code == 200
    mine = (await olga.http.get("/api/v1/contests?mine=true")).json()["items"]
    assert made.json()["id"] in [one["id"] for one in mine]
    assert (await visitor.get(url)).status_code == 404


async def it_answers_what_is_newest(
    primary: Cluster,
    facts: ChainOfFacts,
    standby: Standby,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it has not got the newest version of the mirror, or fails, the primary is asked."""
    async with api(settings) as (app, client):
        replica = app.state.services.replica
        olga = await sign_up(app, "olga")
        await used(replica)
        standby.catch_up()
        reads = Reads()

        # All that everybody may read is answered there, and can be.
        await everybodys(client)
        assert set(reads.since()) == {"replica"}

        # It is really there that they are read; one's own is read where it was written.
        standby.pause()
        title(primary, "seen on the primary alone")
        assert (await client.get("/api/v1/raffles?limit=100")).json()["items"][-1]["title"] == "Meadow raffle"
        assert reads.since() == {"replica": 1}
        await sees_own(olga, client)
        assert reads.since() == {"primary": 1, "refused": 1}
        title(primary, "Meadow raffle")

        # A block that it has not: the primary answers, and what it answered is kept for the right version.
        block = facts.block(raffle_created(8))
        first = await client.get(LIST)
        assert (first.json()["as_of_block"], first.json()["items"][0]["id"]) == (block, "8")
        assert reads.since() == {"primary": 1, "older": 1}
        assert (await data(client, "{ raffles { asOfBlock } }"))["raffles"]["asOfBlock"] == block
        assert reads.since() == {"primary": 1, "older": 1}
        standby.resume()
        again = await client.get(LIST, headers={"if-none-match": '"another"'})
        assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
        assert reads.since() == {}
        fresh = await client.get(f"{LIST}?limit=100")
        assert (fresh.json()["as_of_block"], reads.since()) == (block, {"replica": 1})

        # What replay has to end is asked of the primary, and the next read goes to it again.
        await conflict(primary, standby, client, monkeypatch)
        assert reads.since() == {"primary": 1, "conflict": 1}
        assert ((await client.get(f"{LIST}?limit=98")).status_code, reads.since()) == (200, {"replica": 1})

        # A table that it has not yet, as in the moment of a release.
        standby.pause()
        await newer_code(primary, client, monkeypatch)
        assert reads.since() == {"primary": 1, "failed": 1}
        standby.resume()
        await olga.http.aclose()


async def nobody_fails_when_it_is_late_or_gone(
    primary: Cluster, facts: ChainOfFacts, standby: Standby, settings: Settings, database: DatabaseUris
) -> None:
    """Late, killed under traffic, back, replaced by what is no standby, promoted."""
    async with hurried(settings) as (app, client):
        replica = app.state.services.replica
        await used(replica)
        async with traffic(client) as statuses:
            reads = Reads()

            async def reaches(*wanted: str, count: int = 20) -> None:
                """Wait until servers have answered so often."""
                seen: Counter[str] = Counter()

                async def so() -> bool:
                    seen.update(reads.since())
                    return all(seen[one] >= count for one in wanted)

                await wait_until_async(so, 30, what=f"reads by {wanted}")

            await reaches("replica")
            facts.block()
            standby.pause()
            facts.block()
            await used(replica, is_used=False)
            await reaches("primary", "left_alone")
            standby.resume()
            await used(replica)
            await reaches("replica")
            standby.kill()
            await reaches("primary", "left_alone")
            assert (await client.get("/readyz")).status_code == 200
            facts.block()
            standby.start()
            await used(replica)
            await reaches("replica")

            # What is no standby of ours is refused at the start, and one that stops being it is left alone.
            await refuse_others(settings)
            for url, why in (
                (primary.uris.backend, "no standby"),
                (database.backend, "another database cluster"),
                (standby.server.uri("backend"), "another database than"),
                ("postgresql://[", "not a PostgreSQL URL"),
            ):
                with pytest.raises(SettingsError, match=why):
                    await refuse_others(settings.model_copy(update={"read_database_url": url}))
            standby.ask("SELECT pg_promote()")
            await used(replica, is_used=False)
            with pytest.raises(SettingsError, match="promoted"):
                await refuse_others(settings)
            reads.since()
            await reaches("primary", "left_alone")
        assert set(statuses) == {200}, statuses


async def test_replica__answers_the_newest_version_or_not_at_all__and_costs_no_request(
    primary: Cluster,
    facts: ChainOfFacts,
    standby: Standby,
    settings: Settings,
    database: DatabaseUris,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for one, name in ((module, "PATIENCE_SECONDS"), (head, "PATIENCE")):
        monkeypatch.setattr(one, name, 30.0)  # a busy machine is no fault
    monkeypatch.setattr(module, "EVERY", 0.1)
    monkeypatch.setattr(module, "REST_SECONDS", 0.3)
    await it_answers_what_is_newest(primary, facts, standby, settings, monkeypatch)
    hasty = settings.model_copy(update={"cache_megabytes": 0, "read_replica_lag_seconds": 0.3})
    await nobody_fails_when_it_is_late_or_gone(primary, facts, standby, hasty, database)
    env = {"DATABASE_URL": primary.uris.backend, "READ_DATABASE_URL": standby.uris.backend}
    for name, value in {**env, "RPC_URLS": NOBODY, "REGISTRY": str(settings.registry)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logs, "configure", lambda *_: None)  # of the whole session
    assert await asyncio.to_thread(main, ["api"]) == 2
    assert "READ_DATABASE_URL cannot be used: it is no standby" in capsys.readouterr().err
