"""The VRF subscription: `ape run vrf <step> … --network <choice> --account <alias>`.

The steps are status, fund, add and remove. Who owns the subscription adds and removes consumers; the timelock does after
the deployment, so the step then writes the proposal for `ape run govern`. docs/scripts.md shows each.
"""

from pathlib import Path

import click

from scripts._amounts import parse_amount
from scripts._desk import POL_DECIMALS, Desk, command
from scripts._vrf import Subscription

Consumer = click.argument("consumer")
File = click.option("--file", type=click.Path(path_type=Path), help="Where the proposal is written.")
Why = click.option("--why", help="The proposal's description.")


@click.group()
def cli() -> None:
    """Look after the subscription that pays for random words."""


@command(cli, "Timelock")
def status(desk: Desk) -> None:
    """Owner, balance and consumers, and whether draws ask this subscription."""
    for line in Subscription(desk).lines():
        desk.say(line)


@command(cli, "Timelock", click.argument("up_to"), sends=True)
def fund(desk: Desk, up_to: str) -> None:
    """Pay in what is missing to a balance of UP_TO POL, such as 25.5."""
    Subscription(desk).fund(parse_amount(up_to, POL_DECIMALS))


@command(cli, "Timelock", Consumer, File, Why, sends=True)
def add(desk: Desk, consumer: str, file: Path | None, why: str | None) -> None:
    """Let CONSUMER, an address or a name such as Raffle, ask for words."""
    Subscription(desk).change(consumer, add=True, file=file, why=why)


@command(cli, "Timelock", Consumer, File, Why, sends=True)
def remove(desk: Desk, consumer: str, file: Path | None, why: str | None) -> None:
    """Let CONSUMER, an address or a name such as Contest, ask no more."""
    Subscription(desk).change(consumer, add=False, file=file, why=why)
