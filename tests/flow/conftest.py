"""One system for all flow tests: fresh chain and database, the story told, a real browser in front."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.flow.system import System
from tests.flow.wallet import FlowWallet
from tools.browser import ensure_chromium

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """The running system; its log is shown when it does not come up."""
    with tempfile.TemporaryDirectory(prefix="tombola-flow-") as folder:
        running = System(Path(folder) / "state")
        running.start()
        yield running
        if running.running:
            running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Package-scoped: an open sync Playwright breaks asyncio tests that run after it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(ensure_chromium()), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser, system: System) -> Iterator[BrowserContext]:
    """A person's browser: no cookies, no storage, no wallet."""
    fresh = browser.new_context(base_url=system.url, viewport={"width": 1280, "height": 860})
    fresh.set_default_timeout(20_000)
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
