"""Publish the source of what was deployed: `ape run verify_source --network <choice> [contract …]`.

Each contract's standard JSON input is compiled again here and compared with the chain before anything is sent. Exit code 0
when all is verified, 1 with the findings, 2 when it cannot be told (a service or the node does not answer).
"""

import os
import sys
from pathlib import Path

import ape
import click
from ape.cli import ape_cli_context, network_option
from ape.cli.options import ApeCliContextObject

from listener.chain.registry import RegistryError
from scripts._chain import ChainReader
from scripts._evidence import CannotTellError
from scripts._explorer import ExplorerError
from scripts._explorers import SERVICES, explorers_of
from scripts._find_registry import asked, find_registry
from scripts._sending import is_development_node
from scripts._sources import SourceError
from scripts._verdict import CANNOT_TELL, NO, VerdictCommand
from scripts._verifying import Verifying, paths_of


@click.command(cls=VerdictCommand)
@ape_cli_context()
@network_option()
@click.argument("contracts", nargs=-1, metavar="[CONTRACT]...")
@click.option(
    "--at",
    "services",
    multiple=True,
    type=click.Choice(SERVICES),
    help="Sourcify by default, and Etherscan where ETHERSCAN_API_KEY is set; may come several times.",
)
@click.option(
    "--registry",
    type=click.Path(path_type=Path),
    help="Another file than deployments/<chain_id>.json.",
)
@click.option(
    "--write",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the standard JSON inputs there.",
)
@click.option("--dry-run", is_flag=True, help="Compile and compare; ask no service, send nothing.")
def cli(
    cli_ctx: ApeCliContextObject,
    contracts: tuple[str, ...],
    services: tuple[str, ...],
    registry: Path | None,
    folder: Path | None,
    dry_run: bool,
) -> None:
    """Verify contracts by their names in the record, or tokens by their addresses; all of the record by default."""
    try:
        provider = ape.networks.active_provider
        if provider is None:
            raise CannotTellError("Say which chain: --network.")
        chain = ChainReader(lambda method, params: asked(provider, method, params))
        known = find_registry(chain, registry, "Timelock")
        development = is_development_node(provider)
        explorers = [] if dry_run else explorers_of(os.environ, services, development=development)
        verifying = Verifying(chain, known, paths_of(cli_ctx.local_project), explorers, click.echo, folder)
        verifying.run(contracts)
    except (CannotTellError, ExplorerError, LookupError, RegistryError, SourceError, ValueError) as error:
        click.echo(f"Cannot tell: {error}", err=True)
        sys.exit(CANNOT_TELL)
    if verifying.failed:
        click.echo(f"NO: {', '.join(dict.fromkeys(verifying.failed))}")
    for told in verifying.unanswered:
        click.echo(f"Cannot tell: {told}", err=True)
    if verifying.failed or verifying.unanswered:
        sys.exit(NO if verifying.failed else CANNOT_TELL)
    click.echo("Dry run: nothing was sent." if dry_run else "YES: all of it is verified.")
