"""Stripe's API over HTTP: authentication, forms, idempotency keys, expansion, lists."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tools.stripe_stand_in import forms, shapes
from tools.stripe_stand_in.account import Account, public
from tools.stripe_stand_in.faults import Faults
from tools.stripe_stand_in.refusal import Refusal
from tools.stripe_stand_in.shapes import Object

Params = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Kept:
    """What a request with an idempotency key was, and was answered."""

    request: tuple[str, str, str]
    status: int
    body: str


class Api:
    """Routes below /v1."""

    def __init__(self, account: Account, faults: Faults, secret_key: str) -> None:
        self._account = account
        self._faults = faults
        self._secret_key = secret_key
        self._kept: dict[str, Kept] = {}

    def add_to(self, app: web.Application) -> None:
        for method, path, act in (
            ("POST", "/v1/customers", self._make_customer),
            ("GET", "/v1/customers/{id}", self._get("customer")),
            ("DELETE", "/v1/customers/{id}", lambda p, i: self._account.delete_customer(i)),
            ("POST", "/v1/checkout/sessions", lambda p, i: self._account.begin_session(p)),
            ("GET", "/v1/checkout/sessions/{id}", lambda p, i: self._account.session(i)),
            ("POST", "/v1/checkout/sessions/{id}/expire", lambda p, i: self._account.expire(i)),
            ("GET", "/v1/payment_intents/{id}", self._get("payment_intent")),
            ("GET", "/v1/charges/{id}", self._get("charge")),
            ("POST", "/v1/refunds", self._refund),
            ("GET", "/v1/refunds", self._list("refund", "payment_intent", "charge")),
            ("GET", "/v1/refunds/{id}", self._get("refund")),
            ("GET", "/v1/disputes", self._list("dispute", "payment_intent", "charge")),
            ("GET", "/v1/disputes/{id}", self._get("dispute")),
            ("GET", "/v1/subscriptions", self._list("subscription", "customer")),
            ("GET", "/v1/subscriptions/{id}", self._get("subscription")),
            ("POST", "/v1/subscriptions/{id}", lambda p, i: self._account.change_subscription(i, p)),
            ("DELETE", "/v1/subscriptions/{id}", lambda p, i: self._account.cancel(i)),
            ("GET", "/v1/invoices", self._list("invoice", "customer", "status")),
            ("GET", "/v1/invoices/{id}", self._get("invoice")),
            ("GET", "/v1/invoice_payments", self._invoice_payments),
            ("GET", "/v1/products/{id}", self._get("product")),
            ("GET", "/v1/prices/{id}", self._get("price")),
            ("POST", "/v1/billing_portal/sessions", self._open_portal),
        ):
            app.router.add_route(method, path, self._handler(act))
        app.router.add_route("*", "/v1/{rest:.*}", self._handler(self._unknown))

    def _handler(self, act: Callable[[Params, str], Object]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._faults.requests += 1
            fault = self._faults.take()
            if fault == "hang":
                await asyncio.Event().wait()
            if isinstance(fault, int):
                return _injected(fault)
            try:
                status, body, replayed = await self._once(request, act)
            except Refusal as refused:
                status, body, replayed = refused.status, json.dumps(refused.body), False
            if self._faults.hold is not None:
                self._faults.waiting.set()
                await self._faults.hold.wait()
            if fault == "lost" and request.transport is not None:
                request.transport.abort()
            if fault == "late_500":
                return _injected(500)
            headers = {"Idempotent-Replayed": "true"} if replayed else {}
            return web.Response(status=status, text=body, content_type="application/json", headers=headers)

        return handle

    async def _once(
        self, request: web.Request, act: Callable[[Params, str], Object]
    ) -> tuple[int, str, bool]:
        """https://docs.stripe.com/api/idempotent_requests: the first answer again, errors of the work included."""
        if request.headers.get("Authorization") != f"Bearer {self._secret_key}":
            raise Refusal("Invalid API Key provided: sk_test_****", status=401)
        sent = parse_qsl(await request.text(), keep_blank_values=True)
        params = forms.parse([*request.query.items(), *sent])
        name = request.match_info.get("id", "")
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return 200, self._run(act, params, name), False
        asked = (request.method, request.path, json.dumps(params, sort_keys=True))
        known = self._kept.get(key)
        if known is not None and known.request != asked:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with.",
                kind="idempotency_error",
            )
        if known is not None:
            return known.status, known.body, True
        try:
            status, body = 200, self._run(act, params, name)
        except Refusal as refused:
            status, body = refused.status, json.dumps(refused.body)
        self._kept[key] = Kept(asked, status, body)
        return status, body, False

    def _run(self, act: Callable[[Params, str], Object], params: Params, name: str) -> str:
        found = public(act(params, name))
        for field in params.get("expand", []):
            named = found.get(field)
            if isinstance(named, str):
                found[field] = public(self._account.objects[named])
        self._account.save()
        return json.dumps(found)

    # Operations that need more than an id

    def _get(self, kind: str) -> Callable[[Params, str], Object]:
        return lambda _params, name: self._account.get(kind, name)

    def _list(self, kind: str, *filters: str) -> Callable[[Params, str], Object]:
        def act(params: Params, _name: str) -> Object:
            wanted = {name: params[name] for name in filters if name in params}
            return self._page(params, self._account.all(kind, **wanted), f"/v1/{kind}s")

        return act

    def _page(self, params: Params, found: list[Object], url: str) -> Object:
        after = params.get("starting_after")
        if after is not None:
            names = [one["id"] for one in found]
            if after not in names:
                raise Refusal(f"No such object: '{after}'", code="resource_missing")
            found = found[names.index(after) + 1 :]
        limit = int(params.get("limit", 10))
        data = [public(one) for one in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}

    def _make_customer(self, params: Params, _name: str) -> Object:
        return self._account.make_customer(params.get("email"), params.get("metadata", {}))

    def _refund(self, params: Params, _name: str) -> Object:
        amount = params.get("amount")
        return self._account.refund(
            params.get("payment_intent", ""),
            None if amount is None else int(amount),
            params.get("metadata", {}),
        )

    def _invoice_payments(self, params: Params, _name: str) -> Object:
        asked = params.get("payment", {}).get("payment_intent")
        found = [
            one
            for one in self._account.all("invoice_payment")
            if asked in (None, one["payment"]["payment_intent"])
        ]
        return self._page(params, found, "/v1/invoice_payments")

    def _open_portal(self, params: Params, _name: str) -> Object:
        customer = self._account.customer(params.get("customer", ""))
        made = shapes.new(
            "billing_portal.session",
            self._account.now,
            customer=customer["id"],
            return_url=params.get("return_url"),
        )
        made["url"] = f"{self._account.base_url}/portal/{made['id']}"
        return self._account.keep(made)

    def _unknown(self, _params: Params, _name: str) -> Object:
        raise Refusal("Unrecognized request URL.", status=404)


def _injected(status: int) -> web.Response:
    if status == 429:
        why = Refusal("Too many requests hit the API too quickly.", status=429, code="rate_limit")
    else:
        why = Refusal("An error occurred on our end.", status=status, kind="api_error")
    return web.json_response(why.body, status=why.status)
