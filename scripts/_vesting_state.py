"""All that can be asked of vesting, so that two versions of it can be compared answer by answer.

Views without arguments are asked as they are; the others for plans, grants, campaigns, tokens and accounts that are spread
evenly over all there are. What anybody may do is asked too (`eth_call`): what a release would pay.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from listener.chain.encode import encode_call, selector_of
from listener.chain.events import parse_type
from listener.chain.registry import RegisteredContract
from scripts._answers import Answer
from scripts._chain import ChainReader

Asks = Callable[[str, bytes], Answer]
"""Calls an address with call data, at one time."""
Answers = dict["Question", Answer]

ACTS = ("release",)
"""What anybody may do: only what it would return is looked at."""
LEAVES = 3
"""How many leaves of a campaign are asked for."""
PLAN_BITS = 64


@dataclass(frozen=True, slots=True)
class Question:
    """One call, with its function as the ABI has it."""

    function: str
    arguments: tuple[Any, ...]
    data: bytes

    @property
    def told(self) -> str:
        given = ("0x" + one.hex() if isinstance(one, bytes) else str(one) for one in self.arguments)
        return f"{self.function}({', '.join(given)})"


@dataclass
class Sample:
    """What is asked about. `counts` tells how many of how many."""

    plans: list[int] = field(default_factory=list)
    grants: list[int] = field(default_factory=list)
    campaigns: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    """Token and who may have votes in it."""
    times: dict[int, list[int]] = field(default_factory=dict)
    """Of a grant: turns of its curve."""
    counts: str = ""

    def arguments(self, names: tuple[str, ...], now: int) -> list[tuple[Any, ...]] | None:
        """What stands for arguments of these names; None for names nobody thought of."""
        people = list(dict.fromkeys(account for _, account in self.accounts))
        known: Mapping[tuple[str, ...], list[tuple[Any, ...]]] = {
            (): [()],
            ("planId",): [(plan,) for plan in self.plans],
            ("grantId",): [(grant,) for grant in self.grants],
            ("grantId", "time"): [(grant, time) for grant in self.grants for time in self.times[grant]],
            ("campaignId",): [(campaign,) for campaign in self.campaigns],
            ("campaignId", "index"): [(one, leaf) for one in self.campaigns for leaf in range(LEAVES)],
            ("creator", "salt"): [(account, bytes(32)) for account in people[:1]],
            ("token",): [(token,) for token in self.tokens],
            ("token", "account"): list(self.accounts),
            ("token", "account", "timepoint"): [(*pair, now - 1) for pair in self.accounts],
            ("owner",): [(account,) for account in people],
        }
        return known.get(names)


def take_sample(chain: ChainReader, vesting: RegisteredContract, most: int) -> Sample:
    """At most `most` plans, about as many grants of them, and the last so many campaigns."""
    found = Sample()
    plans, grants = int(chain.view(vesting, "planCount")), 0
    found.plans = spread(1, plans, most)
    for plan in found.plans:
        config, creator, count, _ = chain.view(vesting, "planOf", plan)
        grants += count
        start, token = config["start"], config["token"]
        turns = [start, start + config["cliff"], start + config["duration"] // 2, start + config["duration"]]
        found.tokens.append(token)
        found.accounts.append((token, creator))
        for index in spread(0, count, max(1, most // len(found.plans))):
            grant = plan << PLAN_BITS | index
            told = chain.view(vesting, "grantOf", grant)
            found.grants.append(grant)
            found.times[grant] = turns
            found.accounts += [(token, told["beneficiary"]), (token, told["delegatee"])]
    found.tokens, found.accounts = list(dict.fromkeys(found.tokens)), list(dict.fromkeys(found.accounts))
    campaigns = [int(log.args["campaignId"]) for log in _created(chain, vesting)]
    found.campaigns = campaigns[-most:]
    found.counts = (
        f"{len(found.plans)} of {plans} plans, {len(found.grants)} of their {grants} grants, "
        f"{len(found.campaigns)} of {len(campaigns)} campaigns, {len(found.tokens)} tokens' totals"
    )
    return found


def _created(chain: ChainReader, vesting: RegisteredContract) -> Sequence[Any]:
    topic = next("0x" + event.topic0.hex() for event in vesting.events if event.name == "CampaignCreated")
    return chain.logs(vesting, [topic])


def spread(first: int, count: int, most: int) -> list[int]:
    """At most so many of the `count` numbers from `first` on: the first, the last, the others evenly between."""
    if count <= most:
        return list(range(first, first + count))
    if most == 1:
        return [first]
    return [first + at * (count - 1) // (most - 1) for at in range(most)]


def questions(vesting: RegisteredContract, sample: Sample, now: int) -> Iterator[Question]:
    """Everything the ABI of what runs can be asked."""
    for entry in _asked(vesting):
        for arguments in sample.arguments(_names(entry), now) or []:
            data = encode_call(vesting.abi, entry["name"], arguments)
            yield Question(entry["name"], arguments, data)


def left_out(vesting: RegisteredContract) -> list[str]:
    """Views whose arguments nobody thought of: they are not compared."""
    return [entry["name"] for entry in _asked(vesting) if Sample().arguments(_names(entry), 0) is None]


def read_state(vesting: RegisteredContract, sample: Sample, ask: Asks, now: int) -> Answers:
    """All answers at one time; `now` is that time in Unix seconds."""
    return {one: ask(vesting.address, one.data) for one in questions(vesting, sample, now)}


def changes(vesting: RegisteredContract, before: Answers, after: Answers) -> list[tuple[str, str]]:
    """Every answer that is not what it was: its function, and in words."""
    return [
        (
            question.function,
            f"{question.told} was {_words(vesting, question, was)}, would be "
            f"{_words(vesting, question, after[question])}",
        )
        for question, was in before.items()
        if after[question] != was
    ]


def _asked(vesting: RegisteredContract) -> Iterator[Mapping[str, Any]]:
    for entry in vesting.abi:
        if entry["type"] == "function" and (
            entry["stateMutability"] in ("view", "pure") or entry["name"] in ACTS
        ):
            yield entry


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one["name"] for one in entry["inputs"])


def _words(vesting: RegisteredContract, question: Question, answer: Answer) -> str:
    """What was answered, by the ABI where it fits."""
    answered, raw = answer
    if not answered:
        return f"refused with 0x{raw.hex()}"
    entry = next(one for one in _asked(vesting) if selector_of(one) == question.data[:4])
    types = [parse_type(one["type"], one.get("components") or ()).canonical for one in entry["outputs"]]
    try:
        values = decode(types, raw)
    except (DecodingError, ValueError, OverflowError):
        return "0x" + raw.hex()
    return ", ".join("0x" + one.hex() if isinstance(one, bytes) else str(one) for one in values)


__all__ = ["Answers", "Sample", "changes", "left_out", "read_state", "spread", "take_sample"]
