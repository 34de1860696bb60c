"""Jobs: run again after any death with their effect once, ended in time, dead letters without secrets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.app import LONGEST_PAUSE, Run, pause, task
from backend.jobs.enqueue import enqueue
from backend.jobs.errors import PermanentError
from backend.jobs.redact import redacted
from backend.services import Services
from tests.backend.test_auth import register, sign_in
from tests.backend.working import comes_true, value, worker
from tests.backend.world import World

SECRETS = [
    "postgresql://backend:hunter2secret@db/tombola",
    "Authorization: Bearer abc.def.ghi",
    "password=hunter2secret",
    "{'api_key': 'hunter2secret'}",
    "whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.sig",
    "0x" + "ab" * 32,
    "https://tombola.test/reset#" + "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy",
    "?token=hunter2secret&x=1",
    "https://rpc.example/v2/hunter2key does not answer",
]
DEAD = "FROM jobs.procrastinate_jobs WHERE status = 'failed' AND task_name LIKE 'test%'"
NONE_LEFT = "SELECT count(*) = 0 FROM jobs.procrastinate_jobs WHERE task_name LIKE 'test%'"
runs: list[int] = []


@task("test_hangs_once", limit=0.3, attempts=1)
async def hangs_once(run: Run) -> None:
    runs.append(run.attempt)
    if len(runs) == 1:
        await asyncio.sleep(60)


@task("test_tells", limit=5, attempts=5)
async def tells(_run: Run, which: int) -> None:
    raise PermanentError(f"no way: {SECRETS[which]}\nsecond line")


@task("test_fails_twice", limit=5, attempts=3)
async def fails_twice(run: Run) -> None:
    runs.append(run.attempt)
    if len(runs) < 3:
        raise ConnectionError("not yet")


@task("test_asks_again_and_fails_once", limit=5, attempts=3)
async def asks_again_and_fails_once(run: Run) -> None:
    runs.append(run.attempt)
    if len(runs) == 1:
        async with run.services.engine.begin() as db:
            await enqueue(db, "test_asks_again_and_fails_once", {}, key="one")
        raise ConnectionError("not yet")


@task("test_runs", limit=5, attempts=3)
async def runs_well(run: Run) -> None:
    runs.append(run.attempt)


@pytest.fixture(autouse=True)
def none_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    runs.clear()
    monkeypatch.setattr("backend.jobs.app.FIRST_PAUSE", 0.05)


@pytest.fixture
async def admin(client: AsyncClient, services: Services) -> dict[str, str]:
    await register(client)
    async with services.engine.begin() as db:
        await db.exec_driver_sql("""UPDATE app."user" SET role = 'admin'""")
    token = await sign_in(client)
    client.cookies.clear()
    return {"authorization": f"Bearer {token}"}


async def add(services: Services, name: str, **args: Any) -> int:
    async with services.engine.begin() as db:
        return await enqueue(db, name, args) or 0


async def test_hanging__ended_in_time__dead_letter__retried_by_an_admin(
    client: AsyncClient, services: Services, admin: dict[str, str]
) -> None:
    async with worker(services):
        job = await add(services, "test_hangs_once")
        await comes_true(
            services,
            "SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed' AND task_name LIKE 'test%'",
        )
        found = (await client.get("/api/v1/admin/jobs", headers=admin)).json()["items"]
        (dead,) = [one for one in found if one["task"] == "test_hangs_once"]
        assert (dead["id"], dead["task"], dead["state"]) == (str(job), "test_hangs_once", "failed")
        assert dead["error"] == "TimeLimitError: it took longer than 0.3 s and was ended"
        path = f"/api/v1/admin/jobs/{job}/retry"
        answer = await client.post(path, headers=admin)
        assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
        await comes_true(services, NONE_LEFT)
    assert len(runs) == 2
    assert (await client.post(path, headers=admin)).json()["code"] == "job_not_found"
    audit = "SELECT count(*) FROM app.audit_event WHERE action = 'job.retry' AND subject = :job"
    assert await value(services, audit, job=f"job:{job}") == 1


async def test_jobs__by_task_and_counted(
    client: AsyncClient, services: Services, admin: dict[str, str]
) -> None:
    jobs = [await add(services, name) for name in ("test_hangs_once", "test_fails_twice", "test_hangs_once")]
    async with services.engine.begin() as db:
        await db.execute(
            text("UPDATE jobs.procrastinate_jobs SET status = 'failed' WHERE id <> :id"), {"id": jobs[2]}
        )
    kinds = (await client.get("/api/v1/admin/jobs/kinds", headers=admin)).json()["items"]
    shown = [kind for kind in kinds if kind["task"].startswith("test_")]
    assert shown == [
        {"task": "test_fails_twice", "waiting": 0, "running": 0, "failed": 1},
        {"task": "test_hangs_once", "waiting": 1, "running": 0, "failed": 1},
    ]
    found = await client.get("/api/v1/admin/jobs?task=test_hangs_once", headers=admin)
    assert [job["id"] for job in found.json()["items"]] == [str(jobs[0])]


async def test_waiting__cannot_be_retried(
    client: AsyncClient, services: Services, admin: dict[str, str]
) -> None:
    job = await add(services, "test_hangs_once")
    answer = await client.post(f"/api/v1/admin/jobs/{job}/retry", headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_failed")


async def test_dead_letters__one_line_without_secrets(
    client: AsyncClient, services: Services, admin: dict[str, str]
) -> None:
    async with worker(services):
        for number in range(len(SECRETS)):
            await add(services, "test_tells", which=number)
        count = f"SELECT count(*) = :n {DEAD}"
        await comes_true(services, count, n=len(SECRETS))
    answer = await client.get("/api/v1/admin/jobs?limit=100", headers=admin)
    errors = [job["error"] for job in answer.json()["items"] if job["task"] == "test_tells"]
    assert len(errors) == len(SECRETS)
    assert all(error.startswith("PermanentError: no way: ") for error in errors)
    assert "hunter2" not in answer.text
    assert "second line" not in answer.text
    assert "abab" not in answer.text
    assert "Zm9v" not in answer.text
    assert "eyJ" not in answer.text


@pytest.mark.parametrize("secret", SECRETS)
def test_redacted__each_kind_of_secret(secret: str) -> None:
    left = redacted(secret)
    assert left != secret
    assert not any(part in left for part in ("hunter2", "c2Vj", "abc.def", "eyJ", "abab", "Zm9v"))


def test_redacted__what_helps_is_kept() -> None:
    said = "ConnectionError: mail.example.org refused 587 for job 1234 at 2026-11-21"
    assert redacted(said) == said


async def test_failing__tried_again__until_it_works(world: World) -> None:
    async with worker(world.services):
        await add(world.services, "test_fails_twice")
        await comes_true(world.services, NONE_LEFT)
    assert runs == [0, 1, 2]


def test_pause__doubles_with_jitter_up_to_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.jobs.app.FIRST_PAUSE", 2.0)
    for attempt in range(30):
        whole = min(2.0 * 2**attempt, LONGEST_PAUSE)
        some = [pause(attempt) for _ in range(50)]
        assert all(whole / 2 <= one <= whole for one in some)
        assert len(set(some)) > 1


async def test_enqueue__same_key_waits__once_and_with_the_transaction(world: World) -> None:
    async with AsyncSession(world.services.engine) as db:
        assert await enqueue(db, "test_fails_twice", {}, key="one") is not None
        assert await enqueue(db, "test_fails_twice", {}, key="one") is None
        await db.rollback()
    assert await value(world.services, "SELECT count(*) FROM jobs.procrastinate_jobs") == 0


async def test_tried_again_while_a_newer_one_of_its_key_waits__both_run(world: World) -> None:
    async with worker(world.services):
        async with world.services.engine.begin() as db:
            await enqueue(db, "test_asks_again_and_fails_once", {}, key="one")
        await comes_true(world.services, NONE_LEFT)
    assert sorted(runs) == [0, 0, 1]


async def test_rescued_while_a_newer_one_of_its_key_waits__both_run(world: World) -> None:
    for _ in range(2):  # two that died with the same key, and one that waits with it
        async with world.services.engine.begin() as db:
            await enqueue(db, "test_runs", {}, key="one")
            await db.exec_driver_sql("UPDATE jobs.procrastinate_jobs SET status = 'doing'")
    async with world.services.engine.begin() as db:
        await enqueue(db, "test_runs", {}, key="one")
    async with worker(world.services):
        await comes_true(world.services, NONE_LEFT)
    assert sorted(runs) == [0, 1, 1]


async def test_tried_again_while_a_newer_one_of_its_key_commits__waits_for_it(world: World) -> None:
    async with world.services.engine.begin() as db:
        job = await enqueue(db, "test_runs", {}, key="one")
        await db.exec_driver_sql("UPDATE jobs.procrastinate_jobs SET status = 'doing'")

    async def retry() -> None:
        async with world.services.engine.begin() as db:
            await db.execute(
                text("SELECT jobs.procrastinate_retry_job_v2(:job, now(), NULL, NULL, NULL)"), {"job": job}
            )

    async with world.services.engine.begin() as db:
        assert await enqueue(db, "test_runs", {}, key="one") is not None
        retrying = asyncio.create_task(retry())
        await comes_true(
            world.services, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"
        )
    await retrying
    waiting = "SELECT array_agg(queueing_lock ORDER BY id) FROM jobs.procrastinate_jobs WHERE status = 'todo'"
    assert await value(world.services, waiting) == [None, "one"]


async def test_not_an_admin__403(client: AsyncClient, services: Services, admin: dict[str, str]) -> None:
    async with services.engine.begin() as db:
        await db.exec_driver_sql("""UPDATE app."user" SET role = 'support'""")
    for method, path in (("GET", "/api/v1/admin/jobs"), ("POST", "/api/v1/admin/jobs/1/retry")):
        answer = await client.request(method, path, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
