"""Reading the texts: per language a table for each template, and the pieces they share."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from backend.languages import DEFAULT_LANGUAGE, Language

FOLDER = Path(__file__).parent
_LINK = re.compile(r"\[([^\]]+)\]\((\{\w+\})\)")
_STRONG = re.compile(r"\*\*(.+)\*\*")
_NO_TEMPLATES = ("layout", "unsubscribe", "sentences", "announcement")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; `link` is the placeholder of where it leads."""

    kind: Literal["plain", "strong", "link"]
    text: str
    link: str = ""


@dataclass(frozen=True)
class Text:
    """A template in one language, not filled yet."""

    subject: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Texts:
    """Everything in one language. `layout` is what the layout says itself, `unsubscribe` the page that ends notices,
    `announcement` the text about winners."""

    templates: dict[str, Text]
    sentences: dict[str, str]
    layout: dict[str, str]
    unsubscribe: dict[str, str]
    announcement: dict[str, str]


@cache
def texts_of(language: Language) -> Texts:
    """The texts in a language."""
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    templates = {
        name: Text(entry["subject"], _paragraphs(entry["text"]))
        for name, entry in found.items()
        if name not in _NO_TEMPLATES
    }
    return Texts(templates, found["sentences"], found["layout"], found["unsubscribe"], found["announcement"])


def template_names() -> list[str]:
    """Every template there is."""
    return sorted(texts_of(DEFAULT_LANGUAGE).templates)


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    return tuple(_paragraph(" ".join(block.split())) for block in text.strip().split("\n\n"))


def _paragraph(block: str) -> Paragraph:
    if link := _LINK.fullmatch(block):
        return Paragraph("link", link[1], link[2])
    if strong := _STRONG.fullmatch(block):
        return Paragraph("strong", strong[1])
    return Paragraph("plain", block)
