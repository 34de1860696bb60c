"""Benchmark of the page that checks a draw: `python -m benchmarks.verify [ENTRIES …]`, 10,000, 100,000 and 1,000,000.

On the real system an organiser uploads a list of that many accounts, announces it and has it drawn. Then a real Chromium,
as fast as the machine lets it be, opens the page that checks it. Printed: seconds from opening the page until its verdict
(the bundle's download included), the seconds of computing that the page itself states (the aims are for these), how many
steps of progress it showed, and the longest time for which the page did not react. Beside it a peer: PyCryptodome hashing as
many inner nodes of the tree, in one thread, and the ratio. Exit code 1 when an aim is missed.

FLOW_STATE=.tombola draws on the system that runs on that state folder; start it with PRICES=off, no tier has such lists.
"""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import dataclass

from Crypto.Hash import keccak
from playwright.sync_api import Browser, expect, sync_playwright

from tests.flow.browser import launch
from tests.flow.people import new_context
from tests.flow.pictures import some_system
from tests.flow.system import System
from tools.story.faces import Api, until

AIMS = {10_000: 0.3, 100_000: 1.5, 1_000_000: 10.0}
"""Seconds of computing for a list of that many entries."""
PATIENCE = 600.0
WATCH = """
window.__seen = { steps: new Set(), still: 0 }
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) __seen.still = Math.max(__seen.still, entry.duration)
}).observe({ type: 'longtask', buffered: true })
new MutationObserver(() => {
  const bar = document.querySelector('[role=progressbar]')
  if (bar) __seen.steps.add(bar.getAttribute('aria-valuenow'))
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['aria-valuenow'] })
"""


@dataclass(frozen=True)
class Measured:
    """One check of one draw."""

    opened: float
    computed: float
    steps: int
    still: float


def drawn(system: System, entries: int) -> str:
    """A contest over a list of `entries` accounts, drawn; its id."""
    olga = Api(system.url, PATIENCE)
    olga.sign_in(system.people["olga"]["email"], system.people["olga"]["password"])
    terms = {
        "title": f"A list of {entries:,}",
        "rules": "One entry per account.",
        "post_reference": "https://social.example/meadow/posts/1",
        "winners": 5,
        "alternates": 5,
    }
    path = f"/contests/{olga.request('POST', '/contests', json=terms)['id']}"
    rows = "account\n" + "\n".join(f"reader.{number:07d}" for number in range(entries)) + "\n"
    olga.request("POST", f"{path}/imports", files={"file": ("readers.csv", rows.encode(), "text/csv")})

    def is_read() -> bool | None:
        return olga.get(f"{path}/imports")["items"][0]["state"] == "done" or None

    def is_drawn() -> bool | None:
        return olga.get(path)["state"] == "completed" or None

    until("the list to be read", is_read, PATIENCE)
    olga.request("POST", f"{path}/commit", headers={"Idempotency-Key": f"bench-{time.time_ns()}"})
    until("the contest to be drawn", is_drawn, PATIENCE)
    return path.rpartition("/")[2]


def measure(browser: Browser, system: System, contest: str) -> Measured:
    """Open the page that checks it, in a browser that has never been here, and wait for its verdict."""
    context = new_context(browser, system)
    context.add_init_script(WATCH)
    page = context.new_page()
    started = time.monotonic()
    page.goto(f"/verify/contest/{contest}")
    verdict = page.get_by_test_id("verdict")
    expect(verdict).to_have_attribute("data-outcome", "right", timeout=PATIENCE * 1000)
    opened = time.monotonic() - started
    said = page.get_by_text(re.compile(r"Recomputed in your browser in [\d,]+ ms")).inner_text()
    computed = int(re.sub(r"\D", "", said.partition("browser in")[2].partition(" ms")[0])) / 1000
    seen = page.evaluate("() => ({ steps: __seen.steps.size, still: __seen.still })")
    context.close()
    return Measured(opened, computed, seen["steps"], seen["still"] / 1000)


def peer(entries: int) -> float:
    """Seconds in which PyCryptodome hashes a node of 64 bytes for each entry: the bundle tells the leaves' hashes."""
    node = bytes(64)
    started = time.perf_counter()
    for _ in range(entries):
        keccak.new(digest_bits=256, data=node).digest()
    return time.perf_counter() - started


def main(sizes: list[int]) -> int:
    """Draw, check and print for each size."""
    missed = []
    os.environ.setdefault("PRICES", "off")
    print("  entries   opened  computed     aim  steps   still    peer   computed/peer   (seconds)")
    with some_system() as system, sync_playwright() as playwright:
        browser = launch(playwright)
        for entries in sizes:
            found = measure(browser, system, drawn(system, entries))
            least, aim = peer(entries), AIMS.get(entries)
            print(
                f"{entries:>9,}{found.opened:>9.2f}{found.computed:>10.2f}{aim or '-':>8}{found.steps:>7}"
                f"{found.still:>8.2f}{least:>8.2f}{found.computed / least:>16.2f}",
                flush=True,
            )
            if aim is not None and found.computed > aim:
                missed.append(f"{entries:,} entries")
        browser.close()
    if missed:
        print(f"Missed: {'; '.join(missed)}.", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(AIMS)))
