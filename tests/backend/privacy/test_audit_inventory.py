"""Every route by which staff changes something leaves a line in the audit log: who, what, before and after, and why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from backend.app import create_app
from backend.auth.access import ACCESS
from backend.payments.gateway import payments as stripe
from backend.services import Services
from backend.settings import schema_settings
from tests.backend.app_routes import app_routes
from tests.backend.test_erasure import Person, run

WHY = {"reason": "A case to be tested"}
LIMIT = {"token": None, "daily": "5", **WHY}
INCIDENT = {"title": "Mails arrive late", "severity": "minor", "text": "We are looking into it."}
CREDITS = {"purpose": "grant", "amount": "5", **WHY}
CALLS: tuple[tuple[str, Any, str, bool], ...] = (
    # route, body, action, whether a person gives a reason
    ("PUT /admin/users/{user_id}/role", {"role": "organiser", **WHY}, "user.give_role", True),
    ("PUT /admin/limits", LIMIT, "limit.set", True),
    ("PUT /admin/users/{user_id}/limits", LIMIT, "limit.set", True),
    ("DELETE /admin/users/{user_id}/limits", None, "limit.remove", True),
    ("POST /admin/wallets/{wallet_id}/freeze", WHY, "wallet.freeze", True),
    ("POST /admin/wallets/{wallet_id}/unfreeze", WHY, "wallet.unfreeze", True),
    ("POST /admin/users/{user_id}/freeze", WHY, "user.freeze", True),
    ("POST /admin/users/{user_id}/unfreeze", WHY, "user.unfreeze", True),
    ("POST /admin/credits", CREDITS, "credits.grant", True),
    ("POST /admin/payments/{payment_id}/refunds", {"amount": "300", **WHY}, "payment.refund", True),
    ("POST /admin/jobs/{job_id}/retry", None, "job.retry", False),
    ("POST /admin/incidents", INCIDENT, "incident.begin", False),
    (
        "POST /admin/incidents/{incident_id}/updates",
        {"state": "resolved", "text": "It is over."},
        "incident.update",
        False,
    ),
    ("POST /admin/users/{user_id}/suspend", WHY, "user.suspend", True),
    ("POST /admin/users/{user_id}/restore", WHY, "user.restore", True),
)
"""In an order in which each succeeds. Texts of an incident are its reason, for everybody to read."""


def test_routes_of_staff__each_is_tried_here() -> None:
    changing = {
        route.name
        for route in app_routes(create_app(schema_settings()))
        if route.method not in ("GET", "WS") and ACCESS[route.name].rstrip("+") in ("support", "admin")
    }
    assert changing == {route for route, *_ in CALLS}


async def test_staff_changes_something__actor_before_after_and_reason_are_on_record(
    services: Services, ada: Person, admin: Person, monkeypatch: Any
) -> None:
    async def given_back(*_: Any) -> str:
        return "re_1"

    monkeypatch.setattr("backend.payments.refunds.give_back", given_back)
    assert stripe.give_back
    await run(
        services,
        "INSERT INTO app.payment (id, user_id, credits, due, booked, amount, currency, captured)"
        " VALUES ('pi_1', :id, 10, 10, 10, 900, 'eur', 900)",
        id=ada.id,
    )
    ids = {
        "user_id": str(ada.id),
        "wallet_id": str(await run(services, "SELECT id FROM app.wallet WHERE user_id = :id", id=ada.id)),
        "payment_id": "pi_1",
        "job_id": str(
            await run(
                services,
                "INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, status, attempts)"
                " VALUES ('default', 'clean', 'failed', 5) RETURNING id",
            )
        ),
    }
    for route, body, action, is_reasoned in CALLS:
        method, path = route.split(" ")
        if "incident_id" in path:
            ids["incident_id"] = str(await run(services, "SELECT max(id) FROM app.incident"))
        if action.startswith("credits"):
            body = {**body, "user_id": str(ada.id)}
        before = await run(services, "SELECT coalesce(max(id), 0) FROM app.audit_event")
        params = WHY if method == "DELETE" else None
        await admin.does(method, path.format(**ids), json=body, params=params)
        async with services.engine.connect() as db:
            events = (
                await db.execute(
                    text("SELECT actor, action, detail FROM app.audit_event WHERE id > :before"),
                    {"before": before},
                )
            ).all()
        assert [(event.actor, event.action) for event in events] == [(f"user:{admin.id}", action)], route
        detail = events[0].detail
        assert "before" in detail, route
        assert detail["before"] != detail["after"], route
        assert ("reason" in detail) == is_reasoned, route
        if is_reasoned and path != "/admin/limits":
            assert detail["reason"].startswith("sealed:"), (
                f"{route}: reasons are about people, and go with them"
            )
