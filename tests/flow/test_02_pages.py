"""Every page, in every state, theme and size: no violation of WCAG 2.2 AA, no sideways scroll, and as pictured.

The main pages are compared with docs/pictures. A page that was changed on purpose needs new ones: `make pictures`, and
look at them. They run right after the story, while nothing has been added to it.
"""

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
from tests.flow.appearance import MOST
from tests.flow.people import arrive, new_context
from tests.flow.pictures import READER, strangeness
from tests.flow.scenes import SCENES, Scene, bare, routes
from tests.flow.system import System

NARROWEST = 320


@pytest.fixture(scope="module")
def contexts(browser: Browser, system: System) -> Iterator[dict[str, BrowserContext]]:
    """One browser for each person.

    Made when somebody is first asked for: what administrators see needs a fresh sign-in.
    """

    class Contexts(dict[str, BrowserContext]):
        def __missing__(self, who: str) -> BrowserContext:
            self[who] = new_context(browser, system, **READER)
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
def test_page__every_theme_and_size__no_violation_no_sideways_scroll_as_pictured(
    scene: Scene, page_of: dict[str, Page], system: System
) -> None:
    page = page_of[scene.who]
    page.set_viewport_size({"width": scene.sizes[-1][0], "height": scene.sizes[-1][1]})
    scene.open(page, system)
    pictured = scene.picture and not scene.by_chance
    found, strange = {}, {}
    for width, height in reversed(scene.checked_sizes):
        page.set_viewport_size({"width": width, "height": height})
        for theme, violations_in in (("light", violations), ("dark", colour_violations)):
            set_theme(page, theme)
            found[f"{theme}, {width} px"] = violations_in(page)
            strange[f"{theme}, {width} px"] = strangeness(page, scene, width, theme) if pictured else 0.0
    assert {at: wrong for at, wrong in found.items() if wrong} == {}
    assert {at: share for at, share in strange.items() if share > MOST} == {}
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


@pytest.mark.parametrize(
    "plant",
    [
        "document.querySelector('main').style.transform = 'translateY(8px)'",
        "document.documentElement.style.fontSize = '17px'",
        "document.querySelector('main h1').style.display = 'none'",
        "document.documentElement.dataset.theme = 'dark'",
    ],
)
def test_look__changed_by_a_planted_rule__is_found(
    plant: str, page_of: dict[str, Page], system: System
) -> None:
    scene = next(scene for scene in SCENES if scene.name == "raffle-open")
    page = page_of["nobody"]
    width, height = scene.sizes[-1]
    page.set_viewport_size({"width": width, "height": height})
    scene.open(page, system)
    set_theme(page, "light")
    assert strangeness(page, scene, width, "light") <= MOST
    page.evaluate(f"() => {{ {plant} }}")
    assert strangeness(page, scene, width, "light") > MOST
