"""Proposals from the command line: `ape run governance <step> FILE --network <choice> --account <alias>`.

FILE says what is to be done and why (`_proposal.py` tells how); the steps are show, propose, vote, queue, execute and
cancel. Each looks at the chain first and says why it cannot go on. docs/governance.md tells the whole way.
"""

from pathlib import Path

import click

from scripts._desk import Desk, command
from scripts._governing import CHOICES, Governing
from scripts._proposal import read_proposal

File = click.argument("file", type=click.Path(path_type=Path))


@click.group()
def cli() -> None:
    """Carry the proposal of a file through its stages."""


@command(cli, "Governor", File)
def show(desk: Desk, file: Path) -> None:
    """What FILE would do, where it is on its way, and how the votes stand."""
    _governing(desk, file)


@command(cli, "Governor", File, sends=True)
def propose(desk: Desk, file: Path) -> None:
    """Make the proposal of FILE."""
    _governing(desk, file).propose()


@command(
    cli,
    "Governor",
    File,
    click.argument("choice", type=click.Choice(list(CHOICES))),
    click.option("--reason", help="Recorded with the vote."),
    sends=True,
)
def vote(desk: Desk, file: Path, choice: str, reason: str | None) -> None:
    """Vote on the proposal of FILE: against, for or abstain."""
    _governing(desk, file).vote(choice, reason)


@command(cli, "Governor", File, sends=True)
def queue(desk: Desk, file: Path) -> None:
    """Hand what has succeeded to the timelock."""
    _governing(desk, file).queue()


@command(cli, "Governor", File, sends=True)
def execute(desk: Desk, file: Path) -> None:
    """Have the timelock do what is due."""
    _governing(desk, file).execute()


@command(cli, "Governor", File, sends=True)
def cancel(desk: Desk, file: Path) -> None:
    """Stop the proposal: the guardian at any time, the proposer while it is pending."""
    _governing(desk, file).cancel()


def _governing(desk: Desk, file: Path) -> Governing:
    """Shown, and where something is to be sent agreed to."""
    proposal = read_proposal(file, desk.registry)
    governing = Governing(desk.chain, desk.registry, proposal, desk.say, desk.sender)
    for line in governing.lines():
        desk.say(line)
    if desk.sender is not None:
        desk.agree()
    return governing
