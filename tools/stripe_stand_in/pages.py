"""Pages that Stripe would host: paying, the customer's portal, invoices. A person says how the bank decides."""

import asyncio
from html import escape

import typst
from aiohttp import web

from tools.stripe_stand_in.account import ENDED, Account
from tools.stripe_stand_in.refusal import Refusal
from tools.stripe_stand_in.shapes import Object

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem;color:#222}
form{display:inline}button{font:inherit;padding:.5rem 1rem;margin:.25rem .25rem .25rem 0}
small{color:#666}li{margin:.5rem 0}
"""


class Pages:
    """Routes of people."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/pay/{id}", self._show_pay)
        app.router.add_post("/pay/{id}", self._pay)
        app.router.add_get("/portal/{id}", self._show_portal)
        app.router.add_post("/portal/{id}", self._act_in_portal)
        app.router.add_get("/invoices/{id}", self._show_invoice)
        app.router.add_get("/invoices/{id}/pdf", self._invoice_pdf)

    async def _show_pay(self, request: web.Request) -> web.Response:
        found = self._found("checkout.session", request)
        if found["status"] != "open":
            return _page("This checkout is over", "")
        told = (
            "<p><strong>The card was declined.</strong> Try again.</p>" if "declined" in request.query else ""
        )
        (line,) = found["_request"]["line_items"]
        name = escape(line["price_data"]["product_data"]["name"])
        each = line["price_data"].get("recurring", {}).get("interval")
        body = f"""
            <p>{name}: <strong>{_money(found)}</strong>{f" each {escape(each)}" if each else ""}</p>{told}
            <form method="post">
            <button name="card" value="ok">Pay with a card that works</button>
            <button name="card" value="declined">Pay with a card that is declined</button>
            <button name="card" value="delayed">Pay by a debit that takes a while</button>
            <button name="card" value="back">Back to the shop</button></form>"""
        return _page("Pay", body)

    async def _pay(self, request: web.Request) -> web.Response:
        found = self._found("checkout.session", request)
        card = str((await request.post()).get("card", ""))
        if card not in ("ok", "declined", "delayed"):
            raise web.HTTPSeeOther(found["cancel_url"] or found["success_url"])
        try:
            paid = self._account.pay(found["id"], card)
        except Refusal as refused:
            raise web.HTTPConflict(text=str(refused)) from None
        if paid["status"] == "open":
            raise web.HTTPSeeOther(f"/pay/{found['id']}?declined")
        if card == "delayed":
            asyncio.get_running_loop().call_later(10, self._account.clear, paid["payment_intent"], True)
        raise web.HTTPSeeOther(paid["success_url"].replace("{CHECKOUT_SESSION_ID}", found["id"]))

    async def _show_portal(self, request: web.Request) -> web.Response:
        session = self._found("billing_portal.session", request)
        customer = session["customer"]
        rows = [_running(one) for one in self._account.all("subscription", customer=customer)]
        invoices = [
            f'<li><a href="/invoices/{one["id"]}">{escape(one["number"])}</a> {_money(one)} {escape(one["status"])}</li>'
            for one in self._account.all("invoice", customer=customer)
        ]
        back = f'<p><a href="{escape(session["return_url"] or "/", quote=True)}">Back</a></p>'
        return _page("Your account", f"<ul>{''.join(rows)}</ul><ul>{''.join(invoices)}</ul>{back}")

    async def _act_in_portal(self, request: web.Request) -> web.Response:
        session = self._found("billing_portal.session", request)
        form = await request.post()
        name, act = str(form.get("subscription", "")), str(form.get("act", ""))
        mine = [one["id"] for one in self._account.all("subscription", customer=session["customer"])]
        if name not in mine:
            raise web.HTTPNotFound
        try:
            if act in ("end", "go_on"):
                wanted = {"cancel_at_period_end": "true" if act == "end" else "false"}
                self._account.change_subscription(name, wanted)
            elif act in ("renew", "fail"):
                self._account.renew(name, arrives=act == "renew")
        except Refusal as refused:
            raise web.HTTPConflict(text=str(refused)) from None
        raise web.HTTPSeeOther(request.path)

    async def _show_invoice(self, request: web.Request) -> web.Response:
        found = self._found("invoice", request)
        about = f"{escape(found['description'])}: {_money(found)}, {escape(found['status'])}"
        return _page(
            f"Invoice {found['number']}", f'<p>{about}</p><p><a href="{request.path}/pdf">PDF</a></p>'
        )

    async def _invoice_pdf(self, request: web.Request) -> web.Response:
        found = self._found("invoice", request)
        words = f"Invoice {found['number']}: {found['description']}, {_amount(found)}, {found['status']}"
        source = f"#text({_typst_text(words)})".encode()
        body = await asyncio.to_thread(typst.compile, source)
        return web.Response(body=body, content_type="application/pdf")

    def _found(self, kind: str, request: web.Request) -> Object:
        try:
            if kind == "checkout.session":
                return self._account.session(request.match_info["id"])
            return self._account.get(kind, request.match_info["id"])
        except Refusal as refused:
            raise web.HTTPNotFound(text=str(refused)) from None


def _running(one: Object) -> str:
    if one["status"] in ENDED:
        return f"<li>{escape(one['status'])}</li>"
    ending = ("go_on", "Go on after all") if one["cancel_at_period_end"] else ("end", "End with what is paid")
    acts = (
        ending,
        ("renew", "The period is over: it is paid"),
        ("fail", "The period is over: the card fails"),
    )
    buttons = "".join(f'<button name="act" value="{act}">{words}</button>' for act, words in acts)
    hidden = f'<input type="hidden" name="subscription" value="{one["id"]}">'
    return f'<li>{escape(one["status"])} <form method="post">{hidden}{buttons}</form></li>'


def _amount(found: Object) -> str:
    cents = int(found["amount_total"] if "amount_total" in found else found["total"])
    return f"{cents // 100}.{cents % 100:02} {found['currency'].upper()}"


def _money(found: Object) -> str:
    return escape(_amount(found))


def _typst_text(words: str) -> str:
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _page(title: str, body: str) -> web.Response:
    html = f"""<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}
        <p><small>A stand-in for Stripe on this machine: no card, no money.</small></p>"""
    return web.Response(text=html, content_type="text/html")
