"""Deploy all contracts: `ape run deploy --network <choice> --account <alias>`.

One script for every network; what differs stands in `_networks.py`. It records each contract as soon as it is
there, so it can be stopped and run again; a run that finds everything in place changes nothing.
"""

import copy
import os
import tempfile
from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, account_option, ape_cli_context, network_option
from ape.cli.options import ApeCliContextObject
from ape.managers.project import LocalProject

from scripts._creation import DEFAULT_SALT
from scripts._deployment import (
    ZERO_ADDRESS,
    Deployment,
    DeploymentError,
    Plan,
    beacon_of,
    governance_of,
    proving_key_of,
    resolve_coordinator,
)
from scripts._explorers import verify_deployment
from scripts._given import Address
from scripts._networks import network_of
from scripts._registry_file import RegistryFile, RegistryFileError, deployments_folder
from scripts._rehearsal import RehearsalError, rehearsal
from scripts._sending import POL, DryRun, Sender, SendError, Yes, agree, is_development_node, pol, would_send


@click.command(cls=ConnectedProviderCommand)
@ape_cli_context()
@network_option()
@account_option()
@click.option(
    "--drand-info", type=click.Path(path_type=Path), help="Beacon and VRF key of a development chain."
)
@click.option(
    "--guardian", type=Address(), help="Safe that may cancel proposals and pause vesting, and nothing else."
)
@click.option("--governance-token", type=Address(), help="Token whose holders vote; a new one by default.")
@click.option("--token-holder", type=Address(), help="Who gets the new governance token.")
@click.option("--token-name", default="Tombola", show_default=True)
@click.option("--token-symbol", default="TMB", show_default=True)
@click.option(
    "--token-supply", type=click.IntRange(1), default=10**9, show_default=True, help="Whole tokens."
)
@click.option(
    "--proposal-threshold", type=click.IntRange(0), help="Votes to propose; supply / 1000 by default."
)
@click.option("--quorum-percent", type=click.IntRange(1, 100), default=4, show_default=True)
@click.option("--treasury", type=Address(), help="Where fees go; the timelock by default.")
@click.option("--fee-bps", type=click.IntRange(0, 1000), default=0, show_default=True, help="Raffle fee.")
@click.option(
    "--token-fee", type=click.IntRange(0), default=0, show_default=True, help="Wei per token creation."
)
@click.option(
    "--publisher",
    type=Address(),
    help="Who publishes proofs of backing; nobody by default, until a vote names one.",
)
@click.option("--vrf-subscription", type=int, help="Existing VRF subscription; a new one by default.")
@click.option("--vrf-fund", type=int, help="Wei the VRF subscription is topped up to.")
@click.option("--without-vrf", is_flag=True, help="Draws are decided by drand alone.")
@click.option(
    "--salt",
    default=DEFAULT_SALT,
    show_default=True,
    help="Another one makes another system on the same chain.",
)
@click.option(
    "--verify", is_flag=True, help="Publish the sources at the end, as `ape run verify_source` does."
)
@DryRun
@Yes
def cli(
    cli_ctx: ApeCliContextObject,
    provider: ProviderAPI,
    account: AccountAPI,
    drand_info: Path | None,
    guardian: str | None,
    governance_token: str | None,
    token_holder: str | None,
    token_name: str,
    token_symbol: str,
    token_supply: int,
    proposal_threshold: int | None,
    quorum_percent: int,
    treasury: str | None,
    fee_bps: int,
    token_fee: int,
    publisher: str | None,
    vrf_subscription: int | None,
    vrf_fund: int | None,
    without_vrf: bool,
    salt: str,
    verify: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Deploy what is missing and record it in DEPLOYMENTS_DIR (`deployments`)."""
    development = is_development_node(provider)
    try:
        network = network_of(provider.chain_id)
        plan = Plan(
            network=network,
            beacon=beacon_of(drand_info, development=development),
            deployer=account.address,
            governance=governance_of(
                provider,
                network.governance,
                development=development,
                guardian=guardian,
                token=governance_token,
                holder=token_holder,
                token_name=token_name,
                token_symbol=token_symbol,
                supply=token_supply * POL,
                proposal_threshold=proposal_threshold,
                quorum_percent=quorum_percent,
            ),
            treasury=treasury,
            publisher=publisher or ZERO_ADDRESS,
            fee_bps=fee_bps,
            token_fee=token_fee,
            subscription=vrf_subscription,
            subscription_fund=vrf_fund if vrf_fund is not None else (100 * POL if development else 0),
            with_vrf=not without_vrf,
            stand_in=not without_vrf and resolve_coordinator(network, provider, development=development),
            proving_key=proving_key_of(drand_info),
            development=development,
            salt=salt,
        )
        registry = RegistryFile.open(deployments_folder(os.environ), provider.chain_id)
        click.echo("\n".join(plan.lines()))
        click.echo(f"record      {registry.path}")
        if dry_run:
            _rehearse(cli_ctx.local_project, provider, account, plan, registry)
            return
        agree(provider, account, yes=yes, question=f"Deploy to the live network {network.name}?")
        sender = Sender(account, provider)
        Deployment(cli_ctx.local_project, provider, sender, plan, registry, click.echo).run()
    except (DeploymentError, RegistryFileError, RehearsalError, SendError, LookupError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{sender.summary() if sender.sent else 'Nothing to do.'} {registry.path}")
    if verify:
        verify_deployment(provider, cli_ctx.local_project, registry.document, click.echo)


def _rehearse(
    project: LocalProject, provider: ProviderAPI, account: AccountAPI, plan: Plan, registry: RegistryFile
) -> None:
    """Everything on a fork, with a copy of the record; then what it took, at the chain's present price."""
    price = int(provider.make_request("eth_gasPrice", []), 16)
    held = provider.get_balance(account.address)
    with tempfile.TemporaryDirectory() as folder, rehearsal(provider, account) as (fork, actor):
        copied = RegistryFile(
            Path(folder) / registry.path.name, registry.chain_id, copy.deepcopy(registry.document)
        )
        sender = Sender(actor, fork)
        Deployment(project, fork, sender, plan, copied, lambda line: click.echo(f"rehearsed   {line}")).run()
    for one in sender.sent:
        click.echo(would_send(one.what, one.gas, price))
    needed = sender.gas * price + sender.value
    click.echo(
        f"Dry run: nothing was sent. {sender.count} transactions would need {sender.gas:,} gas, "
        f"{pol(needed)} with {pol(sender.value)} sent along; {account.address} holds {pol(held)}."
    )
    if held < needed:
        click.echo(f"It lacks {pol(needed - held)}.")
