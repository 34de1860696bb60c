"""How pages come: their code and data together, and without a connection from what was kept of earlier visits."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.flow.scenes import SCENES, settle
from tests.flow.system import System
from tests.support.waiting import wait_until

RETRIES = 30_000
"""Silence is asked four times before the page says so."""
AHEAD = ("raffles", "raffle-open", "contest", "verify-raffle", "tokens", "token", "governance")
READ = (
    "() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/v1/'))"
    ".map(({ name, initiatorType }) => [new URL(name).pathname + new URL(name).search, initiatorType])"
)


def test_a_page_is_opened__its_data_is_asked_for_by_its_head_and_once(page: Page, system: System) -> None:
    for scene in SCENES:
        if scene.name not in AHEAD:
            continue
        page.goto(scene.path(system))
        # An answer counts when it is there, which may be later than what a busy machine shows first.
        wait_until(
            lambda: sum(by == "link" for _, by in page.evaluate(READ)) >= 2, 60, what=f"data of {scene.name}"
        )
        settle(page)
        asked = [(address, by) for address, by in page.evaluate(READ) if not address.endswith("/status")]
        begun = [address for address, by in asked if by == "link"]
        for address in begun:
            assert [each for each, _ in asked].count(address) == 1, (scene.name, asked)


def test_no_connection__what_was_read_is_shown_with_its_time__what_was_not_says_so(
    page: Page, context: BrowserContext, system: System
) -> None:
    page.goto(f"/raffles/{system.story['drawn_raffle']}")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    controlled = "navigator.serviceWorker.controller !== null"
    wait_until(lambda: page.evaluate(controlled), 60, what="the service worker to take over")
    manifest = page.evaluate("fetch('/manifest.webmanifest').then(answer => answer.json())")
    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    # The first visit came before the worker; what it keeps, it has seen pass.
    page.reload()
    settle(page)
    title = page.get_by_role("heading", level=1).inner_text()
    context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("status").filter(has_text="Shown as of")).to_contain_text(
        re.compile(r"Shown as of .*\d")
    )
    page.goto("/raffles/987654")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.", timeout=RETRIES)
    context.set_offline(False)
