"""Which of our intents a wallet's transactions on chain were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.recovery.found import Found
from backend.sender.model import OpenIntent


@dataclass(frozen=True)
class Match:
    """Consecutive transactions that are the calls of one intent; None: the database knows no intent they were."""

    intent: OpenIntent | None
    found: tuple[Found, ...]


def match(found: Sequence[Found], waiting: Sequence[OpenIntent]) -> list[Match]:
    """Give each transaction, in order of nonces, to the oldest waiting intent whose calls it and the next ones make.

    An intent that could have been sent counts as sent: it is better not sent than sent twice.
    """
    matches: list[Match] = []
    left = list(waiting)
    at = 0
    while at < len(found):
        intent = next((one for one in left if _are(found[at : at + len(one.calls)], one)), None)
        if intent is not None:
            left.remove(intent)
        count = 1 if intent is None else len(intent.calls)
        matches.append(Match(intent, tuple(found[at : at + count])))
        at += count
    return matches


def _are(found: Sequence[Found], intent: OpenIntent) -> bool:
    return len(found) == len(intent.calls) and all(
        one.makes(call) for one, call in zip(found, intent.calls, strict=True)
    )
