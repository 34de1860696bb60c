"""Values in a text, written as its language does. Values are text: times as ISO 8601, numbers in digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from backend.languages import language_of
from backend.outbox.templates.texts import texts_of

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")


def fill(text: str, data: Mapping[str, str], locale: str) -> str:
    """The text with its values; raises LookupError for a value or a format that is missing.

    A value stays on its line and is never looked at for placeholders or marks, so that it cannot pretend to be ours.
    """

    def written(match: re.Match[str]) -> str:
        name, how = match[1], match[2]
        if name not in data:
            raise LookupError(f"value {name!r} is missing")
        value = " ".join(data[name].split())
        return value if how is None else _FORMATS[how](value, data, locale)

    return PLACEHOLDER.sub(written, text)


def babel_locale(locale: str) -> Locale:
    """What babel calls a locale; its language alone where the region is none it knows."""
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(language_of(locale))


def _time(value: str, _data: Mapping[str, str], locale: str) -> str:
    moment = _moment(value)
    if moment is None:
        return value
    where = babel_locale(locale)
    return f"{format_date(moment, 'long', locale=where)}, {format_time(moment, 'HH:mm', locale=where)} UTC"


def _date(value: str, _data: Mapping[str, str], locale: str) -> str:
    moment = _moment(value)
    return value if moment is None else format_date(moment, "long", locale=babel_locale(locale))


def _moment(value: str) -> datetime | None:
    """None for what mails that waited through an update have: times that were written out before."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: str, _data: Mapping[str, str], locale: str) -> str:
    try:
        return format_decimal(Decimal(value), locale=babel_locale(locale))
    except InvalidOperation:
        raise LookupError(f"{value!r} is no number") from None


def _money(value: str, _data: Mapping[str, str], locale: str) -> str:
    """`19.00 EUR`."""
    amount, _, currency = value.partition(" ")
    try:
        return format_currency(Decimal(amount), currency.upper(), locale=babel_locale(locale))
    except InvalidOperation:
        raise LookupError(f"{value!r} is no amount and currency") from None


def _sentence(value: str, data: Mapping[str, str], locale: str) -> str:
    """The sentence with this key. Mails that waited through an update have the sentence itself."""
    sentences = texts_of(language_of(locale)).sentences
    return fill(sentences[value], data, locale) if value in sentences else value


def _sentences(value: str, data: Mapping[str, str], locale: str) -> str:
    """Those with these keys, separated by blanks."""
    known = texts_of(language_of(locale)).sentences
    keys = value.split()
    return " ".join(_sentence(key, data, locale) for key in keys) if set(keys) <= set(known) else value


_FORMATS: dict[str, Callable[[str, Mapping[str, str], str], str]] = {
    "time": _time,
    "date": _date,
    "number": _number,
    "money": _money,
    "sentence": _sentence,
    "sentences": _sentences,
}
