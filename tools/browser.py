"""Chromium for the tests that drive the web app: found, or installed when the system lets us.

`python -m tools.browser` prints its path. Order: CHROMIUM, programs on PATH, Playwright's own, the system's
package (as root on Debian or Ubuntu), Playwright's download.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.packages import install_package, succeeds

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


class BrowserError(Exception):
    """No Chromium here, and none could be installed; says what to do."""


def find_chromium() -> Path | None:
    """A Chromium that is already here. Raises BrowserError when CHROMIUM names no program."""
    named = os.environ.get("CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise BrowserError(f"CHROMIUM={named} is no program; correct or unset it.")
        return Path(found)
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    return MAC if MAC.exists() else _of_playwright()


def ensure_chromium() -> Path:
    """Find Chromium or install it. Raises BrowserError when neither works."""
    found = find_chromium()
    if found is not None:
        return found
    for install in (_install_package, _download_with_playwright):
        if install():
            found = find_chromium()
            if found is not None:
                return found
    raise BrowserError(
        "The browser tests need Chromium, and installing it did not work; install Chromium or Chrome, or set "
        "CHROMIUM=/path/to/it, and run again."
    )


def _of_playwright() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _install_package() -> bool:
    return install_package("chromium")


def _download_with_playwright() -> bool:
    print("Downloading Chromium (playwright) …", flush=True)
    return succeeds([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))


def main(ensure: Callable[[], Path] = ensure_chromium) -> int:
    try:
        print(f"Chromium: {ensure()}")
    except BrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
