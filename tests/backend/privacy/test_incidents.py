"""Incidents from their beginning to their end, and what a job reads of the chain's services for everybody."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient
from prometheus_client import REGISTRY as METRICS

from backend.jobs.app import Run
from backend.metrics import system
from backend.services import Services
from backend.status import readings, tasks
from tests.backend.test_erasure import Person, run

BEGIN = {"title": "Mails arrive late", "severity": "minor", "text": "Our mail server is slow."}
LIST = "/api/v1/status/incidents"


async def test_incident__told_updated_ended_and_gone_after_90_days(
    client: AsyncClient, services: Services, ada: Person, admin: Person
) -> None:
    assert (await client.get(LIST)).json() == {"items": []}
    assert (await ada.send("POST", "/admin/incidents", json=BEGIN)).status_code == 403
    future = {**BEGIN, "started_at": "2199-01-01T00:00:00Z"}
    assert (await admin.send("POST", "/admin/incidents", json=future)).status_code == 422
    naive = {**BEGIN, "started_at": "2026-01-01T00:00:00"}
    assert (await admin.send("POST", "/admin/incidents", json=naive)).status_code == 422
    hostile = {**BEGIN, "title": "x\u202ey\u0000z"}
    assert (await admin.send("POST", "/admin/incidents", json=hostile)).status_code == 422
    made = (await admin.does("POST", "/admin/incidents", json=BEGIN)).json()
    shown = (await client.get(LIST)).json()["items"]
    assert (shown[0]["title"], shown[0]["state"], shown[0]["resolved_at"]) == (
        "Mails arrive late",
        "investigating",
        None,
    )
    path = f"/admin/incidents/{made['id']}/updates"
    worse = {"state": "identified", "severity": "major", "text": "The disk is full."}
    await admin.does("POST", path, json=worse)
    await admin.does("POST", path, json={"state": "resolved", "text": "All mails are out."})
    found = (await client.get(LIST)).json()["items"][0]
    assert (found["severity"], found["state"]) == ("major", "resolved")
    assert found["resolved_at"] is not None
    assert [one["state"] for one in found["updates"]] == ["resolved", "identified", "investigating"]
    assert str(admin.id) not in (await client.get(LIST)).text
    over = await admin.send("POST", path, json=worse)
    assert (over.status_code, over.json()["code"]) == (409, "incident_over")
    nothing = await admin.send("POST", "/admin/incidents/4711/updates", json=worse)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "incident_not_found")
    await admin.does("POST", "/admin/incidents", json={**BEGIN, "title": "Goes on"})
    old = "UPDATE app.incident SET started_at = now() - interval '200 days'"
    await run(services, old)
    assert [one["title"] for one in (await client.get(LIST)).json()["items"]] == [
        "Goes on",
        "Mails arrive late",
    ]
    await run(
        services,
        "UPDATE app.incident SET resolved_at = now() - interval '91 days' WHERE resolved_at IS NOT NULL",
    )
    assert [one["title"] for one in (await client.get(LIST)).json()["items"]] == ["Goes on"]


async def test_readings__by_a_job_for_everybody_without_urls(
    client: AsyncClient, services: Services, monkeypatch: Any
) -> None:
    empty = (await client.get("/api/v1/status")).json()
    assert (empty["vrf"], empty["providers"]) == ([], [])

    async def subscriptions(_: Services) -> list[dict[str, Any]]:
        return [
            {"contract": "Raffle", "currency": "native", "balance": str(10**18)},
            {"contract": "Contest", "currency": "link", "balance": str(50 * 10**18)},
        ]

    monkeypatch.setattr(tasks, "read_vrf", subscriptions)
    await tasks.read_platform(Run(services, 0, 0))
    answer = await client.get("/api/v1/status")
    told = answer.json()
    assert [(one["contract"], one["low"]) for one in told["vrf"]] == [("Raffle", True), ("Contest", False)]
    assert [(one["number"], one["state"], one["behind_blocks"]) for one in told["providers"]] == [
        (1, "answers", 0)
    ]
    await system.look(services)
    funds = {"contract": "Raffle", "currency": "native"}
    assert METRICS.get_sample_value("tombola_vrf_balance", funds) == 10**18
    assert METRICS.get_sample_value("tombola_vrf_balance_least", funds) == 5 * 10**18
    assert METRICS.get_sample_value("tombola_providers", {"state": "answers"}) == 1
    for url in services.settings.rpc_urls:
        assert url.split("//")[1] not in answer.text

    async def silent(*_: Any, **__: Any) -> str:
        raise TimeoutError

    monkeypatch.setattr(readings.Provider, "call", silent)
    await tasks.read_platform(Run(services, 0, 0))
    told = (await client.get("/api/v1/status")).json()
    assert [(one["state"], one["answered_ms"]) for one in told["providers"]] == [("away", None)]
    assert told["vrf"][0]["low"] is True, "what was read before stays, with its time"
