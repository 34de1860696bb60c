"""The stand-in for Stripe (`tools.stripe_stand_in`) as tests use it: purchases without pages, webhooks by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response

from tools.stripe_stand_in import shapes
from tools.stripe_stand_in.account import public
from tools.stripe_stand_in.server import StandIn
from tools.stripe_stand_in.webhooks import sign

SECRET_KEY = "sk_test_stand_in"
WEBHOOK_SECRET = "whsec_stand_in"
URL = "/api/v1/payments/stripe"
NOT_OURS = ("won", "warning_closed")


@dataclass(frozen=True)
class Purchase:
    """A payment that was begun for credits."""

    server: StandIn
    id: str
    bought: int

    @property
    def intent(self) -> dict[str, Any]:
        return self.server.account.get("payment_intent", self.id)

    @property
    def amount(self) -> int:
        return int(self.intent["amount"])

    @property
    def charge(self) -> dict[str, Any]:
        name = self.intent["latest_charge"]
        nothing = {"amount_captured": 0, "amount_refunded": 0}
        return nothing if name is None else self.server.account.get("charge", name)

    @property
    def left(self) -> int:
        """Captured and not refunded."""
        return int(self.charge["amount_captured"] - self.charge["amount_refunded"])

    @property
    def disputes(self) -> list[dict[str, Any]]:
        return self.server.account.all("dispute", payment_intent=self.id)

    @property
    def due(self) -> int:
        """Credits for the money that is kept, by Stripe's objects alone."""
        gone = sum(one["amount"] for one in self.disputes if one["status"] not in NOT_OURS)
        return self.bought * max(0, self.left - gone) // self.amount

    def capture(self, amount: int | None = None) -> None:
        self.server.account.capture(self.intent, self.amount if amount is None else amount)

    def refund(self, amount: int | None = None) -> None:
        self.server.account.refund(self.id, amount)


class StripeServer(StandIn):
    """The stand-in; its events wait in `events`."""

    def __init__(self) -> None:
        super().__init__(SECRET_KEY)

    def sell(self, user_id: UUID, bought: int = 100, amount: int = 5000) -> Purchase:
        """A payment that was begun for a user and not paid yet."""
        metadata = {"user_id": str(user_id), "credits": str(bought)}
        made = self.account.keep(shapes.payment_intent(self.account.now, amount, "eur", None, metadata))
        return Purchase(self, made["id"], bought)

    def sold(self) -> Iterator[Purchase]:
        """Every payment that buys credits, those of checkouts too."""
        for one in self.account.all("payment_intent"):
            if "credits" in one["metadata"]:
                yield Purchase(self, one["id"], int(one["metadata"]["credits"]))

    def take_events(self) -> list[bytes]:
        """Bodies of the webhooks that were not taken yet."""
        taken, self.events = self.events, []
        return [json.dumps(one).encode() for one in taken]

    @property
    def requests(self) -> int:
        return self.faults.requests


def event(purchase: Purchase, kind: str = "charge.updated", number: str | None = None) -> bytes:
    """A webhook's body about a purchase, as old or new as one likes."""
    about = {"id": purchase.id.replace("pi", "ch"), "object": "charge", "payment_intent": purchase.id}
    if kind.startswith("payment_intent."):
        about = public(purchase.intent)
    elif kind.startswith("charge.dispute."):
        about = {"id": "dp_1", "object": "dispute", "payment_intent": purchase.id}
    made = shapes.event(1_700_000_000, "2020-08-27", kind, about)
    return json.dumps(made | ({"id": number} if number else {})).encode()


def signature(body: bytes, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """The Stripe-Signature header for a body."""
    return sign(body, secret, at)


async def tell(client: AsyncClient, body: bytes, header: str | None = None) -> Response:
    return await client.post(
        URL, content=body, headers={"Stripe-Signature": signature(body) if header is None else header}
    )
