"""What `benchmarks.reads_served` asks, as people at the pages do, and the blocks that come meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from backend.hexes import checksum
from benchmarks.reads_data import token, who
from benchmarks.reads_facts import (
    BIG_PROPOSAL,
    BIG_RAFFLE,
    BIG_TOKEN,
    BLOCK_SECONDS,
    GRANTS,
    HEAD,
    ORGANISERS,
    PEOPLE,
    PROPOSALS,
    RAFFLES,
    START,
    TOKENS,
)
from tests.backend.reads.facts import ChainOfFacts, event
from tests.backend.reads.stories import tickets_bought

HOT = 20
"""Things of each kind that most people look at."""
PURCHASES, TRANSFERS = 20, 50
"""Of each block."""


def _one_of(random: Random, most: int, big: int) -> int:
    """Four of five look at the few that are talked about."""
    if random.random() < 0.8:
        return random.choice([big, *range(most - HOT, most)])
    return random.randint(1, most)


def _raffle(random: Random) -> str:
    return f"/raffles/{_one_of(random, RAFFLES, BIG_RAFFLE)}"


def _token(random: Random) -> str:
    return f"/tokens/{checksum(token(_one_of(random, TOKENS, BIG_TOKEN)))}"


def _person(random: Random) -> str:
    return checksum(who(random.choice([0, random.randrange(ORGANISERS), random.randrange(PEOPLE)])))


def _governed() -> str:
    return f"token={checksum(token(BIG_TOKEN))}"


# How many of 100 requests, and what they ask. Without a governor's answer the token has to be named.
MIX: tuple[tuple[int, Callable[[Random], str]], ...] = (
    (14, lambda random: "/raffles"),
    (4, lambda random: f"/raffles?state={random.choice(['open', 'closed', 'drawn', 'refunding'])}"),
    (22, _raffle),
    (10, lambda random: f"{_raffle(random)}/entries"),
    (5, lambda random: f"{_raffle(random)}/winners"),
    (4, lambda random: "/tokens"),
    (4, _token),
    (4, lambda random: f"{_token(random)}/figures"),
    (3, lambda random: f"{_token(random)}/holders"),
    (3, lambda random: f"/vesting/grants?beneficiary={_person(random)}"),
    (3, lambda random: f"/vesting/grants/{random.randint(1, GRANTS)}"),
    (3, lambda random: f"/governance/proposals?{_governed()}"),
    (3, lambda random: f"/governance/proposals/{_one_of(random, PROPOSALS, BIG_PROPOSAL)}?{_governed()}"),
    (5, lambda random: f"/accounts/{_person(random)}"),
    (3, lambda random: f"/accounts/{_person(random)}/raffles"),
    (3, lambda random: "/contests"),
    (2, lambda random: "/config"),
    (3, lambda random: "/wallet"),
    (2, lambda random: "/credits"),
)


@dataclass
class Traffic:
    """The next thing somebody asks. Half of those who saw an answer before say which one they have."""

    random: Random = field(default_factory=lambda: Random(7))
    seen: dict[str, str] = field(default_factory=dict)

    def next(self) -> tuple[str, dict[str, str]]:
        """Path below the API's prefix, and headers."""
        weights = [share for share, _ in MIX]
        path = self.random.choices(MIX, weights)[0][1](self.random)
        tag = self.seen.get(path)
        return path, {"If-None-Match": tag} if tag and self.random.random() < 0.5 else {}


class Writer(ChainOfFacts):
    """Blocks above the benchmark's, written as the listener writes them."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url)
        self.head = HEAD
        self._random = Random(11)
        self._sold = 60  # tickets of each of the hot raffles

    def time_of(self, block: int) -> int:
        """The benchmark's blocks are further apart."""
        return START + block * BLOCK_SECONDS

    def next_block(self) -> None:
        """Purchases in the raffles people look at, and transfers; then what is due of indexes and sums."""
        people = [who(self._random.randrange(PEOPLE)) for _ in range(PURCHASES + TRANSFERS)]
        bought = [
            tickets_bought(self._sold, 3, person, self._sold // 3, raffle_id=RAFFLES - number)
            for number, person in enumerate(people[:PURCHASES])
        ]
        self._sold += 3
        moved = [
            event("Token", "Transfer", _at=token(BIG_TOKEN), **{"from": who(0), "to": person, "value": 1})
            for person in people[PURCHASES:]
        ]
        self.block(*bought, *moved, final=self.head - 9)
        self.tend()

    async def write(self, seconds_per_block: float) -> None:
        """Write until cancelled."""
        while True:
            await asyncio.gather(asyncio.to_thread(self.next_block), asyncio.sleep(seconds_per_block))
