"""A scene of a seed: who wants what and when, which providers lie, what the chain does, how the senders die."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.chaos.node import KINDS

CHAIN_FAULTS = (
    *("reorganisation", "mempool flushed", "fees spike above the cap", "foreign transaction"),
    "frozen by an operator",
)
ALL_FAULTS = (*KINDS, *CHAIN_FAULTS, "none but kills")
OF_ONE_PROVIDER = ("wrong chain id", "providers disagree", "replica lags", "provider away")
BOUNDARIES = tuple(
    (place, when)
    for place in ("signing", "broadcast", "track", "send", "check", "attempts")
    for when in ("before", "after")
)
"""Every transaction of the sender before and after its commit, and the sending itself."""


Kind = Literal["transfer", "group", "refused", "too much", "fickle", "all it has"]
WISHES: dict[Kind, int] = {
    "transfer": 66,
    "group": 8,
    "refused": 4,
    "too much": 4,
    "fickle": 10,
    "all it has": 8,
}
"""How often each is wished. `fickle` passes the check in one block and may revert in the next; a wallet that sends all it
has lacks the gas, which the treasury pays."""


@dataclass(frozen=True)
class Wish:
    """Something a wallet is asked `gap` seconds after the last one, perhaps taken back `cancel_after` seconds later."""

    wallet: int
    gap: float
    kind: Kind
    cancel_after: float | None


@dataclass(frozen=True)
class Death:
    """How one run of a sender ends: at a boundary's nth crossing, or `after` seconds at work; `frozen` sleeps first."""

    boundary: tuple[str, str] | None
    crossing: int
    after: float
    frozen: float


@dataclass(frozen=True)
class Scene:
    """All that is decided before a seed runs."""

    seed: int
    fault: str
    wallets: int
    providers: int
    liars: int  # of the providers, the first ones
    wishes: tuple[Wish, ...]
    deaths: tuple[tuple[Death, ...], ...]

    @property
    def kills(self) -> int:
        return sum(len(hand) for hand in self.deaths)


HANDS = 2  # sender processes at a time
PAUPERS = 6  # wallets that will send all they have
KILLS = 24  # in a seed
WISHES_PER_SECOND = 6.0
MOST_WISHES = 150  # no more are asked once the last sender was killed


def scene(seed: int, kills: int = KILLS) -> Scene:
    """The same for the same seed. Faults come in turn, so that every one is tried equally often."""
    rng = Random(seed)
    fault = ALL_FAULTS[seed % len(ALL_FAULTS)]
    wallets = rng.randint(2, 4)
    wishes = tuple(
        Wish(
            wallet=rng.randrange(wallets),
            gap=rng.expovariate(WISHES_PER_SECOND),
            kind=rng.choices(list(WISHES), list(WISHES.values()))[0],
            cancel_after=rng.uniform(0, 0.6) if rng.random() < 0.25 else None,
        )
        for _ in range(MOST_WISHES)
    )
    deaths = tuple(tuple(_death(rng) for _ in range(kills // HANDS)) for _ in range(HANDS))
    providers = rng.choice([2, 2, 3]) if fault in OF_ONE_PROVIDER else rng.choice([1, 2])
    liars = 1 if fault in OF_ONE_PROVIDER else providers
    return Scene(seed, fault, wallets, providers, liars, wishes, deaths)


def _death(rng: Random) -> Death:
    at_boundary = rng.random() < 0.7
    return Death(
        boundary=rng.choices(BOUNDARIES, [3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1])[0] if at_boundary else None,
        crossing=rng.randint(1, 2),
        after=rng.uniform(0.0, 0.5),
        frozen=rng.uniform(0.5, 0.9) if rng.random() < 0.1 else 0.0,
    )
