"""GET /prices, and what one's own contest costs."""

from __future__ import annotations

from uuid import UUID, uuid4

from httpx import AsyncClient
from sqlalchemy import text

from backend.services import Services
from backend.settings import Settings
from tests.backend.ledger.test_routes import person
from tests.backend.prices.test_charging import Organiser
from tests.backend.world import Person, fresh_address

COMMITTED = text("""
    UPDATE app.contest SET filters = '[]', intent_id = :intent, committed_at = now(), entry_count = 5, chain_id = 1,
        list_sha256 = sha256('1'), contract = substr(sha256('2'), 1, 20), contest_key = sha256('3'),
        key_salt = sha256('4'), sealed_secret = sha256('5'), root = sha256('6'), commitment = sha256('7')
""")


async def organiser(client: AsyncClient, services: Services, email: str) -> tuple[Organiser, dict[str, str]]:
    user, header = await person(client, email)
    async with services.engine.connect() as db:
        wallet = await db.scalar(text("SELECT id FROM app.wallet WHERE user_id = :id"), {"id": user})
    assert wallet is not None
    return Organiser(services, Person(UUID(user), wallet, fresh_address())), header


async def test_prices__for_everybody(client: AsyncClient) -> None:
    answer = (await client.get("/api/v1/prices")).json()
    assert (answer["currency"], answer["charged"], answer["sold"]) == ("eur", True, False)
    assert answer["packages"][0] == {"code": "small", "credits": "100", "amount": "900"}
    assert answer["sizes"][0] == {"up_to": 1000, "credits": "10"}
    assert {"kind": "mentions", "credits": "5"} in answer["filters"]
    free, pro = answer["tiers"]
    assert (free["code"], free["plans"], free["limits"]["contests_per_month"]) == ("free", [], 10)
    assert pro["plans"] == [{"interval": "month", "amount": "2900"}, {"interval": "year", "amount": "29000"}]


async def test_contest__quoted_then_held(client: AsyncClient, services: Services) -> None:
    olga, header = await organiser(client, services, "olga@example.org")
    contest_id = await olga.contest(20_000, "mentions")
    path = f"/api/v1/contests/{contest_id}/price"
    quoted = (await client.get(path, headers=header)).json()
    assert (quoted["state"], quoted["credits"], quoted["missing"], quoted["exceeded"]) == (
        "quoted",
        "95",
        "95",
        [],
    )
    assert [(one["code"], one["charged"]) for one in quoted["items"]] == [("size", "90"), ("mentions", "5")]
    await olga.gets(100)
    assert (await client.get(path, headers=header)).json()["missing"] == "0"
    intent_id = await olga.commits(contest_id)
    async with services.engine.begin() as db:  # other filters change nothing any more
        await db.execute(COMMITTED, {"intent": intent_id})
    held = (await client.get(path, headers=header)).json()
    assert (held["state"], held["credits"], held["available"]) == ("held", "95", "5")
    await olga.ends(intent_id, "rejected")
    async with services.engine.begin() as db:
        await db.execute(text("UPDATE app.contest_charge SET state = 'released', settled_at = now()"))
    assert (await client.get(path, headers=header)).json()["state"] == "quoted"


async def test_contest__says_what_the_tier_lacks(client: AsyncClient, services: Services) -> None:
    olga, header = await organiser(client, services, "olga@example.org")
    path = f"/api/v1/contests/{await olga.contest(100_001, 'burst')}/price"
    found = (await client.get(path, headers=header)).json()
    assert [one["limit"] for one in found["exceeded"]] == ["participants", "filters"]


async def test_contest__of_somebody_else_or_none__404(client: AsyncClient, services: Services) -> None:
    olga, _ = await organiser(client, services, "olga@example.org")
    _, header = await organiser(client, services, "eve@example.org")
    for contest_id in (await olga.contest(), uuid4()):
        answer = await client.get(f"/api/v1/contests/{contest_id}/price", headers=header)
        assert (answer.status_code, answer.json()["code"]) == (404, "contest_not_found")


def test_prices__on_where_something_can_be_bought_or_as_told(settings: Settings) -> None:
    def with_(**changes: str) -> Settings:
        bare = settings.model_dump(exclude={"prices"}, exclude_unset=True)
        return Settings.model_validate({**bare, **changes})

    assert not with_().prices_are_on
    assert with_(stripe_secret_key="sk_test_1").prices_are_on
    assert not with_(stripe_secret_key="sk_test_1", prices="off").prices_are_on
    assert with_(prices="on").prices_are_on
    assert not with_(prices="").prices_are_on
