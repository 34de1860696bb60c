"""What one seed does: a world, providers with habits, and a script of moves.

A move happens when the listeners have made so many calls since the move before, or when the mirror stands at the
head: at a moment of the work and not at a time. Only where the listener cannot make calls (a killed process, a lock)
the script goes on by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.listener.differential.abi import Event
from tests.listener.differential.habits import ANSWER_FAULTS, REQUEST_FAULTS, Habits
from tests.listener.differential.world import Contract, Log, World, random_world

Blocks = list[list[Log]]


@dataclass(frozen=True)
class Mine:
    """New blocks."""

    blocks: Blocks


@dataclass(frozen=True)
class Fork:
    """The last `depth` blocks, as far as they are not final, are replaced."""

    depth: int
    blocks: Blocks


@dataclass(frozen=True)
class Trouble:
    """The next requests to a provider that can fail in these ways do."""

    provider: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Stale:
    """The chain forks, and a provider stays on the old branch for so many calls."""

    provider: int
    fork: Fork
    calls: int


@dataclass(frozen=True)
class Behind:
    """A provider is so many blocks behind for so many calls."""

    provider: int
    blocks: int
    calls: int


@dataclass(frozen=True)
class Kill:
    """SIGKILL in the middle of a call, or `delay` seconds after it."""

    delay: float | None = None
    down: tuple[Mine | Fork, ...] = ()  # what the chain does before the next start


@dataclass(frozen=True)
class Stall:
    """A table is locked until the listener waits for it; then it is killed, cut off, or goes on.

    `table` (0 to 1) chooses the table. This is how a crash comes between two statements of a transaction.
    """

    table: float
    end: str  # "kill", "cut" or "go"


@dataclass(frozen=True)
class Cut:
    """Postgres ends the listener's connection; `closed`: and lets nobody in for so many seconds."""

    closed: float = 0.0


@dataclass(frozen=True)
class Restart:
    """SIGTERM, then a start with this registry."""

    contracts: tuple[Contract, ...]
    down: tuple[Mine | Fork, ...] = ()


@dataclass(frozen=True)
class Rewrite:
    """The registry file is replaced while the listeners run."""

    contracts: tuple[Contract, ...]


@dataclass(frozen=True)
class Second:
    """A second listener on the same database."""


Move = Mine | Fork | Trouble | Stale | Behind | Kill | Stall | Cut | Restart | Rewrite | Second


@dataclass
class Plan:
    """Everything one seed decides."""

    seed: int
    world: World
    start: tuple[Contract, ...]
    depth: int
    has_tag: bool
    first: Blocks
    habits: list[Habits]
    arguments: tuple[str, ...]
    moves: list[tuple[int | None, Move]]  # None: when the mirror stands at the head
    last: Blocks
    ends_by_restart: bool


def plan_of(seed: int) -> Plan:
    """The plan of a seed; the same one each time."""
    rng = Random(seed)
    world = random_world(rng)
    parts = _registries(rng, world)
    # Blocks below the first one mirrored are only filled once they are final, so they must become that.
    depth = rng.choice((1, 2, 5, 5, 12, 12, *((30, 200) if len(parts) == 1 else ())))
    has_tag = rng.random() < 0.7
    habits = [_habits(rng) for _ in range(rng.choice((1, 1, 2, 2, 3)))]
    if len(habits) > 1 and rng.random() < 0.1:
        habits[rng.randrange(len(habits))].chain_id = 5
    arguments = ["--max-span", str(rng.choice((1, 2, 3, 7, 20, 5000)))]
    if not has_tag:
        arguments += ["--finality-depth", str(depth)]
    moves: list[tuple[int | None, Move]] = []
    start = parts[0]
    for _ in range(rng.choice((3, 6, 6, 9, 14))):
        moves.append(
            (
                rng.choice((0, 1, 1, 2, 3, 4, 6, 9, 14, None, None, None)),
                _move(rng, world, habits, depth, parts),
            )
        )
    if start != world.contracts or any(isinstance(move, Restart | Rewrite) for _, move in moves):
        down = _down(rng, world, depth)
        whole = Restart(world.contracts, down) if rng.random() < 0.5 else Rewrite(world.contracts)
        moves.append((rng.randrange(10), whole))
        moves += [(rng.randrange(8), _chain_move(rng, world, depth)) for _ in range(rng.randrange(3))]
    habits[0].announces = rng.random() < 0.3
    first = _blocks(rng, world, rng.choice((0, 3, 10, 20, 40)))
    last = _blocks(rng, world, rng.randrange(3))
    return Plan(
        seed, world, start, depth, has_tag, first, habits, tuple(arguments), moves, last, rng.random() < 0.2
    )


