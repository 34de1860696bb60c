"""What a number of users takes, computed from measured costs and stated assumptions: `python -m tools.capacity`.

Other assumptions: `python -m tools.capacity --users 1000000 --daily 0.05 …`; `--help` lists them. docs/capacity.md holds
what it prints without any.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

DAY = 86_400


@dataclass(frozen=True)
class Assumptions:
    """How many there are, and what they do. Rates are of one active user and day."""

    users: int = 10_000_000
    daily: float = 0.1
    """Part of them that comes on a day."""
    peak: float = 4.0
    """The busiest minute of the day against the mean."""
    reads: float = 60.0
    transfers: float = 0.3
    sign_ins: float = 0.3
    mails: float = 0.5
    listening: float = 0.05
    """Part of the day's users that has a stream open in the busiest minute."""
    listened: float = 2.0
    """Events that one stream is told in a minute."""
    events_per_transfer: float = 3.0
    """Facts on chain and events of one's own that are kept for one transfer."""
    load: float = 0.5
    """How busy a core may be in the busiest minute."""


@dataclass(frozen=True)
class Costs:
    """Measured on one core of a busy 2-core machine; docs/capacity.md says by which benchmark. Seconds of processor time."""

    read_api: float = 0.0028
    read_database: float = 0.0013
    transfer_api: float = 1 / 560
    """All of a core, at most: what one process accepted in a second."""
    transfer_sender: float = 1 / 1017
    """All of a core, at most: what one sender confirmed in a second."""
    transfer_database: float = 2 / 1017
    """All of both cores that it shared with chain and database, at most."""
    sign_in: float = 0.11
    told: float = 0.148 / 2000
    """One event to one of 2,000 streams."""
    stream_kib: float = 46.0
    intent_bytes: float = 8_000.0
    """In the database with its stages, slot, attempt, events and their indexes; an estimate."""
    row_bytes: float = 300.0
    """A fact of the mirror with its key."""


@dataclass(frozen=True)
class Line:
    """One row of the plan: what happens in the busiest second, and the cores and processes that takes."""

    what: str
    rate: float
    cores: float
    runs: str


def plan(given: Assumptions, cost: Costs = Costs()) -> list[Line]:
    """Cores are at the load that is allowed; a process is one core at most."""
    busiest = given.users * given.daily / DAY * given.peak
    reads, transfers = busiest * given.reads, busiest * given.transfers
    sign_ins = busiest * given.sign_ins
    streams = given.users * given.daily * given.listening
    told = streams * given.listened / 60

    def cores(rate: float, seconds: float) -> float:
        return rate * seconds / given.load

    api = cores(reads, cost.read_api) + cores(transfers, cost.transfer_api) + cores(sign_ins, cost.sign_in)
    told_cores = cores(told, cost.told)
    memory = streams * cost.stream_kib / 2**20
    sender = cores(transfers, cost.transfer_sender)
    return [
        Line("reads", reads, cores(reads, cost.read_api), "in `api`"),
        Line("transfers accepted", transfers, cores(transfers, cost.transfer_api), "in `api`"),
        Line("sign-ins", sign_ins, cores(sign_ins, cost.sign_in), "in `api`"),
        Line(
            f"events told to {streams:,.0f} streams",
            told,
            told_cores,
            f"in `api`, {memory:,.1f} GiB of memory",
        ),
        Line(
            "**api**", reads + transfers + sign_ins, api + told_cores, f"{_whole(api + told_cores)} processes"
        ),
        Line("**sender**", transfers, sender, f"{_whole(sender)} processes"),
        Line("**worker** (mails)", busiest * given.mails, 0.0, "2 processes, with other jobs more"),
        Line("**listener**", 0.0, 1.0, "2 processes, one stands by"),
        Line("**PostgreSQL**, reads", reads, cores(reads, cost.read_database), "computed answers only"),
        Line("**PostgreSQL**, transfers", transfers, cores(transfers, cost.transfer_database), "at most"),
    ]


def _whole(cores: float) -> int:
    """Processes for so many cores: never fewer than two, so that one may be restarted."""
    return max(2, math.ceil(cores) + 1)


def storage(given: Assumptions, cost: Costs = Costs()) -> float:
    """GiB that a year adds to the database."""
    transfers = given.users * given.daily * given.transfers * 365
    return transfers * (cost.intent_bytes + given.events_per_transfer * cost.row_bytes) / 2**30


def table(given: Assumptions) -> str:
    """The plan in Markdown."""
    rows = ["| in the busiest second | a second | cores | |", "|---|---|---|---|"]
    for line in plan(given):
        rate = f"{line.rate:,.0f}" if line.rate else "–"
        cores = f"{line.cores:,.{1 if line.cores >= 1 else 2}f}" if line.cores else "–"
        rows.append(f"| {line.what} | {rate} | {cores} | {line.runs} |")
    rows.append(f"\nThe database grows by {storage(given):,.0f} GiB a year.")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.capacity", description=__doc__)
    for one in fields(Assumptions):
        kind = int if one.name == "users" else float
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind, default=one.default)
    given = Assumptions(**vars(parser.parse_args(arguments)))
    for name, value in vars(given).items():
        if not 0 < value < math.inf:
            parser.error(f"--{name.replace('_', '-')} must be above 0, not {value:g}")
    print(table(given))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
