"""Facts → the texts of one certificate in one language. Everything a person typed stays data, never markup."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from backend.certificates.facts import Facts, FallenOut, Place
from backend.certificates.glyphs import drawable
from backend.certificates.rosette import rosette

TEXTS = Path(__file__).parent / "texts"
_COMMAND = "ape run verify_draw --bundle FILE"

Words = dict[str, Any]


@lru_cache(maxsize=16)
def texts(language: str) -> dict[str, str]:
    """The certificate's words in a language."""
    found: dict[str, str] = json.loads((TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return found


def worded(facts: Facts, language: str, qr: str) -> Words:
    """What the template is given. `qr` is an SVG."""
    say = _Say(language)
    is_final = facts.draw_number == facts.draws_for_post
    return {
        "language": language,
        "title": drawable(facts.title),
        "qr": qr,
        "rosette": rosette(facts.seed),
        "url": facts.url,
        "is_final": is_final,
        "number": say(
            "final" if is_final else "not_final",
            number=say.count(facts.draw_number),
            total=say.count(facts.draws_for_post),
        ),
        "drawn_at": say("drawn_at", date=say.time(facts.drawn.time)),
        "page": say("page", page="\0", pages="\1"),
        "words": {
            name: say(name)
            for name in (
                *("title", "intro", "scan", "winners", "alternates", "disqualified", "check", "rules"),
                *("place", "rank", "account", "entry", "prize", "reason", "no_winner", "missing_signs"),
            )
        },
        "sections": [
            {"title": say("contest"), "rows": _contest(facts, say)},
            {"title": say("list"), "rows": _list(facts, say)},
            {"title": say("randomness"), "rows": _randomness(facts, say)},
        ],
        "winners": [_place(one, say) for one in facts.winners],
        "alternates": [_place(one, say) for one in facts.alternates],
        "fallen": [_fallen(one, say) for one in facts.fallen],
        "has_prizes": any(one.prize for one in facts.winners),
        "steps": [
            say("step_page", url=facts.url),
            say("step_bundle", command=_COMMAND),
            say("step_person"),
            say("method"),
        ],
        "rules": drawable(facts.rules, lines=True),
    }


class _Say:
    """Words, numbers and times of a language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = texts(language)

    def __call__(self, name: str, **values: str) -> str:
        return self._texts[name].format(**values)

    def count(self, number: int) -> str:
        return str(format_decimal(number, locale=self.language))

    def time(self, moment: datetime) -> str:
        """In UTC; what follows the time says so."""
        utc = moment.astimezone(UTC)
        # Day before month, as in the other languages and unlike in the United States.
        locale = "en_GB" if self.language == "en" else self.language
        return f"{format_date(utc, 'long', locale=locale)}, {utc:%H:%M:%S}"

    def exclusion(self, reason: str) -> str:
        """A reason code in words; as it is where there are none."""
        return self._texts.get(f"reason_{reason}", drawable(reason))


def _row(label: str, value: str, *, mono: bool = False) -> Words:
    return {"label": label, "value": value, "mono": mono}


def _contest(facts: Facts, say: _Say) -> list[Words]:
    return [
        _row(say("post"), drawable(facts.post)),
        _row(say("organiser"), facts.organiser, mono=True),
        _row(
            say("contract"),
            say(
                "contract_of",
                number=str(facts.contest_number),
                contract=facts.contract,
                chain=str(facts.chain_id),
            ),
        ),
        _row(say("rules_hash"), facts.rules_hash, mono=True),
        _row(say("commitment"), facts.commitment, mono=True),
        _row(say("committed"), _moment(facts.opened.block, facts.opened.time, say)),
        _row(say("transaction"), facts.opened.transaction, mono=True),
    ]


def _list(facts: Facts, say: _Say) -> list[Words]:
    entries = say.count(facts.entries)
    if facts.total_weight is not None:
        entries = say("weight_total", entries=entries, weight=say.count(facts.total_weight))
    return [
        _row(say("entries"), entries),
        _row(say("excluded"), _excluded(facts.excluded, say)),
        _row(say("list_hash"), facts.list_sha256, mono=True),
        _row(say("root"), facts.root, mono=True),
        _row(say("exclusion_root"), facts.exclusion_root, mono=True),
    ]


def _excluded(excluded: dict[str, int], say: _Say) -> str:
    if not excluded:
        return say("nobody")
    parts = [f"{say.exclusion(reason)} {say.count(count)}" for reason, count in sorted(excluded.items())]
    return f"{say.count(sum(excluded.values()))} ({'; '.join(parts)})"


def _randomness(facts: Facts, say: _Say) -> list[Words]:
    word = (
        _row(say("vrf_word"), say("no_word"))
        if facts.vrf_word is None
        else _row(say("vrf_word"), facts.vrf_word, mono=True)
    )
    return [
        _row(say("requested"), _moment(facts.requested.block, facts.requested.time, say)),
        _row(say("vrf_request"), f"0x{facts.vrf_request_id:064x}", mono=True),
        word,
        _row(say("drand_round"), str(facts.drand_round)),
        _row(say("seed"), facts.seed, mono=True),
        _row(say("seed_set"), _moment(facts.drawn.block, facts.drawn.time, say)),
        _row(say("transaction"), facts.drawn.transaction, mono=True),
    ]


def _moment(block: int, time: datetime, say: _Say) -> str:
    return say("block_at", block=str(block), time=say.time(time))


def _place(one: Place, say: _Say) -> Words:
    return {
        "place": "" if one.place is None else say.count(one.place + 1),
        "rank": say.count(one.rank + 1),
        "account": drawable(one.account),
        "entry": str(one.entry),
        "prize": drawable(one.prize or ""),
    }


def _fallen(one: FallenOut, say: _Say) -> Words:
    reason = drawable(one.reason or "")
    if one.repeats is not None:
        reason = say("repeats", rank=say.count(one.repeats + 1))
    return {
        "rank": say.count(one.rank + 1),
        "account": drawable(one.account),
        "entry": str(one.entry),
        "reason": reason,
    }
