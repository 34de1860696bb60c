"""The VRF subscription: `ape run vrf <step> … --network <choice> --account <alias>`.

The steps are status, fund, add and remove; create and hand-over put another subscription in its place. Who owns it adds and
removes consumers; the timelock does after the deployment, so the step then writes the proposal for `ape run governance`.
docs/scripts.md shows each.
"""

from pathlib import Path

import click

from scripts._amounts import parse_amount
from scripts._desk import POL_DECIMALS, Desk, command
from scripts._vrf import Subscription

Consumer = click.argument("consumer")
File = click.option("--file", type=click.Path(path_type=Path), help="Where the proposal is written.")
Number = click.option(
    "--subscription", "number", type=click.IntRange(1), help="Another one than the recorded one."
)
Why = click.option("--why", help="The proposal's description.")


@click.group()
def cli() -> None:
    """Look after the subscription that pays for random words."""


@command(cli, "Timelock", Number)
def status(desk: Desk, number: int | None) -> None:
    """Owner, balance and consumers, and whether draws ask this subscription."""
    for line in Subscription(desk, number).lines():
        desk.say(line)


@command(cli, "Timelock", click.argument("up_to"), Number, sends=True)
def fund(desk: Desk, up_to: str, number: int | None) -> None:
    """Pay in what is missing to a balance of UP_TO POL, such as 25.5."""
    Subscription(desk, number).fund(parse_amount(up_to, POL_DECIMALS))


@command(cli, "Timelock", Consumer, Number, File, Why, sends=True)
def add(desk: Desk, consumer: str, number: int | None, file: Path | None, why: str | None) -> None:
    """Let CONSUMER, an address or a name such as Raffle, ask for words."""
    Subscription(desk, number).change(consumer, add=True, file=file, why=why)


@command(cli, "Timelock", Consumer, Number, File, Why, sends=True)
def remove(desk: Desk, consumer: str, number: int | None, file: Path | None, why: str | None) -> None:
    """Let CONSUMER, an address or a name such as Contest, ask no more."""
    Subscription(desk, number).change(consumer, add=False, file=file, why=why)


@command(cli, "Timelock", sends=True)
def create(desk: Desk) -> None:
    """Make a subscription that the account owns, to put it in the place of the recorded one."""
    Subscription(desk).create()


@command(cli, "Timelock", Number, File, Why, sends=True)
def hand_over(desk: Desk, number: int | None, file: Path | None, why: str | None) -> None:
    """Give the account's subscription to the timelock, by a proposal that also has all draws to come ask it."""
    Subscription(desk, number).hand_over(file, why)
