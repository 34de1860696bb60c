"""What a provider's answer to eth_sendRawTransaction means. Whatever is not understood means: maybe sent."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from listener.chain.faults import PermanentError


class Outcome(Enum):
    """What to do with the slot."""

    ACCEPTED = "accepted"
    RECONCILE = "reconcile"
    UNDERPRICED = "underpriced"
    NO_FUNDS = "no funds"
    INVALID = "invalid"
    CAPPED = "fee above the provider's own cap"
    MAYBE_SENT = "maybe sent"


_WORDS: tuple[tuple[Outcome, re.Pattern[str]], ...] = tuple(
    (outcome, re.compile(words, re.IGNORECASE))
    for outcome, words in (
        (Outcome.ACCEPTED, r"already (known|imported|exists|in)|known transaction|already.?exists"),
        (Outcome.RECONCILE, r"nonce (is )?too low|nonce.{0,20}already|old nonce|nonce.{0,10}expired"),
        (
            Outcome.UNDERPRICED,
            r"underpriced|fee too low|fee cap|less than block base fee|gas price (is )?(too low|below)|"
            r"tip.{0,20}minimum",
        ),
        (Outcome.NO_FUNDS, r"insufficient funds|insufficient balance|not enough (funds|balance)"),
        (Outcome.CAPPED, r"exceeds the configured cap"),
        (
            Outcome.INVALID,
            r"intrinsic gas too low|exceeds (the )?block gas limit|gas limit (is )?too high|"
            r"greater than the block|"
            r"oversized data|transaction gas limit|exceeds (the )?(transaction )?gas (limit )?cap",
        ),
    )
)


def outcome_of(answer: Any) -> Outcome:
    """Classify the result or error of sending one raw transaction."""
    if isinstance(answer, str):
        return Outcome.ACCEPTED
    if isinstance(answer, PermanentError):
        for outcome, words in _WORDS:
            if words.search(answer.message):
                return outcome
    return Outcome.MAYBE_SENT
