"""Hooks of mkdocs: the menu of the site, and pages written for GitHub read as a site."""

import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MENU = {
    "Using it": "web-app faq tombola-1 draws contests raffles tokens vesting governance payments privacy notices analytics",
    "Trusting it": "contracts custody backing bundle access reliability listener-faults",
    "Operating it": "production deploying scripts safe delivery operating configuration upgrading troubleshooting "
    "observability metrics listener-metrics resilience backup capacity runbooks/* listener listener-errors",
    "Building on it": "api clients reads graphql stream webhooks caching connectors",
    "Working on it": "architecture translating decisions/*",
}
"""Pages by title, in order; those that are not there are left out, those that stand nowhere come last."""
OTHERS = "More"
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_LIST = re.compile(r"^(?:[-*+]|\d+\.) ")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def menu() -> list[Any]:
    """The navigation as mkdocs takes it."""
    left = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"index.md"}
    found: list[Any] = [{"Start": "index.md"}]
    for title, names in MENU.items():
        pages = [page for name in names.split() for page in sorted(left) if Path(page).match(f"{name}.md")]
        left -= set(pages)
        found += [{title: list(dict.fromkeys(pages))}] if pages else []
    return [*found, {OTHERS: sorted(left)}] if left else found


def on_config(config: Any) -> Any:
    """Give mkdocs the menu."""
    config["nav"] = menu()
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lists and tables may follow a line of text at once, as on GitHub; what is outside of docs/ is named, not linked."""
    written: list[str] = []
    fence = ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if mark and (not fence or line.strip() == fence):
            fence = "" if fence else mark[1]
        elif not fence:
            before = written[-1] if written else ""
            begins = _LIST.match(line) and not _LIST.match(before) and not before.startswith(" ")
            begins = begins or (line.startswith("|") and not before.startswith("|"))
            if begins and before.strip():
                written.append("")
            line = _LINK.sub(lambda link: _inside(link, Path(page.file.abs_src_path).parent), line)
        written.append(line)
    return "\n".join(written)


def _inside(link: re.Match[str], folder: Path) -> str:
    """The link, or its words and the file's path where that is no page of the site."""
    target = link[3]
    there = Path(os.path.normpath(folder / target))
    if ":" in target or (there.is_relative_to(DOCS) and not there.is_dir()):
        return link[0]
    path = there.relative_to(ROOT)
    return link[2] if link[2].strip("`") == str(path) else f"{link[2]} (`{path}`)"
