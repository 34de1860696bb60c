"""The languages Tombola writes in. A `locale` (BCP 47: `pt-BR`) is a language and perhaps a region."""

from __future__ import annotations

from typing import Literal, get_args

Language = Literal["en", "es", "pt", "fr", "de", "it"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "en"
LOCALE_PATTERN = rf"^({'|'.join(LANGUAGES)})(-[A-Z]{{2}})?$"
_LONGEST_HEADER = 1000


def language_of(locale: str) -> Language:
    """The language of a locale; English for one Tombola does not write in."""
    language = locale.partition("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def preferred_language(accept_language: str | None) -> Language:
    """The first of ours that a browser asks for (Accept-Language, RFC 9110, 12.5.4); English where there is none."""
    wanted: list[tuple[float, int, Language]] = []
    for place, item in enumerate((accept_language or "")[:_LONGEST_HEADER].split(",")):
        tag, _, parameter = item.strip().partition(";")
        language = tag.strip().partition("-")[0].lower()
        weight = _weight(parameter)
        if language in LANGUAGES and weight > 0:
            wanted.append((-weight, place, language))
    return min(wanted)[2] if wanted else DEFAULT_LANGUAGE


def _weight(parameter: str) -> float:
    """`q=0.8` → 0.8; 1 where nothing is said, 0 for what cannot be read."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip().lower() == "q" and 0 <= weight <= 1 else 0.0
