"""An organiser's list of guests → root, salt and everybody's place: `ape run allow_list guests.csv --organiser 0x…`.

Needs no chain: chain id and contract stand in the registry. docs/raffles.md tells what the list is for.
"""

import json
import secrets
from pathlib import Path

import click
from eth_utils.address import to_checksum_address

from listener.chain.registry import RegistryError, load_registry
from scripts._given import is_address
from scripts._guests import GuestsError, places, read_guests


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organiser", required=True, help="Account that will create the raffle.")
@click.option(
    "--registry", type=click.Path(path_type=Path), required=True, help="deployments/<chain_id>.json."
)
@click.option("--salt", help="32 bytes in hex; new ones by default.")
def cli(file: Path, organiser: str, registry: Path, salt: str | None) -> None:
    """Print JSON: what createRaffleWith takes, and the place of every guest of FILE (lines address,allowance)."""
    try:
        if not is_address(organiser):
            raise GuestsError(f"--organiser is no address: {organiser}")
        known = load_registry(registry)
        found = places(
            read_guests(file.read_text(encoding="utf-8-sig").splitlines()),
            chain_id=known.chain_id,
            contract=known.contract("Raffle").address,
            organiser=to_checksum_address(organiser),
            salt=secrets.token_bytes(32) if salt is None else bytes.fromhex(salt.removeprefix("0x")),
        )
    except (GuestsError, RegistryError, LookupError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(found, indent=1))
