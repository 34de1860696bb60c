"""One system for all flow tests: fresh chain and database, the story told, a real browser in front."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.flow.browser import launch
from tests.flow.people import new_context
from tests.flow.system import System
from tests.flow.wallet import FlowWallet


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """The running system; its log is shown when it does not come up.

    FLOW_STATE=.tombola takes the one that runs on that state folder, and leaves it running: quicker while
    tests are written.
    """
    if given := os.environ.get("FLOW_STATE"):
        yield System.attach(Path(given))
        return
    with tempfile.TemporaryDirectory(prefix="tombola-flow-") as folder:
        running = System(Path(folder) / "state")
        running.start()
        yield running
        if running.running:
            running.stop()


@pytest.fixture(autouse=True)
def nothing_froze(system: System) -> Iterator[None]:
    """Nobody here freezes anything: a wallet that the sender finds strange is told by the test in which it was."""
    before = system.freezes().keys()
    yield
    found = {number: words for number, words in system.freezes().items() if number not in before}
    assert found == {}, "\n".join(found.values())


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Package-scoped: an open sync Playwright breaks asyncio tests that run after it."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, system: System) -> Iterator[BrowserContext]:
    """A person's browser: no cookies, no storage, no wallet."""
    fresh = new_context(browser, system)
    yield fresh
    fresh.close()


@pytest.fixture
def wallet(context: BrowserContext, system: System) -> FlowWallet:
    """The context's wallet: anvil's account 3, the story's player with a browser wallet."""
    installed = FlowWallet(system.rpc_url, system.w3.eth.accounts[3])
    installed.install(context)
    return installed


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
