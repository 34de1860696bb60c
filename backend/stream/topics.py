"""What can be listened to: a person's own events (`me`), and what happens on chain, by the thing it happens to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.hexes import checksum
from listener.mirror.reads.fields import ZERO_ADDRESS, checksummed
from listener.mirror.reads.happenings import Happening

ME = "me"
BLOCKS = "blocks"
MOST_TOPICS = 50
"""On one stream."""

Reason = Literal["malformed", "unknown", "too_many", "sign_in"]
DETAILS: dict[Reason, str] = {
    "malformed": "The part after the colon must be a decimal number below 2**256 or, for a token and an account, "
    "an address.",
    "unknown": "There is no such topic; docs/stream.md lists them.",
    "too_many": f"A stream has at most {MOST_TOPICS} topics: unsubscribe from some, or open another one.",
    "sign_in": "Only who is signed in has events of their own.",
}

_PLAIN = frozenset({ME, BLOCKS, "raffles", "contests", "tokens", "proposals"})
_NUMBERED = frozenset({"raffle", "contest", "proposal", "plan", "grant"})
_ADDRESSED = frozenset({"token", "account"})
_NUMBER = re.compile(r"0|[1-9][0-9]{0,77}")
_ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")

_ACCOUNTS = frozenset(
    {
        "organiser",
        "buyer",
        "payer",
        "winner",
        "creator",
        "admin",
        "recipient",
        "proposer",
        "voter",
        "from",
        "to",
    }
    | {"beneficiary", "funder", "candidate", "delegator", "from_delegate", "to_delegate", "delegate"}
)
_THINGS = {"raffle_id": "raffle", "contest_id": "contest", "proposal_id": "proposal"}
_LISTS = {"raffle": "raffles", "contest": "contests", "proposal": "proposals"}


class TopicRefused(ValueError):
    """Nobody can listen to this."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def canonical(text: str) -> str:
    """The topic as it is told: addresses with their checksum. Raises TopicRefused."""
    if text in _PLAIN:
        return text
    kind, _, which = text.partition(":")
    if kind in _NUMBERED:
        if _NUMBER.fullmatch(which) is None or int(which) >= 2**256:
            raise TopicRefused("malformed")
        return text
    if kind in _ADDRESSED:
        if _ADDRESS.fullmatch(which) is None:
            raise TopicRefused("malformed")
        return f"{kind}:{checksum(bytes.fromhex(which[2:]))}"
    raise TopicRefused("unknown")


@dataclass
class Chosen:
    """Of the topics somebody asks for, those to take, and the others by reason, as they were written."""

    taken: list[str] = field(default_factory=list)
    refused: dict[Reason, list[str]] = field(default_factory=dict)


def choose(asked: Iterable[str], had: Iterable[str], *, is_signed_in: bool) -> Chosen:
    """What to add to the topics somebody has."""
    chosen, all_of_them = Chosen(), set(had)
    for text in asked:
        try:
            topic = canonical(text)
            if topic in all_of_them:
                continue
            if topic == ME and not is_signed_in:
                raise TopicRefused("sign_in")
            if len(all_of_them) >= MOST_TOPICS:
                raise TopicRefused("too_many")
        except TopicRefused as refused:
            chosen.refused.setdefault(refused.reason, []).append(text)
            continue
        all_of_them.add(topic)
        chosen.taken.append(topic)
    return chosen


def of(happening: Happening) -> tuple[str, ...]:
    """Every topic that a fact belongs to."""
    contract, data = happening.event.split(".")[0], happening.data
    found = [topic for column, value in data.items() for topic in _of_column(contract, column, value)]
    if contract == "token":
        found.append(f"token:{happening.contract}")
    if contract == "token_factory":
        found.append("tokens")
    return tuple(sorted(set(found)))


def _of_column(contract: str, column: str, value: Any) -> list[str]:
    if column == "draw_id":
        return [_LISTS[contract], f"{contract}:{value}"]
    if column in _THINGS:
        thing = _THINGS[column]
        return [_LISTS[thing], f"{thing}:{value}"]
    if column in ("plan_id", "grant_id"):
        return [f"{column.removesuffix('_id')}:{value}"]
    if column == "token":
        return [f"token:{value}"]
    is_somebody = column in _ACCOUNTS and value != checksummed(ZERO_ADDRESS)
    return [f"account:{value}"] if is_somebody else []
