"""Benchmark of fetching comments: `python -m benchmarks.connectors [--comments N]`.

Each platform's stand-in (tests/platforms) serves one post with N comments over HTTP from this process; a fetch, as a
worker runs it, brings them into a contest of a fresh database: pages, positions and rows, each page one transaction.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.connectors import tokens
from backend.connectors.fetching import fetch
from backend.connectors.platform import PLATFORMS, Platform, Tokens
from backend.connectors.tables import Connection
from backend.migrate import migrate
from backend.participants.tables import ContestImport
from backend.services import Services, open_services
from backend.users.tables import User
from tests.backend.connectors.using import import_post, registrations
from tests.backend.world import make_settings
from tests.platforms.meta import FacebookServer, InstagramServer
from tests.platforms.stand_in import StandIn
from tests.platforms.tiktok import TikTokServer
from tests.platforms.x import XServer
from tests.platforms.youtube import YouTubeServer
from tests.support.postgres import temporary_postgres

AIM = 10.0
"""Seconds for 5,000 comments (issue 6)."""


async def run(comments: int) -> None:
    """Print one line for each platform."""
    servers: list[StandIn] = [InstagramServer(), FacebookServer(), XServer(), TikTokServer(), YouTubeServer()]
    with temporary_postgres() as postgres, tempfile.TemporaryDirectory() as folder:
        uris = postgres.create_database()
        migrate(uris.backend)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
        async with AsyncExitStack() as opened:
            for server in servers:
                await opened.enter_async_context(server)
            hosts = {origin: url for one in servers for origin, url in one.hosts.items()}
            settings = make_settings(
                uris.backend, ["http://127.0.0.1:1"], Path(folder), connector_hosts=hosts, **registrations()
            )
            services = await opened.enter_async_context(open_services(settings, "benchmark"))
            for platform, server in zip(PLATFORMS, servers, strict=True):
                number = await _import(services, platform, server, comments)
                began = time.perf_counter()
                while await fetch(services, number):
                    pass
                seconds = time.perf_counter() - began
                async with AsyncSession(services.engine) as db:
                    row = await db.get_one(ContestImport, number)
                assert (row.state, row.accepted) == ("done", comments), row.error_message
                pages = server.asked["comments"]
                print(
                    f"{platform:>9}: {comments:,} comments, {pages} pages in {seconds:.2f} s (aim: {AIM:g} s)"
                )


async def _import(services: Services, platform: Platform, server: StandIn, comments: int) -> UUID:
    """A contest with an import of a post that has so many comments."""
    post = server.publish(comments=comments)
    access = Tokens(server.new_access())
    user, made = uuid4(), uuid4()
    sealed = await tokens.seal(services.kms, made, user, platform, access)
    async with AsyncSession(services.engine) as db, db.begin():
        db.add(User(id=user, email=f"{user.hex}@example.org", password_hash="-"))
        await db.flush()
        db.add(
            Connection(
                id=made,
                user_id=user,
                platform=platform,
                account_id=server.account_id,
                account_name="acme",
                scopes=[],
                sealed=sealed,
            )
        )
    return await import_post(services, str(user), made, platform, post.id)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Benchmark of fetching comments.")
    parser.add_argument("--comments", type=int, default=5000)
    asyncio.run(run(parser.parse_args().comments))
