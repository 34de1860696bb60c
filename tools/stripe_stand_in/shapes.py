"""How Stripe's objects look, with the fields that somebody may read. Times are Unix seconds, amounts cents."""

import secrets
from typing import Any

Object = dict[str, Any]
PREFIXES = {
    "customer": "cus",
    "checkout.session": "cs_test",
    "payment_intent": "pi",
    "charge": "ch",
    "refund": "re",
    "dispute": "du",
    "product": "prod",
    "price": "price",
    "subscription": "sub",
    "subscription_item": "si",
    "invoice": "in",
    "invoice_payment": "inpay",
    "billing_portal.session": "bps",
    "event": "evt",
}


def new(kind: str, now: int, **fields: Any) -> Object:
    """An object of a kind with an id of its own."""
    name = f"{PREFIXES[kind]}_{secrets.token_hex(12)}"
    return {"id": name, "object": kind, "created": now, "livemode": False, "metadata": {}, **fields}


def customer(now: int, email: str | None, metadata: dict[str, str]) -> Object:
    return new("customer", now, email=email, metadata=metadata, delinquent=False, currency=None, balance=0)


def session(now: int, request: dict[str, Any], amount: int, currency: str) -> Object:
    """https://docs.stripe.com/api/checkout/sessions/object; what was asked for is kept under `_request`."""
    return new(
        "checkout.session",
        now,
        amount_subtotal=amount,
        amount_total=amount,
        cancel_url=request.get("cancel_url"),
        client_reference_id=request.get("client_reference_id"),
        currency=currency,
        customer=request.get("customer"),
        expires_at=now + 86_400,
        invoice=None,
        metadata=request.get("metadata", {}),
        mode=request["mode"],
        payment_intent=None,
        payment_method_types=["card"],
        payment_status="unpaid",
        status="open",
        subscription=None,
        success_url=request.get("success_url"),
        ui_mode="hosted",
        url=None,
        _request=request,
    )


def payment_intent(
    now: int, amount: int, currency: str, customer: str | None, metadata: dict[str, str]
) -> Object:
    return new(
        "payment_intent",
        now,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        capture_method="automatic",
        currency=currency,
        customer=customer,
        last_payment_error=None,
        latest_charge=None,
        metadata=metadata,
        payment_method_types=["card"],
        status="requires_payment_method",
    )


def charge(now: int, intent: Object) -> Object:
    """Nothing of it is captured yet."""
    return new(
        "charge",
        now,
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        disputed=False,
        paid=True,
        payment_intent=intent["id"],
        refunded=False,
        status="succeeded",
    )


def refund(now: int, charged: Object, amount: int, metadata: dict[str, str]) -> Object:
    return new(
        "refund",
        now,
        amount=amount,
        charge=charged["id"],
        currency=charged["currency"],
        metadata=metadata,
        payment_intent=charged["payment_intent"],
        reason="requested_by_customer",
        status="succeeded",
    )


def dispute(now: int, charged: Object, amount: int) -> Object:
    return new(
        "dispute",
        now,
        amount=amount,
        charge=charged["id"],
        currency=charged["currency"],
        payment_intent=charged["payment_intent"],
        reason="fraudulent",
        status="needs_response",
    )


def price(now: int, product: str, data: dict[str, Any]) -> Object:
    recurring = data.get("recurring")
    return new(
        "price",
        now,
        active=True,
        billing_scheme="per_unit",
        currency=data["currency"],
        product=product,
        recurring=None
        if recurring is None
        else {"interval": recurring["interval"], "interval_count": 1, "usage_type": "licensed"},
        type="one_time" if recurring is None else "recurring",
        unit_amount=int(data["unit_amount"]),
        unit_amount_decimal=str(int(data["unit_amount"])),
    )


def subscription(
    now: int, customer: str, priced: Object, period_end: int, metadata: dict[str, str]
) -> Object:
    """Periods are the items' since API version 2025-03-31."""
    made = new(
        "subscription",
        now,
        billing_cycle_anchor=now,
        cancel_at=None,
        cancel_at_period_end=False,
        canceled_at=None,
        collection_method="charge_automatically",
        currency=priced["currency"],
        customer=customer,
        ended_at=None,
        latest_invoice=None,
        metadata=metadata,
        start_date=now,
        status="active",
        trial_end=None,
    )
    item = new(
        "subscription_item",
        now,
        current_period_start=now,
        current_period_end=period_end,
        price=priced,
        quantity=1,
        subscription=made["id"],
    )
    made["items"] = {
        "object": "list",
        "data": [item],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={made['id']}",
    }
    return made


def invoice(
    now: int, number: int, customer: str, total: int, currency: str, about: str, subscription: Object | None
) -> Object:
    details = None
    if subscription is not None:
        details = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "subscription": subscription["id"],
                "metadata": subscription["metadata"],
            },
        }
    return new(
        "invoice",
        now,
        amount_due=total,
        amount_paid=0,
        amount_remaining=total,
        currency=currency,
        customer=customer,
        description=about,
        hosted_invoice_url=None,
        invoice_pdf=None,
        number=f"STANDIN-{number:04}",
        parent=details,
        status="open",
        subtotal=total,
        total=total,
    )


def invoice_payment(now: int, invoiced: Object, intent: Object) -> Object:
    return new(
        "invoice_payment",
        now,
        amount_paid=None,
        amount_requested=invoiced["total"],
        currency=invoiced["currency"],
        invoice=invoiced["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
    )


def event(now: int, version: str, kind: str, about: Object) -> Object:
    return {
        **new("event", now),
        "api_version": version,
        "data": {"object": about},
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