def _habits(rng: Random) -> Habits:
    found = Habits(words=rng.randrange(100))
    if rng.random() < 0.2:
        found.most_blocks = rng.choice((1, 2, 5))
    if rng.random() < 0.2:
        found.most_logs = rng.choice((3, 10))
    if rng.random() < 0.2:
        found.most_calls = rng.choice((1, 2, 5))
    found.shuffles, found.keeps_orphans = rng.random() < 0.2, rng.random() < 0.3
    found.knows_hashes, found.checksums = rng.random() < 0.95, rng.random() < 0.1
    found.knows_receipts = rng.random() < 0.7
    found.delay = rng.choice((0.0, 0.0, 0.0, 0.002, 0.006))
    return found


def _registries(rng: Random, world: World) -> list[tuple[Contract, ...]]:
    """The whole registry, and often parts of it for the times before: the first is the one to start with."""
    whole = world.contracts
    if rng.random() < 0.7:
        return [whole]
    return [_part(rng, whole), _part(rng, whole), whole]


def _part(rng: Random, contracts: Sequence[Contract]) -> tuple[Contract, ...]:
    """A registry without some contracts, events and addresses."""
    names = {contract.name for contract in contracts if rng.random() < 0.75} or {contracts[0].name}
    found: list[Contract] = []
    for contract in contracts:  # creators come before what they create
        creator = contract.created_by
        if contract.name not in names or (creator and creator.contract not in {c.name for c in found}):
            continue
        creating = {
            c.created_by.event for c in contracts if c.created_by and c.created_by.contract == contract.name
        }
        # Overloads come and go together: which of them gets the plain name depends on the others.
        kept = creating | {name for name in sorted({e.name for e in contract.events}) if rng.random() < 0.8}
        events = tuple(e for e in contract.events if e.name in kept) or _overloads(contract)
        addresses = contract.addresses
        if len(addresses) > 1 and rng.random() < 0.4:
            addresses = (rng.choice(addresses),)
        found.append(
            Contract(
                contract.name, contract.sql_name, events, addresses, contract.first_block, contract.created_by
            )
        )
    return tuple(found) or tuple(contracts)


def _overloads(contract: Contract) -> tuple[Event, ...]:
    return tuple(event for event in contract.events if event.name == contract.events[0].name)


def _blocks(rng: Random, world: World, count: int) -> Blocks:
    return [world.block(rng) for _ in range(count)]


def _chain_move(rng: Random, world: World, depth: int) -> Mine | Fork:
    if rng.random() < 0.45:
        return Mine(_blocks(rng, world, rng.choice((1, 1, 2, 3, 8))))
    return _fork(rng, world, depth)


def _fork(rng: Random, world: World, depth: int) -> Fork:
    gone = rng.choice((1, 1, 2, 3, min(depth, 6), depth))
    return Fork(gone, _blocks(rng, world, max(0, min(gone, 8) + rng.choice((-1, 0, 0, 1, 1, 3)))))


def _down(rng: Random, world: World, depth: int) -> tuple[Mine | Fork, ...]:
    return tuple(_chain_move(rng, world, depth) for _ in range(rng.choice((0, 0, 1, 2))))


def _move(
    rng: Random, world: World, habits: list[Habits], depth: int, parts: list[tuple[Contract, ...]]
) -> Move:
    provider = rng.randrange(len(habits))
    match rng.choices(range(8), (40, 24, 6, 6, 9, 9, 5, 1 + 7 * (len(parts) > 1)))[0]:
        case 0:
            return _chain_move(rng, world, depth)
        case 1:
            return Trouble(
                provider, tuple(rng.choice(rng.choice(_FAULTS)) for _ in range(rng.choice((1, 1, 2, 4))))
            )
        case 2:
            return Stale(provider, _fork(rng, world, depth), rng.choice((3, 10, 30)))
        case 3:
            return Behind(provider, rng.choice((1, 2, 3, depth + 2)), rng.choice((3, 10, 30)))
        case 4:
            delay = rng.choice((None, None, rng.random() * 0.01))
            return Kill(delay, _down(rng, world, depth))
        case 5:
            return Stall(rng.random(), rng.choice(("kill", "kill", "cut", "go")))
        case 6:
            return rng.choice((Cut(), Cut(), Cut(0.02), Second()))
        case _ if rng.random() < 0.5:
            return Rewrite(rng.choice(parts))
        case _:
            return Restart(rng.choice(parts), _down(rng, world, depth))


_FAULTS = (REQUEST_FAULTS, ANSWER_FAULTS, ("no logs",))  # the last one is the hardest to notice
