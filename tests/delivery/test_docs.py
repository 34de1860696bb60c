"""The pages: no link leads nowhere, the site builds, and what they quote is what the programs say."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.support.processes import ROOT
from tools import links, site

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
UPGRADING = ROOT / "docs" / "upgrading.md"
QUOTED = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
BREAKS_OLDER_CODE = re.compile(
    r"\bRENAME\b|SET NOT NULL|DROP TABLE|DROP COLUMN|ALTER COLUMN \w+ (SET DATA )?TYPE"
    r"|ALTER TABLE \S+ DROP (?!CONSTRAINT)\w+"
)


def test_links__all_lead_somewhere() -> None:
    pages = links.pages()
    assert {ROOT / "README.md", ROOT / "docs" / "index.md"} <= set(pages)
    assert links.dead_links(pages) == []


def test_links__dead_file_heading_and_repeated_heading__are_told(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "# What `is`, kept?\n## Twice\n## Twice\n```\n# no heading\n[x](gone.md)\n```\n"
        "[1](#what-is-kept) [2](#twice-1) [3](a.md#no-heading) [`4`](gone.md) `[5](gone.md)` [6](https://x.example/y)\n"
    )
    assert [one.rsplit("/", 1)[1] for one in links.dead_links([page])] == [
        "a.md:8: a.md#no-heading: there is no such heading",
        "a.md:8: gone.md: there is no such file",
    ]


def test_site__builds_strictly__with_every_page_in_menu_and_search(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    named = {path.relative_to(site.DOCS).with_suffix(".html").as_posix() for path in site.DOCS.rglob("*.md")}
    pages = {page.replace("README.html", "index.html") for page in named}
    start = (tmp_path / "site" / "index.html").read_text()
    assert {page for page in pages if f'href="{page}"' not in start} <= {"index.html"}
    index = json.loads((tmp_path / "site" / "search" / "search_index.json").read_text())
    assert pages <= {entry["location"].split("#")[0] for entry in index["docs"]}


def test_page_for_github__reads_as_a_site() -> None:
    class Page:
        class file:  # noqa: N801 - as mkdocs names it
            abs_src_path = str(site.DOCS / "access.md")

    text = (
        "Words\n- one\n```\na\n- b\n```\nx\n| a |\n[scopes](../backend/api_keys/scopes.py), [api](api.md#x)"
    )
    assert site.on_page_markdown(text, Page()) == (
        "Words\n\n- one\n```\na\n- b\n```\nx\n\n| a |\nscopes (`backend/api_keys/scopes.py`), [api](api.md#x)"
    )


def test_troubleshooting__quotes_what_the_programs_say() -> None:
    said = _said()
    sentences = [found[1].strip() for row in _rows(TROUBLESHOOTING) for found in QUOTED.findall(row)]
    assert len(sentences) > 35
    assert [one for one in sentences if not all(part in said for part in _fixed(one))] == []


def test_upgrading__names_every_version_that_older_code_cannot_live_with() -> None:
    versions = (ROOT / "backend" / "migrations" / "versions").glob("*.py")
    breaking = {path.stem for path in versions if BREAKS_OLDER_CODE.search(path.read_text())}
    assert len(breaking) >= 4
    assert set(re.findall(r"^\| `(\d{4}_\w+)` \|", UPGRADING.read_text(), re.MULTILINE)) == breaking


def test_commands__that_pages_name_exist() -> None:
    """Scripts, targets, commands of the services, and files of deploy/; not what they are given."""
    pages = "\n".join(path.read_text() for path in [*site.DOCS.rglob("*.md"), ROOT / "README.md"])
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = subprocess.run(
        [sys.executable, "-m", "backend", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    scripts = set(re.findall(r"\bape run (\w+)", pages))
    assert len(scripts) > 8
    assert {name for name in scripts if not (ROOT / "scripts" / f"{name}.py").exists()} == set()
    assert set(re.findall(r"^\s*(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]+)", pages, re.MULTILINE)) <= targets
    services = set(re.findall(r"-m backend ([a-z][a-z-]+)|worker backend ([a-z][a-z-]+)", pages))
    assert {name for pair in services for name in pair if not re.search(rf"\b{name}\b", commands)} == set()
    files = set(re.findall(r"(?<![\w/])deploy/[\w./-]*\w", pages))
    theirs = re.compile(r"deploy/compose/(secrets|\.env|settings\.env)\b")
    assert {name for name in files if not (ROOT / name).exists() and not theirs.match(name)} == set()


def _rows(page: Path) -> list[str]:
    """First cells of the tables that hold what a program says."""
    return [row.split(" | ")[0] for row in page.read_text().splitlines() if row.startswith("| `")]


def _fixed(sentence: str) -> list[str]:
    """The parts of a quoted sentence between what is filled in."""
    return [part.strip() for part in sentence.split("…") if len(part.strip()) > 1]


def _said() -> str:
    """The source of the programs, with sentences that are written over several lines joined."""
    folders = ("backend", "listener", "scripts", "tools", "tests/delivery", "tests/tools")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    source = "\n".join(path.read_text() for path in [ROOT / "Makefile", *paths])
    return re.sub(r'"\s*\n\s*f?"', "", source)
