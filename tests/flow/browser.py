"""Chromium as the flow tests use it."""

from playwright.sync_api import Browser, Playwright

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


def launch(playwright: Playwright) -> Browser:
    """A Chromium without a window."""
    return playwright.chromium.launch(executable_path=str(ensure_chromium()), args=FLAGS)
