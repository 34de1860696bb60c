"""Verify a draw from chain data: `ape run verify_draw --network <choice> raffle ID` or `… contest ID`.

One line per check, then YES or NO. Exit code 0 for YES, 1 for NO, 2 when it cannot be told.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from ape import networks
from ape.api import ProviderAPI

from listener.chain.registry import RegistryError
from scripts._bundle import read_bundle
from scripts._chain import ChainReader
from scripts._contest_checks import check_contest
from scripts._evidence import CannotTellError, Check
from scripts._find_registry import asked, find_registry
from scripts._raffle_checks import check_raffle
from scripts._read_draw import read_contest, read_raffle

YES, NO, CANNOT_TELL = 0, 1, 2
WORDS = {True: "yes", False: "NO", None: "-"}


@click.command()
@click.option("--network", required=True, help="Network choice of ape, e.g. polygon:mainnet:node.")
@click.option("--registry", type=click.Path(path_type=Path), help="deployments/<chain_id>.json by default.")
@click.option("--bundle", help="Contest: URL or file of the organiser's bundle.")
@click.option("--list", "list_path", type=click.Path(path_type=Path), help="Contest: the list file.")
@click.option("--column", help="Contest: the list's account column, where its name is unusual.")
@click.option("--weight-column", help="Contest: the list's column of weights, where no bundle tells it.")
@click.argument("kind", type=click.Choice(["raffle", "contest"]))
@click.argument("number", type=click.IntRange(1))
def cli(
    network: str,
    registry: Path | None,
    bundle: str | None,
    list_path: Path | None,
    column: str | None,
    weight_column: str | None,
    kind: str,
    number: int,
) -> None:
    """Recompute a draw of KIND raffle or contest with id NUMBER."""
    try:
        with _connected(network) as provider:
            chain = ChainReader(lambda method, params: asked(provider, method, params))
            found = find_registry(chain, registry, kind.capitalize())
            click.echo(
                f"{kind} {number} of {found.contract(kind.capitalize()).address}, chain {chain.chain_id}"
            )
            if kind == "raffle":
                checks = list(check_raffle(read_raffle(chain, found, number)))
            else:
                published = read_bundle(bundle) if bundle else None
                list_file = _read(list_path) if list_path else None
                checks = list(
                    check_contest(
                        read_contest(chain, found, number), published, list_file, column, weight_column
                    )
                )
    except (CannotTellError, RegistryError, LookupError) as error:
        click.echo(f"Cannot tell: {error}", err=True)
        sys.exit(CANNOT_TELL)
    sys.exit(_told(checks))


def _told(checks: Sequence[Check]) -> int:
    """Print the findings; the exit code."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        click.echo(f"{WORDS[check.holds]:<4} {check.name:<{width}}  {check.detail}")
    failed = [check.name for check in checks if check.holds is False]
    if failed:
        click.echo(f"NO: {', '.join(failed)}")
        return NO
    click.echo(f"YES: {sum(check.holds is True for check in checks)} checks hold")
    return YES


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
