"""What axe-core says of an open page, and whether it fits its window."""

from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Page

from tests.support.processes import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """async ([type, values, preload]) => {
  const found = await axe.run(document, {
    runOnly: { type, values },
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations'],
    preload,
  })
  return found.violations.map(({ id, help, nodes }) => ({
    id, help, nodes: nodes.map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
  }))
}"""
WIDER_THAN_WINDOW = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  return [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => `<${element.localName} class="${element.className}"> ${element.textContent.slice(0, 40)}`)
    .concat(`the page is ${document.documentElement.scrollWidth} px wide`)
}"""


@dataclass(frozen=True)
class Violation:
    """A rule of axe that a page breaks, with the elements and what axe would do."""

    rule: str
    help: str
    nodes: tuple[str, ...]


def violations(page: Page) -> list[Violation]:
    """Everything that axe holds against the page as it is now."""
    return _run(page, "tag", TAGS)


def colour_violations(page: Page) -> list[Violation]:
    """What another theme can change: the page is the same but for its colours."""
    return _run(page, "rule", COLOURS)


def style_violations(page: Page) -> list[Violation]:
    """What the stylesheets forbid a phone to do. They are fetched again for this, which takes a while."""
    return _run(page, "rule", ["css-orientation-lock"], with_styles=True)


def _run(page: Page, kind: str, values: list[str], with_styles: bool = False) -> list[Violation]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text() + ";undefined")
    found: list[dict[str, Any]] = page.evaluate(RUN, [kind, values, with_styles])
    return [Violation(each["id"], each["help"], tuple(each["nodes"])) for each in found]


def wider_than_window(page: Page) -> list[str]:
    """What makes the page scroll sideways; nothing when it does not."""
    return list(page.evaluate(WIDER_THAN_WINDOW))


def set_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    """Change the open page: as its button does, and as the system does for a page without one."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
