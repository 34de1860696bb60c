"""Fault 25: real processes killed with SIGKILL between effect and answer; the retry gets the original."""

from __future__ import annotations

import sys

import httpx
import pytest
from httpx import AsyncClient

from backend.services import Services
from backend.settings import Settings
from tests.backend.ledger.books import Books
from tests.backend.ledger.test_races import assert_sound
from tests.backend.ledger.test_routes import admin, person
from tests.support.processes import Process, http_status
from tests.support.waiting import wait_until_async
from tools.ports import free_port

__all__ = ["admin"]  # the fixture
TRANSFERS = 2_000


async def test_api_killed__the_retry_has_one_effect_and_the_first_answer(
    client: AsyncClient,
    services: Services,
    settings: Settings,
    admin: dict[str, str],
) -> None:
    ada, _ = await person(client, "ada@example.org")
    body = {"user_id": ada, "purpose": "grant", "amount": "7", "reason": "Welcome"}
    books = Books(services.engine, settings.database_url)
    moments = {"before_commit": 0, "before_answer": 1}
    env = {
        "DATABASE_URL": settings.database_url,
        "RPC_URLS": ",".join(settings.rpc_urls),
        "REGISTRY": str(settings.registry),
        "KMS_FILE": str(settings.kms_file),
        "PORT": str(free_port()),
    }
    url = f"http://127.0.0.1:{env['PORT']}"
    with Process([sys.executable, "-m", "tests.backend.ledger.dying_api", *moments], env=env) as victim:
        for moment, effects in moments.items():
            victim.wait_until(lambda: http_status(f"{url}/healthz") == 200, timeout=60, what="the API")
            request = {"json": body, "headers": {**admin, "Idempotency-Key": moment}}
            async with httpx.AsyncClient(base_url=url, timeout=30) as dying:
                with pytest.raises(httpx.TransportError):
                    await dying.post("/api/v1/admin/credits", **request)
            victim.wait_until(lambda moment=moment: f"{moment} ended by SIGKILL" in victim.text)
            keyed = {"key": f"%:{moment}"}
            count = "SELECT count(*) FROM app.ledger_entry WHERE key LIKE :key"
            assert await books.value(count, **keyed) == effects
            answer = "SELECT convert_from(body, 'UTF8') AS answer FROM app.idempotency WHERE key = :key"
            kept = await books.rows(answer, key=moment)
            retried = await client.post("/api/v1/admin/credits", **request)
            assert retried.status_code == 201
            assert [retried.text] * effects == [row.answer for row in kept]
            assert retried.headers.get("idempotency-replayed") == ("true" if effects else None)
            assert (await client.post("/api/v1/admin/credits", **request)).text == retried.text
            assert await books.value(count, **keyed) == 1
    assert await books.value("SELECT sum(moved) FROM app.ledger_entry") == 14
    await assert_sound(books)


async def test_worker_killed_again_and_again__every_key_has_one_effect(books: Books) -> None:
    ada, bob = await books.account(TRANSFERS + 5), await books.account()
    command = [sys.executable, "-m", "tests.backend.ledger.dying_worker", books.url]
    command += [str(number) for number in (TRANSFERS, ada, bob)]

    async def done() -> int:
        return int(await books.value("SELECT count(*) FROM app.ledger_entry WHERE key LIKE 'work:%'"))

    for enough in (50, 200, 400):
        with Process(command) as worker:

            async def far_enough(enough: int = enough) -> bool:
                return await done() >= enough

            await wait_until_async(far_enough, 60, what=f"{enough} transfers")
            worker.kill()
        assert await done() < TRANSFERS
    with Process(command) as worker:
        assert worker.wait() == 0
    assert await done() == TRANSFERS
    assert (await books.state(ada), await books.state(bob)) == ((5, 0), (TRANSFERS, 0))
    await assert_sound(books)
