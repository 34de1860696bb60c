"""Raffles from the command line: `ape run raffle <step> … --network <choice> --account <alias>`.

The steps are create, status, close, finalise, claim, proceeds and refund. Each looks at the chain first, says why it cannot
go on and what is next, and changes nothing the second time. docs/scripts.md shows each.
"""

from pathlib import Path

import click

from scripts._desk import Desk, GasPart, command
from scripts._given import DeskError, address_of
from scripts._raffle_acts import RaffleActs
from scripts._raffle_terms import read_terms

Number = click.argument("number", type=click.IntRange(1))


@click.group()
def cli() -> None:
    """Carry a raffle from its terms to its last payout."""


@command(cli, "Raffle", click.argument("file", type=click.Path(path_type=Path)), sends=True)
def create(desk: Desk, file: Path) -> None:
    """Open the raffle of the terms in FILE, unless the account has opened it before."""
    raffles = RaffleActs(desk)
    raffles.create(read_terms(file, desk.token, raffles.feed))


@command(cli, "Raffle", Number)
def status(desk: Desk, number: int) -> None:
    """Where raffle NUMBER stands, who won what, and what is next."""
    raffles = RaffleActs(desk)
    for line in raffles.lines(raffles.raffle(number)):
        desk.say(line)


@command(cli, "Raffle", Number, sends=True)
def close(desk: Desk, number: int) -> None:
    """Request the draw of raffle NUMBER once its sale is over."""
    raffles = RaffleActs(desk)
    raffles.close(raffles.raffle(number))


@command(
    cli,
    "Raffle",
    Number,
    click.option(
        "--drand-url", help="drand's HTTP API with the chain's hash; drand's own servers by default."
    ),
    sends=True,
)
def finalise(desk: Desk, number: int, drand_url: str | None) -> None:
    """Reveal the draw of raffle NUMBER by the drand round that decides it."""
    raffles = RaffleActs(desk)
    raffles.finalise(raffles.raffle(number), drand_url)


@command(
    cli,
    "Raffle",
    Number,
    click.option(
        "--rank", "ranks", type=click.IntRange(0), multiple=True, help="All by default; may be repeated."
    ),
    click.option("--to", help="Another address for one's own prizes."),
    GasPart,
    sends=True,
)
def claim(desk: Desk, number: int, ranks: tuple[int, ...], to: str | None, gas_part: int) -> None:
    """Pay the prizes of raffle NUMBER to their winners; what nobody won returns to the organiser."""
    if to is not None and not ranks:
        raise DeskError("--to needs the ranks that you won: --rank, once for each.")
    raffles = RaffleActs(desk)
    raffles.claim(raffles.raffle(number), ranks, to and address_of(to, "--to"), gas_part)


@command(cli, "Raffle", Number, sends=True)
def proceeds(desk: Desk, number: int) -> None:
    """Pay what the tickets of raffle NUMBER brought to its organiser."""
    raffles = RaffleActs(desk)
    raffles.proceeds(raffles.raffle(number))


@command(cli, "Raffle", Number, GasPart, sends=True)
def refund(desk: Desk, number: int, gas_part: int) -> None:
    """Pay every entry of raffle NUMBER back, and its prizes to the organiser."""
    raffles = RaffleActs(desk)
    raffles.refund(raffles.raffle(number), gas_part)
