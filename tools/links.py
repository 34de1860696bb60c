"""Links of all Markdown files that lead nowhere: `python -m tools.links`. Files, and headings in them; no network.

Anchors are made as GitHub makes them, and the site of `make docs` likewise.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z+.-]*:|//)", re.IGNORECASE)


def slug(text: str, separator: str = "-") -> str:
    """The anchor of a heading, as GitHub makes it; the second argument is mkdocs' wish, always a hyphen."""
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"<[^>]+>", "", text))
    return re.sub(r"[^\w\- ]", "", plain.replace("`", "").strip().lower()).replace(" ", separator)


@cache
def anchors(path: Path) -> frozenset[str]:
    """All anchors of a page; a heading that comes again gets -1, -2, …"""
    text, found = _FENCE.sub("", path.read_text()), list[str]()
    for heading in re.findall(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text, re.MULTILINE):
        name = slug(heading)
        again = sum(1 for one in found if one == name or re.fullmatch(rf"{re.escape(name)}-\d+", one))
        found.append(f"{name}-{again}" if again else name)
    return frozenset([*found, *re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)])


def links(path: Path) -> Iterator[tuple[int, str]]:
    """Line and target of each link that is no web address; code is no text."""
    blanked = _FENCE.sub(lambda fence: "\n" * fence[0].count("\n"), path.read_text())
    for number, line in enumerate(blanked.splitlines(), 1):
        for target in _LINK.findall(_CODE.sub("`", line)):
            if not _ELSEWHERE.match(target):
                yield number, target


def dead_links(paths: list[Path]) -> list[str]:
    """One sentence for each link that leads nowhere."""
    found = []
    for path in paths:
        for line, target in links(path):
            file, _, anchor = unquote(target).partition("#")
            there = (path.parent / file).resolve() if file else path
            if not there.exists():
                found.append(f"{path}:{line}: {target}: there is no such file")
            elif anchor and there.suffix == ".md" and anchor not in anchors(there):
                found.append(f"{path}:{line}: {target}: there is no such heading")
    return found


def pages() -> list[Path]:
    """Every Markdown file that git knows or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({ROOT / line for line in told.splitlines() if (ROOT / line).exists()})


if __name__ == "__main__":
    dead = dead_links(pages())
    print("\n".join(dead) or f"{len(pages())} pages, no dead link")
    sys.exit(1 if dead else 0)
