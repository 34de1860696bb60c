"""Proposals from the command line: `ape run govern <step> FILE --network <choice> --account <alias>`.

FILE says what is to be done and why (`_proposal.py` tells how); the steps are show, propose, vote, queue, execute and
cancel. Each looks at the chain first and says why it cannot go on. docs/governance.md tells the whole way.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, network_option

from listener.chain.registry import RegistryError
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError
from scripts._find_registry import asked, find_registry
from scripts._governing import CHOICES, Governing
from scripts._proposal import ProposalError, read_proposal
from scripts._sending import Yes, agree

File = click.argument("file", type=click.Path(path_type=Path))
RegistryOption = click.option(
    "--registry", type=click.Path(path_type=Path), help="deployments/<chain_id>.json by default."
)


@click.group()
def cli() -> None:
    """Carry the proposal of a file through its stages."""


def _step(function: Callable[..., None]) -> click.Command:
    """A command on a connected chain by an account."""
    name = function.__name__.strip("_")
    decorated: Any = function
    for option in (Yes, RegistryOption, account_option(), network_option(), File):
        decorated = option(decorated)
    command: click.Command = cli.command(name, cls=ConnectedProviderCommand)(decorated)
    return command


@cli.command(cls=ConnectedProviderCommand)
@File
@network_option()
@RegistryOption
def show(provider: ProviderAPI, file: Path, registry: Path | None) -> None:
    """What FILE would do, where it is on its way, and how the votes stand."""
    with _Told():
        click.echo("\n".join(_governing(provider, file, registry).lines()))


@_step
def propose(provider: ProviderAPI, account: AccountAPI, file: Path, registry: Path | None, yes: bool) -> None:
    """Make the proposal of FILE."""
    with _Told():
        _ready(_governing(provider, file, registry, account), provider, yes).propose()


@click.argument("choice", type=click.Choice(list(CHOICES)))
@click.option("--reason", help="Recorded with the vote.")
def _vote(
    provider: ProviderAPI,
    account: AccountAPI,
    file: Path,
    registry: Path | None,
    yes: bool,
    choice: str,
    reason: str | None,
) -> None:
    """Vote on the proposal of FILE: against, for or abstain."""
    with _Told():
        _ready(_governing(provider, file, registry, account), provider, yes).vote(choice, reason)


vote = _step(_vote)


@_step
def queue(provider: ProviderAPI, account: AccountAPI, file: Path, registry: Path | None, yes: bool) -> None:
    """Hand what has succeeded to the timelock."""
    with _Told():
        _ready(_governing(provider, file, registry, account), provider, yes).queue()


@_step
def execute(provider: ProviderAPI, account: AccountAPI, file: Path, registry: Path | None, yes: bool) -> None:
    """Have the timelock do what is due."""
    with _Told():
        _ready(_governing(provider, file, registry, account), provider, yes).execute()


@_step
def cancel(provider: ProviderAPI, account: AccountAPI, file: Path, registry: Path | None, yes: bool) -> None:
    """Stop the proposal: the guardian at any time, the proposer while it is pending."""
    with _Told():
        _ready(_governing(provider, file, registry, account), provider, yes).cancel()


class _Told:
    """What goes wrong in here is said in one sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(
            error,
            (ProposalError, CannotTellError, RegistryError, LookupError),
        ):
            raise click.ClickException(str(error)) from error


def _governing(
    provider: ProviderAPI, file: Path, registry: Path | None, account: AccountAPI | None = None
) -> Governing:
    chain = ChainReader(lambda method, params: asked(provider, method, params))
    found = find_registry(chain, registry, "Governor")
    return Governing(chain, found, read_proposal(file, found), click.echo, account)


def _ready(governing: Governing, provider: ProviderAPI, yes: bool) -> Governing:
    """Shown, and agreed to where something is at stake."""
    click.echo("\n".join(governing.lines()))
    agree(provider, governing.account, yes=yes)
    return governing
