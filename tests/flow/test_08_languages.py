"""Pages in the languages of the web app: nothing of what has a translation is left in English."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.flow.people import arrive, new_context
from tests.flow.scenes import SCENES, Scene
from tests.flow.system import System
from tests.support.processes import ROOT

CATALOGUES = ROOT / "frontend" / "src" / "shared" / "i18n" / "catalogues"
LANGUAGES = sorted(path.stem for path in CATALOGUES.glob("*.json"))
# Acts press buttons by their English names; the wallet of tests does as well.
WHOLE = [
    scene for scene in SCENES if scene.act is None and scene.who != "wallet" and "/api/" not in scene.route
]
EVERYWHERE = [
    scene for scene in WHOLE if scene.name in ("raffles", "contests", "status", "account-signed-out")
]

CONTRACTS = {"Raffle", "Contest"}
"""Names of contracts are the same everywhere."""

_WORDS = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (parent.closest('script, style, [lang]:not(html)')) continue
    const text = walker.currentNode.data.trim()
    if (text && parent.checkVisibility()) found.push(text)
  }
  return found
}"""


def foreign(language: str) -> set[str]:
    """English sentences that read otherwise in this language and are no words of it either."""
    catalogue = json.loads((CATALOGUES / f"{language}.json").read_text())
    own = {text for text in catalogue.values() if isinstance(text, str)}
    return {english for english, text in catalogue.items() if text != english} - own


@pytest.fixture(scope="module")
def speaking(browser: Browser, system: System) -> Iterator[dict[tuple[str, str], BrowserContext]]:
    """A browser of each person and language, made when it is first asked for."""

    class Contexts(dict[tuple[str, str], BrowserContext]):
        def __missing__(self, key: tuple[str, str]) -> BrowserContext:
            who, language = key
            self[key] = new_context(browser, system, reduced_motion="reduce")
            self[key].add_init_script(f"localStorage.setItem('tombola.language', '{language}')")
            arrive(self[key], system, who)
            return self[key]

    made = Contexts()
    yield made
    for context in made.values():
        context.close()


@pytest.mark.parametrize(
    ("language", "scenes"),
    [(language, WHOLE if language == "de" else EVERYWHERE) for language in LANGUAGES],
    ids=LANGUAGES,
)
def test_pages__in_a_language__leave_nothing_in_english(
    language: str,
    scenes: list[Scene],
    speaking: dict[tuple[str, str], BrowserContext],
    system: System,
) -> None:
    english = foreign(language)
    left = {}
    for scene in scenes:
        page = speaking[scene.who, language].new_page()
        scene.open(page, system)
        assert page.locator("html").get_attribute("lang") == language
        left[scene.name] = sorted(english & set(page.evaluate(_WORDS)) - CONTRACTS)
        page.close()
    assert {name: words for name, words in left.items() if words} == {}
