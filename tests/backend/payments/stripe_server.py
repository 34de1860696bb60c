"""A stand-in for Stripe's API and webhooks: the shapes of PaymentIntent, Charge and Dispute, and their failures.

https://docs.stripe.com/api/payment_intents/object, …/charges/object, …/disputes/object, and
https://docs.stripe.com/webhooks#verify-manually for signatures.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from aiohttp import web

SECRET_KEY = "sk_test_stand_in"
WEBHOOK_SECRET = "whsec_stand_in"
_numbers = count(1)


@dataclass
class Purchase:
    """A payment of `amount` (smallest unit) for `credits`."""

    id: str
    amount: int
    metadata: dict[str, str]
    captured: int = 0
    refunded: int = 0
    disputes: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Any]:
        charge = {
            "id": self.id.replace("pi", "ch"),
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.captured,
            "amount_refunded": self.refunded,
            "disputed": bool(self.disputes),
            "payment_intent": self.id,
        }
        return {
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "currency": "eur",
            "metadata": self.metadata,
            "latest_charge": charge if self.captured else None,
        }


class StripeServer:
    """Serves its purchases. `failures`: statuses to answer with first; `hold`: while set, answers wait."""

    def __init__(self) -> None:
        self.purchases: dict[str, Purchase] = {}
        self.failures: list[int] = []
        self.hold: asyncio.Event | None = None
        self.waiting = asyncio.Event()
        self.requests = 0

    def sell(self, user_id: UUID, bought: int = 100, amount: int = 5000) -> Purchase:
        """A payment that was begun for a user and not paid yet."""
        number = f"pi_{next(_numbers):06}"
        self.purchases[number] = Purchase(number, amount, {"user_id": str(user_id), "credits": str(bought)})
        return self.purchases[number]

    async def __aenter__(self) -> StripeServer:
        application = web.Application()
        application.router.add_get("/v1/payment_intents/{id}", self._intent)
        application.router.add_get("/v1/disputes", self._disputes)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _intent(self, request: web.Request) -> web.Response:
        self.requests += 1
        found = self.purchases.get(request.match_info["id"])
        answer = None if found is None else json.dumps(found.json)
        if self.hold is not None:
            self.waiting.set()
            await self.hold.wait()
        if self.failures:
            return _error(self.failures.pop(0), "api_error", "try again")
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return _error(401, "invalid_request_error", "Invalid API Key provided")
        if answer is None:
            return _error(404, "invalid_request_error", "No such payment_intent")
        return web.Response(text=answer, content_type="application/json")

    async def _disputes(self, request: web.Request) -> web.Response:
        purchase = self.purchases[request.query["payment_intent"]]
        data = [
            {
                "id": name,
                "object": "dispute",
                "amount": amount,
                "status": status,
                "payment_intent": purchase.id,
            }
            for name, (amount, status) in purchase.disputes.items()
        ]
        return web.json_response({"object": "list", "data": data, "has_more": False, "url": "/v1/disputes"})


def _error(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"error": {"type": kind, "message": message}}, status=status)


def event(purchase: Purchase, kind: str = "charge.updated", number: str | None = None) -> bytes:
    """A webhook's body about a purchase."""
    about = {"id": purchase.id.replace("pi", "ch"), "object": "charge", "payment_intent": purchase.id}
    if kind.startswith("payment_intent."):
        about = purchase.json
    elif kind.startswith("charge.dispute."):
        about = {"id": "dp_1", "object": "dispute", "payment_intent": purchase.id}
    name = number or f"evt_{next(_numbers):06}"
    return json.dumps({"id": name, "object": "event", "type": kind, "data": {"object": about}}).encode()


def signature(body: bytes, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """The Stripe-Signature header for a body."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"
