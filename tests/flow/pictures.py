"""`make pictures`: pictures of the main pages into docs/pictures, in both themes at three widths.

Taken from a fresh system with its story told (or from FLOW_STATE=.tombola). What differs from one telling to the next
is what the story leaves to chance: random numbers, winners, times and block numbers.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.flow.accessibility import set_theme
from tests.flow.appearance import MOST, boxes_of_chance, difference
from tests.flow.browser import launch
from tests.flow.people import arrive, new_context
from tests.flow.scenes import SCENES, Scene, settle
from tests.flow.system import System
from tests.support.processes import ROOT

FOLDER = ROOT / "docs" / "pictures"
STRANGE = ROOT / ".build" / "strange"
LARGEST, LARGEST_ALL = 50_000, 4_500_000
"""Bytes of one picture, and of all."""
FORMS = ((64, 1.0), (32, 1.0), (24, 1.0), (32, 0.75), (24, 0.65))
"""Colours and scale, tried in turn until the picture is small enough."""
THEMES = ("light", "dark")
READER: Final = {"reduced_motion": "reduce", "locale": "en-GB", "timezone_id": "UTC"}
"""Whose browser it is: nothing moves in it, so that no colour is caught half-way."""


def name(scene: Scene, width: int, theme: str) -> str:
    """The file of one picture."""
    return f"{scene.name}-{width}-{theme}.png"


def names() -> set[str]:
    """The files there should be."""
    return {
        name(scene, width, theme)
        for scene in SCENES
        if scene.picture
        for width, _ in scene.sizes
        for theme in THEMES
    }


def small_png(png: bytes) -> bytes:
    """The picture with as many colours, and as large, as LARGEST bytes allow."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours, scale in FORMS:
        kept = io.BytesIO()
        size = (round(image.width * scale), round(image.height * scale))
        scaled = image.resize(size, Image.Resampling.LANCZOS)
        scaled.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= LARGEST:
            break
    return kept.getvalue()


def take(page: Page, scene: Scene, system: System, folder: Path) -> None:
    """All pictures of one scene."""
    scene.open(page, system)
    for width, height in scene.sizes:
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            set_theme(page, theme)
            (folder / name(scene, width, theme)).write_bytes(small_png(shot(page)))


def shot(page: Page) -> bytes:
    """What the window shows now, from the top of the page."""
    settle(page)
    page.evaluate("scrollTo(0, 0)")
    return page.screenshot(animations="disabled", caret="hide")


def strangeness(page: Page, scene: Scene, width: int, theme: str) -> float:
    """How far the open page looks from its picture, 0 to 1; what looks otherwise is kept in STRANGE, to look at."""
    now, file = shot(page), name(scene, width, theme)
    found = difference((FOLDER / file).read_bytes(), now, boxes_of_chance(page))
    if found > MOST:
        STRANGE.mkdir(parents=True, exist_ok=True)
        (STRANGE / file).write_bytes(now)
    return found


@contextmanager
def some_system() -> Iterator[System]:
    """The one of FLOW_STATE, or a fresh one."""
    if given := os.environ.get("FLOW_STATE"):
        yield System.attach(Path(given))
        return
    with tempfile.TemporaryDirectory(prefix="tombola-flow-") as folder:
        running = System(Path(folder) / "state")
        running.start()
        try:
            yield running
        finally:
            running.stop()


def main(wanted: list[str]) -> int:
    """Take the pictures whose scene has one of `wanted` in its name, or all; 1 when they grew too large."""
    scenes = [
        scene
        for scene in SCENES
        if scene.picture and (not wanted or any(word in scene.name for word in wanted))
    ]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with some_system() as system, sync_playwright() as playwright:
        browser = launch(playwright)
        for scene in scenes:
            context = new_context(browser, system, **READER)
            arrive(context, system, scene.who)
            take(context.new_page(), scene, system, FOLDER)
            context.close()
            print(f"{scene.name}", flush=True)
        browser.close()
    for left in {file.name for file in FOLDER.glob("*.png")} - names():
        (FOLDER / left).unlink()
    total = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{len(names())} pictures, {total / 1000:.0f} kB, in {FOLDER.relative_to(ROOT)}")
    return 0 if total <= LARGEST_ALL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
