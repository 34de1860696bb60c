"""Filling a text: its subject, and the mail as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from backend.languages import DEFAULT_LANGUAGE, language_of
from backend.outbox.templates.texts import FOLDER, Paragraph, texts_of
from backend.outbox.templates.values import fill


@dataclass(frozen=True)
class Content:
    """What a mail says. `subject` is one line."""

    subject: str
    text: str
    html: str


def render(
    name: str, data: Mapping[str, str], locale: str = DEFAULT_LANGUAGE, unsubscribe: str | None = None
) -> Content:
    """Fill a template; `unsubscribe` is the URL of the page that ends such mails, where they can be ended.

    Raises LookupError when the template, or a value it needs, is missing.
    """
    language = language_of(locale)
    texts = texts_of(language)
    if name not in texts.templates:
        raise LookupError(f"there is no mail template {name!r} in backend/outbox/templates/{language}.toml")
    text = texts.templates[name]
    try:
        subject = fill(text.subject, data, locale)
        paragraphs = [
            Paragraph(one.kind, fill(one.text, data, locale), fill(one.link, data, locale))
            for one in text.paragraphs
        ]
    except LookupError as error:
        raise LookupError(f"mail template {name!r}: {error}") from None
    plain = [_plain(one) for one in paragraphs]
    foot = [texts.layout["reason"]]
    if unsubscribe is not None:
        foot.append(f"{texts.layout['unsubscribe']}: {unsubscribe}")
    html = _layout().render(
        language=language, paragraphs=paragraphs, layout=texts.layout, unsubscribe=unsubscribe
    )
    return Content(subject, "\n\n".join([*plain, "-- \n" + "\n".join(foot)]) + "\n", html)


def _plain(paragraph: Paragraph) -> str:
    return f"{paragraph.text}:\n{paragraph.link}" if paragraph.kind == "link" else paragraph.text


@cache
def _layout() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("layout.html")
