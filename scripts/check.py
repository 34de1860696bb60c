"""The live system beside its intended state: `ape run check --network <choice>`. It sends nothing.

One line per check, then YES or NO: code, roles and owners (the proof of the hand-over, made again), parameters, balances.
Exit code 0 for YES, 1 for NO with the findings, 2 when it cannot be told.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click
from ape.api import ProviderAPI
from ape.cli import ape_cli_context, network_option
from ape.cli.options import ApeCliContextObject

from listener.chain.registry import Registry, RegistryError, parse_registry
from scripts._chain import ChainReader
from scripts._code_checks import RuntimeOf, check_code, check_desk
from scripts._evidence import CannotTellError, Check
from scripts._find_registry import asked
from scripts._given import Address
from scripts._governance import recorded_power
from scripts._proof import Proof
from scripts._registry_file import RegistryFile, RegistryFileError, deployments_folder
from scripts._sending import POL
from scripts._system_checks import Floors, check_balances, check_parameters, parameters
from scripts._verdict import CANNOT_TELL, VerdictCommand, verdict


@click.command(cls=VerdictCommand)
@ape_cli_context()
@network_option()
@click.option(
    "--keeper",
    type=Address(),
    multiple=True,
    help="Account that sends for the system; may come several times.",
)
@click.option(
    "--least-keeper", type=click.IntRange(0), default=POL, show_default=True, help="Wei each should hold."
)
@click.option(
    "--least-subscription",
    type=click.IntRange(0),
    default=POL,
    show_default=True,
    help="Wei the VRF subscription should hold.",
)
@click.option("--accept", is_flag=True, help="Record the parameters as they are now as the intended ones.")
def cli(
    cli_ctx: ApeCliContextObject,
    provider: ProviderAPI,
    keeper: tuple[str, ...],
    least_keeper: int,
    least_subscription: int,
    accept: bool,
) -> None:
    """Compare the chain with the record in DEPLOYMENTS_DIR (`deployments`)."""
    try:
        record = RegistryFile.open(deployments_folder(os.environ), provider.chain_id)
        chain = ChainReader(lambda method, params: asked(provider, method, params))
        if accept:
            _accept(chain, record)
        floors = Floors(keeper, least_keeper, least_subscription)
        checks = list(check_system(chain, record.document, _compiled(cli_ctx.local_project), floors))
    except (CannotTellError, RegistryError, RegistryFileError, LookupError) as error:
        click.echo(f"Cannot tell: {error}", err=True)
        sys.exit(CANNOT_TELL)
    sys.exit(verdict(checks))


def check_system(
    chain: ChainReader, document: dict[str, Any], runtime_of: RuntimeOf, floors: Floors
) -> Iterator[Check]:
    """Everything, in the order of the table. Raises CannotTellError."""
    registry = _finished(document)
    code = list(check_code(chain, registry, document, runtime_of))
    yield from code
    sections: dict[str, Callable[[], Iterable[Check]]] = {
        "Raffle's desk": lambda: check_desk(chain, registry, runtime_of),
        "power": lambda: _power(chain, registry, document),
        "parameters": lambda: check_parameters(chain, registry, document),
        "balances": lambda: check_balances(chain, registry, document, floors),
    }
    for name, section in sections.items():
        try:
            yield from list(section())
        except Exception as error:  # code that is not ours answers anything
            if all(check.holds is not False for check in code):
                raise
            yield Check(name, False, f"cannot be read from that code: {error}")


def _finished(document: dict[str, Any]) -> Registry:
    if "proof" not in document:
        raise CannotTellError(
            f"Chain {document['chain_id']} has no finished deployment on record. Go on with `ape run deploy`, or name "
            "its folder in DEPLOYMENTS_DIR."
        )
    return parse_registry(document)


def _power(chain: ChainReader, registry: Registry, document: dict[str, Any]) -> list[Check]:
    """Owners, holders of roles from the events of every grant, proxies, randomness: the proof of the hand-over."""
    return Proof(chain, registry, recorded_power(document)).checks()


def _accept(chain: ChainReader, record: RegistryFile) -> None:
    found = parameters(chain, _finished(record.document), record.document)
    record.set("parameters", {name: told for name, (told, _) in found.items()})
    click.echo(f"{len(found)} parameters are the intended ones now: {record.path}")


def _compiled(project: Any) -> RuntimeOf:
    def runtime_of(name: str) -> bytes:
        code = getattr(project, name).contract_type.runtime_bytecode.bytecode
        return bytes.fromhex(str(code).removeprefix("0x"))

    return runtime_of
