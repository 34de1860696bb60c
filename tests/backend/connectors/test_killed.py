"""A real worker process that is killed in the middle of a fetch: another one goes on where it stood."""

from __future__ import annotations

import asyncio
import json
import sys

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors.tasks import enqueue_fetch
from backend.services import Services
from tests.backend.connectors.test_fetching import ids, importing
from tests.backend.connectors.using import Platforms, comment_ids, registrations, sign_up, stored
from tests.platforms.stand_in import hold, then
from tests.support.processes import Process
from tests.support.waiting import wait_until_async


def worker(services: Services) -> Process:
    settings = services.settings
    registered = {name.upper(): value for name, value in registrations().items()}
    env = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "MAIL_DIR": str(settings.mail_dir),
        "CONNECTOR_HOSTS": json.dumps(settings.connector_hosts),
        "WORKER_HEARTBEAT_SECONDS": "0.2",
        "WORKER_LOST_SECONDS": "1",
        "WORKER_POLL_SECONDS": "0.1",
    }
    return Process([sys.executable, "-m", "backend", "worker"], env={**env, **registered})


async def test_killed_midway__resumed__nothing_lost_or_doubled(
    client: AsyncClient, platforms: Platforms, services: Services
) -> None:
    ada = await sign_up(client)
    server = platforms["instagram"]
    async with importing("instagram", client, services, ada, server, 230) as (number, post):
        arrived, go = asyncio.Event(), asyncio.Event()
        server.next("comments", then(lambda: None), then(lambda: None), hold(arrived, go))
        async with AsyncSession(services.engine) as db, db.begin():
            await enqueue_fetch(db, number)
        with worker(services) as first:
            await asyncio.wait_for(arrived.wait(), 60)
            await asyncio.to_thread(first.kill)
        row = await stored(services, number)
        assert (row.state, row.rows) == ("running", 100)
        go.set()
        before = server.asked["comments"]
        with worker(services) as second:

            async def done() -> bool:
                return (await stored(services, number)).state == "done"

            await wait_until_async(done, 60, what="the fetch")
            assert await asyncio.to_thread(second.terminate) == 0
        row = await stored(services, number)
        assert (row.rows, row.accepted, row.reported) == (230, 230, 230)
        assert sorted(await comment_ids(services, number)) == ids("instagram", post)
        # Not from the beginning: pages three to five.
        assert server.asked["comments"] - before == 3
