"""The next version of vesting: `ape run upgrade FILE --why "…" --network <choice> --account <alias>`.

It is looked at, tried on a fork of the chain, then deployed, and FILE is written: the proposal for `ape run governance`, or with
--safe what a Safe that owns vesting has to sign for `ape run safe`. docs/governance.md tells the whole way.
"""

import os
from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, ape_cli_context, network_option
from ape.cli.options import ApeCliContextObject

from scripts._creation import DEFAULT_SALT, CreationError
from scripts._desk import told
from scripts._proposal import hex_bytes
from scripts._registry_file import RegistryFile, RegistryFileError, deployments_folder
from scripts._rehearsal import RehearsalError
from scripts._sending import DryRun, Yes, agree, pol, would_send
from scripts._upgrade import Making, Version
from scripts._upgrading import Upgrading
from tools.storage_layout import LayoutError, layouts


@click.command(cls=ConnectedProviderCommand)
@click.argument("file", type=click.Path(path_type=Path))
@ape_cli_context()
@network_option()
@account_option()
@click.option("--why", required=True, help="The proposal's description.")
@click.option("--call", default="0x", help="Call data for the proxy as it begins to run the new version.")
@click.option("--propose", is_flag=True, help="Propose it too; the account needs the votes.")
@click.option("--safe", help="The Safe that owns vesting, where that is not the timelock.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="How many plans, grants and campaigns are compared at most.",
)
@click.option(
    "--changes", multiple=True, help="A view that is meant to answer otherwise; may come several times."
)
@click.option("--salt", default=DEFAULT_SALT, show_default=True, help="Another one gives another address.")
@DryRun
@Yes
def cli(
    cli_ctx: ApeCliContextObject,
    provider: ProviderAPI,
    account: AccountAPI,
    file: Path,
    why: str,
    call: str,
    propose: bool,
    safe: str | None,
    sample: int,
    changes: tuple[str, ...],
    salt: str,
    dry_run: bool,
    yes: bool,
) -> None:
    """Deploy the next version of vesting and write the proposal to FILE, if nothing changes by it but the code."""
    if safe and propose:
        raise click.UsageError("--propose is for the governor; a Safe's owners sign the file.")
    try:
        with told():
            version = Version(cli_ctx.local_project.Vesting, layouts()["Vesting"], hex_bytes(call))
            record = RegistryFile.open(deployments_folder(os.environ), provider.chain_id)
            making = Making(provider, account, record, version, salt, click.echo)
            upgrading = Upgrading(making, file, why, safe)
            if not upgrading.is_needed():
                return
            _tell_cost(provider, upgrading.rehearse(sample, changes, propose=propose))
            if dry_run:
                click.echo("Dry run: nothing was sent.")
                return
            agree(provider, account, yes=yes)
            upgrading.carry_out(propose=propose)
    except (CreationError, LayoutError, RegistryFileError, RehearsalError) as error:
        raise click.ClickException(str(error)) from error


def _tell_cost(provider: ProviderAPI, gas: dict[str, int]) -> None:
    price = int(provider.make_request("eth_gasPrice", []), 16)
    for what, needed in gas.items():
        click.echo(would_send(what, needed, price))
    click.echo(f"together    {pol(sum(gas.values()) * price)}")
