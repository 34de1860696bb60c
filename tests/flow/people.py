"""Who sits before the browser: nobody in particular, somebody of the story, or the owner of a browser wallet."""

import re
from functools import cache
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.flow.system import System
from tests.flow.wallet import FlowWallet
from tools.story.faces import Api

SIGNED_IN = (
    "localStorage.setItem('tombola.signed-in', '1'); localStorage.setItem('tombola.signer', 'custodial')"
)


def new_context(browser: Browser, system: System, **options: Any) -> BrowserContext:
    """A browser without cookies, storage and wallet."""
    viewport = {"width": 1280, "height": 860}
    context = browser.new_context(**{"base_url": system.url, "viewport": viewport, **options})
    context.set_default_timeout(20_000)
    return context


ADMINISTRATOR = {"email": "ada@tombola.example", "password": "a long enough pass phrase"}


@cache
def administrator(system: System) -> dict[str, str]:
    """Somebody beside the story, whom an operator made an administrator."""
    Api(system.url).register(ADMINISTRATOR["email"], ADMINISTRATOR["password"])
    system.give_role(ADMINISTRATOR["email"], "admin")
    return ADMINISTRATOR


def log_in_of(system: System, name: str) -> dict[str, str]:
    """E-mail address and password of somebody of the story, or of `ada`, the administrator."""
    return administrator(system) if name == "ada" else system.people[name]


def arrive(context: BrowserContext, system: System, who: str) -> FlowWallet | None:
    """Make the context that person's: `nobody`, a name of the story's demo log-ins, `ada` or `wallet`."""
    if who == "wallet":
        wallet = FlowWallet(system.rpc_url, system.w3.eth.accounts[3])
        wallet.install(context)
        return wallet
    if who != "nobody":
        person = log_in_of(system, who)
        body = {"email": person["email"], "password": person["password"]}
        answer = context.request.post("/api/v1/sessions", data=body, headers={"origin": system.url})
        assert answer.ok, answer.text()
        if who == "ada":
            proof = {"method": "password", "password": person["password"]}
            answer = context.request.post("/api/v1/step-up", data=proof, headers={"origin": system.url})
            assert answer.ok, answer.text()
        context.add_init_script(SIGNED_IN)
    return None


def connect(page: Page) -> None:
    """Choose the browser wallet, as a person does who has not done so before."""
    connected = page.get_by_role("button", name=re.compile("Browser wallet 0x"))
    choose = page.get_by_role("button", name="Connect wallet")
    expect(connected.or_(choose)).to_be_visible()
    # A wallet that was connected before comes back by itself, a moment after the page.
    known = page.evaluate("localStorage.getItem('tombola.wagmi.recentConnectorId') !== null")
    if not known:
        choose.click()
        page.get_by_role("button", name="Flow Wallet").click()
    expect(connected).to_be_visible()


def sign_in(page: Page, system: System, name: str) -> None:
    """Sign in by the form, as a person does."""
    person = log_in_of(system, name)
    page.goto("/account")
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Your Tombola wallet", exact=True)).to_be_visible()
