"""Texts of mails: `<language>/<name>.txt`, whose first line is the subject, and `<language>/<name>.html`.

A language without the template gets English. Values are escaped in HTML, and one line in the subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    UndefinedError,
    select_autoescape,
)

DEFAULT_LANGUAGE = "en"
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Content:
    """What a mail says. `subject` is one line."""

    subject: str
    text: str
    html: str


def render(name: str, data: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> Content:
    """Fill a template; raises LookupError when it, or a value it needs, is missing."""
    try:
        subject, _, text = _filled(name, "txt", data, language).partition("\n")
        html = _filled(name, "html", data, language)
    except TemplateNotFound as error:
        raise LookupError(f"there is no mail template {error.name!r} in backend/outbox/templates") from None
    except UndefinedError as error:
        raise LookupError(f"mail template {name!r}: {error.message}") from None
    return Content(" ".join(subject.split()), text.strip() + "\n", html)


def _filled(name: str, kind: str, data: Mapping[str, str], language: str) -> str:
    files = [f"{language}/{name}.{kind}", f"{DEFAULT_LANGUAGE}/{name}.{kind}"]
    one_line = {key: value if kind == "html" else _plain(value) for key, value in data.items()}
    return _environment().select_template(files).render(one_line)


def _plain(value: str) -> str:
    """A value as text: it cannot begin a line of its own, so it cannot pretend to be ours."""
    return " ".join(value.split())


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
