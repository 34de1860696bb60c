"""The key service throttled, slow, sealed or forbidden while the sender works. Fault test 17."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from backend.services import Services
from backend.settings import Settings
from tests.backend.test_kms import REGION, aws_client, aws_credentials, moto
from tests.backend.vault import BROKEN, FORBIDDEN, SEALED, THROTTLED, Answer, Vault
from tests.backend.world import POL, World, make_settings
from tests.support.anvil import Anvil
from tests.support.waiting import wait_until_async
from tools.run.postgres import DatabaseUris

__all__ = ["aws_credentials", "moto"]  # fixtures


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    (tmp_path / "token").write_text("s.right")
    async with Vault() as started:
        yield started


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, database: DatabaseUris, chain: Anvil, tmp_path: Path, vault: Vault
) -> Settings:
    """A backend whose keys are in Vault."""
    return make_settings(
        database.backend,
        [chain.url],
        tmp_path,
        kms_url=f"vault+{vault.url}/transit/tombola",
        vault_token_file=tmp_path / "token",
        kms_timeout_seconds=0.3,
    )


async def paused(world: World) -> bool:
    """Whether every wallet waits for the key service."""
    async with world.services.engine.connect() as db:
        reasons = (await db.execute(text("SELECT paused_reason FROM app.wallet"))).scalars().all()
    return set(reasons) == {"the key service failed"}


@pytest.mark.parametrize(
    "answer", [THROTTLED, SEALED, BROKEN, FORBIDDEN, None], ids=["429", "503", "500", "403", "no answer"]
)
async def test_key_service_fails_for_a_while__lanes_pause_no_nonce_is_spent_then_all_goes_on(
    world: World, vault: Vault, answer: Answer | None
) -> None:
    intents = []
    for _ in range(3):
        person = await world.person()
        intents += [await world.transfer(person, POL // 10), await world.transfer(person, POL // 10)]
    if answer is None:
        vault.delay = 60
    else:
        vault.fault = lambda _operation: answer
    async with world.sender():

        async def all_paused() -> bool:
            return await paused(world)

        await wait_until_async(all_paused, 30, what="every wallet paused")
        for intent in intents:
            assert await world.stages(intent) == ["created"]
        async with world.services.engine.connect() as db:
            assert await db.scalar(text("SELECT count(*) FROM app.slot")) == 0
            assert await db.scalar(text("SELECT max(next_nonce) FROM app.wallet")) == 0
        vault.delay = 0
        vault.fault = lambda _operation: None
        await world.settled(30)
    for intent in intents:
        assert (await world.intent(intent)).state == "confirmed"


async def test_every_third_request_throttled__tried_again_all_confirmed(world: World, vault: Vault) -> None:
    person = await world.person()
    vault.fault = lambda operation: THROTTLED if vault.seen[operation] % 3 == 0 else None
    for _ in range(12):
        await world.transfer(person, POL // 100)
    async with world.sender():
        await world.settled(30)
    assert vault.seen["decrypt"] > 12


async def test_register__key_service_sealed__503_and_no_account(
    client: AsyncClient, services: Services, vault: Vault
) -> None:
    vault.fault = lambda _operation: SEALED
    body = {"email": "ada@example.org", "password": "correct horse battery"}
    answer = await client.post("/api/v1/users", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable")
    assert "ealed" not in answer.text
    vault.fault = lambda _operation: None
    async with services.engine.connect() as db:
        assert await db.scalar(text('SELECT count(*) FROM app."user"')) == 0


class TestAws:
    """The same backend with its keys in AWS."""

    @pytest.fixture
    def settings(self, database: DatabaseUris, chain: Anvil, tmp_path: Path, moto: str) -> Settings:
        key = aws_client(moto).create_key()["KeyMetadata"]["Arn"]
        url = f"awskms:///{key}?region={REGION}&endpoint={moto}"
        return make_settings(database.backend, [chain.url], tmp_path, kms_url=url)

    async def test_transfers__signed_with_keys_in_aws(self, world: World) -> None:
        for _ in range(2):
            person = await world.person()
            await world.transfer(person, POL // 10)
            await world.transfer(person, POL // 10)
        async with world.sender():
            await world.settled(30)
