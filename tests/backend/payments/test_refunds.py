"""Refunds: an administrator's, audited before Stripe hears of it, made once, and credits follow."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from backend.ledger.comparison import compare_database
from tests.backend.payments.buyer import Buyer, work
from tests.backend.payments.stripe_server import StripeServer
from tests.backend.working import value

WHY = "Half was never used"


async def refund(
    admin: Buyer, payment: str, amount: str | None = None, key: str | None = None, **body: Any
) -> Any:
    wish = {"reason": WHY, **({"amount": amount} if amount else {}), **body}
    return await admin.send("POST", f"/admin/payments/{payment}/refunds", key, json=wish)


async def test_part_then_the_rest__credits_go_back_in_proportion(ada: Buyer, admin: Buyer) -> None:
    payment = await ada.buys("small")
    assert (await refund(admin, payment, "450")).status_code == 201
    await admin.hears()
    assert await ada.credits() == 50
    rest = await refund(admin, payment)
    assert rest.json()["amount"] == "450"
    await admin.hears()
    assert await ada.credits() == 0
    more = await refund(admin, payment)
    assert (more.status_code, more.json()["code"]) == (409, "refund_too_large")
    assert await compare_database(ada.services.engine) == []


async def test_audited_with_name_and_sealed_reason(ada: Buyer, admin: Buyer) -> None:
    payment = await ada.buys()
    await refund(admin, payment, "900")
    async with ada.services.engine.connect() as db:
        query = text("SELECT actor, subject, detail FROM app.audit_event WHERE action = 'payment.refund'")
        (row,) = (await db.execute(query)).all()
        said = await db.scalar(text("SELECT text FROM app.remark WHERE user_id = :id"), {"id": ada.id})
    assert (row.actor, row.subject) == (f"user:{admin.id}", f"payment:{payment}")
    assert (row.detail["amount"], row.detail["currency"], said) == ("900", "eur", WHY)
    assert row.detail["reason"].startswith("sealed:")


@pytest.mark.parametrize("faults", [[500, 500, 500], ["lost"] * 3, ["late_500"] * 3, [429]])
async def test_stripe_fails__the_same_key_refunds_once(
    ada: Buyer, admin: Buyer, stripe_server: StripeServer, faults: list[Any]
) -> None:
    payment = await ada.buys()
    stripe_server.faults.next = list(faults)
    failed = await refund(admin, payment, "300", "wish")
    assert (failed.status_code, failed.json()["code"]) == (503, "stripe_unavailable")
    again = [await refund(admin, payment, "300", "wish") for _ in range(3)]
    assert {one.status_code for one in again} == {201}
    assert len({one.json()["stripe_id"] for one in again}) == 1
    assert [one["amount"] for one in stripe_server.account.all("refund")] == [300]
    await work(ada.services)
    assert await ada.credits() == 66
    assert (
        await value(ada.services, "SELECT count(*) FROM app.audit_event WHERE action = 'payment.refund'") == 1
    )


async def test_the_same_key_for_another_refund__refused(ada: Buyer, admin: Buyer) -> None:
    payment, other = await ada.buys(), await ada.buys()
    assert (await refund(admin, payment, "300", "wish")).status_code == 201
    for answer in (await refund(admin, payment, "301", "wish"), await refund(admin, other, "300", "wish")):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_stripe_refuses__409_with_its_reason(
    ada: Buyer, admin: Buyer, stripe_server: StripeServer
) -> None:
    payment = await ada.buys()
    made = stripe_server.account.dispute(payment, 900)
    stripe_server.account.close_dispute(made["id"], "lost")
    answer = await refund(admin, payment)
    assert (answer.status_code, answer.json()["code"]) == (409, "refund_refused")
    assert "has been charged back" in answer.json()["detail"]


async def test_credits_were_spent__owed(ada: Buyer, admin: Buyer) -> None:
    payment = await ada.buys()
    await ada.spends(80)
    await refund(admin, payment)
    await admin.hears()
    (shown,) = (await admin.does("GET", f"/admin/users/{ada.id}/payments"))["items"]
    assert (shown["refunded"], shown["due"], shown["owed"]) == ("900", "0", "80")
    assert await ada.credits() == 0


async def test_not_an_administrator_or_not_stepped_up__refused(ada: Buyer, admin: Buyer) -> None:
    payment = await ada.buys()
    assert (await refund(ada, payment)).json()["code"] == "role_missing"
    async with ada.services.engine.begin() as db:
        await db.execute(
            text(
                "UPDATE app.session SET stepped_up_at = now() - interval '1 hour' WHERE stepped_up_at IS NOT NULL"
            )
        )
    assert (await refund(admin, payment)).json()["code"] == "step_up_required"


@pytest.mark.parametrize("body", [{"amount": "0"}, {"amount": "-5"}, {"amount": "1.5"}, {"reason": "x"}])
async def test_malformed__422(ada: Buyer, admin: Buyer, body: dict[str, Any]) -> None:
    assert (await refund(admin, "pi_1", **body)).status_code == 422


async def test_unknown_payment__404(ada: Buyer, admin: Buyer) -> None:
    answer = await refund(admin, "pi_nobodys")
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")


async def test_of_an_erased_account__money_goes_back_all_the_same(
    ada: Buyer, admin: Buyer, stripe_server: StripeServer
) -> None:
    payment = await ada.buys()
    await ada.spends(100)
    async with ada.services.engine.begin() as db:
        await db.execute(text('DELETE FROM app."user" WHERE id = :id'), {"id": ada.id})
    assert (await refund(admin, payment)).status_code == 201
    await admin.hears()
    assert [one["amount"] for one in stripe_server.account.all("refund")] == [900]
