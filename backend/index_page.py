"""The web app's index.html as the page that is opened needs it: with what that page loads named in its head.

The build writes what each page loads into ahead.json (frontend/ahead.ts). Named in the head, a page's code and its data
are on their way before the first script runs (docs/decisions/0024).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

_NAME = re.compile(r"\\\$([a-z]+)")
"""A part of the address that differs, in a path that was escaped for a regular expression."""


@dataclass(frozen=True)
class _Page:
    address: re.Pattern[str]
    scripts: tuple[str, ...]
    reads: tuple[str, ...]


class IndexPage:
    """The index of one build; read anew when a build replaced it."""

    def __init__(self, root: Path) -> None:
        self._index, self._ahead = root / "index.html", root / "ahead.json"
        self._read_at = -1
        self._html = ""
        self._pages: list[_Page] = []

    def html(self, path: str, *, queried: bool) -> str | None:
        """For a path without its first slash; None without a build. What `queried` pages read, a list does not say."""
        if not self._index.is_file():
            return None
        if (changed := self._index.stat().st_mtime_ns) != self._read_at:
            self._html = self._index.read_text()
            self._pages = _pages(self._ahead)
            self._read_at = changed
        return self._html.replace("</head>", self._links("/" + path, queried) + "</head>", 1)

    def _links(self, path: str, queried: bool) -> str:
        for page in self._pages:
            if found := page.address.fullmatch(path):
                scripts = [f'<link rel="modulepreload" href="{escape(each)}" />' for each in page.scripts]
                reads = [
                    f'<link rel="preload" as="fetch" crossorigin href="{escape(_filled(each, found))}" />'
                    for each in (() if queried else page.reads)
                ]
                return "".join(scripts + reads)
        return ""


def _pages(ahead: Path) -> list[_Page]:
    if not ahead.is_file():
        return []
    return [
        _Page(
            re.compile(_NAME.sub(r"(?P<\1>[0-9A-Za-z-]+)", re.escape(page["path"]))),
            tuple(page["scripts"]),
            tuple(page["reads"]),
        )
        for page in json.loads(ahead.read_text())
    ]


def _filled(read: str, found: re.Match[str]) -> str:
    for name, value in found.groupdict().items():
        read = read.replace(f"${name}", value)
    return read
