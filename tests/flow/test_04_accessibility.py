"""Every page, in every state, theme and size: no violation of WCAG 2.2 AA, and no sideways scroll."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.flow.accessibility import (
    colour_violations,
    set_theme,
    style_violations,
    violations,
    wider_than_window,
)
from tests.flow.people import arrive, new_context
from tests.flow.scenes import SCENES, Scene, bare, routes
from tests.flow.system import System

NARROWEST = 320


@pytest.fixture(scope="module")
def contexts(browser: Browser, system: System) -> Iterator[dict[str, BrowserContext]]:
    """One browser for each person; nothing moves in it, so that no colour is caught half-way.

    Made when somebody is first asked for: what administrators see needs a fresh sign-in.
    """

    class Contexts(dict[str, BrowserContext]):
        def __missing__(self, who: str) -> BrowserContext:
            self[who] = new_context(browser, system, reduced_motion="reduce")
            arrive(self[who], system, who)
            return self[who]

    made = Contexts()
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def page_of(contexts: dict[str, BrowserContext]) -> Iterator[dict[str, Page]]:
    """A fresh page of whoever is asked for."""
    pages: dict[str, Page] = {}

    class Pages(dict[str, Page]):
        def __missing__(self, who: str) -> Page:
            pages[who] = contexts[who].new_page()
            return pages[who]

    yield Pages()
    for page in pages.values():
        page.close()


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_page__every_theme_and_size__no_violation_and_no_sideways_scroll(
    scene: Scene, page_of: dict[str, Page], system: System
) -> None:
    page = page_of[scene.who]
    page.set_viewport_size({"width": scene.sizes[-1][0], "height": scene.sizes[-1][1]})
    scene.open(page, system)
    found = {}
    for width, height in reversed(scene.checked_sizes):
        page.set_viewport_size({"width": width, "height": height})
        set_theme(page, "light")
        found[f"light, {width} px"] = violations(page)
        set_theme(page, "dark")
        found[f"dark, {width} px"] = colour_violations(page)
    assert {at: wrong for at, wrong in found.items() if wrong} == {}
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    assert wider_than_window(page) == []


def test_stylesheets__a_phone_turned_either_way__lock_nothing(
    page_of: dict[str, Page], system: System
) -> None:
    page = page_of["nobody"]
    SCENES[0].open(page, system)
    assert style_violations(page) == []


def test_theme__dark_with_a_planted_colour__is_found(page_of: dict[str, Page], system: System) -> None:
    page = page_of["nobody"]
    SCENES[0].open(page, system)
    set_theme(page, "dark")
    assert colour_violations(page) == []
    page.evaluate("() => { document.querySelector('h1').style.color = 'oklch(0.24 0.035 205)' }")
    assert [violation.rule for violation in colour_violations(page)] == ["color-contrast"]


def test_routes__each__has_a_scene() -> None:
    assert routes() - {bare(scene.route) for scene in SCENES} == set()


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        ("document.querySelector('main').append(document.createElement('button'))", "button-name"),
        ("document.querySelector('h1').style.color = 'var(--line)'", "color-contrast"),
        ("document.querySelector('main').insertAdjacentHTML('beforeend',"
         " '<button>+</button><button>-</button>')", "target-size"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
    ],
)  # fmt: skip
def test_fault__planted_in_a_page__is_found(
    plant: str, rule: str, page_of: dict[str, Page], system: System
) -> None:
    page = page_of["nobody"]
    SCENES[0].open(page, system)
    page.evaluate(f"() => {{ {plant} }}")
    assert rule in {violation.rule for violation in violations(page)}


def test_scroll__a_line_that_does_not_fit__is_found(page_of: dict[str, Page], system: System) -> None:
    page = page_of["nobody"]
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    SCENES[0].open(page, system)
    page.evaluate("() => { document.querySelector('h1').style.whiteSpace = 'nowrap' }")
    assert wider_than_window(page) != []
