"""Real worker processes: killed in the middle of sending, frozen, cut off from the database; one leader."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller
from psycopg import sql
from psycopg.errors import UniqueViolation
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.process import connection_options
from backend.outbox.service import mail
from tests.backend.working import comes_true, value
from tests.backend.world import World
from tests.support.postgres import PostgresForTests
from tests.support.processes import Process
from tests.support.waiting import wait_until
from tools.ports import free_port
from tools.run.postgres import DatabaseUris

LINK = {"link": "https://tombola.test/verify#abc", "expires": "tomorrow"}
QUICK = {
    "WORKER_HEARTBEAT_SECONDS": "0.2",
    "WORKER_LOST_SECONDS": "1",
    "WORKER_POLL_SECONDS": "0.1",
    "LEADER_BEAT_SECONDS": "0.2",
    "LEADER_LOST_SECONDS": "1.5",
}


def start(world: World, module: str = "backend", **env: str) -> Process:
    """A worker process on the world's database."""
    settings = world.services.settings
    known = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "MAIL_DIR": str(settings.mail_dir),
        "FILES_DIR": str(settings.files_dir),
    }
    arguments = ["worker"] if module == "backend" else []
    return Process([sys.executable, "-m", module, *arguments], env={**known, **QUICK, **env})


def lines(process: Process, event: str) -> list[dict[str, Any]]:
    """Log lines of one event."""
    found = (json.loads(line) for line in process.text.splitlines() if line.startswith("{"))
    return [line for line in found if line.get("event") == event]


def mails(folder: Path) -> list[Path]:
    """Delivered mails."""
    return list(folder.glob("*.eml"))


class Mailbox:
    """An SMTP server that keeps Message-IDs and may hold its answer to the first mail back."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.let_go = threading.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        text = envelope.content.decode()
        self.ids.append(next(line for line in text.splitlines() if line.lower().startswith("message-id:")))
        if len(self.ids) == 1:
            await asyncio.to_thread(self.let_go.wait, 60)
        return "250 OK"


async def test_killed_while_sending__sent_again_under_the_same_id__recorded_once(world: World) -> None:
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.port), "SMTP_TLS": "none"}
    try:
        async with AsyncSession(world.services.engine) as db, db.begin():
            await mail(db, (await world.person()).id, "ann@example.org", "verify_email", LINK)
        with start(world, **smtp) as first:
            wait_until(lambda: box.ids, 30, what="the mail on its way")
            first.kill()
        box.let_go.set()
        with start(world, **smtp) as second:
            await comes_true(world.services, "SELECT state = 'sent' FROM app.mail", timeout=30)
            await comes_true(
                world.services, "SELECT count(*) = 0 FROM jobs.procrastinate_jobs WHERE queue_name = 'mail'"
            )
            assert lines(second, "job_rescued")
            assert second.terminate() == 0
    finally:
        box.let_go.set()
        server.stop()
    assert len(box.ids) == 2
    assert len(set(box.ids)) == 1, "the same Message-ID: whoever receives both sees one"


async def test_killed_as_a_file_is_written__the_folder_has_one_mail(world: World) -> None:
    """The effect is idempotent by the row's key: the second attempt writes the same file."""
    async with AsyncSession(world.services.engine) as db, db.begin():
        await mail(db, (await world.person()).id, "ann@example.org", "verify_email", LINK)
    # As after a death between the effect and its record: delivered, and the row still says waiting.
    with start(world) as first:
        await comes_true(world.services, "SELECT state = 'sent' FROM app.mail", timeout=30)
        first.kill()
    async with world.services.engine.begin() as db:
        await db.exec_driver_sql(
            "UPDATE app.mail SET state = 'waiting', sent_at = NULL, data = '" + json.dumps(LINK) + "'"
        )
        await db.exec_driver_sql(
            "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, args, status) SELECT 'mail', 'deliver_mail',"
            " jsonb_build_object('mail_id', id), 'doing' FROM app.mail"
        )
    with start(world):
        await comes_true(world.services, "SELECT state = 'sent' FROM app.mail", timeout=30)
    assert len(mails(world.services.settings.mail_dir)) == 1


async def test_one_leader__dies_or_freezes__another_leads__no_tick_twice(world: World) -> None:
    module = "tests.backend.scheduled_worker"
    with start(world, module) as one, start(world, module) as two:
        wait_until(lambda: lines(one, "leading") or lines(two, "leading"), 30, what="a leader")
        first, second = (one, two) if lines(one, "leading") else (two, one)
        wait_until(lambda: len(lines(first, "enqueued")) >= 3, 15, what="ticks")
        assert not lines(second, "leading")
        assert not lines(second, "enqueued")
        first.signal(signal.SIGSTOP)
        wait_until(lambda: len(lines(second, "enqueued")) >= 2, 15, what="the other one leading")
        assert lines(second, "leader_frozen")
        first.signal(signal.SIGCONT)
        wait_until(
            lambda: lines(first, "database_unreachable") or lines(first, "worker_broken"),
            15,
            what="it notices",
        )
        before = len(lines(second, "enqueued"))
        wait_until(lambda: len(lines(second, "enqueued")) >= before + 2, 15, what="more ticks")
        second.kill()
        wait_until(lambda: len(lines(first, "leading")) == 2, 15, what="the first one leading again")
        ticks = Counter(line["tick"] for process in (one, two) for line in lines(process, "enqueued"))
    assert max(ticks.values()) == 1
    assert sorted(ticks) == list(range(min(ticks), max(ticks) + 1)) or len(ticks) >= 5


def test_frozen_before_its_commit__holds_up_nobody(world: World) -> None:
    """A worker froze while it fetched a job: the leader, with the next one of that kind, waits for its transaction."""
    settings = world.services.settings.model_copy(update={"worker_lost_seconds": 0.5})
    options = connection_options(settings)
    offer = "SELECT procrastinate_defer_periodic_job_v2('default', NULL, 'tick', 'tick', 0, '', %s, '{}')"
    with (
        psycopg.connect(settings.database_url, options=options, autocommit=True) as leader,
        psycopg.connect(settings.database_url, options=options) as frozen,
    ):
        leader.execute("SET statement_timeout = '20s'")
        leader.execute(offer, [1])
        frozen.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'tick'")
        with pytest.raises(UniqueViolation):  # its transaction has ended, and the first job waits again
            leader.execute(offer, [2])
        frozen.close()


async def test_database_away_for_a_while__goes_on(
    world: World, postgres: PostgresForTests, database: DatabaseUris
) -> None:
    with start(world) as process, psycopg.connect(postgres.uri(), autocommit=True) as root:
        process.wait_for_output("leading", 30)
        name = sql.Identifier(database.name)
        root.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        root.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.name]
        )
        process.wait_for_output("database_unreachable", 20)
        root.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        async with AsyncSession(world.services.engine) as db, db.begin():
            await mail(db, (await world.person()).id, "ann@example.org", "verify_email", LINK)
        await comes_true(world.services, "SELECT state = 'sent' FROM app.mail", timeout=40)
        assert process.exit_code is None
        assert await value(world.services, "SELECT count(*) FROM app.mail") == 1
