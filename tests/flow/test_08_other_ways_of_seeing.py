"""Main pages as others see them: from right to left, in the system's own colours, on paper, with letters twice as large."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.flow.accessibility import wider_than_window
from tests.flow.people import arrive, new_context
from tests.flow.scenes import SCENES, Scene
from tests.flow.system import System

NAMES = ("raffles", "raffle-drawn", "verify-raffle", "certificate", "grant", "security")
MAIN = [scene for scene in SCENES if scene.name in NAMES]
NARROW, WIDE = ViewportSize(width=320, height=640), ViewportSize(width=1440, height=900)
SHEET = ViewportSize(width=720, height=1000)
"""About what a browser gives a page on A4."""
LONG_TIMES = "document.querySelectorAll('time[data-relative]').forEach(time => { time.textContent = '59 minutes ago' })"
"""What depends on the hour is as long as it may be."""


@pytest.fixture(params=MAIN, ids=[scene.name for scene in MAIN])
def seen(request: pytest.FixtureRequest, browser: Browser, system: System) -> Iterator[tuple[Scene, Page]]:
    """The scene, open and complete."""
    scene: Scene = request.param
    context = new_context(browser, system, reduced_motion="reduce", viewport=WIDE)
    arrive(context, system, scene.who)
    page = context.new_page()
    scene.open(page, system)
    yield scene, page
    context.close()


def _edge(page: Page, link: str) -> str:
    """The colour that marks one link of a row, or nothing."""
    return str(page.locator(link).first.evaluate("link => getComputedStyle(link).borderBottomColor"))


def test_page__seen_another_way__nothing_beyond_the_edge_and_nothing_lost(seen: tuple[Scene, Page]) -> None:
    scene, page = seen

    page.evaluate("document.documentElement.dir = 'rtl'")
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert wider_than_window(page) == [], f"from right to left, {size['width']} px"
    brand = page.locator(".brand").bounding_box()
    assert brand
    assert brand["x"] > WIDE["width"] / 2, "the page begins at the right"
    page.evaluate("document.documentElement.dir = 'ltr'")

    page.emulate_media(forced_colors="active")
    chosen, others = ".tabs a[aria-current], .tabs a.active", ".tabs a:not([aria-current], .active)"
    assert _edge(page, chosen) != _edge(page, others), "the tab of this page is told from the others"
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert wider_than_window(page) == [], f"forced colours, {size['width']} px"
    page.emulate_media(forced_colors="none")

    page.set_viewport_size(ViewportSize(width=640, height=900))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert wider_than_window(page) == [], "letters twice as large"
    page.evaluate("document.documentElement.style.fontSize = ''")

    page.emulate_media(media="print")
    page.set_viewport_size(SHEET)
    page.evaluate(LONG_TIMES)
    assert wider_than_window(page) == [], "on paper"
    expect(page.locator("h1")).to_be_visible()
    for left_out in (".top", ".tabs", ".foot", ".btn"):
        expect(page.locator(left_out).locator("visible=true")).to_have_count(0)
    if scene.name == "verify-raffle":
        expect(page.get_by_test_id("verdict")).to_be_visible()
    for number in page.locator("main .serial").all():
        expect(number).to_be_visible()


def test_certificate__of_five_winners_on_paper__is_one_sheet(browser: Browser, system: System) -> None:
    context = new_context(browser, system)
    page = context.new_page()
    next(scene for scene in SCENES if scene.name == "certificate").open(page, system)
    expect(page.get_by_role("img", name="QR code of the public page of this draw")).to_be_visible()
    # Each sheet of a PDF is an object of this type; pages are not compressed away by Chromium's writer.
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    context.close()
