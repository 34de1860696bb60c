"""What happens in a Stripe account: objects that change, and an event for each change."""

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import stripe

from tools.stripe_stand_in import shapes
from tools.stripe_stand_in.refusal import Refusal, missing
from tools.stripe_stand_in.shapes import Object

DAY = 86_400
PERIODS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}
ENDED = ("canceled", "incomplete_expired")


class Account:
    """All objects by id. `tell` is called with each event; `file` keeps the objects between runs."""

    def __init__(
        self,
        tell: Callable[[Object], None],
        clock: Callable[[], float] = time.time,
        file: Path | None = None,
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._file = file
        self.base_url = ""
        self.objects: dict[str, Object] = {}
        if file is not None and file.exists():
            self.objects = json.loads(file.read_text())

    @property
    def now(self) -> int:
        return int(self._clock())

    # Reading

    def get(self, kind: str, name: str) -> Object:
        """Raises Refusal where nothing has this id."""
        found = self.objects.get(name)
        if found is None or found["object"] != kind:
            raise missing(kind, name)
        return found

    def all(self, kind: str, **fields: Any) -> list[Object]:
        """Objects of a kind with these values, newest first."""
        found = [one for one in self.objects.values() if one["object"] == kind]
        chosen = [one for one in found if all(one.get(name) == value for name, value in fields.items())]
        return chosen[::-1]

    # Customers

    def make_customer(self, email: str | None, metadata: dict[str, str]) -> Object:
        made = self.keep(shapes.customer(self.now, email, metadata))
        self.emit("customer.created", made)
        return made

    def delete_customer(self, name: str) -> Object:
        """Its subscriptions end at once; invoices and payments stay."""
        gone = self.customer(name)
        for running in self.all("subscription", customer=name):
            if running["status"] not in ENDED:
                self.cancel(running["id"])
        gone.clear()
        gone.update({"id": name, "object": "customer", "deleted": True})
        self.emit("customer.deleted", gone)
        return gone

    def customer(self, name: str) -> Object:
        """Raises Refusal for one that is deleted, too."""
        found = self.get("customer", name)
        if found.get("deleted"):
            raise missing("customer", name)
        return found

    # Checkout

    def begin_session(self, request: dict[str, Any]) -> Object:
        """https://docs.stripe.com/api/checkout/sessions/create"""
        if request.get("mode") not in ("payment", "subscription"):
            raise Refusal(
                "Invalid mode: must be one of payment, setup, or subscription", code="parameter_invalid"
            )
        for required in ("line_items", "success_url"):
            if not request.get(required):
                raise Refusal(f"Missing required param: {required}.", code="parameter_missing")
        if request.get("customer"):
            self.customer(request["customer"])
        (line,) = request["line_items"]
        priced = line["price_data"]
        amount = int(priced["unit_amount"]) * int(line.get("quantity", 1))
        if amount < 50:
            raise Refusal("Amount must be at least 50 cents", code="amount_too_small")
        if (request["mode"] == "subscription") != ("recurring" in priced):
            raise Refusal("A subscription needs recurring prices, a payment none.", code="parameter_invalid")
        made = shapes.session(self.now, request, amount, priced["currency"])
        made["url"] = f"{self.base_url}/pay/{made['id']}"
        return self.keep(made)

    def session(self, name: str) -> Object:
        """Expired when its time is over."""
        found = self.get("checkout.session", name)
        if found["status"] == "open" and found["expires_at"] <= self.now:
            self.expire(name)
        return found

    def expire(self, name: str) -> Object:
        found = self.get("checkout.session", name)
        if found["status"] != "open":
            raise Refusal('Only Checkout Sessions with a status in ["open"] can be expired.')
        found.update(status="expired", url=None)
        self.emit("checkout.session.expired", found)
        return found

    def pay(self, name: str, card: str = "ok") -> Object:
        """Somebody pays on the page; `card`: ok, declined, or delayed (a debit that `clear` decides)."""
        found = self.session(name)
        if found["status"] != "open":
            raise Refusal("This Checkout Session is not open any more.")
        if found["mode"] == "subscription":
            return self._subscribe(found, card)
        return self._purchase(found, card)

    def clear(self, intent_id: str, arrives: bool) -> None:
        """A delayed payment arrives, or does not."""
        intent = self.get("payment_intent", intent_id)
        if arrives:
            self.capture(intent, intent["amount"])
        else:
            self._decline(intent)
        for found in self.all("checkout.session", payment_intent=intent_id):
            found["payment_status"] = "paid" if arrives else "unpaid"
            ending = "succeeded" if arrives else "failed"
            self.emit(f"checkout.session.async_payment_{ending}", found)
            if arrives:
                self._invoice_purchase(found, intent)

    def _purchase(self, found: Object, card: str) -> Object:
        request = found["_request"]
        metadata = request.get("payment_intent_data", {}).get("metadata", {})
        name = found["payment_intent"]
        intent = self.get("payment_intent", name) if name else None
        if intent is None:
            made = shapes.payment_intent(
                self.now, found["amount_total"], found["currency"], found["customer"], metadata
            )
            intent = self.keep(made)
            found["payment_intent"] = intent["id"]
            self.emit("payment_intent.created", intent)
        if card == "declined":
            self._decline(intent)
            return found
        found.update(status="complete", url=None)
        if card == "delayed":
            intent["status"] = "processing"
            self.emit("payment_intent.processing", intent)
        else:
            self.capture(intent, intent["amount"])
            found["payment_status"] = "paid"
            self._invoice_purchase(found, intent)
        self.emit("checkout.session.completed", found)
        return found

    def _invoice_purchase(self, found: Object, intent: Object) -> None:
        if found["_request"].get("invoice_creation", {}).get("enabled") != "true":
            return
        about = found["_request"]["line_items"][0]["price_data"]["product_data"]["name"]
        made = self._invoice(found["customer"], intent["amount"], intent["currency"], about, None)
        found["invoice"] = made["id"]
        self._pay_invoice(made, intent)

    # Payments

    def capture(self, intent: Object, amount: int) -> None:
        """Money arrives: all of it, or a first part of what a manual capture takes."""
        if intent["latest_charge"] is None:
            made = self.keep(shapes.charge(self.now, intent))
            intent["latest_charge"] = made["id"]
        charged = self.get("charge", intent["latest_charge"])
        charged.update(amount_captured=charged["amount_captured"] + amount, captured=True)
        intent.update(status="succeeded", amount_received=charged["amount_captured"], last_payment_error=None)
        self.emit("payment_intent.succeeded", intent)
        self.emit("charge.succeeded", charged)

    def _decline(self, intent: Object) -> None:
        why = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        intent.update(status="requires_payment_method", last_payment_error=why)
        self.emit("payment_intent.payment_failed", intent)

    def refund(self, intent_id: str, amount: int | None, metadata: dict[str, str] | None = None) -> Object:
        """https://docs.stripe.com/api/refunds/create"""
        intent = self.get("payment_intent", intent_id)
        if intent["latest_charge"] is None:
            raise Refusal(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
        charged = self.get("charge", intent["latest_charge"])
        left = charged["amount_captured"] - charged["amount_refunded"]
        if left == 0:
            raise Refusal(
                f"Charge {charged['id']} has already been refunded.", code="charge_already_refunded"
            )
        if any(one["status"] == "lost" for one in self.all("dispute", charge=charged["id"])):
            raise Refusal(f"Charge {charged['id']} has been charged back.", code="charge_disputed")
        wanted = left if amount is None else amount
        if not 0 < wanted <= left:
            raise Refusal(
                f"Refund amount ({wanted}) is greater than unrefunded amount on charge ({left})",
                code="amount_too_large",
            )
        made = self.keep(shapes.refund(self.now, charged, wanted, metadata or {}))
        charged["amount_refunded"] += wanted
        charged["refunded"] = charged["amount_refunded"] == charged["amount_captured"]
        self.emit("refund.created", made)
        self.emit("charge.refunded", charged)
        return made

    def dispute(self, intent_id: str, amount: int) -> Object:
        """The cardholder's bank takes money back while it looks."""
        charged = self.get("charge", self.get("payment_intent", intent_id)["latest_charge"])
        made = self.keep(shapes.dispute(self.now, charged, amount))
        charged["disputed"] = True
        self.emit("charge.dispute.created", made)
        return made

    def close_dispute(self, name: str, status: str) -> None:
        """`won`, `lost`, `under_review` or `warning_closed`."""
        found = self.get("dispute", name)
        found["status"] = status
        self.emit("charge.dispute.closed", found)

    # Subscriptions

    def _subscribe(self, found: Object, card: str) -> Object:
        if card == "declined":
            return found
        request = found["_request"]
        data = request["line_items"][0]["price_data"]
        product = self.keep(
            shapes.new(
                "product",
                self.now,
                active=True,
                name=data["product_data"]["name"],
                metadata=data["product_data"].get("metadata", {}),
            )
        )
        priced = self.keep(shapes.price(self.now, product["id"], data))
        period_end = self.now + PERIODS[data["recurring"]["interval"]]
        metadata = request.get("subscription_data", {}).get("metadata", {})
        made = self.keep(shapes.subscription(self.now, found["customer"], priced, period_end, metadata))
        found.update(status="complete", payment_status="paid", subscription=made["id"], url=None)
        self.emit("customer.subscription.created", made)
        self._bill(made, priced["unit_amount"], arrives=True)
        found["invoice"] = made["latest_invoice"]
        self.emit("checkout.session.completed", found)
        return found

    def renew(self, name: str, arrives: bool = True) -> None:
        """The period is over: it ends as wished, or is billed again. What fails twice is cancelled."""
        found = self.get("subscription", name)
        if found["status"] in ENDED:
            raise Refusal(f"Subscription {name} has ended.")
        item = found["items"]["data"][0]
        if found["cancel_at_period_end"]:
            self.cancel(name)
            return
        if not arrives and found["status"] == "past_due":
            self.cancel(name)
            return
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += PERIODS[item["price"]["recurring"]["interval"]]
        self._bill(found, item["price"]["unit_amount"], arrives)
        found["status"] = "active" if arrives else "past_due"
        self.emit("customer.subscription.updated", found)

    def cancel(self, name: str) -> Object:
        """At once."""
        found = self.get("subscription", name)
        if found["status"] in ENDED:
            raise missing("subscription", name)
        found.update(status="canceled", canceled_at=self.now, ended_at=self.now)
        self.emit("customer.subscription.deleted", found)
        return found

    def change_subscription(self, name: str, request: dict[str, Any]) -> Object:
        """https://docs.stripe.com/api/subscriptions/update; a new price is billed at once, by the whole cent left."""
        found = self.get("subscription", name)
        if found["status"] in ENDED:
            raise Refusal("A canceled subscription can only update its cancellation_details and metadata.")
        if "cancel_at_period_end" in request:
            wanted = request["cancel_at_period_end"] == "true"
            end = found["items"]["data"][0]["current_period_end"]
            found.update(cancel_at_period_end=wanted, cancel_at=end if wanted else None)
        for change in request.get("items", []):
            self._change_price(found, change)
        self.emit("customer.subscription.updated", found)
        return found

    def _change_price(self, found: Object, change: dict[str, Any]) -> None:
        item = found["items"]["data"][0]
        if change.get("id") != item["id"]:
            raise missing("subscription_item", str(change.get("id")))
        old = item["price"]
        data = change["price_data"]
        item["price"] = self.keep(shapes.price(self.now, self.get("product", data["product"])["id"], data))
        span = item["current_period_end"] - item["current_period_start"]
        unused = old["unit_amount"] * max(0, item["current_period_end"] - self.now) // max(1, span)
        item["current_period_start"] = self.now
        item["current_period_end"] = self.now + PERIODS[data["recurring"]["interval"]]
        self._bill(found, max(0, item["price"]["unit_amount"] - unused), arrives=True)

    # Invoices

    def _bill(self, found: Object, amount: int, arrives: bool) -> None:
        made = self._invoice(found["customer"], amount, found["currency"], "Subscription", found)
        found["latest_invoice"] = made["id"]
        intent = self.keep(shapes.payment_intent(self.now, amount, found["currency"], found["customer"], {}))
        if arrives:
            self.capture(intent, amount)
            self._pay_invoice(made, intent)
        else:
            self.keep(shapes.invoice_payment(self.now, made, intent))
            self._decline(intent)
            self.emit("invoice.payment_failed", made)

    def _invoice(
        self, customer: str, amount: int, currency: str, about: str, subscription: Object | None
    ) -> Object:
        number = len(self.all("invoice")) + 1
        made = shapes.invoice(self.now, number, customer, amount, currency, about, subscription)
        page = f"{self.base_url}/invoices/{made['id']}"
        made.update(hosted_invoice_url=page, invoice_pdf=f"{page}/pdf")
        return self.keep(made)

    def _pay_invoice(self, made: Object, intent: Object) -> None:
        made.update(status="paid", amount_paid=made["total"], amount_remaining=0)
        paid = self.keep(shapes.invoice_payment(self.now, made, intent))
        paid.update(status="paid", amount_paid=made["total"])
        self.emit("invoice_payment.paid", paid)
        self.emit("invoice.paid", made)

    # Keeping and telling

    def keep(self, made: Object) -> Object:
        self.objects[made["id"]] = made
        return made

    def emit(self, kind: str, about: Object) -> None:
        """Tell of a change, with the object as it is now."""
        self._tell(shapes.event(self.now, stripe.api_version, kind, public(about)))
        self.save()

    def save(self) -> None:
        """Write the objects to the file, whole or not at all."""
        if self._file is not None:
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps(self.objects))
            draft.replace(self._file)


def public(found: Object) -> Object:
    """A copy without what is only this program's."""
    return {name: copy.deepcopy(value) for name, value in found.items() if not name.startswith("_")}
