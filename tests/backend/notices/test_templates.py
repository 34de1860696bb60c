"""The texts: six languages that say the same, with the same values, and no English left in the others."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from typing import get_args

import pytest

from backend.languages import LANGUAGES, Language
from backend.outbox.templates import render, template_names
from backend.outbox.templates.texts import FOLDER, texts_of
from backend.outbox.templates.values import PLACEHOLDER, fill
from backend.privacy.obstacles import InDatabase, OnChain

OTHERS = [language for language in LANGUAGES if language != "en"]
LINK = "https://tombola.test/a?b=c&d=e#f"
DATA = {
    "link": LINK,
    "certificate": "https://tombola.test/certificate",
    "what": "factor.passkey_added",
    "name": "My <b>phone</b>",
    "address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "obstacles": "obstacle.credits obstacle.balance",
    "url": "https://shop.test/hook",
    "reason": "webhook.silent",
    "error": "status 500",
    "tasks": "deliver_mail (3)",
    "title": "Meadow {link} **giveaway**",
    "plan": "Pro",
    "amount": "1900.50 EUR",
    **dict.fromkeys(("expires", "when", "ready", "due", "renews_at"), "2026-12-01T16:05:00+02:00"),
    "since": "2026-11-21",
    "count": "12345",
    "entries": "1234567",
    "winners": "5",
    "available": "3",
    "threshold": "10",
    "prizes": "2",
    "left": "9",
    "prefix": "tmb_1",
    "usable_from": "2026-12-01T16:05:00+02:00",
    "place": "1",
    "account": "ana",
}
WORDS = re.compile(r"[^\W\d_]{2,}")


def flat(language: Language) -> dict[str, str]:
    """Every text of a language's file by its place; a template's paragraphs one by one."""
    found = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    texts = {}
    for table, entries in found.items():
        for name, text in entries.items():
            for number, paragraph in enumerate(text.strip().split("\n\n")):
                texts[f"{table}.{name}.{number}"] = " ".join(paragraph.split())
    return texts


def words_of(text: str) -> str:
    """What is to be translated: neither placeholders nor marks nor our name."""
    return " ".join(WORDS.findall(PLACEHOLDER.sub(" ", text).replace("Tombola", " ")))


def formats(text: str) -> list[tuple[str, str]]:
    return sorted((match[1], match[2] or "") for match in PLACEHOLDER.finditer(text))


@pytest.mark.parametrize("language", OTHERS)
def test_language__same_texts_with_the_same_placeholders_and_marks(language: Language) -> None:
    english, other = flat("en"), flat(language)
    assert other.keys() == english.keys()
    for place, text in english.items():
        assert formats(other[place]) == formats(text), place
        assert other[place].startswith("**") == text.startswith("**"), place
        assert ("](" in other[place]) == ("](" in text), place


@pytest.mark.parametrize("language", OTHERS)
def test_language__nothing_left_in_english(language: Language) -> None:
    other = flat(language)
    same = {
        place
        for place, text in flat("en").items()
        if words_of(text) and words_of(other[place]) == words_of(text)
    }
    assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", template_names())
def test_template__renders_with_every_value(name: str, language: Language) -> None:
    content = render(name, DATA, language, unsubscribe="https://tombola.test/off")
    source = (FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    text = tomllib.loads(source)[name]
    assert "\n" not in content.subject
    if name != "draw_completed" and name != "raffle_won":  # their title has braces of its own
        assert "{" not in content.subject + content.text + content.html
    assert f'<html lang="{language}">' in content.html
    for placeholder in set(PLACEHOLDER.findall(text["subject"] + text["text"])):
        value = fill("{" + ":".join(part for part in placeholder if part) + "}", DATA, language)
        assert value in " ".join([content.subject, content.text])
    if "{link}" in text["text"]:
        assert f"\n{LINK}\n" in content.text
        assert LINK in links_of(content.html)
    assert "https://tombola.test/off" in content.text
    assert "https://tombola.test/off" in links_of(content.html)
    assert "<b>" not in content.html


def links_of(html: str) -> set[str]:
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(value or "" for name, value in attrs if name == "href")

    Reader().feed(html)
    return found


@pytest.mark.parametrize("name", template_names())
def test_template__value_missing__said_at_once(name: str) -> None:
    needed = {place for text in flat_of(name) for place, _ in PLACEHOLDER.findall(text)}
    for value in needed:
        with pytest.raises(LookupError, match=value):
            render(name, {key: text for key, text in DATA.items() if key != value})


def flat_of(name: str) -> list[str]:
    return [text for place, text in flat("en").items() if place.startswith(f"{name}.")]


@pytest.mark.parametrize(
    ("locale", "time", "number", "money"),
    [
        ("en", "December 1, 2026, 14:05 UTC", "1,234,567", "€1,900.50"),
        ("de", "1. Dezember 2026, 14:05 UTC", "1.234.567", "1.900,50\xa0€"),
        ("fr", "1 décembre 2026, 14:05 UTC", "1\u202f234\u202f567", "1\u202f900,50\xa0€"),
        ("es", "1 de diciembre de 2026, 14:05 UTC", "1.234.567", "1.900,50\xa0€"),
        ("pt-BR", "1 de dezembro de 2026, 14:05 UTC", "1.234.567", "€\xa01.900,50"),
        ("it", "1 dicembre 2026, 14:05 UTC", "1.234.567", "1.900,50\xa0€"),
        ("de-XX", "1. Dezember 2026, 14:05 UTC", "1.234.567", "1.900,50\xa0€"),
    ],
)
def test_values__written_as_the_language_does(locale: str, time: str, number: str, money: str) -> None:
    assert fill("{expires:time}", DATA, locale) == time
    assert fill("{entries:number}", DATA, locale) == number
    assert fill("{amount:money}", DATA, locale) == money


def test_value__looks_like_ours__stays_a_value() -> None:
    said = fill("{title}", {"title": "a {link}\n\n[Click]({link}) **x**", "link": LINK}, "en")
    assert said == "a {link} [Click]({link}) **x**"
    content = render("draw_completed", {**DATA, "title": "a\r\nBcc: c@d.org\n\n[Click](https://evil.test)"})
    assert "https://evil.test" not in links_of(content.html)
    assert "\nBcc" not in content.text


def test_mail_that_waited_through_an_update__what_it_has_is_shown() -> None:
    said = render(
        "security_notice", {"what": "Your password was changed", "when": "2026-11-22 10:00 UTC"}, "de"
    )
    assert "Your password was changed" in said.text
    assert "2026-11-22 10:00 UTC" in said.text


@pytest.mark.parametrize("code", [*get_args(InDatabase), *get_args(OnChain)])
def test_obstacle__has_a_sentence(code: str) -> None:
    assert f"obstacle.{code}" in texts_of("en").sentences
