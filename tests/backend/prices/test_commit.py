"""The price through the commit's own route: committed with its price held, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from backend.services import Services
from backend.settings import Settings
from tests.backend.ledger.moving import move
from tests.backend.reads.contest_kit import Person, sign_up
from tests.backend.reads.facts import ChainOfFacts, registry_document
from tests.backend.working import value
from tests.backend.world import make_settings
from tests.support.anvil import Anvil
from tools.run.postgres import DatabaseUris


@pytest.fixture
def settings(database: DatabaseUris, chain: Anvil, tmp_path: Path) -> Settings:
    return make_settings(database.backend, [chain.url], tmp_path, registry=registry_document(), prices="on")


@pytest.fixture
async def olga(app: FastAPI, facts: ChainOfFacts) -> Person:
    return await sign_up(app, "olga")


async def large(services: Services, olga: Person) -> Any:
    """A draft that counts as one of 20,000 participants: 90 credits."""
    draft = await olga.draft()
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.contest SET participant_count = 20000"))
    return draft


async def test_commit__too_few_credits__409_and_still_a_draft(olga: Person, services: Services) -> None:
    draft = await large(services, olga)
    refused = await olga.post(f"/{draft['id']}/commit")
    assert (refused.status_code, refused.json()["code"]) == (409, "credits_too_low")
    assert (refused.json()["needed"], refused.json()["missing"]) == ("90", "90")
    assert (await olga.get(f"/{draft['id']}"))["state"] == "draft"
    for table in ("intent", "contest_charge", "ledger_entry", "contest_leaves"):
        assert await value(services, f"SELECT count(*) FROM app.{table}") == 0


async def test_commit__enough__held_and_shown_and_the_same_key_holds_once(
    olga: Person, services: Services
) -> None:
    draft = await large(services, olga)
    await move(services, await value(services, "SELECT owner_id FROM app.contest"), 100)
    first = await olga.post(f"/{draft['id']}/commit", key="wish")
    again = await olga.post(f"/{draft['id']}/commit", key="wish")
    assert (first.status_code, first.json()["id"]) == (202, again.json()["id"])
    assert await value(services, "SELECT held FROM app.ledger_account WHERE kind = 'user'") == 90
    price = await olga.get(f"/{draft['id']}/price")
    assert (price["state"], price["credits"], price["available"]) == ("held", "90", "10")
