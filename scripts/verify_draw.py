"""Verify a draw from chain data: `ape run verify_draw --network <choice> raffle ID` or `… contest ID`.

A contest's bundle is checked by itself with `ape run verify_draw --bundle FILE`, and against a chain with --network.
One line per check, then YES or NO. Exit code 0 for YES, 1 for NO, 2 when it cannot be told.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from ape import networks
from ape.api import ProviderAPI

from listener.chain.registry import RegistryError
from scripts._bundle import read_bundle
from scripts._bundle_checks import check_bundle
from scripts._chain import ChainReader
from scripts._contest_checks import check_contest
from scripts._evidence import Bundle, CannotTellError, Check
from scripts._find_registry import asked, find_registry
from scripts._inclusion import check_inclusion, read_inclusion
from scripts._raffle_checks import check_raffle
from scripts._read_draw import read_contest, read_raffle
from scripts._verdict import CANNOT_TELL, verdict


@click.command()
@click.option(
    "--network", help="Network choice of ape, e.g. polygon:mainnet:node. Without it: the bundle alone."
)
@click.option("--registry", type=click.Path(path_type=Path), help="deployments/<chain_id>.json by default.")
@click.option("--bundle", help="Contest: URL or file of the organiser's bundle.")
@click.option("--list", "list_path", type=click.Path(path_type=Path), help="Contest: the list file.")
@click.option("--column", help="Contest: the list's account column, where its name is unusual.")
@click.option("--weight-column", help="Contest: the list's column of weights, where no bundle tells it.")
@click.option(
    "--inclusion", type=click.Path(path_type=Path), help='Contest: the saved answer to "was I included?".'
)
@click.argument("kind", type=click.Choice(["raffle", "contest"]), required=False)
@click.argument("number", type=click.IntRange(1), required=False)
def cli(
    network: str | None,
    registry: Path | None,
    bundle: str | None,
    list_path: Path | None,
    column: str | None,
    weight_column: str | None,
    inclusion: Path | None,
    kind: str | None,
    number: int | None,
) -> None:
    """Recompute a draw of KIND raffle or contest with id NUMBER. With --bundle both follow from the bundle, and
    without --network it checks everything that the file proves by itself."""
    try:
        published = read_bundle(bundle) if bundle else None
        given = Given(published, _read(list_path) if list_path else None, column, weight_column, inclusion)
        kind, number = _subject(kind, number, published)
        if network is None:
            checks = _of_file(given, kind, number)
        else:
            with _connected(network) as provider:
                chain = ChainReader(lambda method, params: asked(provider, method, params))
                checks = _of_chain(chain, registry, kind, number, given)
    except (CannotTellError, RegistryError, LookupError) as error:
        click.echo(f"Cannot tell: {error}", err=True)
        sys.exit(CANNOT_TELL)
    sys.exit(verdict(checks))


@dataclass(frozen=True)
class Given:
    """What the person has of a contest, besides the chain."""

    bundle: Bundle | None
    list_file: bytes | None
    column: str | None
    weight_column: str | None
    inclusion: Path | None


def _subject(kind: str | None, number: int | None, bundle: Bundle | None) -> tuple[str, int | None]:
    """Which draw: as asked for, or the bundle's own."""
    if kind is not None and number is not None:
        return kind, number
    if kind is not None or bundle is None:
        raise CannotTellError("Say which draw: raffle NUMBER, contest NUMBER, or --bundle FILE.")
    return "contest", bundle.contest_id


def _of_file(given: Given, kind: str, number: int | None) -> list[Check]:
    bundle = given.bundle
    if bundle is None:
        raise CannotTellError("Without --network there has to be a --bundle to check.")
    if (kind, number) != ("contest", bundle.contest_id):
        raise CannotTellError(f"The bundle is of contest {bundle.contest_id}, not of {kind} {number}.")
    click.echo(
        f"bundle of contest {bundle.contest_id} of {bundle.contract}, chain {bundle.chain_id}; no chain asked"
    )
    checks = list(check_bundle(bundle, given.list_file, given.column, given.weight_column))
    if given.inclusion is not None:
        if bundle.told is None:
            raise CannotTellError(
                "The bundle has no draw in it: --inclusion needs a newer one, or --network."
            )
        checks += check_inclusion(bundle.told, read_inclusion(given.inclusion))
    return checks


def _of_chain(
    chain: ChainReader, registry: Path | None, kind: str, number: int | None, given: Given
) -> list[Check]:
    found = find_registry(chain, registry, kind.capitalize())
    if number is None:
        raise CannotTellError("The bundle's contest is not on chain yet: there is no draw to verify.")
    click.echo(f"{kind} {number} of {found.contract(kind.capitalize()).address}, chain {chain.chain_id}")
    if kind == "raffle":
        return list(check_raffle(read_raffle(chain, found, number)))
    contest = read_contest(chain, found, number)
    checks = list(check_contest(contest, given.bundle, given.list_file, given.column, given.weight_column))
    if given.inclusion is not None:
        checks += check_inclusion(contest, read_inclusion(given.inclusion))
    return checks


@contextmanager
def _connected(network: str) -> Iterator[ProviderAPI]:
    with ExitStack() as stack:
        try:
            provider = stack.enter_context(networks.parse_network_choice(network))
        except Exception as error:  # ape raises many kinds, all of them mean: no chain
            raise CannotTellError(f"{network} cannot be used: {error}") from error
        yield provider


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotTellError(f"The list {path} cannot be read: {error}.") from error
